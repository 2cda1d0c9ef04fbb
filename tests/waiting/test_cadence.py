"""When to look: the policy alone, without clock or network."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.cadence import Cadence, Outlook
from ima_skills.past import read_past

VIDEO = Cadence(8.0, 2400.0, (150.0, 210.0))
FLAT = 1 / 60

seconds = st.floats(0.01, 5000.0)
cadences = st.builds(
    lambda poll_s, low, wide, durations: Cadence(poll_s, 2400.0, (low, low + wide), tuple(durations)),
    st.sampled_from([0.05, 0.4, 1.0, 3.0, 5.0, 8.0]),
    st.floats(0.0, 900.0),
    st.floats(0.0, 600.0),
    st.lists(seconds, max_size=12),
)


def times(outlook: Outlook, until: float, seed: int = 1, age_s: float | None = 0.0) -> list[float]:
    """Return when looks come, in seconds since waiting began."""
    rng = Random(seed)  # noqa: S311 - jitter of a test
    now, found = 0.0, list[float]()
    while len(found) < 3000:
        now += outlook.next_pause(now, len(found), rng, age_s=age_s)
        if now > until:
            return found
        found.append(now)
    raise AssertionError("too many looks")


@given(cadences, st.one_of(st.none(), st.floats(0.0, 3000.0)), st.integers(0, 9))
def test_never_past_the_documents_rate(cadence: Cadence, age_s: float | None, seed: int) -> None:
    """At every moment there were at most t / poll_s + 1 looks, and no two closer than a second or a third of poll_s."""
    found = times(Outlook(cadence), 150 * cadence.poll_s, seed, age_s)
    for number, at in enumerate(found, start=1):
        assert number <= at / cadence.poll_s + 1 + 1e-6
    least = min(1.0, max(cadence.poll_s / 3, min(cadence.poll_s, 0.05)))
    assert all(later - earlier >= least - 1e-6 for earlier, later in pairwise(found))


@pytest.mark.parametrize("poll_s", [3.0, 5.0, 8.0])
def test_shortest_pause_of_the_documents_cadences(poll_s: float) -> None:
    """For each of them it is a second."""
    assert Cadence(poll_s, 1.0, (1.0, 2.0)).shortest_s == 1.0


@given(cadences)
def test_pauses_are_bounded(cadence: Cadence) -> None:
    """A task that never ends is looked at for ever: at least every 40 pauses, and every 8 once it is overdue."""
    outlook = Outlook(cadence)
    now, looks = 0.0, 0
    rng = Random(3)  # noqa: S311 - jitter of a test
    for _ in range(60):
        pause = outlook.next_pause(now, looks, rng)
        overdue = now >= cadence.span[1]
        assert 0.0 <= pause <= cadence.poll_s * (8 if overdue else 40) + 1e-6
        now, looks = now + pause, looks + 1


def test_the_first_look_is_near_the_lower_estimate() -> None:
    """Nothing is asked long before, nor is much time lost after it."""
    for seed in range(20):
        assert 0.8 * 150 <= times(Outlook(VIDEO), 400, seed)[0] <= 150 + 8


def test_a_very_long_estimate_does_not_hide_an_early_end() -> None:
    """The first look comes after 320 seconds at the latest, whatever the service promises."""
    assert times(Outlook(Cadence(8.0, 1e5, (7200.0, 9000.0))), 1e4)[0] <= 320.0


def test_looks_are_spread_as_well_as_can_be() -> None:
    """Within the estimate each gap is shorter than the one before by what a look is worth, the best there is.

    Setting the derivative of the expected cost to 0 gives it for an end that is evenly likely, as long as
    neither the ceiling nor the shortest pause interferes.
    """
    found = times(Outlook(Cadence(5.0, 2400.0, (90.0, 150.0))), 150.0)
    gaps = [b - a for a, b in pairwise(found)][:-6]
    assert len(gaps) > 8
    mean = (gaps[0] - gaps[-1]) / (len(gaps) - 1)
    assert mean == pytest.approx(0.17, abs=0.05)


def test_scarce_looks_last_until_the_end() -> None:
    """Where the ceiling allows few looks, the gaps stay even, and one is left for the upper estimate."""
    found = times(Outlook(Cadence(8.0, 600.0, (40.0, 90.0))), 90.0)
    assert found[-1] == pytest.approx(90.0, abs=4.0)
    assert max(b - a for a, b in pairwise(found)) < 1.7 * min(b - a for a, b in pairwise(found))


def test_the_upper_estimate_is_looked_at() -> None:
    """A task that takes all of it is found then, give or take the shortest pause."""
    for seed in range(10):
        found = times(Outlook(VIDEO), 300.0, seed)
        assert min(abs(at - 210.0) for at in found) <= 1.0 + 1e-6


def test_looks_gather_where_the_end_is_likely() -> None:
    """Towards the upper estimate they come closer; beyond it they thin out again."""
    found = times(Outlook(VIDEO), 2400.0)
    within = [b - a for a, b in pairwise(found) if a >= 150 and b <= 210]
    beyond = [b - a for a, b in pairwise(found) if a > 600]
    assert sum(within[-3:]) < sum(within[:3]) < 24.0
    assert sum(beyond) / len(beyond) > 8.0
    assert sum(beyond[-10:]) > sum(beyond[:10])


def test_history_moves_the_looks() -> None:
    """A model that always takes 70 seconds is looked at about then, far before its estimate."""
    told = Outlook(Cadence(8.0, 2400.0, (150.0, 210.0), (70.0, 71.0, 69.0, 70.5, 68.0, 72.0)))
    first = times(told, 400.0)
    assert 55.0 <= first[0] <= 70.0
    assert min(abs(at - 70.0) for at in first) < 3.0


def test_history_that_agrees_changes_little() -> None:
    """Durations all over the estimate say no more than the estimate."""
    told = Outlook(Cadence(8.0, 2400.0, (150.0, 210.0), tuple(range(152, 210, 5))))
    assert told.past is not None
    assert told.past.share < 0.5


def test_outliers_are_ignored_and_recent_tasks_count_more() -> None:
    """One stuck task does not move the middle; a model that became faster is believed soon."""
    usual = (60.0, 61.0, 59.0, 60.0, 62.0, 58.0)
    plain, stuck = read_past(usual, lambda _: FLAT), read_past((*usual, 3000.0, 0.1), lambda _: FLAT)
    assert plain is not None
    assert stuck is not None
    assert stuck.center == pytest.approx(plain.center, abs=0.02)
    assert stuck.spread == pytest.approx(plain.spread, rel=0.3)
    newer = read_past((*[40.0, 44.0] * 5, *[60.0, 55.0] * 5), lambda _: FLAT)
    assert newer is not None
    assert math.exp(newer.center) < math.sqrt(42 * 57.5)


@pytest.mark.parametrize("durations", [(), (50.0,), (math.nan, math.inf, -1.0, 0.0, 50.0)])
def test_too_little_history_is_none(durations: tuple[float, ...]) -> None:
    """One task is chance, and what is no duration is nothing."""
    assert read_past(durations, lambda _: FLAT) is None


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30), st.floats(0.0, 1e4))
def test_any_history_gives_a_next_look(durations: list[float], age_s: float) -> None:
    """Whatever the journal holds, the next look has a finite, positive time."""
    outlook = Outlook(Cadence(5.0, 600.0, (20.0, 60.0), tuple(durations)))
    assert age_s < outlook.due(age_s) < math.inf


def test_everything_scales() -> None:
    """At sixty times the speed looks come sixty times as fast, but never closer than a twentieth of a second."""
    known = Cadence(8.0, 2400.0, (150.0, 210.0), (170.0, 180.0, 175.0, 172.0))
    real, fast = times(Outlook(known), 300.0), times(Outlook(known.at_speed(60.0)), 5.0)
    assert fast[0] * 60 == pytest.approx(real[0], rel=0.05)
    assert len(real) / 3 <= len(fast) <= len(real)
    assert min(b - a for a, b in pairwise(fast)) >= 0.05 - 1e-9


def test_jitter_keeps_waiters_apart() -> None:
    """Many tasks that were created at the same moment are not looked at in the same moment."""
    firsts = {round(times(Outlook(VIDEO), 400, seed)[0], 1) for seed in range(50)}
    assert len(firsts) > 5


def test_an_old_task_is_looked_at_at_once() -> None:
    """What is due already, or of unknown age, is not paused for; what is young is."""
    outlook = Outlook(VIDEO)
    assert times(outlook, 400, age_s=500.0)[0] == 0.0
    assert times(outlook, 400, age_s=None)[0] == 0.0
    assert 80.0 <= times(outlook, 400, age_s=50.0)[0] <= 110.0


def test_a_part_that_is_done_brings_the_next_look_forward() -> None:
    """When one of several outputs is there, the next look follows at the documents' pause."""
    outlook = Outlook(VIDEO)
    rng = Random(1)  # noqa: S311 - jitter of a test
    assert outlook.next_pause(20.0, 1, rng) > 50.0
    assert 8.0 <= outlook.next_pause(20.0, 1, rng, is_near=True) <= 8.8


def test_fewer_calls_and_less_delay_than_fixed_intervals() -> None:
    """Within the estimate: at most 0.42 of the calls and 0.55 of the delay of a look every 8 seconds."""
    outlook, draw = Outlook(VIDEO), Random(5)  # noqa: S311 - a simulation
    ours, fixed, delay, fixed_delay = 0, 0, 0.0, 0.0
    for seed in range(300):
        took = draw.uniform(150.0, 210.0)
        found = times(outlook, took + 60, seed)
        number = next(index for index, at in enumerate(found) if at >= took)
        ours, delay = ours + number + 1, delay + found[number] - took
        fixed += math.ceil(took / 8) + 1
        fixed_delay += math.ceil(took / 8) * 8 - took
    assert ours <= 0.42 * fixed
    assert delay <= 0.55 * fixed_delay
