"""What is known of one job while it is told about."""

from __future__ import annotations

from attrs import frozen

from ima_skills.domain.event import ModelChosen, Quoted


@frozen
class Job:
    """The facts of one job; most are unknown until the road tells them.

    Attributes:
        task_type: What is made.
        model_name: Display name of the model.
        model_id: Its family id.
        version_id: Its leaf.
        points: What it costs.
        estimate: Seconds it takes (low, high).
        chosen: Who chose the model.
        quoted: The price, and what differs from the wish.
        is_created: Whether the service has it, and so its points.
        is_demo: Whether the points are play money.
    """

    task_type: str = ""
    model_name: str = ""
    model_id: str = ""
    version_id: str = ""
    points: int | None = None
    estimate: tuple[float, float] | None = None
    chosen: ModelChosen | None = None
    quoted: Quoted | None = None
    is_created: bool = False
    is_demo: bool = False
