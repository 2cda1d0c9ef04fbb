"""Drift: what the service's product list has that ours lacks or states differently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.offered import MARK
from ima_skills.values import key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.product import CreditRule, FormField, ProductLeaf
    from ima_skills.registry import Registry


@frozen
class Drift:
    """One difference.

    Attributes:
        kind: ``new-leaf``, ``gone-leaf``, ``renamed``, ``new-rule``, ``gone-rule``, ``price``,
            ``attribute-id``, ``new-field``, ``gone-field``, ``default``, ``options``, ``mapping``,
            ``bounds``, ``no-entry`` or ``unreadable``.
        task_type: The category.
        leaf: Version id.
        what: The field, or the combination of a rule.
        ours: What the snapshot or the registry says.
        theirs: What the service says.
    """

    kind: str
    task_type: str
    leaf: str
    what: str = ""
    ours: Any = None
    theirs: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "kind": self.kind,
            "task_type": self.task_type,
            "leaf": self.leaf,
            "what": self.what,
            "ours": self.ours,
            "theirs": self.theirs,
        }


def find_drift(registry: Registry, ours: Catalogue, theirs: Catalogue) -> tuple[Drift, ...]:
    """Return every difference between two lists of one category.

    The order of leaves, rules, fields and options means nothing; labels are not compared.

    Args:
        registry: To find leaves without an entry.
        ours: The snapshot.
        theirs: What the service lists now.
    """
    return tuple(_drift(registry, ours, theirs))


def _drift(registry: Registry, ours: Catalogue, theirs: Catalogue) -> Iterator[Drift]:
    kind = theirs.task_type
    mine, live = _by_id(ours.leaves), _by_id(theirs.leaves)
    for fault in theirs.faults:
        yield Drift("unreadable", kind, fault.partition(":")[0], theirs=fault)
    for name in sorted(live.keys() - mine.keys()):
        yield Drift("new-leaf", kind, live[name].id, theirs=live[name].name)
    # What only a model's file declares was on no list before, so it is not gone from this one.
    for name in sorted(name for name in mine.keys() - live.keys() if not mine[name].extra.get(MARK)):
        yield Drift("gone-leaf", kind, mine[name].id, ours=mine[name].name)
    for name in sorted(mine.keys() & live.keys()):
        yield from _leaf_drift(mine[name], live[name])
    for leaf in live.values():
        if registry.by_model_id(leaf.model_id, kind) is None:
            yield Drift("no-entry", kind, leaf.id, "model_id", theirs=leaf.model_id)


def _by_id(leaves: Iterable[ProductLeaf]) -> dict[tuple[str, str], ProductLeaf]:
    return {(leaf.model_id, leaf.id): leaf for leaf in leaves}


def _leaf_drift(mine: ProductLeaf, live: ProductLeaf) -> Iterator[Drift]:
    place = (mine.task_type, mine.id)
    if mine.name != live.name:
        yield Drift("renamed", *place, "name", mine.name, live.name)
    yield from _rule_drift(place, _rules(mine), _rules(live))
    ours, theirs = {f.name: f for f in mine.form}, {f.name: f for f in live.form}
    for name in sorted(theirs.keys() - ours.keys()):
        yield Drift("new-field", *place, name, theirs=_values(theirs[name]))
    for name in sorted(ours.keys() - theirs.keys()):
        yield Drift("gone-field", *place, name, ours=_values(ours[name]))
    for name in sorted(ours.keys() & theirs.keys()):
        yield from _field_drift(place, ours[name], theirs[name])


def _rules(leaf: ProductLeaf) -> dict[str, CreditRule]:
    return {_combination(rule): rule for rule in leaf.rules}


def _combination(rule: CreditRule) -> str:
    said = ", ".join(f"{name} {key(value)}" for name, value in sorted(rule.attributes.items()))
    return said or "default"


def _rule_drift(
    place: tuple[str, str], ours: Mapping[str, CreditRule], theirs: Mapping[str, CreditRule]
) -> Iterator[Drift]:
    for what in sorted(theirs.keys() - ours.keys()):
        yield Drift("new-rule", *place, what, theirs=theirs[what].points)
    for what in sorted(ours.keys() - theirs.keys()):
        yield Drift("gone-rule", *place, what, ours=ours[what].points)
    for what in sorted(ours.keys() & theirs.keys()):
        mine, live = ours[what], theirs[what]
        if mine.points != live.points:
            yield Drift("price", *place, what, mine.points, live.points)
        if mine.attribute_id != live.attribute_id:
            yield Drift("attribute-id", *place, what, mine.attribute_id, live.attribute_id)


def _field_drift(place: tuple[str, str], mine: FormField, live: FormField) -> Iterator[Drift]:
    if _typed(mine.value) != _typed(live.value):
        yield Drift("default", *place, mine.name, mine.value, live.value)
    if sorted(map(_typed, _values(mine))) != sorted(map(_typed, _values(live))):
        yield Drift("options", *place, mine.name, _values(mine), _values(live))
    elif _disabled(mine) != _disabled(live):
        yield Drift("options", *place, f"{mine.name} (disabled)", _disabled(mine), _disabled(live))
    if _bounds(mine) != _bounds(live):
        yield Drift("bounds", *place, mine.name, _bounds(mine), _bounds(live))
    if _table(mine) != _table(live):
        yield Drift("mapping", *place, mine.name, _table(mine), _table(live))


def _typed(value: Any) -> str:
    # "5" and 5 are different on the wire, so they are a drift.
    return f"{type(value).__name__}:{value}"


def _values(field: FormField) -> list[Any]:
    return [option.value for option in field.options]


def _bounds(field: FormField) -> list[float | None]:
    return [field.minimum, field.maximum]


def _disabled(field: FormField) -> dict[str, dict[str, list[str]]]:
    return {
        key(option.value): {other: sorted(map(key, values)) for other, values in option.disabled.items()}
        for option in field.options
        if option.disabled
    }


def _table(field: FormField) -> dict[str, Any]:
    if field.virtual is None:
        return {}
    rows = {
        ", ".join(f"{n} {v}" for n, v in sorted(rule.source_values.items())): rule.target_value
        for rule in field.virtual.rules
    }
    defaults = {f"default {ui.name}": ui.value for ui in field.virtual.ui_fields}
    return {**rows, **defaults}
