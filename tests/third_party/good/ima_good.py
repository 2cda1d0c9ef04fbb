"""A third-party plugin that does everything right: it brings a modality, a quirk, a model and a schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.problem import Problem
from ima_skills.domain.reflection import Wait
from ima_skills.domain.task_type import Text
from ima_skills.hookspecs import hookimpl
from ima_skills.modality import Modality, same_urls
from ima_skills.quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.domain.event import Event
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.reflection import Attempt, Decision, Refusal
    from ima_skills.domain.request import Request

HERE = Path(__file__).parent
FORBIDDEN = "a forbidden word"


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare sketches."""
    return (
        Modality(
            "sketch",
            ("text_to_sketch",),
            ("png",),
            same_urls,
            lambda media: evolve(media, status="drawn"),
            lambda *_: (),
        ),
    )


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare a quirk that turns every prompt of its models into a pencil drawing."""
    yield Quirk(
        "pencil",
        Text("draws", "画"),
        request=lambda request, _: evolve(request, prompt=f"pencil: {request.prompt}"),
    )


@hookimpl
def ima_registry_roots() -> Iterable[Path]:
    """Declare the registry beside this file."""
    return [HERE / "registry"]


@hookimpl
def ima_schema_roots() -> Iterable[Path]:
    """Declare the schemas beside this file."""
    return [HERE / "schemas"]


@hookimpl
def ima_check_request(request: Request, entry: ModelEntry | None, leaf: ProductLeaf) -> Iterable[Problem]:
    """Refuse prompts that hold a forbidden word."""
    if FORBIDDEN in request.prompt:
        yield Problem(
            "/prompt", f"{leaf.name} does not take this ({entry.id if entry else 'unknown'})", rule="house"
        )


@hookimpl
def ima_reflect(refusal: Refusal, attempt: Attempt) -> Decision | None:
    """Wait where the built-in answer would make a job smaller."""
    return Wait(1.0, "one moment") if refusal.retry == "degrade" and attempt.number == 1 else None


@hookimpl
def ima_observe(event: Event) -> None:
    """Listen and say nothing."""
