"""What earlier tasks of a model teach about the next one: a typical time and its spread."""

from __future__ import annotations

from math import erfc, exp, log, pi, sqrt
from typing import TYPE_CHECKING

from attrs import evolve, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Our choices: how much an older task counts against the next newer one, how many count at all.
_FADING = 0.93
_MOST = 60
# A task shorter or longer than this, in seconds, was measured wrongly.
_LEAST_S, _MOST_S = 1e-3, 86_400.0
# What lies further from the middle than this many spreads is an outlier.
_OUTLIER = 3.5
# Spreads are of logarithms, so 0.1 is about 10 percent; less than this is luck.
_LEAST_SPREAD = 0.04
_FEWEST = 2
# The odds against a pace of the model's own before anything is seen, as a logarithm; and the most it counts.
_DOUBT = 1.5
_MOST_SHARE = 0.97
# From the median distance to the standard deviation, for normal scatter.
_PER_MEDIAN = 1.4826


@frozen
class Past:
    """What is known, as a normal distribution of the logarithm of the time.

    Attributes:
        center: Logarithm of the typical seconds.
        spread: Standard deviation of that logarithm, with room for having seen only a few.
        share: How much of the expectation rests on this, from 0 to 1; the rest on the estimate.
    """

    center: float
    spread: float
    share: float = 1.0

    def density(self, age_s: float) -> float:
        """Return how likely a task ends at an age, per second."""
        if age_s <= 0:
            return 0.0
        z = self._z(age_s)
        return exp(-z * z / 2) / (age_s * self.spread * sqrt(2 * pi))

    def survival(self, age_s: float) -> float:
        """Return how likely a task takes longer than an age."""
        return erfc(self._z(age_s) / sqrt(2)) / 2 if age_s > 0 else 1.0

    def _z(self, age_s: float) -> float:
        return (log(age_s) - self.center) / self.spread


def read_past(durations: Sequence[float], by_estimate: Callable[[float], float]) -> Past | None:
    """Return what durations teach, or None when they are too few.

    Args:
        durations: Seconds, the latest first; recent ones count more, outliers not at all.
        by_estimate: How likely the estimate alone makes an end at an age, per second; the share of
            what was learned is the odds that it explains the durations better.
    """
    # Comparing leaves out what is no number as well.
    logs = [log(seconds) for seconds in durations[:_MOST] if _LEAST_S <= seconds <= _MOST_S]
    known = _without_outliers([(value, _FADING**index) for index, value in enumerate(logs)])
    if len(known) < _FEWEST:
        return None
    total = sum(weight for _, weight in known)
    count = total**2 / sum(weight * weight for _, weight in known)
    center = sum(value * weight for value, weight in known) / total
    variance = sum(weight * (value - center) ** 2 for value, weight in known) / total
    # A few that agree by luck must not look like certainty.
    spread = sqrt(max(variance, _LEAST_SPREAD**2) * (1 + 2 / count))
    told = Past(center, spread)
    gain = sum(weight * _gain(told, by_estimate, exp(value)) for value, weight in known) * count / total
    # Two figures were fitted; the Bayesian information criterion charges half a log(count) for each.
    return evolve(told, share=_MOST_SHARE / (1 + exp(min(log(count) + _DOUBT - gain, 50.0))))


def _gain(told: Past, by_estimate: Callable[[float], float], seconds: float) -> float:
    """Return how much better what was learned explains one duration, as a logarithm."""
    least = 1e-12
    return log(max(told.density(seconds), least)) - log(max(by_estimate(seconds), least))


def _without_outliers(known: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    if not known:
        return []
    middle = _median(known)
    distances = [(abs(value - middle), weight) for value, weight in known]
    scatter = max(_PER_MEDIAN * _median(distances), _LEAST_SPREAD)
    return [(value, weight) for value, weight in known if abs(value - middle) <= _OUTLIER * scatter]


def _median(known: Sequence[tuple[float, float]]) -> float:
    """Return the weighted median."""
    half = sum(weight for _, weight in known) / 2
    reached = 0.0
    for value, weight in sorted(known):
        reached += weight
        if reached >= half:
            return value
    return max(known)[0]
