# shellcheck shell=bash
# The parts of a test: results as TAP, and helpers for haltblk devices.
# A test sources this first and ends with done_testing. If it ends any other way, it has failed.
# tests/guest-run sets HB_KO (the module), HB_TMP (a fresh directory), HB_LANE and PATH.
set -euo pipefail
: "${HB_KO:?run tests through tests/run}" "${HB_TMP:?}" "${HB_LANE:?}"

lib=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=tests/lib/tap.sh
. "$lib/tap.sh"

# --- waiting -----------------------------------------------------------------------------

# eventually NAME SECONDS CMD...: one point. Only for states that nothing announces.
eventually() {
    local name=$1 limit=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ "$SECONDS" -ge "$limit" ]; then
            fail "$name"
            diag "never succeeded: $*"
            return
        fi
        read -rt 0.05 <>"$hb_never" || :
    done
    pass "$name"
}

# gone PID: the process has ended (a zombie counts as ended).
gone() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    [[ $stat == *') Z '* ]]
}

# sleeps_in_kernel PID: the process is in an uninterruptible wait.
sleeps_in_kernel() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ $stat == *') D '* ]]
}

# waits PID: the process sleeps, killably or not, five times in a row that we look. Only for states
# that nothing announces.
waits() {
    local i stat
    for i in 1 2 3 4 5; do
        { read -r stat <"/proc/$1/stat"; } 2>/dev/null && [[ $stat == *') '[SD]' '* ]] || return 1
        read -rt 0.05 <>"$hb_never" || :
    done
}

# exit_of PID SECONDS: waits for a child; sets rc, 124 if it does not end in time.
exit_of() {
    local limit=$((SECONDS + $2))
    until gone "$1"; do
        if [ "$SECONDS" -ge "$limit" ]; then rc=124; return; fi
        read -rt 0.02 <>"$hb_never" || :
    done
    rc=0
    wait "$1" || rc=$?
}

hb_never=$HB_TMP/never
mkfifo "$hb_never"

# shellcheck source=tests/lib/haltblk.sh
. "$lib/haltblk.sh"
