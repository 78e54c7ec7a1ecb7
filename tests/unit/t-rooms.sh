#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# The driver's folders and files depend on each other in one direction.
# Run by make -C userspace check.

# shellcheck source=tests/unit/pytest.sh
. "${0%/*}/pytest.sh"
run_pytest rooms
