"""One step down: the next smaller value of a parameter along the leaf's own values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.nearest import magnitude
from ima_skills.values import key, pick, same

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.product import FormField, Option, ProductLeaf

# The order in which things are made smaller (the service's documents).
DEGRADABLE = ("size", "resolution", "duration", "quality", "mode")

# Words that mean a grade; equal grades are no step down.
_GRADES = {
    "low": 1, "标清": 1, "standard": 2, "std": 2, "medium": 2, "高清": 3, "high": 3, "pro": 3, "professional": 3, "ultra": 4,
}  # fmt: skip
# Used only for a parameter whose values the leaf does not list.
_LADDERS: Mapping[str, tuple[str, ...]] = {
    "size": ("4k", "2k", "1k", "512px"),
    "resolution": ("1080p", "720p", "540p", "480p"),
    "quality": ("high", "standard", "low"),
}
_RATIO_TOLERANCE = 0.02


def step_down(leaf: ProductLeaf, name: str, values: Mapping[str, Any]) -> list[Any]:
    """Return the smaller values of a parameter, the next smaller first.

    Args:
        leaf: The leaf whose values count.
        name: A member of :data:`DEGRADABLE`.
        values: The effective parameters; combinations they rule out are left out.
    """
    current = values[name]
    field = leaf.form_field(name)
    offered = _offered(leaf, name, field, values)
    if not offered:
        ladder = _LADDERS.get(name, ())
        place = pick(current, ladder)
        return list(ladder[ladder.index(place) + 1 :]) if place is not None else []
    smaller = [value for value in offered if _is_smaller(value, current)]
    return sorted(smaller, key=lambda value: _rank(value) or 0.0, reverse=True)


def _offered(
    leaf: ProductLeaf, name: str, field: FormField | None, values: Mapping[str, Any]
) -> Sequence[Any]:
    if field is None or not field.options:
        found = {key(r.attributes[name]): r.attributes[name] for r in leaf.rules if name in r.attributes}
        return list(found.values())
    return [option.value for option in field.options if not _barred(leaf, name, option, values)]


def _barred(leaf: ProductLeaf, name: str, option: Option, values: Mapping[str, Any]) -> bool:
    """Whether an option does not go with the other values; the list may say so on either side."""
    if any(same(values.get(other), value) for other, all_ in option.disabled.items() for value in all_):
        return True
    return any(
        same(values.get(field.name), theirs.value) and same(option.value, value)
        for field in leaf.form
        for theirs in field.options
        for value in theirs.disabled.get(name, ())
    )


def _is_smaller(value: Any, current: Any) -> bool:
    if _shape(value) != _shape(current):
        return False
    left, right = _rank(value), _rank(current)
    if left is None or right is None or left >= right:
        return False
    return _same_ratio(value, current)


def _rank(value: Any) -> float | None:
    grade = _GRADES.get(key(value))
    return float(grade) if grade is not None else magnitude(value)


def _shape(value: Any) -> str:
    if key(value) in _GRADES:
        return "grade"
    return "size" if "x" in key(value) and key(value)[0].isdigit() and "px" not in key(value) else "figure"


def _same_ratio(left: Any, right: Any) -> bool:
    """Whether two sizes have the same shape; anything that is no size has."""
    ratios = []
    for value in (left, right):
        width, _, height = key(value).partition("x")
        if not (width.isdigit() and height.isdigit() and int(height)):
            return True
        ratios.append(int(width) / int(height))
    return abs(ratios[0] - ratios[1]) <= _RATIO_TOLERANCE
