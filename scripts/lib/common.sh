# shellcheck shell=bash disable=SC2034 # used by those that source this
# Shared by the scripts: paths and messages. They source it; it sets no traps.

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
cache=${HALTBLK_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/haltblk}
prog=${0##*/}

die() { printf '%s: %s\n' "$prog" "$*" >&2; exit 1; }
note() { printf '%s: %s\n' "$prog" "$*" >&2; }
usage_error() { printf '%s: %s (see %s --help)\n' "$prog" "$*" "$prog" >&2; exit 2; }

# When make runs a script, these would change the make of a kernel.
unset MAKEFLAGS MFLAGS MAKEOVERRIDES MAKELEVEL

# --help prints the opening comment of a script, up to the lines for linters.
show_help() { sed -n '2,${/^#/!q;/^# shellcheck /q;s/^# \{0,1\}//;p}' "$0"; }

# V=1 shows every command.
trace_if_verbose() { if [ "${V:-0}" = 1 ]; then set -x; fi; }

have() { command -v "$1" >/dev/null 2>&1; }

# with_progress WHAT LOG CMD...: runs CMD with its output in LOG. On a terminal, one line shows
# progress. If CMD fails, prints the end of LOG.
with_progress() {
    local what=$1 log=$2 pid rc=0 start=$SECONDS
    shift 2
    note "$what ..."
    # In a process group of its own, so that all of it ends when this script is stopped.
    set -m
    "$@" >>"$log" 2>&1 </dev/null 9>&- &
    pid=$!
    set +m
    trap 'kill -- "-$pid" 2>/dev/null; exit 143' INT TERM HUP
    if [ -t 2 ]; then
        while kill -0 "$pid" 2>/dev/null; do
            printf '\r%s: %s: %d s, %d steps \033[K' "$prog" "$what" \
                $((SECONDS - start)) "$(wc -l <"$log")" >&2
            timeout 1 tail -s 0.2 --pid="$pid" -f /dev/null || :
        done
        printf '\r\033[K' >&2
    fi
    wait "$pid" || rc=$?
    trap - INT TERM HUP
    if [ "$rc" != 0 ]; then
        note "$what failed; the end of $log:"
        tail -n 30 "$log" >&2
        return "$rc"
    fi
    note "$what: done in $((SECONDS - start)) s"
}
