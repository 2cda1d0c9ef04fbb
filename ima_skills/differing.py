"""Where two models would make something else of one wish: in settings that people see or hear.

Models name and default their settings as they like, so values are compared by what they are about, and only
where both are figures of one kind or both are switches. Of anything else nobody can tell whether it differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.nearest import comparable
from ima_skills.parameters import SAME_WISH
from ima_skills.values import key, pick, same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.product import ProductLeaf, VirtualField

# Several names of one thing, and those that have one name only.
_PERCEIVED = (*SAME_WISH, frozenset({"size"}))
_SWITCH = {"true", "false", "on", "off"}


def seen(leaf: ProductLeaf, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters together with the choices of people that they stand for: the mode ``std`` is 720p.

    Args:
        leaf: Its form tells which choice becomes which value.
        values: Parameters as they are sent.
    """
    chosen: dict[str, Any] = {}
    for item in leaf.form:
        if item.virtual is not None and item.virtual.target in values:
            chosen |= _choices(item.virtual, values[item.virtual.target])
    return {**values, **chosen}


def _choices(table: VirtualField, value: Any) -> Mapping[str, Any]:
    rows = [rule.source_values for rule in table.rules if same(rule.target_value, value)]
    # A declared control offers the model's own word too, which says nothing to people.
    rows = [row for row in rows if not all(same(choice, value) for choice in row.values())]
    return rows[0] if len(rows) == 1 else {}


def differing(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of another model that are other than ours, by its own names.

    Args:
        mine: Our settings, as :func:`seen` returns them.
        theirs: Those of the other model.
    """
    pairs = ((_named(names, mine), _named(names, theirs)) for names in _PERCEIVED)
    return {name: value for (_, ours), (name, value) in pairs if _differ(ours, value)}


def _named(names: frozenset[str], values: Mapping[str, Any]) -> tuple[str, Any]:
    return next(((name, values[name]) for name in sorted(names) if values.get(name) is not None), ("", None))


def _differ(ours: Any, value: Any) -> bool:
    if ours is None or value is None or same(ours, value) or pick(ours, [value]) is not None:
        return False
    return comparable(ours, value) or {key(ours), key(value)} <= _SWITCH
