#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# scripts/lib/measure, as far as it needs no device.
# Run by make -C userspace check.

# shellcheck source=tests/unit/pytest.sh
. "${0%/*}/pytest.sh"
run_pytest measure
