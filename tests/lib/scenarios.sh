# shellcheck shell=bash
# The scenarios of userspace/examples, and where each can run. Sourced after test.sh.

# shellcheck source=tests/lib/have.sh
. "$lib/have.sh"

scenario_files=(userspace/examples/*.hb)

# scenario_modes FILE: prints the modes that it can run in, according to its comments.
scenario_modes() {
    if grep -q '^# .*Two CPUs' "$1" && [ "$(nproc)" -lt 2 ]; then return; fi
    echo mq
    if ! grep -q '^# mq only' "$1"; then echo bio; fi
}

# scenario_schedulers FILE: prints the schedulers that it takes in SCHED, or "-" if it takes none.
scenario_schedulers() {
    local s
    if ! grep -q '^[^#].*SCHED' "$1"; then echo -; return; fi
    echo none
    for s in mq_deadline:mq-deadline kyber:kyber bfq:bfq; do
        # Skip schedulers that the kernel is built without.
        if "_have_${s%:*}"; then echo "${s#*:}"; fi
    done
}
