# SPDX-License-Identifier: LGPL-2.1-or-later OR MIT
"""Which cases there are, what they are called, in which order they run."""
import pytest

from measure import plan


@pytest.mark.parametrize("options, wanted", [
    pytest.param({}, (2 * 2 + 1) * 2 + (2 * 2 + 1), id="schedulers x queues, bio once, b by one job"),
    pytest.param({"quick": True}, (3 + 1) * 2 + (3 + 1), id="quick: fewer queues only without a scheduler"),
    pytest.param({"modes": ["bio"], "lock_models": plan.LOCK_MODELS, "jobs": {"b": False}}, 3,
                 id="bio mode has no lock for each hardware queue"),
    pytest.param({"devices": ["/dev/x"], "jobs": {"b": False}}, 2, id="a device that is there: schedulers only"),
])
def test_number_of_cases(cases, options, wanted):
    assert len(cases(**options)) == wanted


def test_a_key_names_one_case(cases):
    assert len({c.key for c in cases()}) == len(cases())


def test_a_key_gives_its_case_back(cases):
    assert [plan.Case.of_key(c.key) for c in cases()] == cases()


def test_names_say_only_what_differs(cases):
    locks = cases(modes=["mq"], schedulers=["none"], queues=[4], lock_models=["none", "shared"])
    assert sorted(set(plan.names(locks).values())) == [
        ("lock shared", "lock shared"), ("lock shared", "lock shared \u00d72"),
        ("no lock", "no lock"), ("no lock", "no lock \u00d72")]


@pytest.fixture
def order(cases):
    return list(plan.rounds(cases(), 3, 7))


def test_each_round_has_every_case(cases, order):
    assert [sorted(c.key for r, c in order if r == n) for n in range(3)] == [sorted(c.key for c in cases())] * 3


def test_the_same_seed_gives_the_same_order(cases, order):
    assert list(plan.rounds(cases(), 3, 7)) == order


def test_another_seed_gives_another_order(cases, order):
    assert list(plan.rounds(cases(), 3, 8)) != order


def test_rounds_differ(order):
    assert [c for r, c in order if r == 0] != [c for r, c in order if r == 1]
