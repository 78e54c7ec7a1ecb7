# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Runs the Python tests of one directory and prints TAP. Sourced by t-*.sh.

# run_pytest DIR: a directory beside this file. Replaces the shell.
run_pytest() {
    local dir python
    dir=$(cd "${BASH_SOURCE[0]%/*}" && pwd) || exit
    # Debian's package is for Debian's Python, which may not be the first one in PATH.
    for python in python3 /usr/bin/python3; do
        if "$python" -c 'import pytest' 2>/dev/null; then
            exec "$python" -B -m pytest --tap -p no:cacheprovider -c /dev/null --rootdir "$dir" "$dir/$1"
        fi
    done
    echo '1..0 # SKIP python3-pytest is not installed: scripts/deps unit'
    exit 0
}
