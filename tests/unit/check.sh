# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
# Sourced by the tests in shell: it counts points and makes a directory for temporary files.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
nr=0 failed=0

# check NAME CMD...: one test; CMD's output is shown when it fails
check() {
    local name=$1
    shift
    nr=$((nr + 1))
    if "$@" >"$tmp/log" 2>&1; then
        echo "ok $nr - $name"
    else
        failed=1
        echo "not ok $nr - $name"
        sed 's/^/# /' "$tmp/log"
    fi
}

skip() {
    nr=$((nr + 1))
    echo "ok $nr - $1 # SKIP $2"
}

same() { diff -u "$1" "$2"; }
