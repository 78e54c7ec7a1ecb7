# shellcheck shell=bash
# Allocations that fail, for tests/faults: the kernel's failslab and fail_page_alloc, told to
# fail only what the driver asks for, or has the block layer ask for. Source after test.sh,
# with the module loaded.

faults_dir=/sys/kernel/debug
faults_kinds='failslab fail_page_alloc'
faults_most=1000000000
faults_seen=0

# faults_set KIND FILE VALUE
faults_set() { echo "$3" >"$faults_dir/$1/$2" || bail "$1/$2=$3"; }

# faults_all FILE VALUE
faults_all() { local k; for k in $faults_kinds; do faults_set "$k" "$1" "$2"; done; }

# Only allocations with the driver's own code among their callers, and none while copying to or
# from user space, which "fail-nth" would count too.
faults_only_ours() {
    local start
    start=$(</sys/module/haltblk/sections/.text)
    faults_all require-start "$start"
    faults_all require-end "$(printf '0x%x' $((start + $(</sys/module/haltblk/coresize))))"
    faults_set fail_usercopy require-start 1
    faults_set fail_usercopy require-end 2
}

# The kernel leaks the name of a slab cache (each disk has one) if its entry in sysfs cannot be
# made. That is not ours, so nothing fails there.
faults_not_in_slab() {
    local range
    range=$(sort /proc/kallsyms | awk '
        at && !done && $1 != at { print "0x" at, "0x" $1; done = 1 }
        $3 == "sysfs_slab_add" { at = $1 }')
    [ -n "$range" ] || return 0
    faults_all reject-start "${range% *}"
    faults_all reject-end "${range#* }"
}

# faults_ready: from now on, allocations fail only by "fail-nth" (hbfault).
faults_ready() {
    faults_seen=0
    faults_all probability 0
    faults_all interval 1
    faults_all verbose 0
    faults_all task-filter N
    faults_all times $faults_most
    faults_all ignore-gfp-wait Y
    faults_set fail_page_alloc min-order 0
    faults_not_in_slab
    [ ! -d /sys/module/haltblk ] || faults_only_ours
}

# faults_on PERCENT [sleeping]: from now on, so many of the allocations that may not wait fail;
# with "sleeping", of all allocations.
faults_on() {
    local wait=Y
    [ "${2:-}" != sleeping ] || wait=N
    faults_all ignore-gfp-wait $wait
    faults_all probability "$1"
}

faults_off() { faults_all probability 0; faults_all ignore-gfp-wait Y; }

# faults_count: sets n to the number of failures since the last call.
faults_count() {
    local k sum=0
    for k in $faults_kinds; do sum=$((sum + faults_most - $(<"$faults_dir/$k/times"))); done
    n=$((sum - faults_seen))
    faults_seen=$sum
}

# faults_fail WHAT: one point: there were failures since the last call. Says how many.
faults_fail() {
    local n
    faults_count
    cmp_ok "$1: allocations failed" "$n" -gt 0
    diag "$1: $n failed allocations"
}

# faults_each NAME ARG...: runs hbfault ARG...; one point for each kind of call.
faults_each() {
    local name=$1 line status=0
    shift
    hbfault "$@" >"$HB_TMP/faults" 2>&1 || status=$?
    while IFS= read -r line; do
        case $line in
        *': bad: '*) diag "$name: $line" ;;
        *) pass "$name: $line" ;;
        esac
    done <"$HB_TMP/faults"
    is "$name: what fails changes nothing, what does not works" "$status" 0
}
