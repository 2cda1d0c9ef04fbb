"""What the tools answer: the shapes that hosts validate and models read."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class View(BaseModel):
    """An answer; frozen, and closed in its schema."""

    model_config = {"frozen": True, "extra": "forbid"}


class ModelRow(View):
    """One model in one task type."""

    name: str = Field(description="Display name; generate takes it as model.")
    task_type: str
    model_id: str = Field(description="Family id; two models may share it, so the name is better.")
    version_id: str
    points: int = Field(description="Points for exactly what was asked.")
    tier: str = Field(description="budget, standard, premium or artistic; empty when nobody knows.")
    estimate_s: list[float] = Field(description="How long it takes, from and to, in seconds.")


class ModelsView(View):
    """Models that can do something, the cheapest first."""

    models: list[ModelRow]
    total: int
    offset: int
    next_offset: int = Field(description="Give it as offset for the next page; -1 on the last one.")


class ChangeView(View):
    """Something that differs from the wish."""

    param: str
    requested: str = Field(description="What was asked for; empty when nothing was said.")
    applied: str = Field(description="What is sent instead; empty when nothing is sent.")
    reason: str


class Alternative(View):
    """Another model that does the same, or nearly."""

    name: str
    points: int
    differs: list[str] = Field(
        description="Settings that would be others than chosen, like 'duration 4'; tell them."
    )


class EstimateView(View):
    """What something would cost; nothing was spent."""

    task_type: str
    model: str
    chosen_by: str = Field(description="explicit, saved (the user's usual model), knowledge or default.")
    version_id: str
    points: int = Field(description="In total.")
    points_per_output: int
    n: int
    params: dict[str, Any] = Field(description="What would be sent.")
    changes: list[ChangeView] = Field(description="What differs from the wish; tell the user.")
    notices: list[str] = Field(description="What the user should know before paying.")
    estimate_s: list[float] = Field(description="How long it takes, from and to, in seconds.")
    cheaper: list[Alternative]
    needs_consent: bool = Field(description="Whether the user must agree, and generate needs max_points.")
    next: str = Field(description="What to do now.")


class Artifact(View):
    """One output."""

    path: str = Field(description="Absolute path of the file on this machine; empty until it is saved.")
    url: str = Field(description="Address at the service; empty when there is none.")
    format: str
    bytes: int = Field(description="0 until it is saved.")
    sha256: str
    width: int = 0
    height: int = 0
    duration_s: float = 0.0


class Fault(View):
    """Why there is no result."""

    code: str
    message: str
    next: str


class TaskView(View):
    """One task."""

    task_id: str
    status: str = Field(
        description="processing, success, failed; or unknown: nobody knows whether it was charged."
    )
    task_type: str
    model: str
    points: int = Field(description="Points in total; -1 when this machine does not know.")
    progress: int = Field(description="Percent, estimated; 100 at the end only.")
    elapsed_s: float = Field(description="Seconds since it was created; -1 when this machine does not know.")
    estimate_s: list[float] = Field(description="How long it takes, from and to; empty when unknown.")
    artifacts: list[Artifact]
    changes: list[ChangeView] = Field(description="What differs from the wish; tell the user.")
    again: bool = Field(description="Whether it is a task of an earlier call, so that nothing was spent now.")
    error: Fault | None = None
    sandbox: bool = Field(description="Whether this is practice: no points, no real media.")
    next: str = Field(description="What to do now.")


class TaskRow(View):
    """One task in a listing."""

    task_id: str
    state: str
    task_type: str
    model: str
    points: int
    opened: str
    files: list[str]


class TasksView(View):
    """Tasks that this machine knows, the latest first."""

    tasks: list[TaskRow]
    total: int
    offset: int
    next_offset: int = Field(description="Give it as offset for the next page; -1 on the last one.")
