# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Differences and spreads."""
import pytest

from measure import stats


@pytest.mark.parametrize("values, others, wanted", [
    pytest.param([10, 12, 14], [13, 15, 17], 0.0, id="ranges overlap"),
    pytest.param([10, 13], [13, 15], 0.0, id="ranges touch"),
    pytest.param([20, 21, 22], [10, 10, 11], 1.1, id="ranges apart: that of the medians"),
    pytest.param([10], [20], None, id="one value: unknown"),
])
def test_difference(values, others, wanted):
    assert stats.difference(values, others) == wanted


def test_unknown_is_not_none():
    assert (stats.said(None), stats.said(0.0)) == ("unknown (one run)", "none")


def test_equals_lie_apart_by_chance():
    assert [stats.by_chance(n) for n in (2, 3, 5)] == [3, 10, 126]


@pytest.mark.parametrize("values, wanted", [
    pytest.param([9, 10, 12], 0.3, id="several"), pytest.param([9], None, id="one")])
def test_spread(values, wanted):
    assert stats.spread(values) == wanted
