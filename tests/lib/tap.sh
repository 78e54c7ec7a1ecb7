# shellcheck shell=bash
# Results as TAP, and assertions: each is one point, named first. Sourced by test.sh in
# guests, and by the tests of tests/meta on the host.

tap_n=0
tap_failed=0

# --- results ---------------------------------------------------------------------------

diag() { local line; while IFS= read -r line; do printf '# %s\n' "$line"; done <<<"$*"; }

pass() { tap_n=$((tap_n + 1)); printf 'ok %d - %s\n' "$tap_n" "$*"; }

fail() {
    tap_n=$((tap_n + 1))
    tap_failed=$((tap_failed + 1))
    printf 'not ok %d - %s\n' "$tap_n" "$*"
    diag "at$(tap_where)"
}

# The lines of the test itself that led here, innermost first.
tap_where() {
    local i
    for ((i = 1; i < ${#BASH_SOURCE[@]}; i++)); do
        [[ ${BASH_SOURCE[i]} == */lib/* ]] || printf ' %s:%d' "${BASH_SOURCE[i]##*/}" "${BASH_LINENO[i - 1]}"
    done
}

# Something that the rest of the test depends on did not work.
bail() { fail "$@"; exit 1; }

skip() { printf '1..0 # SKIP %s\n' "$*"; exit 77; }

# skip_point CAP NAME: skips one point; CAP must be something that the lane lacks (tests/lanes).
skip_point() {
    tap_n=$((tap_n + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_n" "$2" "$1"
}

done_testing() {
    printf '1..%d\n' "$tap_n"
    exit $((tap_failed > 0))
}

# --- assertions: each is one point, named first ------------------------------------------

# is NAME GOT EXPECTED
is() {
    if [ "$2" = "$3" ]; then pass "$1"; return; fi
    fail "$1"
    diag "expected: $3"
    diag "got:      $2"
}

# isnt NAME GOT NOT_EXPECTED
isnt() {
    if [ "$2" != "$3" ]; then pass "$1"; return; fi
    fail "$1"
    diag "expected anything but: $3"
}

# like NAME GOT REGEX (extended)
like() {
    if [[ $2 =~ $3 ]]; then pass "$1"; return; fi
    fail "$1"
    diag "expected a match of: $3"
    diag "got: $2"
}

# cmp_ok NAME A OP B: integers, OP as in test(1)
cmp_ok() {
    if test "$2" "$3" "$4"; then pass "$1"; return; fi
    fail "$1"
    diag "expected: $2 $3 $4"
}

# capture CMD...: sets out (both streams) and rc.
capture() {
    rc=0
    out=$("$@" 2>&1) || rc=$?
}

# works NAME CMD...: exit status 0; output in $out.
works() {
    local name=$1
    shift
    capture "$@"
    if [ "$rc" = 0 ]; then pass "$name"; return; fi
    fail "$name"
    diag "command:  $*"
    diag "expected: exit status 0"
    diag "got:      $rc: $out"
}

# refused NAME STATUS REGEX CMD...: that exit status, and a message that matches.
refused() {
    local name=$1 status=$2 regex=$3
    shift 3
    capture "$@"
    if [ "$rc" = "$status" ] && [[ $out =~ $regex ]]; then pass "$name"; return; fi
    fail "$name"
    diag "command:  $*"
    diag "expected: exit status $status and a message like: $regex"
    diag "got:      $rc: $out"
}
