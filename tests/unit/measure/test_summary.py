# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Entries against their references, and against another run's."""
import json

import pytest

from measure import plan, summary


def entry(scheduler, iops, lock="none"):
    case = plan.Case("", "mq", scheduler, 4, lock, "a", 1)
    return summary.entry(case, [{"iops": i} for i in iops], ("", f"{scheduler} {lock}"))


@pytest.fixture
def found():
    entries = [entry("none", [10, 11]), entry("bfq", [5, 6]), entry("none", [9, 10.5], "shared")]
    summary.compare(entries)
    return entries


def test_a_scheduler_is_compared_with_none(found):
    assert (found[1]["against"], round(found[1]["difference"], 2)) == ("none none", -0.48)


def test_a_lock_model_is_compared_with_none(found):
    assert (found[2]["against"], found[2]["difference"]) == ("none none", 0.0)


def test_no_difference_to_the_same_file(found):
    theirs = json.loads(json.dumps({"runs": found}))
    assert [part for _, _, part in summary.against_baseline(found, theirs)] == [0.0] * 3


META = {"kernel": "K", "driver": "", "fio": "", "machine": {"cpu": "C", "cpus": 1, "virtual": "real hardware"},
        "options": {"device": [], "runtime": 1, "warmup": 0}}


def test_nothing_to_say_where_all_else_is_alike():
    assert summary.unlike(META, META) == []


def test_what_else_differs_is_said():
    theirs = {**META, "kernel": "L", "options": {**META["options"], "runtime": 2}}
    assert summary.unlike(META, theirs) == ["kernel: L then, K now", "runtime: 2 then, 1 now"]
