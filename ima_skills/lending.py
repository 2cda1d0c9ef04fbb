"""What hooks are handed: a copy of whatever a plugin could change by accident."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from attrs import evolve

from ima_skills.domain.reflection import Attempt
from ima_skills.domain.request import Request
from ima_skills.domain.route import Route


def own_copy(value: Any) -> Any:
    """Return an argument of a hook so that changing it changes nothing else; what is frozen may hold mappings."""
    try:
        if isinstance(value, Request):
            return evolve(value, params=deepcopy(dict(value.params)))
        if isinstance(value, Attempt):
            return evolve(value, values=deepcopy(dict(value.values)))
        if isinstance(value, Route):
            return evolve(value, params=deepcopy(dict(value.params)))
    except Exception:  # noqa: BLE001 - what cannot be copied cannot be sent either, and is refused for that
        return value
    return value
