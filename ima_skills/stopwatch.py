"""How long the hooks of each plugin take."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

from attrs import define, evolve, field, frozen

IMPORT = "import"


@frozen
class Spent:
    """Time in one hook of one plugin.

    Attributes:
        calls: How often it was called.
        seconds: Wall time of all calls together.
        longest: Wall time of the longest one.
    """

    calls: int = 0
    seconds: float = 0.0
    longest: float = 0.0


@define
class Stopwatch:
    """Adds up times by plugin and hook.

    Attributes:
        now: Seconds of a clock that never goes back.
        spent: Plugin and hook (or ``import``) to time.
    """

    now: Callable[[], float] = perf_counter
    spent: dict[tuple[str, str], Spent] = field(factory=dict)

    @contextmanager
    def measure(self, plugin: str, hook: str) -> Iterator[None]:
        """Add the time of a block, however it ends."""
        start = self.now()
        try:
            yield
        finally:
            took = self.now() - start
            old = self.spent.get((plugin, hook), Spent())
            self.spent[plugin, hook] = evolve(
                old, calls=old.calls + 1, seconds=old.seconds + took, longest=max(old.longest, took)
            )
