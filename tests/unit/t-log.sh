#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Failures in a kernel log are found, and other lines are not taken for failures.
# Run by make -C userspace check.

# shellcheck source=tests/unit/pytest.sh
. "${0%/*}/pytest.sh"
run_pytest log
