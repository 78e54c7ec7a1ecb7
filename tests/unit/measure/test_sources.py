# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""What kernels print about locks: classes with a number, a subclass, readers, blanks or colons in
their names; call stacks with and without times."""
import json
import os
import subprocess
import sys

import pytest

from measure import sources


def line(name, contended, waited, acquired, held):
    """As lock_stat prints a class; times in us."""
    return f"{name:>40}{1:>14} {contended:>14} {'0.10':>14} {'9.00':>14} {waited:>14} {'1.00':>14}  " \
        f"{2:>14} {acquired:>14} {'0.10':>14} {'9.00':>14} {held:>14} {'1.00':>14}"


def rule(width):
    return f"{'-' * width:>40}"


def point(name, count, site):
    return f"{name:>40} {count:>14} {'[<00000000c0ffee00>]':>29} {site}"


DOTS = "\n" + "." * 221 + "\n"
LOCK_STAT = "\n".join([
    "lock_stat version 0.4",
    "-" * 221,
    f"{'class name':>40} {'con-bounces':>14} {'contentions':>14}",
    "-" * 221 + "\n",
    line("haltblk_lock_submit:", 7, "70.50", 900, "1800.00"),
    rule(19),
    point("haltblk_lock_submit", 3, "other_site+0x1/0x2"),
    point("haltblk_lock_submit", 4, "haltblk_lockmodel_pass+0x10/0x80 [haltblk]"),
    rule(19),
    point("haltblk_lock_submit", 7, "somebody_else+0x3/0x4"),
    DOTS,
    # The second class of that name, and a subclass of it.
    line("&q->lock#2:", 2, "20.00", 50, "5.00"),
    rule(9),
    point("&q->lock#2", 2, "blk_mq_get_tag+0x3/0x4"),
    rule(9),
    point("&q->lock#2", 2, "blk_mq_get_tag+0x3/0x4"),
    DOTS,
    line("&q->lock#2/1:", 0, "0.00", 8, "1.00"),
    # Readers and writers: one place for both.
    line("map_sem-W:", 1, "3.00", 5, "1.00"),
    line("map_sem-R:", 2, "4.00", 6, "2.00"),
    rule(9),
    point("map_sem", 3, "vfs_read+0x3/0x4"),
    rule(9),
    point("map_sem", 3, "vfs_read+0x3/0x4"),
    DOTS,
    # A spinlock in the place of a class that had readers.
    line("haltblk_lock_complete-W:", 0, "0.00", 90, "180.00"),
    line("haltblk_lock_complete-R:", 0, "0.00", 0, "0.00"),
    line("(local_lock_t *)&pcs->lock:", 0, "0.00", 11, "1.00"),
    line("drivers/char/random.c:1021:", 0, "0.00", 12, "1.00"),
    line("rcu_read_lock-R:", 0, "0.00", 13, "1.00"),
    line("never_taken:", 0, "0.00", 0, "0.00")]) + "\n"

# class, owner, acquisitions, contended, ns waited, ns held, site
TAKEN = [
    ("haltblk_lock_submit", "driver", 900, 7, 70500, 1800000, "haltblk_lockmodel_pass+0x10/0x80 [haltblk]"),
    ("&q->lock#2", "block", 50, 2, 20000, 5000, "blk_mq_get_tag+0x3/0x4"),
    ("map_sem-R", "fio", 6, 2, 4000, 2000, "vfs_read+0x3/0x4"),
    ("map_sem-W", "fio", 5, 1, 3000, 1000, "vfs_read+0x3/0x4"),
    ("&q->lock#2/1", "block", 8, 0, 0, 1000, None),
    ("haltblk_lock_complete-W", "driver", 90, 0, 0, 180000, None),
    ("(local_lock_t *)&pcs->lock", "other", 11, 0, 0, 1000, None),
    ("drivers/char/random.c:1021", "other", 12, 0, 0, 1000, None),
    ("rcu_read_lock-R", "other", 13, 0, 0, 1000, None)]

# As 6.12 prints it: the stack of a wait, and how long such waits took.
TIMED = """\
# event histogram
#
# trigger info: hist:keys=stack.stacktrace,flags:vals=hitcount,lat:sort=hitcount:size=4096 [active]
#

{ stack.stacktrace:
         native_queued_spin_lock_slowpath+0x24a/0x2b0
         _raw_spin_lock+0x29/0x30
         haltblk_lockmodel_pass+0x38/0x90 [haltblk]
         haltblk_mq_queue_rq+0x6b/0x150 [haltblk]
         blk_mq_dispatch_rq_list+0x13c/0x7a0
         io_submit_sqes+0x243/0x6c0
, flags:          1 } hitcount:          3  lat:      70500
{ stack.stacktrace:
         native_queued_spin_lock_slowpath+0x24a/0x2b0
         _raw_spin_lock+0x29/0x30
         haltblk_lockmodel_pass+0x38/0x90 [haltblk]
         blk_mq_flush_plug_list+0x1/0x2
, flags:          1 } hitcount:          2  lat:       1500
{ stack.stacktrace:
         mutex_lock+0x1/0x2
         dd_dispatch_request+0x5/0x6 [mq_deadline]
, flags:         32 } hitcount:          1  lat:        400
{ stack.stacktrace:
         _raw_read_lock+0x1/0x2
         unknown_function+0x1/0x2
         asm_common_interrupt+0x26/0x40
         io_uring_enter+0x1/0x2
, flags:          3 } hitcount:          1  lat:          7

