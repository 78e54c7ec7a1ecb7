# shellcheck shell=bash
# The lane that tests the runner and scripts/vm themselves. Sourced by tests/run.

run_meta() {
    local t status start
    for t in runner scenarios log vm measure; do
        {
            status=0
            start=${EPOCHREALTIME/./}
            echo "@begin meta/$t"
            timeout 900 bash -euo pipefail "tests/meta/$t" 2>&1 || status=$?
            echo "@end meta/$t $status $(((${EPOCHREALTIME/./} - start) / 1000))"
        } | lane_stream
    done
}
