# shellcheck shell=bash
# The races of tests/races, with and without their fixes; in a guest, with haltblk loaded. Works on
# modules that scripts/races has built (out/build/6.12/races).

races_here=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)
races_modules=$races_here/out/build/6.12/races

PATH=$races_modules:$PATH
# No udev in a guest.
export DM_DISABLE_UDEV=1
mkdir -p /run/mdadm

race_names() { (cd "$races_here/tests/races" && printf '%s\n' */unfix.*) | sed 's|/.*||'; }

# race_is_built NAME: is its module there? scripts/races --build leaves out those that take minutes.
race_is_built() {
    local ko
    ko=$(race_ko "$1")
    [ -e "$races_modules/${ko##*/}" ]
}

# race_get NAME KEY: what its patch or probe says.
race_get() { sed -n "s/^[ *]*$2: *//p" "$races_here/tests/races/$1"/unfix.*; }

# race_ko NAME: its module. A probe has the name of the race.
race_ko() {
    local ko
    ko=$(race_get "$1" Module)
    echo "${ko:-$1.ko}"
}

# race_load NAME: replaces the kernel's module by ours, or adds a probe; sets race_module,
# race_probe and race_switch.
race_load() {
    local ko
    ko=$(race_ko "$1")
    race_probe=false
    [ ! -e "$races_here/tests/races/$1/unfix.c" ] || race_probe=true
    race_module=$(basename "${ko%.ko}" | tr - _)
    race_switch=/sys/module/$race_module/parameters/$(race_get "$1" Switch)
    [ ! -e "$race_switch" ] || return 0
    # With what it depends on.
    $race_probe || { modprobe "$race_module" && rmmod "$race_module"; } || return
    busybox insmod "$races_modules/${ko##*/}"
}

# Puts the kernel's own module back.
race_unload() { rmmod "$race_module" && { $race_probe || modprobe "$race_module"; }; }

# race_red NAME: the line that fails without the fix.
race_red() { sed -n 's/[[:blank:]]*# red: .*//p' "$races_here/tests/races/$1/race.hb"; }

# The line of a run that failed.
race_failed() { sed -n '/^not ok/{s/^not ok [0-9]* - //;s/[[:blank:]]*\\\{0,1\}# red: .*//;p;q;}' "$1"; }

# Ends a run that hangs without the fix: with the fix, it goes on. It may also need a nudge.
race_release() {
    echo 0 >"$race_switch"
    if [ -e /dev/md127 ]; then timeout 5 dd if=/dev/md127 of=/dev/null bs=4k count=1 iflag=direct 2>/dev/null || :; fi
}

# race_run NAME fixed|unfixed OUT [OPTION]...: runs it once, with what it prints in the file OUT.
# Prints green if it succeeds, red if it fails at the line that says so, or else odd.
race_run() {
    local name=$1 out=$3 rc=0 pid released=false
    case $2 in fixed) echo 0 ;; *) echo 1 ;; esac >"$race_switch"
    shift 3
    # Not what an earlier run has left there.
    : >"$out"
    haltblk run "$races_here/tests/races/$name/race.hb" "$@" >"$out" 2>&1 &
    pid=$!
    while kill -0 $pid 2>/dev/null; do
        if ! $released && grep -qs '^not ok' "$out"; then
            race_release
            released=true
        fi
        sleep 0.05
    done
    wait $pid || rc=$?
    if [ $rc = 0 ]; then
        echo green
    elif [ "$(race_failed "$out")" = "$(race_red "$name")" ]; then
        echo red
    else
        echo odd
    fi
}
