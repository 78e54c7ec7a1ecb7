# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Lines of kernel logs: tests/guest-run and scripts/decode-oops see the same failures in them."""
import importlib.machinery
import importlib.util
import os
import re
import subprocess

import pytest

TOP = os.path.realpath(os.path.join(os.path.dirname(__file__), "../../.."))
STAMP = "[   12.345678] "

FAILURES = """\
WARNING: CPU: 0 PID: 91 at mm/util.c:671 kvmalloc_node+0x9c/0xb0
WARNING: drivers/block/x.c:12 at f+0x1/0x2, CPU#1: fio/91
BUG: kernel NULL pointer dereference, address: 0000000000000010
BUG: unable to handle page fault for address: ffffffffc0a81000
Unable to handle kernel NULL pointer dereference at virtual address 0000000000000010
kernel BUG at block/blk-mq.c:2412!
Oops: 0002 [#1] PREEMPT SMP NOPTI
Oops: general protection fault, probably for non-canonical address 0xdead000000000100: 0000 [#1] SMP
divide error: 0000 [#1] PREEMPT SMP
Internal error: Oops: 96000004 [#1] SMP
Kernel panic - not syncing: Kernel mode fault at addr 0x10, ip 0x6040a3c1
BUG kmalloc-128 (Not tainted): Right Redzone overwritten
BUG: KASAN: slab-out-of-bounds in bad_kasan+0x4c/0x60 [haltblk_bad]
KASAN: null-ptr-deref in range [0x0000000000000010-0x0000000000000017]
BUG: KFENCE: use-after-free read in haltblk_store_find+0x10/0x80 [haltblk]
BUG: KFENCE: memory corruption in haltblk_gate_put+0x10/0x20
BUG: KCSAN: data-race in a / b
BUG: KMSAN: uninit-value in f+0x1/0x2
UBSAN: array-index-out-of-bounds in fs/x.c:12:3
ODEBUG: free active (active state 0) object: 00000000c0ffee00 object type: timer_list hint: f+0x0/0x40
refcount_t: underflow; use-after-free.
haltblk-vm: kmemleak: leaks of haltblk's are suspected
kmemleak: unreferenced object 0xffff8880c0ffee00 (size 64):
kmemleak: Cannot allocate a kmemleak_object structure
kmemleak: Automatic memory scanning stopped; kmemleak: Kernel memory leak detector disabled
list_add corruption. prev->next should be next (ffff8880), but was 0. (prev=ffff).
list_del corruption, ffff8880c0ffee00->next is LIST_POISON1 (dead000000000100)
slab kmalloc-64: freelist pointer is corrupt
Thread overran stack, or stack corrupted
BUG: Bad page state in process fio  pfn:12345
Bad page map in process fio  pte:8000 pmd:1234
WARNING: possible circular locking dependency detected
WARNING: possible recursive locking detected
WARNING: possible irq lock inversion dependency detected
INFO: possible recursive locking detected
WARNING: inconsistent lock state
WARNING: suspicious RCU usage
WARNING: held lock freed!
WARNING: lock held when returning to user space!
DEBUG_LOCKS_WARN_ON(depth >= 48)
turning off the locking correctness validator.
INFO: lockdep is turned off.
INFO: trying to register non-static key.
BUG: sleeping function called from invalid context at mm/slab.h:306
BUG: scheduling while atomic: fio/91/0x00000002
INFO: task fio:91 blocked for more than 120 seconds.
INFO: task fio:91 blocked in I/O wait for more than 120 seconds.
watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [fio:91]
watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 1
Kernel panic - not syncing: Hard LOCKUP
rcu: INFO: rcu_preempt self-detected stall on CPU
rcu: INFO: rcu_sched detected stalls on CPUs/tasks:
rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-.... } 21 jiffies s: 89 root: 0x2/.
rcu: rcu_preempt kthread starved for 5250 jiffies! g1 f0x0 RCU_GP_WAIT_FQS(5) ->state=0x0 ->cpu=0
fio: page allocation failure: order:4, mode:0xcc0(GFP_KERNEL), nodemask=(null)
fio: page allocation stall for 10 secs: order:0, mode:0xcc0(GFP_KERNEL) nodemask=(null)
""".splitlines()

