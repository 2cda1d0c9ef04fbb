"""What became of each step of a plan: written whole after every step, so that a killed run goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen

from ima_skills.domain.problem import Change
from ima_skills.journal.owner import Owner
from ima_skills.workflows.digest import plan_hash

if TYPE_CHECKING:
    from ima_skills.routing.result import Use
    from ima_skills.workflows.plan import Plan

StepState = Literal["running", "success", "failed", "open", "unknown", "not-sent", "waiting"]
Status = Literal["planned", "running", "partial", "completed", "failed"]


@frozen
class Output:
    """One finished output of a step.

    Attributes:
        url: Where it is at the service; may be signed and expire.
        cover_url: Picture that stands for a video.
        path: Where it is here.
        sha256: Of its contents.
        bytes: Its size.
        format: File format.
        width: Pixels.
        height: Pixels.
        duration_s: Measured seconds; None for what has no length.
    """

    url: str | None = field(default=None, repr=False)
    cover_url: str | None = field(default=None, repr=False)
    path: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    format: str | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None


@frozen
class StepRun:
    """What became of a step.

    Attributes:
        state: ``running``, ``success``, ``failed``, ``open`` (accepted, and not brought to its end),
            ``unknown`` (sent, no verdict), ``not-sent``, or ``waiting`` for a step that did not end well.
        key: What makes its output this output; see ``digest.step_key``.
        task_id: The service's id.
        points: Points that were charged for it in this state.
        model_id: Family id.
        model_name: Display name.
        version_id: Leaf id.
        outputs: What was made.
        changes: What differs from the plan, and why.
        elapsed_s: Seconds it took.
        began: ISO time.
        ended: ISO time; None while it runs.
        error: Why it did not end well.
    """

    state: StepState
    key: str
    task_id: str | None = None
    points: int = 0
    model_id: str = ""
    model_name: str = ""
    version_id: str = ""
    outputs: tuple[Output, ...] = ()
    changes: tuple[Change, ...] = ()
    elapsed_s: float = 0.0
    began: str = ""
    ended: str | None = None
    error: Mapping[str, Any] | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether its task was accepted and is still to be brought home."""
        return self.state in ("running", "open") and self.task_id is not None

    @property
    def is_lost(self) -> bool:
        """Whether it may have been sent, as far as this record knows: the journal may know more."""
        return self.state == "unknown" or (self.state == "running" and self.task_id is None)


@define
class Agreement:
    """What was agreed to by confirming a plan.

    Attributes:
        points: Points that were left to pay at most when it ran first.
        spent: Points that were charged since.
    """

    points: int
    spent: int = 0


@define
class RunRecord:
    """What became of a plan, over all its runs.

    Attributes:
        plan_id: The plan.
        plan_hash: Its hash when it ran last.
        folder: Where its files go.
        owner: The process that runs it; None when it ended in order.
        began: ISO time of the first run.
        updated: ISO time of the last step.
        spent: Points of all runs.
        agreements: What was agreed to, by the plan's hash and the time of its pricing.
        steps: Step id to what became of it.
        replaced: Step id to what it had made in earlier forms; paid for, and still there.
    """

    plan_id: str
    plan_hash: str
    folder: str
    owner: Owner | None = None
    began: str = ""
    updated: str = ""
    spent: int = 0
    agreements: dict[str, Agreement] = field(factory=dict)
    steps: dict[str, StepRun] = field(factory=dict)
    replaced: dict[str, tuple[StepRun, ...]] = field(factory=dict)

    def output(self, use: Use) -> Output | None:
        """Return the output that is used; None when there is none of that number."""
        made = self.outputs(use.step)
        return made[use.output - 1] if len(made) >= use.output else None

    def agreed(self, plan: Plan, left: int) -> Agreement:
        """Return what was agreed to by confirming a plan; whoever prices it again agrees anew.

        Args:
            plan: The plan.
            left: Points that are left to pay at most.
        """
        return self.agreements.setdefault(f"{plan_hash(plan)} {plan.created}", Agreement(left))

    def put(self, name: str, run: StepRun) -> None:
        """Write down what became of a step; an output of an earlier form of it is kept."""
        before = self.steps.get(name)
        if before is not None and before.state == "success" and before.key != run.key:
            self.replaced[name] = (*self.replaced.get(name, ()), before)
        self.steps[name] = run

    def outputs(self, name: str) -> tuple[Output, ...]:
        """Return what a step has made; nothing unless it ended well."""
        found = self.steps.get(name)
        return found.outputs if found and found.state == "success" else ()
