"""What hooks are handed: a copy of whatever a plugin could change by accident."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from attrs import evolve, has

from ima_skills.plugin_faults import Fence

# The fields of requests, routes and attempts that hold a mapping: the object is frozen, the mapping is not.
_OPEN_FIELDS = ("params", "values")
# Those of a route hold such mappings again.
_STEPS = "steps"


def own_copy(value: Any) -> Any:
    """Return an argument of a hook so that changing it changes nothing else; what is frozen may hold mappings."""
    if not has(type(value)):
        return value
    with Fence():
        held = {name: getattr(value, name, None) for name in _OPEN_FIELDS}
        copies: dict[str, Any] = {
            name: deepcopy(dict(mapping)) for name, mapping in held.items() if isinstance(mapping, Mapping)
        }
        if steps := getattr(value, _STEPS, None):
            copies[_STEPS] = tuple(own_copy(step) for step in steps)
        return evolve(value, **copies) if copies else value
    # What cannot be copied cannot be sent either, and is refused for that.
    return value
