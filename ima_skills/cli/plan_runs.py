"""What is said when the run of a plan is interrupted: its tasks go on, and the same command finds them."""

from __future__ import annotations

from attrs import define

from ima_skills.cli.boundary import InterruptedByUserError, TerminatedError
from ima_skills.cli.running import Journal


@define
class Interruption(Journal):
    """Names the plan, where a single create would name its task.

    Attributes:
        plan_id: The plan.
    """

    plan_id: str = ""

    def interrupted(self, *, by_order: bool = False) -> InterruptedByUserError:
        """Return the error that says what goes on without us."""
        kind = TerminatedError if by_order else InterruptedByUserError
        return kind(
            "interrupted; tasks that were created go on",
            hint="Run the same command again to go on; nothing is paid twice."
            f" Look at: ima-skills workflows show {self.plan_id}",
            retryable=True,
            details={"plan_id": self.plan_id},
        )
