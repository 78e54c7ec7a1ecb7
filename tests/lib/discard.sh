# shellcheck shell=bash
# Shared by the tests of the discard family. Sourced after test.sh.

# pages [DEV]: prints how many are stored.
pages() { hb_json "show ${1:-hb0}" .stats.stored_pages; }

# --- what reaches a device -----------------------------------------------------------------

declare -A watch_mark watch_from watcher

# watch_start MARK [DEV]: records what reaches DEV (hb0) from now on. Nobody else may read the
# 4 KiB at the sector MARK. The device may be mounted meanwhile.
watch_start() {
    local dev=${2:-hb0}
    watch_mark[$dev]=$1
    watch_from[$dev]=1
    : >"$HB_TMP/events.$dev"
    haltblk events "$dev" --follow --json >"$HB_TMP/events.$dev" 2>"$HB_TMP/events.err" &
    watcher[$dev]=$!
    watch_sync "$dev"
}

watch_seen() { grep -c "\"what\":\"completed\".*\"op\":\"read\".*\"sector\":${watch_mark[$1]}," "$HB_TMP/events.$1"; }

# watch_sync [DEV]: returns when everything that ended before this call is recorded.
watch_sync() {
    local dev=${1:-hb0} before limit=$((SECONDS + 30))
    before=$(watch_seen "$dev") || :
    # It does not see reads before it watches.
    while [ "$(watch_seen "$dev")" = "$before" ]; do
        [ "$SECONDS" -lt "$limit" ] || bail "no events: $(<"$HB_TMP/events.err")"
        dd if="/dev/$dev" of=/dev/null iflag=direct bs=4k count=1 skip=$((watch_mark[$dev] / 8)) status=none || bail mark
        read -rt 0.05 <>"$hb_never" || :
    done
    ! grep -q '"what":"lost"' "$HB_TMP/events.$dev" || bail 'events were lost'
}

# watch_forget [DEV]: from now on watch_arrived reports only later requests.
watch_forget() {
    watch_sync "${1:-hb0}"
    watch_from[${1:-hb0}]=$(($(wc -l <"$HB_TMP/events.${1:-hb0}") + 1))
}

# watch_arrived OP [DEV]: "SECTOR SECTORS" of each OP (or "OP\|OP") submitted since then.
watch_arrived() {
    local dev=${2:-hb0}
    watch_sync "$dev"
    sed -n "${watch_from[$dev]},\$s/.*\"what\":\"submitted\".*\"op\":\"\($1\)\".*\"sector\":\([0-9]*\),\"sectors\":\([0-9]*\).*/\2 \3/p" \
        "$HB_TMP/events.$dev"
}

# watch_stop [DEV]
watch_stop() {
    kill -TERM "${watcher[${1:-hb0}]}"
    wait "${watcher[${1:-hb0}]}" || :
}

# --- ranges, "SECTOR SECTORS" a line --------------------------------------------------------

# total RANGES: sectors in all.
total() { awk '{ n += $2 } END { print n + 0 }' <<<"$1"; }

# overlap A B: prints how many sectors of A are also in B; the ranges of A must not overlap.
overlap() {
    { sort -n <<<"$2" && echo - && cat <<<"$1"; } | awk '
        $1 == "-" { second = 1; next }
        !NF { next }
        !second && n && $1 <= end[n] { if ($1 + $2 > end[n]) end[n] = $1 + $2; next }
        !second { n++; start[n] = $1; end[n] = $1 + $2; next }
        {
            for (i = 1; i <= n; i++) {
                from = $1 > start[i] ? $1 : start[i]
                to = $1 + $2 < end[i] ? $1 + $2 : end[i]
                if (to > from) sum += to - from
            }
        }
        END { print sum + 0 }'
}
