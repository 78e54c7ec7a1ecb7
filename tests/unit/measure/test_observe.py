# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Counters of locks, and what perf prints."""
from measure import observe


def lock(n, hctx):
    return {"name": "l", "hctx": hctx, **{c: n for c in observe.COUNTS}}


def test_counters_of_one_lock_are_added_up():
    grown = observe.lock_delta([lock(1, 0), lock(2, 1)], [lock(5, 0), lock(7, 1)])
    assert [r["contended"] for r in grown] == [9]


def test_unknown_counters_are_not_none():
    assert (observe.lock_delta([], []), observe.lock_delta(None, []), observe.lock_delta([], None)) == ([], None, None)


PERF = """# Overhead|Symbol
    60.00%|[k] pv_native_safe_halt|-
    30.00%|[k] blk_mq_submit_bio|-
     8.00%|[k] _raw_spin_lock
     2.00%|[.] main
"""


def test_hot_symbols_are_those_of_a_kernel_that_is_not_idle():
    assert observe.hot(PERF) == [{"symbol": "blk_mq_submit_bio", "percent": 78.9},
                                 {"symbol": "_raw_spin_lock", "percent": 21.1}]


def test_without_a_sample_there_are_no_hot_symbols():
    assert observe.hot("# Overhead|Symbol\n") == []
