# shellcheck shell=bash
# What tests of the discard family share. Sourced after test.sh.

pages() { hb_json 'show hb0' .stats.stored_pages; }

# watch_start MARK: writes down what reaches hb0 from now on. At the sector MARK are 4 KiB
# that no request of the test covers.
watch_start() {
    watch_mark=$1
    watch_marks=0
    : >"$HB_TMP/events"
    haltblk events hb0 --follow --json >"$HB_TMP/events" 2>"$HB_TMP/events.err" &
    watcher=$!
    watch_sync
}

watch_seen() { grep -c "\"what\":\"completed\".*\"op\":\"read\".*\"sector\":$watch_mark," "$HB_TMP/events"; }

# watch_sync: all that ended before this call is written down.
watch_sync() {
    local before limit=$((SECONDS + 30))
    before=$(watch_seen) || :
    # Until it watches, what is read is not seen.
    while [ "$(watch_seen)" = "$before" ]; do
        [ "$SECONDS" -lt "$limit" ] || bail "no events: $(cat "$HB_TMP/events.err")"
        hbio --sync /dev/hb0 read:$((watch_mark * 512)):4k >/dev/null || bail 'mark'
        read -rt 0.05 <>"$hb_never" || :
    done
}

# watch_arrived OP: "SECTOR SECTORS" of each that was submitted since then.
watch_arrived() {
    watch_sync
    sed -n "s/.*\"what\":\"submitted\".*\"op\":\"$1\".*\"sector\":\([0-9]*\),\"sectors\":\([0-9]*\).*/\1 \2/p" \
        "$HB_TMP/events"
}

watch_stop() {
    kill -INT "$watcher"
    wait "$watcher" || :
}
