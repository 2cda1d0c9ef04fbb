"""What is said when a command is interrupted that makes, or waits for, many tasks."""

from __future__ import annotations

from collections.abc import Callable

from attrs import define, field

from ima_skills.cli.boundary import InterruptedByUserError, TerminatedError
from ima_skills.cli.running import Journal


@define
class Crowd(Journal):
    """Counts tasks, where a single create would name its own.

    Attributes:
        far: Tells how many tasks there are by now, and how many points they cost.
        told: What becomes of them.
        none: What is said when there are none.
        further: What leads on.
    """

    far: Callable[[], tuple[int, int]] = field(default=lambda: (0, 0))
    told: str = "{tasks} of this run go on at the service, or are done"
    none: str = "no task of this run was confirmed by the service"
    further: str = "Run the same command again to go on; nothing is paid twice."

    def interrupted(self, *, by_order: bool = False) -> InterruptedByUserError:
        """Return the error that says what goes on without us."""
        tasks, points = self.far()
        kind = TerminatedError if by_order else InterruptedByUserError
        named = f"{tasks} task{'' if tasks == 1 else 's'} ({points} points)"
        return kind(
            f"interrupted; {self.told.format(tasks=named) if tasks else self.none}",
            hint=self.further,
            retryable=True,
            details={"tasks": tasks, "points": points},
        )
