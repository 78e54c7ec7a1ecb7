# shellcheck shell=bash
# Checks a file system that discards by the requests that reach the device. Sourced after test.sh
# and discard.sh by tests that define how to make the file system (trim_mkfs DEV), its size in MiB
# (trim_size), mount options without and with discard (trim_plain, trim_option), and how to check
# it (trim_fsck DEV).

mnt=$HB_TMP/mnt
mkdir "$mnt"
# The devices are destroyed by the library's own trap, which comes after this one.
trap 'umount "$mnt" 2>/dev/null || :; hb_cleanup' EXIT

# Makes it discard soon, if the option is set.
trim_settle() { sync -f "$mnt"; }

# trim_file NAME WORD PAGES: makes a file of pages that begin with WORD, of four letters.
trim_file() {
    awk -v w="$2" -v n="$3" 'BEGIN { for (i = 0; i < n; i++) printf "%s%4091d\n", w, i }' >"$mnt/$1" || bail "write $1"
    sync -f "$mnt"
}

# trim_find: sets old and keep to the ranges of the two files.
trim_find() {
    local found
    found=$(hbwhere /dev/hb0 "$1" KEEP)
    old=$(sed -n "s/^$1 //p" <<<"$found")
    keep=$(sed -n 's/^KEEP //p' <<<"$found")
    is "$2: both files are on the device" "$(total "$old") $(total "$keep")" '16384 4096'
}

trim_covered() { [ "$(overlap "$old" "$(watch_arrived discard)")" = "$(total "$old")" ]; }

# trim_check WHAT: freed blocks have arrived as discard, and blocks in use have not.
trim_check() {
    local ranges
    ranges=$(watch_arrived discard)
    is "$1: all of the removed file arrives as discard" "$(overlap "$old" "$ranges")" "$(total "$old")"
    is "$1: and nothing of the other one" "$(overlap "$keep" "$ranges")" 0
    is "$1: nor as anything else" "$(watch_arrived 'write_zeroes\|secure_erase')" ''
    # The file system may have written a few blocks itself.
    cmp_ok "$1: it is stored no more" "$(pages)" -lt $((stored - $(total "$old") / 8 + 128))
}

# trim_test MODE READS
trim_test() {
    local what="$1 $2" sum
    hb_create hb0 size="$trim_size" memory_backed=1 discard=1 write_zeroes=1 discard_reads="$2" "$(hb_mode "$1")"
    watch_start $(((trim_size - 1) * 2048))
    works "$what: mkfs" trim_mkfs /dev/hb0
    cmp_ok "$what: it discards all but a little first" \
        "$(total "$(watch_arrived discard)")" -gt $((trim_size * 2048 * 9 / 10))
    mount -o "$trim_plain" /dev/hb0 "$mnt" || bail mount
    trim_file keep KEEP 512
    trim_file old ONCE 2048
    sum=$(md5sum <"$mnt/keep")
    trim_find ONCE "$what"
    watch_forget
    rm "$mnt/old"
    sync -f "$mnt"
    is "$what: mount -o $trim_plain: what is freed does not arrive" "$(overlap "$old" "$(watch_arrived discard)")" 0
    stored=$(pages)
    works "$what: fstrim" fstrim "$mnt"
    trim_check "$what: fstrim"
    works "$what: umount" umount "$mnt"

    mount -o "$trim_option" /dev/hb0 "$mnt" || bail "mount -o $trim_option"
    trim_file old ANEW 2048
    trim_find ANEW "$what"
    watch_forget
    stored=$(pages)
    rm "$mnt/old"
    trim_settle
    eventually "$what: mount -o $trim_option: what is freed arrives" 30 trim_covered
    trim_check "$what: mount -o $trim_option"
    is "$what: the other file is whole" "$(md5sum <"$mnt/keep")" "$sum"
    works "$what: umount" umount "$mnt"
    watch_stop
    works "$what: the file system is clean" trim_fsck /dev/hb0
    hb_destroy hb0
}

trim_all() {
    trim_test mq stale
    # Reads of freed blocks would show here.
    trim_test bio poison
}
