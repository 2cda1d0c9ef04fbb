"""How a job was made, as far as it may be written down: settings and changes, never what a user wrote.

A prompt hides in more places than the prompt: lyrics, titles, the text of speech. So a text is told only
when the form lists it, or when it is a bare word as names of voices and formats are; any other stands as ``…``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ima_skills.leaf_schema import leaf_schema
from ima_skills.recording import Told
from ima_skills.values import same

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ima_skills.domain.problem import Change
    from ima_skills.preparing import Prepared

UNTOLD = "…"
# Our choice: long enough for the name of any voice that the service has.
_BARE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_+/*-]{0,63}")


def told_of(prepared: Prepared, *, keep_texts: bool) -> Told:
    """Return how a request is made.

    Args:
        prepared: What is created.
        keep_texts: Whether the user wants prompts to be kept, and so every text.
    """
    values = _settings(prepared, prepared.parameters.values)
    requested = _settings(prepared, prepared.parameters.requested)
    if keep_texts:
        return Told(values, requested, prepared.changes)
    form = leaf_schema(prepared.leaf)["properties"]
    names = prepared.offer.names()
    return Told(
        {name: _tellable(form.get(name, {}), value) for name, value in values.items()},
        {name: _tellable(form.get(name, {}), value) for name, value in requested.items()},
        tuple(_change(form, names, change) for change in prepared.changes),
    )


def _settings(prepared: Prepared, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without those that only repeat the prompt."""
    return {name: value for name, value in values.items() if not same(value, prepared.request.prompt)}


def _change(form: Mapping[str, Any], names: Collection[str], change: Change) -> Change:
    from attrs import evolve

    rule = form.get(change.param, {})
    requested = _tellable(rule, change.requested)
    # A wish under another name is told as that name and the value.
    name, gap, rest = change.applied.partition(" ") if isinstance(change.applied, str) else ("", "", "")
    if gap and name in names:
        return evolve(change, requested=requested, applied=f"{name} {_tellable(form.get(name, {}), rest)}")
    return evolve(change, requested=requested, applied=_tellable(rule, change.applied))


def _tellable(rule: Mapping[str, Any], value: Any) -> Any:
    """Return a value, with the texts in it that may be a user's own left out.

    Args:
        rule: What the form says of its parameter.
        value: The value.
    """
    if isinstance(value, str):
        listed = any(same(value, choice) for choice in rule.get("enum", ()))
        bare = not rule.get("writeOnly") and _BARE.fullmatch(value) is not None
        return value if listed or bare or not value else UNTOLD
    if isinstance(value, dict):
        return {name: _tellable({}, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_tellable({}, inner) for inner in value]
    return value
