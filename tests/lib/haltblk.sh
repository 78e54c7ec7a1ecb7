# shellcheck shell=bash
# Devices and I/O for tests; sourced by test.sh. Unless it says otherwise, a helper makes no point:
# if it cannot do its work, it bails out.

hb_cfs=/sys/kernel/config/haltblk
hb_devices=()

# hb_create NAME [KEY=VALUE]...: a powered device, destroyed when the test ends. Write-back
# throttling and merging are off, so that the driver gets exactly what a test sends.
hb_create() {
    local name=$1 answer
    answer=$(haltblk create "$@" 2>&1) || bail "create $*: $answer"
    hb_devices+=("$name")
    [ "$answer" = "/dev/$name" ] || bail "create $name printed '$answer'"
    hb_quiet "$name"
}

hb_quiet() {
    local q=/sys/block/$1/queue wbt
    [ ! -e "$q/nomerges" ] || echo 2 >"$q/nomerges"
    # This file does not exist in bio mode, or if the kernel lacks write-back throttling.
    # Reading it fails if the device does not use it.
    if { read -r wbt <"$q/wbt_lat_usec"; } 2>/dev/null && [ "$wbt" != 0 ]; then
        echo 0 >"$q/wbt_lat_usec"
    fi
}

# hb_mode mq|bio: the option that asks for it.
hb_mode() { case $1 in mq) echo queue_mode=2 ;; bio) echo queue_mode=0 ;; esac; }

hb_destroy() {
    local keep=() d
    haltblk destroy "$1" || bail "destroy $1"
    for d in "${hb_devices[@]}"; do [ "$d" = "$1" ] || keep+=("$d"); done
    hb_devices=("${keep[@]}")
}

# hb_json COMMAND PATH [FIELD]...: picks values out of what haltblk prints with --json; see hbget.c.
hb_json() {
    # shellcheck disable=SC2086 # COMMAND is several words
    haltblk $1 --json | hbget "${@:2}"
}

# hb_session DEV EVENT TAG [KEY=VALUE]...: arms a rule of a session, that of the process $holder,
# which stays as long as its stdin does. Returns once the rule is armed.
hb_session() {
    local word holder_fd
    # The shell ignores these two signals in the background, and they would stay ignored.
    exec {holder_fd}< <(exec env --default-signal=INT,QUIT haltblk break "$@" owner=session <>"$hb_never" 2>&1)
    holder=$!
    IFS= read -rt 20 word <&"$holder_fd" || word='nothing'
    [ "$word" = "$3" ] || bail "a session for $*: $word"
}

# hb_held DEV: how many requests are held.
hb_held() { local lines; mapfile -t lines < <(haltblk held "$1"); echo $((${#lines[@]} - 1)); }

# hb_wait DEV TAG [ARG]...: waits until requests are held; if none is, bails out with what is held.
hb_wait() {
    haltblk wait "$@" --timeout $((30 * ${HALTBLK_PATIENCE:-1})) >"$HB_TMP/wait" 2>&1 ||
        bail "wait $*: $(<"$HB_TMP/wait"); held: $(haltblk held "$1" 2>&1)"
}

# hb_break DEV EVENT TAG [KEY=VALUE]...
hb_break() { haltblk break "$@" || bail "break $*"; }

# hb_remove DEV TAG
hb_remove() { haltblk remove "$@" >/dev/null || bail "remove $*"; }

# hb_ends RESULT SPEC...: hbio's SPECs on hb0, one after the other, all end with RESULT.
hb_ends() {
    local result=$1 line bad=0 spec
    shift
    for spec in "$@"; do
        line=$(hbio --sync /dev/hb0 "x=$spec") || :
        if [ "$line" != "x $result" ]; then
            echo "$spec: '${line#x }', not '$result'"
            bad=1
        fi
    done
    return $bad
}

# --- asynchronous I/O: one hbio in the background ----------------------------------------

# io_start ARG...: starts hbio; its lines come one at a time through io_next.
io_start() {
    exec {io_fd}< <(exec hbio "$@" 2>"$HB_TMP/hbio.err")
    io_pid=$!
}

# io_start_on CPU ARG...
io_start_on() {
    exec {io_fd}< <(exec taskset -c "$1" hbio "${@:2}" 2>"$HB_TMP/hbio.err")
    io_pid=$!
}

# io_next: sets line to the next completion; "(none)" after 20 s, "(end)" after the last.
io_next() {
    local status=0
    line=
    IFS= read -rt "${1:-$((20 * ${HALTBLK_PATIENCE:-1}))}" line <&"$io_fd" || status=$?
    if [ "$status" -gt 128 ]; then
        line='(none)'
    elif [ "$status" != 0 ]; then
        line='(end)'
    fi
}

# io_quiet NAME: nothing has completed; a point. Use it only after a wait that proves that the I/O
# has arrived.
io_quiet() {
    io_next 0.2
    is "$1" "$line" '(none)'
}

# io_rest: sets lines to everything up to the end, with blanks between.
io_rest() {
    lines=
    while io_next && [ "$line" != '(end)' ] && [ "$line" != '(none)' ]; do lines+="$line "; done
    [ "$line" = '(end)' ] || lines+='(none)'
    lines=${lines% }
    exec {io_fd}<&-
}

# io_sync NAME DEV SPEC...: one after the other; a point, named first.
io_sync() {
    local name=$1
    shift
    works "$name" hbio --sync "$@"
}

hb_cleanup() {
    local status=$? d
    for d in "${hb_devices[@]}"; do
        haltblk destroy "$d" >/dev/null 2>&1 || echo "# could not destroy $d"
    done
    exit "$status"
}
trap hb_cleanup EXIT
