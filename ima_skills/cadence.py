"""When to look at a task: as seldom as possible, and where its end is likely.

Pure arithmetic without clock, network or state. A look that finds nothing costs a call; an end that
nobody looks at costs time. With the density ``f`` (how likely the task ends in the next second), the
survival ``S`` (how likely it ends later still) and a look that is worth ``p`` seconds of delay, looks
are cheapest at the rate ``sqrt(f / 2pS)``. The next look is due where that rate, added up since the last
one, reaches 1. Where the service's documents allow fewer looks, each costs a little more than ``pS``.

Both come from the estimate, and from how long this model really took, once that is known.
docs/waiting.md has the reasons and the measurements behind the figures.
"""

from __future__ import annotations

from math import exp, floor, inf, sqrt
from typing import TYPE_CHECKING

from attrs import field, frozen

from ima_skills.past import Past, read_past

if TYPE_CHECKING:
    from random import Random

_HIGHEST_PERCENT = 95
# A sandbox however fast is not asked in a loop without pause.
_SHORTEST_POLL_S = 0.05
# Between any two looks, in seconds, and as a share of a plugin's cadence that is shorter than ours.
_SHORTEST_PAUSE_S, _SHORTEST_SHARE = 1.0, 1 / 3
# Share of tasks that end after the estimate, and how fast they thin out. Our choice: the estimates are
# the service's own and mostly hold, but nothing may be lost when they do not.
_LATE, _FALL = 0.01, 2.0
# What a look is worth, in shortest pauses of delay: benchmarks/polling.py shows 60 percent fewer calls
# at half the delay with it, and with --bound that there is hardly more to be had.
_LOOK_WORTH = 0.1682
# Longest pauses in the documents' pauses, before and after the upper estimate.
_LONGEST_BEFORE, _LONGEST_AFTER = 40.0, 8.0
# Share of a pause by which looks differ; the first, where tasks of one moment would meet, differs more.
_JITTER, _FIRST_JITTER = 0.05, 0.15
_BLUR = 0.03
_HALF = 0.5
# How finely the rate is added up.
_STEPS = 40
# Less than this between two moments is rounding.
_HAIR_S = 1e-6


@frozen
class Cadence:
    """How to wait, in seconds.

    Attributes:
        poll_s: The documents' pause between two looks; on average looks are never closer.
        deadline_s: When waiting ends.
        estimate: How long the task takes (low, high).
        durations: How long tasks of this model really took, the latest first; empty when nobody knows.
    """

    poll_s: float
    deadline_s: float
    estimate: tuple[float, float]
    durations: tuple[float, ...] = ()

    def at_speed(self, speed: float) -> Cadence:
        """Return the cadence for a sandbox whose time runs ``speed`` times faster."""
        low, high = self.estimate
        poll_s = max(self.poll_s / speed, _SHORTEST_POLL_S)
        took = tuple(seconds / speed for seconds in self.durations)
        return Cadence(poll_s, self.deadline_s, (low / speed, high / speed), took)

    @property
    def shortest_s(self) -> float:
        """Shortest pause between two looks: 1 s for every cadence of the documents (3, 5 and 8 s)."""
        shortest = max(self.poll_s * _SHORTEST_SHARE, _SHORTEST_POLL_S)
        return min(shortest, _SHORTEST_PAUSE_S, self.poll_s)

    @property
    def span(self) -> tuple[float, float]:
        """The estimate with a beginning after 0 and an end after the beginning."""
        low = max(self.estimate[0], 1e-3)
        return low, max(self.estimate[1], low * 1.05)