HARMLESS = """\
Command line: console=hvc0 oops=panic panic=-1 rcupdate.rcu_cpu_stall_timeout=60 kasan_multi_shot
Kernel memory leak detector initialized (mem pool available: 15694)
kasan: KernelAddressSanitizer initialized
kfence: initialized - using 2097152 bytes for 255 objects at 0x(____ptrval____)-0x(____ptrval____)
Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar
rcu: Hierarchical RCU implementation.
rcu: RCU event tracing is enabled.
rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.
NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.
clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable because the skew is too large:
hrtimer: interrupt took 4712345 ns
workqueue: blk_mq_run_work_fn hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND
kmemleak: 1 new suspected memory leaks (see /sys/kernel/debug/kmemleak)
haltblk: loading out-of-tree module taints kernel.
haltblk: hb0: size: 0: must be 1 to 16777216
haltblk: hb0: powered off
I/O error, dev hb0, sector 8 op 0x1:(WRITE) flags 0x800 phys_seg 1 prio class 2
Buffer I/O error on dev hb0, logical block 1, lost async page write
Page cache invalidation failure on direct I/O.  Possible data corruption due to collision with buffered I/O!
File: /dev/hb0 PID: 91 Comm: fio
EXT4-fs (hb0): warning: mounting unchecked fs, running e2fsck is recommended
EXT4-fs error (device hb0): ext4_journal_check_start:83: comm fio: Detected aborted journal
BTRFS warning (device hb0): lost page write due to IO error on /dev/hb0 (-5)
XFS (hb0): Corruption of in-memory data (0x8) detected at xfs_trans_cancel+0x1/0x2 (x.c:1). Shutting down filesystem.
XFS (hb0): log I/O error -5
md/raid1:md0: Disk failure on hb1, disabling device.
blk-mq: timed out, DEBUG off
sysrq: Show Blocked State
haltblk-vm: started
random: crng init done
""".splitlines()


def load(path):
    """scripts/decode-oops as a module."""
    loader = importlib.machinery.SourceFileLoader("decode_oops", os.path.join(TOP, path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("decode_oops", loader))
    loader.exec_module(module)
    return module


decode_oops = load("scripts/decode-oops")


def seen_by_runner(lines):
    """The lines that tests/guest-run calls a failure."""
    p = subprocess.run(["bash", "-c", f". {TOP}/tests/lib/reports.sh; kernel_reports"], input="\n".join(lines) + "\n",
                       capture_output=True, text=True, check=False)
    assert p.stderr == ""
    return p.stdout.splitlines()


def seen_by_decode_oops(lines):
    return [line for report in decode_oops.reports(lines, []) for line in report]


@pytest.mark.parametrize("line", FAILURES)
def test_the_runner_sees(line):
    assert seen_by_runner([STAMP + line]) == [line]


@pytest.mark.parametrize("line", FAILURES)
def test_decode_oops_sees(line):
    assert seen_by_decode_oops([STAMP + line]) == [STAMP + line]


def test_harmless_lines_pass_the_runner():
    assert seen_by_runner([STAMP + line for line in HARMLESS]) == []


def test_harmless_lines_pass_decode_oops():
    assert seen_by_decode_oops([STAMP + line for line in HARMLESS]) == []


def expressions():
    with open(decode_oops.REPORTS, encoding="utf-8") as f:
        return [line for line in f.read().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("expression", expressions())
def test_each_expression_has_a_line(expression):
    assert any(re.search(expression, line) for line in FAILURES)


@pytest.fixture
def check(tmp_path):
    """decode-oops --check of a log of these lines: its status, and what it printed."""
    def run(lines, *options):
        log = tmp_path / "log"
        log.write_text("".join(STAMP + line + "\n" for line in lines))
        p = subprocess.run(["python3", os.path.join(TOP, "scripts/decode-oops"), "--check", *options, str(log)],
                           capture_output=True, text=True, check=False)
        return p.returncode, p.stdout
    return run


def test_check_fails_and_shows_the_report(check):
    assert check(["haltblk-vm: started", "random: crng init done", "ODEBUG: free active"]) == (
        1, f"{STAMP}ODEBUG: free active\n")


def test_check_passes_a_harmless_log(check):
    assert check(HARMLESS) == (0, "")


def test_check_passes_what_is_allowed(check):
    assert check(["haltblk-vm: started", "ODEBUG: free active"], "--allow", "ODEBUG") == (0, "")


def test_check_passes_what_came_before_the_start(check):
    assert check(["WARNING: suspicious RCU usage", "haltblk-vm: started"]) == (0, "")
