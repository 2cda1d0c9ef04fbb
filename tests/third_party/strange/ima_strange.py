"""A third-party plugin whose answers are not what the hooks ask for."""

from __future__ import annotations

from types import SimpleNamespace

from ima_skills.domain.task_type import Text
from ima_skills.hookspecs import hookimpl
from ima_skills.quirks import Quirk


@hookimpl
def ima_modalities() -> list[object]:
    """Return something that only looks like a modality."""
    return [SimpleNamespace(name="fake")]


@hookimpl
def ima_quirks() -> list[object]:
    """Return a text, a quirk without a name, and a good one."""
    return ["pixverse", Quirk("", Text("", "")), Quirk("decent", Text("", ""))]


@hookimpl
def ima_check_request(request: object, entry: object, leaf: object) -> list[object]:
    """Return sentences in place of problems."""
    return ["I do not like it"]


@hookimpl
def ima_reflect(refusal: object, attempt: object) -> str:
    """Return a word in place of a decision."""
    return "retry"


@hookimpl
def ima_observe(event: object) -> str:
    """Return something where nothing is asked for."""
    return "thanks"
