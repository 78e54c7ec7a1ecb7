# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""The driver's own locks as the driver and as the kernel counted them."""
import re

import pytest

from measure import report

OWN = [{"lock": "haltblk_lock_shared", "acquisitions": 100, "contended": 40, "wait_ns": 3e6, "hold_ns": 1}]
ONE = {"class": "haltblk_lock_shared", "site": None, "owner": "driver", "acquisitions": 90, "contended": 30,
       "wait_ns": 2e6}
OTHER = {**ONE, "class": "&hctx->lock", "owner": "block"}
AT = {**ONE, "class": "spinlock", "site": "haltblk_lockmodel_pass+0x1", "acquisitions": None, "wait_ns": None}


def by_both(source, reason, *locks):
    return report.by_both([{"case": "c", "own": OWN, "source": source, "reason": reason, "locks": list(locks)}],
                          {"c": "C"})


@pytest.mark.parametrize("seen, wanted", [
    pytest.param(("lock_stat", None, OTHER, ONE), ["C", "100", "40", "3.0", "lock_stat", "90", "30", "2.0"],
                 id="lock_stat"),
    pytest.param(("contention", "how long was waited: no", AT), ["-", "30", "-"],
                 id="a source that does not count all"),
    pytest.param(("contention", None), ["-", "0", "0.0"], id="looked at, and seen by nobody"),
    pytest.param(("contention", "spinlocks show nothing; do this"), ["-", "-", "-"], id="not looked at is not zero"),
])
def test_a_row_of_the_table(seen, wanted):
    row = re.findall("<td[^>]*>([^<]*)", by_both(*seen).split("<tbody>")[1])
    assert row[-len(wanted):] == wanted


def test_no_table_where_nothing_could_be_looked_at():
    assert by_both(None, "nothing to look at") == ""


@pytest.mark.parametrize("source, lock, words", [
    ("lock_stat", ONE, "lock_stat is one for debugging"), ("contention", AT, "second that waits")])
def test_what_to_know_of_the_source(source, lock, words):
    assert words in by_both(source, None, lock)
