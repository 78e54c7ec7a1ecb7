# shellcheck shell=bash
# A crowd: 64 reads and 64 O_DIRECT writes at once, and one each of discard, zero-out and
# secure discard, which the kernel submits one after the other for each device. Sourced after
# test.sh by the tests that hold, release or fail all of them.
#
# Reads r0..r63 are 4 KiB every 8 KiB from 0, writes w0..w63 the same from 1 MiB: gaps, so
# that nothing merges, and the gaps must keep their data. The others have 64 KiB each.
crowd_wbase=$((1 << 20))
crowd_family=(d=discard:2M:64k z=zeroout:3M:64k s=secdiscard:4M:64k)
crowd_size=5M

# crowd_create DEV MODE: a device with room for all of it, written with seed 1.
crowd_create() {
    hb_create "$1" size=16 memory_backed=1 discard=1 secure_erase=1 write_zeroes=1 \
        hw_queue_depth=256 "$(hb_mode "$2")"
    if [ -e "/sys/block/$1/queue/scheduler" ]; then echo none >"/sys/block/$1/queue/scheduler"; fi
    hbio --sync "/dev/$1" "write:0:$crowd_size:1" >/dev/null || bail "could not fill $1"
}

crowd_specs() {
    local i
    for ((i = 0; i < 64; i++)); do
        echo "r$i=read:$((i * 8192)):4k:1"
        echo "w$i=write:$((crowd_wbase + i * 8192)):4k:2"
    done
}

# One CPU submits, so that the order of submission means something.
# crowd_start DEV: all 131 through one ring.
crowd_start() {
    local specs
    mapfile -t specs < <(crowd_specs)
    io_start_on 0 "/dev/$1" "${specs[@]}" "${crowd_family[@]}"
}

# crowd_start_apart DEV: the 128 through AIO, whose order is that of the device; the other three by
# a second process, whose lines go to $HB_TMP/family.
crowd_start_apart() {
    local specs
    mapfile -t specs < <(crowd_specs)
    io_start_on 0 --aio "/dev/$1" "${specs[@]}"
    hbio "/dev/$1" "${crowd_family[@]}" >"$HB_TMP/family" 2>&1 &
    family_pid=$!
}

# crowd_held DEV: "ID NAME" of each held request, in the order held.
crowd_held() {
    local id op sector
    hb_json "held $1" '[]' id op sector | while read -r id op sector; do
        case $op in
        read) echo "$id r$((sector / 16))" ;;
        write) echo "$id w$(((sector - crowd_wbase / 512) / 16))" ;;
        discard) echo "$id d" ;;
        write_zeroes) echo "$id z" ;;
        secure_erase) echo "$id s" ;;
        *) bail "held: '$id $op $sector'" ;;
        esac
    done
}

# crowd_shuffled: the 128 names in a shuffled order that is the same every time, with three F
# among them, each of which stands for the discard, zero-out or secure discard held then.
crowd_shuffled() {
    { crowd_specs | cut -d= -f1; printf 'F\nF\nF\n'; } | shuf --random-source=<(yes haltblk)
}

# release_start DEV, release ID, release_end: one process releases them all, one by one.
release_start() { coproc RELEASE { exec hbrelease "$1"; }; }

release() {
    local answer
    echo "$1" >&"${RELEASE[1]}"
    IFS= read -rt 20 answer <&"${RELEASE[0]}" || answer='no answer'
    [ "$answer" = "released $1" ] || bail "release of $1: $answer"
}

release_end() {
    local pid=$RELEASE_PID
    exec {RELEASE[1]}>&-
    wait "$pid"
}

# crowd_results RESULT: the names in $lines that ended with RESULT.
crowd_results() { tr ' ' '\n' <<<"$lines" | paste -d' ' - - | awk -v r="$1" '$2 == r { print $1 }'; }

# crowd_note DEV: remembers which requests are held now.
crowd_note() { crowd_was_held=$(crowd_held "$1" | cut -d' ' -f2 | sort); }

# crowd_spared: those of them that did not end with EIO. If a zero-out fails, 6.1 writes the
# zeroes itself, which succeeds if it is in time.
crowd_spared() {
    local retried=none
    if [ "$HB_LANE" = 6.1 ]; then retried=z; fi
    comm -23 <(echo "$crowd_was_held") <(crowd_results EIO | sort) | grep -vx "$retried" || :
}

# crowd_check NAME DEV WRITES: the reads' area and the gaps are untouched; the writes are
# there (WRITES=2) or not (1).
crowd_check() {
    local specs=("gap=read:$((512 << 10)):512k:1") i
    for ((i = 0; i < 64; i++)); do
        specs+=("w$i=read:$((crowd_wbase + i * 8192)):4k:$3")
        specs+=("g$i=read:$((crowd_wbase + i * 8192 + 4096)):4k:1")
    done
    io_sync "$1" "/dev/$2" "${specs[@]}"
}

# crowd_check_zeroed NAME DEV: the three ranges read as zeroes, the blocks beside them do not.
crowd_check_zeroed() {
    io_sync "$1" "/dev/$2" read:2M:64k:0 read:3M:64k:0 read:4M:64k:0 \
        read:2112k:64k:1 read:3136k:64k:1 read:4160k:64k:1
}
