# shellcheck shell=bash
# One check for each word that a test may put in "# requires:". Each answers for the running
# kernel. A word without a function here is a mistake in the test.

_have_smp() { [ "$(nproc)" -ge 2 ]; }
_have_x86() { [ "$(uname -m)" = x86_64 ] && ! grep -q 'User Mode Linux' /proc/cpuinfo; }
_have_uml() { grep -q 'User Mode Linux' /proc/cpuinfo; }
_have_hotplug() { [ -e /sys/devices/system/cpu/cpu1/online ]; }
_have_suspend() { grep -qw freeze /sys/power/state 2>/dev/null; }
_have_kunit() { [ -d /sys/kernel/debug/kunit ]; }
_have_fgraph() { grep -qw function_graph /sys/kernel/tracing/available_tracers 2>/dev/null; }
# A kernel with every sanitizer, and one as users have it.
_have_debug() { [ -e /proc/lock_stat ]; }
_have_stock() { ! _have_debug; }
# The kernel for which scripts/bench has limits.
_have_limits() { _have_stock && [[ $(uname -r) == 6.12.* && $(uname -v) != *PREEMPT_RT* ]]; }
# Allocations that fail on demand, also chosen by their callers.
_have_failslab() {
    [ -e /sys/kernel/debug/failslab/require-start ] && [ -e /sys/kernel/debug/fail_page_alloc/require-start ] &&
        [ -e /proc/self/fail-nth ]
}
_have_wbt() { [ -d /sys/kernel/debug/block ] && zgrep -qs '^CONFIG_BLK_WBT=y' /proc/config.gz "/boot/config-$(uname -r)"; }
# The submitters of requests that wait in a scheduler are known (driver/gate/submitter.c).
_have_submitters() { [[ $(uname -v) != *PREEMPT_RT* ]]; }
# The driver with longer structures: built for one kernel (tests/grown/Kbuild).
_have_grown() { [ -e "${HB_KO%/driver/*}/tests/grown/haltblk_grown.ko" ]; }
# Memory limits by cgroup v2, and swap.
_have_memory_cgroup() { [ -e /proc/swaps ] && grep -qs '^memory[[:space:]].*1$' /proc/cgroups && command -v perl >/dev/null; }
# Modules with fixes that can be taken out (scripts/races); for the stock kernel.
_have_races() { [ -e "${HB_KO%/driver/*}/races/mdadm" ]; }
_have_reboot() { _have_x86; }

_have_filesystem() { grep -qw "$1" /proc/filesystems || modprobe -q "$1"; }
_have_ext4() { _have_filesystem ext4 && command -v mkfs.ext4 >/dev/null; }
_have_mq_deadline() { modprobe -q mq-deadline || [ -e /sys/module/mq_deadline ]; }
_have_kyber() { modprobe -q kyber-iosched || [ -e /sys/module/kyber_iosched ]; }
_have_bfq() { modprobe -q bfq || [ -e /sys/module/bfq ]; }
_have_raid1() { modprobe -q raid1 && [ -w /sys/module/md_mod/parameters/new_array ]; }
_have_raid0() { modprobe -q raid0 && [ -w /sys/module/md_mod/parameters/new_array ]; }
_have_thin() { modprobe -q dm-thin-pool && command -v dmsetup >/dev/null; }
_have_fio() { command -v fio >/dev/null; }
_have_fio_uring() { _have_fio && fio --enghelp | grep -qw io_uring; }
# T10 protection information in the limits of queues: from 6.11.
_have_integrity() { [[ $(uname -r) != 6.1.* ]]; }
# Blocks larger than a page.
_have_large_blocks() {
    local major minor
    IFS=.- read -r major minor _ <<<"$(uname -r)"
    [ -d /sys/kernel/mm/transparent_hugepage ] && [ "$((major * 100 + minor))" -ge 615 ]
}
_have_kcore() { [ -r /proc/kcore ]; }
_have_loop() { modprobe -q loop || [ -e /dev/loop-control ]; }
_have_xfs() { _have_filesystem xfs && command -v mkfs.xfs >/dev/null; }
_have_btrfs() { _have_filesystem btrfs && command -v mkfs.btrfs >/dev/null; }
_have_f2fs() { _have_filesystem f2fs && command -v mkfs.f2fs >/dev/null; }
# In 6.1 its own check of where a write went fails on every device.
_have_zonefs() { [[ $(uname -r) != 6.1.* ]] && _have_filesystem zonefs && command -v perl >/dev/null; }
# A kernel with zones, and the tool for them.
_have_zoned() { command -v blkzone >/dev/null && grep -qw blk_revalidate_disk_zones /proc/kallsyms; }
