"""Detail calls and delay: looking at fixed intervals against looking where the end is likely.

Simulates waits without sleeping: durations are drawn (seeded) around the estimates of every production
model in every task type, and both ways of waiting watch the same durations. Fixed looks come every
5, 8 or 3 s from the start, as the service's documents have it. Ours are those of ``Outlook.next_pause``,
first without and then with the durations of a dozen earlier tasks of the same model.

Prints ratios (ours / fixed) of calls, mean delay and 95th percentile of delay; delay is the time from
the end of a task to the look that finds it. The aim: at most 0.40 of the calls at no more than 0.50 of
the mean delay, and never past the documents' rate.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Iterator
from random import Random

from attrs import define, field, frozen

from ima_skills import Registry, load_registry
from ima_skills.cadence import Cadence, Outlook
from ima_skills.catalogue import read_catalogue

KNOWN = 12
SCATTER = 0.08
# The estimate holds for 8 of 10 tasks: 1.2816 standard deviations to either side.
EIGHT_OF_TEN = 1.2816
CALLS_AIM, DELAY_AIM = 0.40, 0.50
P95 = 0.95


@frozen
class Case:
    """A model in a task type."""

    modality: str
    poll_s: float
    low: float
    high: float


Draw = Callable[[Random], float]


def uniform(case: Case, _rng: Random) -> Draw:
    """Anywhere within the estimate."""
    return lambda rng: rng.uniform(case.low, case.high)


def lognormal(case: Case, _rng: Random) -> Draw:
    """Within the estimate 8 times out of 10."""
    low, high = math.log(case.low), math.log(case.high)
    return lambda rng: math.exp(rng.gauss((low + high) / 2, (high - low) / 2 / EIGHT_OF_TEN))


def steady(case: Case, rng: Random) -> Draw:
    """Each model at its own pace within the estimate, give or take 8 percent."""
    pace = rng.uniform(case.low, case.high)
    return lambda rng: pace * math.exp(rng.gauss(0, SCATTER))


def early(case: Case, _rng: Random) -> Draw:
    """Always before the estimate: from half of its lower end."""
    return lambda rng: rng.uniform(case.low / 2, case.low)


def late(case: Case, _rng: Random) -> Draw:
    """Always after the estimate, by a quarter of its upper end on average."""
    return lambda rng: case.high * (1 + rng.expovariate(4))


@define
class Sums:
    """Calls and delays of some tasks."""

    calls: int = 0
    delays: list[float] = field(factory=list)

    def add(self, calls: int, delay: float) -> None:
        """Count one task."""
        self.calls += calls
        self.delays.append(delay)

    def mean(self) -> float:
        """Return the mean delay in seconds."""
        return sum(self.delays) / len(self.delays)

    def p95(self) -> float:
        """Return the 95th percentile of the delay in seconds."""
        return sorted(self.delays)[int(P95 * len(self.delays))]


def cases(registry: Registry) -> Iterator[Case]:
    """Yield every production model in every task type, with the estimate of its newest listed version."""
    for name, kind in registry.task_types.items():
        leaves = {leaf.id: leaf for leaf in read_catalogue(name, registry.snapshot.groups(name)).leaves}
        for entry in registry.models.values():
            own = entry.task_types.get(name)
            if entry.status != "production" or own is None:
                continue
            leaf = next((leaves[version] for version in own.version_ids if version in leaves), None)
            low, high = (leaf.estimate if leaf else None) or own.estimate or kind.estimate
            poll_s = entry.progress.poll_s if entry.progress else kind.poll_s
            yield Case(kind.modality, poll_s, low, high)


def fixed(took: float, poll_s: float) -> tuple[int, float]:
    """Return calls and delay of looks at 0, 1, 2 … intervals."""
    last = math.ceil(took / poll_s)
    return last + 1, last * poll_s - took


def ours(took: float, outlook: Outlook, rng: Random) -> tuple[int, float]:
    """Return calls and delay of our looks.

    Raises:
        ValueError: A look came sooner than the documents' rate allows.
    """
    now, looks = 0.0, 0
    while True:
        now += outlook.next_pause(now, looks, rng)
        looks += 1
        if looks > now / outlook.cadence.poll_s + 1 + 1e-9:
            raise ValueError(f"{looks} looks in {now} s")
        if now >= took:
            return looks, now - took


def compare(
    known: int, jobs: int, all_cases: list[Case], shape: Callable[[Case, Random], Draw]
) -> dict[str, tuple[Sums, Sums]]:
    """Return the sums of both ways per modality and in total."""
    found: dict[str, tuple[Sums, Sums]] = {}
    for number, case in enumerate(all_cases):
        rng = Random(number)  # noqa: S311 - a simulation
        draw = shape(case, rng)
        outlook = _outlook(case, draw, known, rng)
        for _ in range(jobs):
            if known:
                outlook = _outlook(case, draw, known, rng)
            took = draw(rng)
            pair = ours(took, outlook, rng), fixed(took, case.poll_s)
            for name in (case.modality, "total"):
                for sums, one in zip(found.setdefault(name, (Sums(), Sums())), pair, strict=True):
                    sums.add(*one)
    return found


def _outlook(case: Case, draw: Draw, known: int, rng: Random) -> Outlook:
    durations = tuple(draw(rng) for _ in range(known))
    return Outlook(Cadence(case.poll_s, math.inf, (case.low, case.high), durations))


def main() -> int:
    """Simulate and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--jobs", type=int, default=60, help="tasks per model and task type")
    jobs = options.parse_args().jobs
    all_cases = list(cases(load_registry()))
    print(f"{len(all_cases)} models x task types, {jobs} tasks each; ours / fixed")
    print(
        f"{'durations':<10} {'known':>5} {'':<8} {'calls':>6} {'delay':>6} {'p95':>6}   per task: calls, mean delay"
    )
    for shape in (uniform, lognormal, steady, early, late):
        for known in (0, KNOWN):
            found = compare(known, jobs, all_cases, shape)
            for name in sorted(found, key=lambda name: (name == "total", name)):
                mine, theirs = found[name]
                calls, delay = mine.calls / theirs.calls, mine.mean() / theirs.mean()
                count = len(mine.delays)
                mark = ""
                if name == "total":
                    mark = "  aim met" if calls <= CALLS_AIM and delay <= DELAY_AIM else "  aim missed"
                print(
                    f"{shape.__name__:<10} {known:>5} {name:<8} {calls:6.2f} {delay:6.2f} {mine.p95() / theirs.p95():6.2f}"
                    f"   {mine.calls / count:5.1f} / {theirs.calls / count:5.1f}"
                    f"   {mine.mean():5.2f} s / {theirs.mean():4.2f} s{mark}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
