#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# What in a kernel log is a failure, and what is none.
# Run by make -C userspace check.

# shellcheck source=tests/unit/pytest.sh
. "${0%/*}/pytest.sh"
run_pytest log
