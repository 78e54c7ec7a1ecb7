# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Measurements are saved line by line."""
import pytest

from measure import outputs, store, summary


class Directory:
    """Where a session keeps its samples, and what it complained of."""

    def __init__(self, path):
        self.path, self.said = str(path), []

    def open(self, settings, anew=False):
        return store.Store(self.path, settings, anew, lambda *words: self.said.append(words))


@pytest.fixture
def run(cases):
    return {"kind": "run", "case": cases()[0].key, "repeat": 0, "iops": 10.0}


@pytest.fixture
def killed(tmp_path, run):
    """A session was killed while it wrote its second line."""
    directory = Directory(tmp_path)
    first = directory.open({"runtime": 1})
    first.add(run)
    with open(first.path, "a", encoding="utf-8") as f:
        f.write('{"kind": "run", "ca')
    return directory


@pytest.fixture
def resumed(killed, run):
    """It went on, and added a run."""
    kept = killed.open({"runtime": 1})
    kept.add({**run, "repeat": 1, "iops": 12.0})
    return killed


def test_a_line_that_was_cut_off_is_dropped(killed, run):
    assert killed.open({"runtime": 1}).samples == [run]


def test_the_next_line_is_whole(resumed):
    assert len(resumed.open({"runtime": 1}).samples) == 2


def test_other_settings_are_refused_by_name(resumed):
    with pytest.raises(store.Refused, match="runtime: 1, now 2"):
        resumed.open({"runtime": 2})


def test_samples_are_thrown_away_when_asked(resumed):
    assert resumed.open({"runtime": 2}, True).samples == []


def test_nothing_is_complained_of(resumed):
    resumed.open({"runtime": 1})
    assert resumed.said == []


@pytest.fixture
def entries(resumed, cases):
    found = summary.runs(cases(), resumed.open({"runtime": 1}).samples)
    summary.compare(found)
    return found


def test_an_entry_is_the_median(entries):
    assert (entries[0]["iops"], entries[0]["repeats"]) == (11.0, 2)


def test_without_counters_contention_is_unknown(entries):
    assert entries[0]["contended"] is None


def test_unknown_is_empty_in_csv(entries):
    assert outputs.to_csv(entries).splitlines()[1].endswith(",,,")
