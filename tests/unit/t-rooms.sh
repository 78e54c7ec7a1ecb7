#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# The folders of the driver, and of the command, depend on each other in one direction.
# Run by make -C userspace check.

# shellcheck source=tests/unit/pytest.sh
. "${0%/*}/pytest.sh"
run_pytest rooms
