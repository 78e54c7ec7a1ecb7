#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Tests of scripts/lib/measure that need no device.
# Run by make -C userspace check.

# shellcheck source=tests/unit/pytest.sh
. "${0%/*}/pytest.sh"
run_pytest measure
