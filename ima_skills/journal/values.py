"""Values of the journal's rows: SQLite keeps any kind of value in any column, and a damaged file anything."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Any

from ima_skills.domain.problem import Change
from ima_skills.recording import Standing, Told

if TYPE_CHECKING:
    import sqlite3

# The last moment that a calendar knows, less a day for the time zone.
_LAST_S = 253_402_214_400.0
_MOST = 2**53


def text_of(value: object) -> str:
    """Return a text, empty for anything else."""
    return value if isinstance(value, str) else ""


def maybe_text(value: object) -> str | None:
    """Return a text, None for anything else and for an empty one."""
    return text_of(value) or None


def whole_of(value: object, least: int = 0) -> int:
    """Return a whole number of a sane size, ``least`` for anything else."""
    fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= _MOST
    return value if fits and isinstance(value, int) else least


def number_of(value: object) -> float | None:
    """Return a finite number, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return float(value)


def moment_of(value: object) -> float | None:
    """Return seconds since the epoch that a calendar knows, None for anything else."""
    found = number_of(value)
    return found if found is not None and 0 <= found <= _LAST_S else None


def objects_of(value: object) -> list[dict[str, Any]]:
    """Return the objects of a JSON list, none for anything else."""
    return [item for item in _listed(value) if isinstance(item, dict)]


def texts_of(value: object) -> tuple[str, ...]:
    """Return the texts of a JSON list, none for anything else."""
    return tuple(item for item in _listed(value) if isinstance(item, str))


def told_of(value: object) -> Told:
    """Return how a job was made; nothing where that is not what stands there."""
    found = _read(value)
    if not isinstance(found, dict):
        return Told()
    params, requested, changes = (found.get(name) for name in ("params", "requested", "changes"))
    rows = [item for item in changes if isinstance(item, dict)] if isinstance(changes, list) else []
    return Told(
        params if isinstance(params, dict) else {},
        requested if isinstance(requested, dict) else {},
        tuple(
            Change(
                text_of(row.get("param")),
                row.get("requested"),
                row.get("applied"),
                text_of(row.get("reason")),
                text_of(row.get("reason_zh")),
            )
            for row in rows
        ),
    )


def standing_of(row: sqlite3.Row) -> Standing:
    """Return how the entry of a row stands."""
    found = {name: text_of(row[name]) for name in ("state", "task_id", "code")}
    return Standing(attempts=whole_of(row["attempts"]), **found)


def written(told: Told) -> str:
    """Return how a job was made as :func:`told_of` reads it."""
    changes = [change.as_dict() for change in told.changes]
    facts = {"params": dict(told.params), "requested": dict(told.requested), "changes": changes}
    return json.dumps(facts, default=str)


def _listed(value: object) -> list[Any]:
    found = _read(value)
    return found if isinstance(found, list) else []


def _read(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return None
