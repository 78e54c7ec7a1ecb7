# shellcheck shell=bash
# Finds failures in a kernel log (scripts/lib/kernel-reports). Sourced by tests/guest-run.

# Read once, because a kernel with sanitizers takes long to start a program.
reports=$(grep -Ev '^(#|$)' "${BASH_SOURCE[0]%/*}/../../scripts/lib/kernel-reports")

# kernel_reports: prints the failures in a log on standard input, each with the 25 lines after it.
# Returns false if there are none.
kernel_reports() { sed 's/^\[[^]]*\] //' | grep -E -A 25 -e "$reports"; }