@frozen
class Outlook:
    """What is expected of one task, and when to look at it next.

    Attributes:
        cadence: The limits.
        past: What earlier tasks teach; None when there were none.
        scarcity_s: What a look costs besides, in seconds, because those that are allowed must last.
    """

    cadence: Cadence
    past: Past | None = field(init=False)
    scarcity_s: float = field(init=False)

    @past.default
    def _read_past(self) -> Past | None:
        low, high = self.cadence.span
        # The edges of an estimate are not sharp: one task beyond them does not refute it, many do.
        least = _BLUR / (high - low)
        return read_past(self.cadence.durations, lambda age_s: max(_expected(age_s, (low, high))[0], least))

    @scarcity_s.default
    def _set_scarcity(self) -> float:
        """Return the least cost at which the looks that the documents allow last until the end."""
        last_s = self._last_s()
        wanted, at = 0.0, 0.0
        while at < last_s:
            step = self._step(at)
            wanted += step * self._rate(at + step / 2, 0.0)
            at += step
        # A look cannot be had in parts: the last one must be allowed before the end.
        allowed = floor(last_s / self.cadence.poll_s) + 1
        # The sum of the rate, solved for its cost; exact where the end is evenly likely but for the late ones.
        excess = max(wanted / allowed / (1 - sqrt(_LATE)), 1.0)
        return self._worth_s * ((excess - 1 / excess) / 2) ** 2

    def _rate(self, age_s: float, scarcity_s: float) -> float:
        """Return how many looks a second are worth it; a scarce look costs even if the task ends before it."""
        density, left = _expected(age_s, self.cadence.span)
        if self.past is not None:
            share = self.past.share
            density = share * self.past.density(age_s) + (1 - share) * density
            left = share * self.past.survival(age_s) + (1 - share) * left
        cost = 2 * (self._worth_s * left + scarcity_s)
        return sqrt(density / cost) if cost > 0 else inf

    @property
    def _worth_s(self) -> float:
        return _LOOK_WORTH * self.cadence.shortest_s

    def due(self, age_s: float, share: float = 1.0) -> float:
        """Return the age in seconds at which a task is due that was looked at when ``age_s`` old.

        Args:
            age_s: Age at the last look, or 0.
            share: How much of a look's worth must have added up; jitter moves it around 1.
        """
        at, missing, last_s = age_s, share, self._last_s()
        limit = age_s + self._longest(age_s)
        if last_s - age_s > _HAIR_S:
            # One look where nearly every task has ended: what comes after it is another matter.
            limit = min(limit, max(last_s, age_s + self.cadence.shortest_s))
        while at < limit:
            step = self._step(at)
            rate = self._rate(at + step / 2, self.scarcity_s if at < last_s else 0.0)
            if rate * step >= missing:
                return min(at + missing / rate, limit)
            missing -= rate * step
            at += step
        return limit

    def next_pause(
        self, waited_s: float, looks: int, rng: Random, *, age_s: float | None = 0.0, is_near: bool = False
    ) -> float:
        """Return the seconds to the next look; the deadline is the caller's.

        The number of looks never exceeds ``waited_s / poll_s + 1``: looks that were not needed early
        are saved for the time when the end is likely.

        Args:
            waited_s: Seconds since waiting began.
            looks: How many looks there were since then.
            rng: Keeps many waiters apart.
            age_s: How old the task was when waiting began; None when nobody knows.
            is_near: Whether a part of the task is done already, so that the rest cannot be far.
        """
        poll_s = self.cadence.poll_s
        jitter = rng.random()
        if age_s is None:
            pause = self._steady(waited_s, jitter) if looks else 0.0
        else:
            now = age_s + waited_s
            since = now if looks else 0.0
            spread = _JITTER if looks else _FIRST_JITTER
            pause = max(self.due(since, 1 + spread * (2 * jitter - 1)) - now, 0.0)
        if is_near:
            pause = min(pause, poll_s * (1 + _JITTER * jitter))
        saved = max(looks * poll_s - waited_s, 0.0)
        return max(pause, saved, self.cadence.shortest_s if looks else 0.0)

    def _steady(self, waited_s: float, jitter: float) -> float:
        """Return the pause for a task of unknown age: its end is as likely now as later."""
        pause = self.cadence.poll_s
        if waited_s > self.cadence.span[1]:
            pause = max(pause, self.due(waited_s) - waited_s)
        return pause * (1 + _JITTER * jitter)

    def _last_s(self) -> float:
        """Return the age by which nearly every task has ended."""
        if self.past is None or self.past.share < _HALF:
            return self.cadence.span[1]
        return exp(self.past.center + 2 * self.past.spread)

    def _longest(self, age_s: float) -> float:
        return self.cadence.poll_s * (_LONGEST_AFTER if age_s >= self.cadence.span[1] else _LONGEST_BEFORE)

    def _step(self, at: float) -> float:
        """Return how far the sum may go without missing where the hazard changes."""
        low, high = self.cadence.span
        if at < low and self.past is None:
            return low - at
        ahead = [edge - at for edge in (low, high) if edge > at]
        fine = (high - low) / _STEPS if low <= at < high else at / _STEPS
        if self.past is not None:
            fine = min(fine, at * self.past.spread / 5)
        return min([max(fine, self.cadence.shortest_s / 3), *ahead])


def percent_done(elapsed_s: float, estimate: tuple[float, float]) -> int:
    """Return the progress that may be claimed: by time, never above 95 before the end."""
    high = max(estimate[1], 1e-6)
    return max(0, min(_HIGHEST_PERCENT, int(elapsed_s / high * 100)))


def _expected(age: float, span: tuple[float, float]) -> tuple[float, float]:
    """Return density and survival by the estimate alone."""
    low, high = span
    if age < low:
        return 0.0, 1.0
    if age < high:
        return (1 - _LATE) / (high - low), _LATE + (1 - _LATE) * (high - age) / (high - low)
    left = _LATE * (high / age) ** _FALL
    return _FALL * left / age, left
