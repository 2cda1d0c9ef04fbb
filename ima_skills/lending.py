"""What hooks are handed: a copy of whatever a plugin could change by accident."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from attrs import evolve, has

# The fields of requests, routes and attempts that hold a mapping: the object is frozen, the mapping is not.
_OPEN_FIELDS = ("params", "values")


def own_copy(value: Any) -> Any:
    """Return an argument of a hook so that changing it changes nothing else; what is frozen may hold mappings."""
    if not has(type(value)):
        return value
    try:
        held = {name: getattr(value, name, None) for name in _OPEN_FIELDS}
        copies = {name: deepcopy(dict(mapping)) for name, mapping in held.items() if isinstance(mapping, Mapping)}
        return evolve(value, **copies) if copies else value
    except Exception:  # noqa: BLE001 - what cannot be copied cannot be sent either, and is refused for that
        return value
