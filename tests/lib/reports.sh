# shellcheck shell=bash
# What in a kernel log is a failure (scripts/lib/kernel-reports). Sourced by tests/guest-run.

# Read once: in a kernel with sanitizers it takes long to start a program.
reports=$(grep -Ev '^(#|$)' "${BASH_SOURCE[0]%/*}/../../scripts/lib/kernel-reports")

# kernel_reports: of a log on standard input the failures, each with the 25 lines after it.
# False if there are none.
kernel_reports() { sed 's/^\[[^]]*\] //' | grep -E -A 25 -e "$reports"; }
