# shellcheck shell=bash
# An md array, /dev/md_hb, made through sysfs, without metadata and without mdadm. Sourced after
# test.sh.

md=/sys/block/md_hb/md

# raid_make LEVEL CHUNK LEG...: makes it of equal devices with equal data; CHUNK is in bytes, or 0
# if the level has none.
raid_make() {
    local level=$1 chunk=$2 leg slot=0 kib
    shift 2
    # A cleared array keeps its name on some kernels and loses it on others.
    [ -e $md ] || echo md_hb >/sys/module/md_mod/parameters/new_array
    echo none >$md/metadata_version
    echo "$level" >$md/level
    echo $# >$md/raid_disks
    [ "$chunk" = 0 ] || echo "$chunk" >$md/chunk_size
    kib=$(($(<"/sys/block/$1/size") / 2))
    for leg; do
        cat "/sys/block/$leg/dev" >$md/new_dev
        echo $slot >"$md/dev-$leg/slot"
        echo $kib >"$md/dev-$leg/size"
        slot=$((slot + 1))
    done
    if [ "$level" = raid1 ]; then
        echo $kib >$md/component_size
        # The legs are already in sync.
        echo none >$md/resync_start
    fi
    echo active >$md/array_state
}

# raid_stop NAME: stops it; one point: its legs are free.
raid_stop() {
    echo clear >$md/array_state
    eventually "$1: the array has let go of its legs" 20 eval "! ls -d $md/dev-* 2>/dev/null"
}

# The devices are destroyed by the library's own trap, which comes after this one.
trap 'raid_status=$?; [ ! -e $md/array_state ] || echo clear >$md/array_state 2>/dev/null || :
    set +e; (exit $raid_status); hb_cleanup' EXIT
