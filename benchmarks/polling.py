"""Detail calls and delay: looking at fixed intervals against looking where the end is likely.

Simulates waits without sleeping: durations are drawn (seeded) around the estimates of every production
model in every task type, and both ways of waiting watch the same durations. Fixed looks come every
5, 8 or 3 s from the start, as the service's documents have it. Ours are those of ``Outlook.next_pause``,
first without and then with the durations of a dozen earlier tasks of the same model.

Prints ratios (ours / fixed) of calls, mean delay and 95th percentile of delay; delay is the time from
the end of a task to the look that finds it. The aim: at most 0.40 of the calls at no more than 0.50 of
the mean delay, and never past the documents' rate.

``--bound`` shows what can be had at all, by dynamic programming: somebody knows that durations lie anywhere
within the estimates, and places every look freely, a second apart at least, with and without the ceiling
(after t seconds there were never more than t / pause + 1 looks). A look is worth as many seconds of delay
for all models; each such price gives a pair that nothing can beat in both figures.
"""

from __future__ import annotations

import argparse
import math
import sys
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random

from attrs import define, field, frozen

from ima_skills import Registry, load_registry
from ima_skills.cadence import Cadence, Outlook
from ima_skills.catalogue import read_catalogue

KNOWN = 12
SCATTER = 0.08
# So many durations are drawn for one that is used.
DRAWN = 20
# The estimate holds for 8 of 10 tasks: 1.2816 standard deviations to either side.
EIGHT_OF_TEN = 1.2816
CALLS_AIM, DELAY_AIM = 0.40, 0.50
P95 = 0.95
# The bound: ages a case is cut into, seconds between two looks, prices of a look in seconds of delay,
# durations a case, and seeds of our own jitter.
GRID = 180
SHORTEST_S = 1.0
PRICES = (0.15, 0.16, 0.17, 0.18, 0.20)
TAKES, SEEDS = 400, 100

Pair = tuple[float, float]


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
        # Every so many of sorted draws: the same distribution with less luck in it.
        drawn = sorted(draw(rng) for _ in range(jobs * DRAWN))
        for took in drawn[DRAWN // 2 :: DRAWN]:
            if known:
                outlook = _outlook(case, draw, known, rng)
            pair = ours(took, outlook, rng), fixed(took, case.poll_s)
            for name in (case.modality, "total"):
                for sums, one in zip(found.setdefault(name, (Sums(), Sums())), pair, strict=True):
                    sums.add(*one)
    return found


def _outlook(case: Case, draw: Draw, known: int, rng: Random) -> Outlook:
    durations = tuple(draw(rng) for _ in range(known))
    return Outlook(Cadence(case.poll_s, math.inf, (case.low, case.high), durations))


def best(case: Case, price_s: float, *, ceiling: bool) -> list[float]:
    """Return the ages of the best looks; the last one is at the upper estimate."""
    wide = case.high - case.low
    ages = [case.low + wide * step / GRID for step in range(GRID + 1)]
    nearest = max(1, math.ceil(SHORTEST_S / wide * GRID - 1e-9))
    # Without the ceiling the number of looks so far does not matter.
    most = int(case.high / case.poll_s) + 1 if ceiling else 1
    worth = [[math.inf] * GRID + [0.0] for _ in range(most + 1)]
    onward: dict[tuple[int, int], int] = {}
    for looks in reversed(range(most)):
        after = worth[looks + 1] if ceiling else worth[0]
        first = bisect_left(ages, looks * case.poll_s - 1e-9) if ceiling else 0
        for here in reversed(range(GRID)):
            least = math.inf
            for there in range(max(here + nearest, first), GRID + 1):
                cost = (there - here) ** 2 * wide / (2 * GRID * GRID) + after[there]
                if cost < least:
                    least, onward[looks, here] = cost, there
            worth[looks][here] = least + price_s * (GRID - here) / GRID
    path, here = list[float](), 0
    while here < GRID:
        here = onward[min(len(path), most - 1), here]
        path.append(ages[here])
    return path


def always(case: Case) -> Iterator[list[float]]:
    """Yield the ages of our looks, once per seed of the jitter."""
    outlook = Outlook(Cadence(case.poll_s, math.inf, (case.low, case.high)))
    for seed in range(SEEDS):
        rng = Random(seed)  # noqa: S311 - a simulation
        found = [outlook.next_pause(0.0, 0, rng)]
        while found[-1] < case.high:
            found.append(found[-1] + outlook.next_pause(found[-1], len(found), rng))
        yield found


def takes(case: Case) -> list[float]:
    """Return durations that are spread evenly over the estimate."""
    return [case.low + (case.high - case.low) * (number + 0.5) / TAKES for number in range(TAKES)]


def mean(case: Case, looks: list[float]) -> Pair:
    """Return mean calls and mean delay."""
    found = [(bisect_left(looks, took), took) for took in takes(case)]
    calls = sum(number + 1 for number, _ in found) / TAKES
    return calls, sum(looks[number] - took for number, took in found) / TAKES


def ratios(pairs: list[tuple[Case, int, Pair]]) -> Pair:
    """Return calls and delay of all cases, against looks at fixed intervals."""
    total = [0.0] * 4
    for case, count, pair in pairs:
        theirs = [fixed(took, case.poll_s) for took in takes(case)]
        wanted = (*pair, sum(calls for calls, _ in theirs) / TAKES, sum(delay for _, delay in theirs) / TAKES)
        total = [one + count * other for one, other in zip(total, wanted, strict=True)]
    return total[0] / total[2], total[1] / total[3]


def at_aim(pairs: list[Pair]) -> float:
    """Return the least delay at the calls that we aim at."""
    for (many, quick), (few, slow) in pairwise(pairs):
        if many >= CALLS_AIM >= few:
            return quick + (many - CALLS_AIM) / (many - few) * (slow - quick)
    return math.nan


def show_bound(known: Counter[Case]) -> None:
    """Print the best pairs there are, with and without the ceiling, and ours."""
    for ceiling in (False, True):
        name = "ceiling" if ceiling else "no ceiling"
        pairs = []
        for price_s in PRICES:
            found = [(case, n, mean(case, best(case, price_s, ceiling=ceiling))) for case, n in known.items()]
            pairs.append(ratios(found))
            print(f"{name:<10} {price_s:4.2f} s a look      {pairs[-1][0]:6.3f} {pairs[-1][1]:6.3f}")
        print(f"{name:<10} at the aim         {CALLS_AIM:6.3f} {at_aim(pairs):6.3f}")
    mine = []
    for case, n in known.items():
        means = [mean(case, looks) for looks in always(case)]
        mine.append(
            (case, n, (sum(calls for calls, _ in means) / SEEDS, sum(late for _, late in means) / SEEDS))
        )
    print(f"{'ours':<29} {ratios(mine)[0]:6.3f} {ratios(mine)[1]:6.3f}")


def main() -> int:
    """Simulate and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--jobs", type=int, default=60, help="tasks per model and task type")
    options.add_argument(
        "--bound", action="store_true", help="print the best there is, and ours, for 'uniform'"
    )
    given = options.parse_args()
    jobs = given.jobs
    all_cases = list(cases(load_registry()))
    if given.bound:
        show_bound(Counter(all_cases))
        return 0
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
                    f"{shape.__name__:<10} {known:>5} {name:<8} {calls:6.3f} {delay:6.3f} {mine.p95() / theirs.p95():6.2f}"
                    f"   {mine.calls / count:5.1f} / {theirs.calls / count:5.1f}"
                    f"   {mine.mean():5.2f} s / {theirs.mean():4.2f} s{mark}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
