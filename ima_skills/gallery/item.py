"""One output as the page shows it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from attrs import field, frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text

State = Literal["there", "gone", "changed", "unsaved"]


@frozen
class Item:
    """One output.

    Attributes:
        key: Tells it apart from every other on the page.
        job: Id of the job that made it.
        kind: What it is: ``image``, ``video``, ``music``, ``speech`` or what a plugin calls its modality.
        task_type: The category.
        label: The category for people.
        model: Display name of the model.
        model_id: Family id.
        version_id: Leaf id.
        points: Points of the whole job.
        index: Which output of its job it is, from 1.
        outputs: Outputs of the job.
        made: Local time as an ISO text; empty when nobody noted it.
        took_s: Seconds from acceptance to end; None when nobody knows.
        title: A name for people; empty when there is none.
        prompt: The prompt; None when it was not kept.
        params: What was sent.
        requested: What was asked for.
        changes: What differs from the wish, and why.
        sources: For each input the key of the output that it was; None for anything else.
        command: What makes it again; empty when nobody can tell.
        state: Whether the file is where it was saved.
        file: Where it was saved; None when it was not.
        bytes: Its size.
        digest: SHA-256 of its contents; empty when nobody knows.
        cover: Picture that stands for it, when there is one already.
        sandbox: Whether it is output of the sandbox.
    """

    key: str
    job: str
    kind: str
    task_type: str
    label: Text
    model: str
    model_id: str
    version_id: str
    points: int
    index: int = 1
    outputs: int = 1
    made: str = ""
    took_s: float | None = None
    title: str = ""
    prompt: str | None = field(default=None, repr=False)
    params: Mapping[str, Any] = field(factory=dict, repr=False)
    requested: Mapping[str, Any] = field(factory=dict, repr=False)
    changes: tuple[Change, ...] = field(default=(), repr=False)
    sources: tuple[str | None, ...] = ()
    command: str = field(default="", repr=False)
    state: State = "unsaved"
    file: Path | None = None
    bytes: int = 0
    digest: str = ""
    cover: Path | None = None
    sandbox: bool = False
