"""An example plugin: one model and one quirk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills import Change, Parameters, ProductLeaf, Quirk, Text, hookimpl

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def _strokes_from_lines(parameters: Parameters, leaf: ProductLeaf, options: Mapping[str, Any]) -> Parameters:
    """Send the number of strokes that the word for the lines means."""
    strokes = options["strokes"].get(parameters.values.get("lines"))
    if strokes is None or parameters.values.get("strokes") == strokes:
        return parameters
    reason = f"{leaf.name} counts strokes"
    return evolve(
        parameters,
        values={**parameters.values, "strokes": strokes},
        changes=(*parameters.changes, Change("strokes", None, strokes, reason)),
    )


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare the quirk that the model's registry file names."""
    summary = Text(en="Turns fine and bold lines into a number of strokes.", zh="将线条粗细换算为笔画数。")
    return (Quirk("example-strokes", summary, parameters=_strokes_from_lines),)


@hookimpl
def ima_registry_roots() -> Iterable[Traversable]:
    """Declare the folder with the model."""
    return (files("ima_skills_example") / "registry",)
