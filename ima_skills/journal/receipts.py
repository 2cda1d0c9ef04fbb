"""Receipts: what was spent, what may come back, and what nobody knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.journal.entry import Entry

_KEYS = {"model": "model_name", "day": "day", "user": "user_id"}


def add_up(entries: Sequence[Entry], first: str | None, by: str | None) -> dict[str, Any]:
    """Return the points of accepted jobs, and beside them those of failed and of unknown ones.

    Points of a failed job were charged, and the service may give them back; it does not tell, so they
    stay in the sum and are listed too. Points of an unknown outcome are not in the sum.

    Args:
        entries: Jobs.
        first: The first day that counts, as an ISO date; None counts all.
        by: ``model``, ``day`` or ``user`` to add up each by itself; None does not.
    """
    counted = [entry for entry in entries if first is None or entry.day >= first]
    paid = [entry for entry in counted if entry.task_id is not None]
    groups: dict[str, list[Entry]] = {}
    for entry in paid if by else ():
        groups.setdefault(getattr(entry, _KEYS[by or "day"]), []).append(entry)
    return {
        "since": first,
        "points": _points(paid),
        "jobs": len(paid),
        "by": by,
        "groups": [
            {"name": name or None, "points": _points(those), "jobs": len(those)}
            for name, those in sorted(groups.items())
        ],
        "may_be_refunded": _named([entry for entry in paid if entry.state == "failed"]),
        "unknown": _named([entry for entry in counted if entry.task_id is None and entry.was_sent]),
    }


def _points(entries: Sequence[Entry]) -> int:
    return sum(entry.points for entry in entries)


def _named(entries: Sequence[Entry]) -> dict[str, Any]:
    return {"points": _points(entries), "jobs": [entry.id for entry in entries]}