Totals:
    Hits: 7
    Entries: 4
    Dropped: 0
"""
# As 6.1 does: no times.
PLAIN = """\
{ stacktrace:
         blk_mq_get_tag+0x1/0x2
, flags:          1 } hitcount:          4
Totals:
    Dropped: 3
"""
WAITED = [
    ("spinlock", "driver", None, 5, 72000, None, "haltblk_lockmodel_pass+0x38/0x90 [haltblk]"),
    ("mutex", "scheduler", None, 1, 400, None, "dd_dispatch_request+0x5/0x6 [mq_deadline]"),
    ("rwlock-read", "other", None, 1, 7, None, "unknown_function+0x1/0x2")]

KEYS = ("class", "owner", "acquisitions", "contended", "wait_ns", "hold_ns", "site")


@pytest.fixture
def left(tmp_path, files):
    """A directory as lock-sources leaves it."""
    def make(source, raw="", begin="", reasons=""):
        for name, text in (("stopped", source + "\n"), ("raw", raw), ("begin", begin), ("reasons", reasons)):
            files(name, text)
        return str(tmp_path)
    return make


def locks(found):
    return [tuple(k[name] for name in KEYS) for k in found["locks"]]


@pytest.mark.parametrize("nr", range(len(TAKEN)), ids=[entry[0] for entry in TAKEN])
def test_lock_stat_has_the_class(left, nr):
    assert locks(sources.read(left("lock_stat", LOCK_STAT)))[nr] == TAKEN[nr]


def test_lock_stat_has_each_class_once(left):
    assert len(locks(sources.read(left("lock_stat", LOCK_STAT)))) == len(TAKEN)


def test_lock_stat_needs_no_remark(left):
    found = sources.read(left("lock_stat", LOCK_STAT))
    assert (found["source"], found["reason"]) == ("lock_stat", None)


def test_lock_stat_says_that_lockdep_is_off(left):
    off = LOCK_STAT.replace("\n", "\n*WARNING* lock debugging disabled!! - possibly due to a lockdep warning\n", 1)
    assert sources.read(left("lock_stat", off))["reason"].startswith("lockdep is off after a report")


def test_contention_adds_up_what_waited_in_one_place(left):
    assert locks(sources.read(left("contention", TIMED))) == WAITED


def test_contention_without_times(left):
    assert locks(sources.read(left("contention", PLAIN))) == [
        ("spinlock", "block", None, 4, None, None, "blk_mq_get_tag+0x1/0x2")]


@pytest.mark.parametrize("flags, name", [
    (1, "spinlock"), (3, "rwlock-read"), (5, "rwlock-write"), (0, "semaphore"), (2, "rwsem-read"), (4, "rwsem-write"),
    (8, "rt-mutex"), (16, "percpu-rwsem"), (32, "mutex"), (33, "mutex")])
def test_the_kind_of_a_lock(flags, name):
    assert sources.kind(flags) == name


def test_dropped_waits_come_after_the_other_reasons(left):
    found = sources.read(left("contention", TIMED, PLAIN, "spinlocks show nothing\n"))
    assert found["reason"] == "spinlocks show nothing; 3 waits found no room in the kernel's table: measure for a shorter time"


def test_nothing_to_look_at(left):
    assert sources.read(left("", reasons="use another kernel\n")) == {
        "source": None, "reason": "use another kernel", "locks": []}


@pytest.fixture
def lock_figures(top):
    def run(*words):
        p = subprocess.run([sys.executable, os.path.join(top, "scripts/lib/lock-figures"), *words],
                           capture_output=True, text=True, check=False)
        return p.returncode, p.stdout, p.stderr
    return run


def test_lock_figures_prints_json(lock_figures, left):
    dir_ = left("contention", TIMED)
    status, out, _ = lock_figures(dir_)
    assert (status, json.loads(out)) == (0, sources.read(dir_))


@pytest.mark.parametrize("words, status, why", [
    pytest.param(["/nonexistent"], 1, "/nonexistent/stopped: No such file or directory: was lock-sources stopped?",
                 id="no directory"),
    pytest.param([], 2, "Usage: ", id="no word")])
def test_lock_figures_refuses(lock_figures, words, status, why):
    got, _, said = lock_figures(*words)
    assert (got, why in said) == (status, True)
