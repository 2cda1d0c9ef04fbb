"""Virtual fields: people choose a ratio or a quality, the service wants a size or a mode.

Resolved exactly once; the result is a back-end value and is never looked up again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.domain.problem import Change, Problem, pointer_to
from ima_skills.nearest import nearest
from ima_skills.values import key, pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.product import FormField, UiField, VirtualField


@frozen
class Resolved:
    """What one virtual field comes to.

    Attributes:
        value: The back-end value; None when nothing is to be sent.
        changes: UI choices that lost against a back-end value.
        problems: Choices that no row of the table holds.
    """

    value: Any = None
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


def resolve_virtual(field: FormField, table: VirtualField, wishes: Mapping[str, Any]) -> Resolved:
    """Resolve one virtual field.

    Args:
        field: The form field.
        table: Its UI controls and rows.
        wishes: What the user asked for, by UI or back-end name.
    """
    chosen = {ui.name: wishes[ui.name] for ui in table.ui_fields if ui.name in wishes}
    direct = _direct(field, table, wishes)
    if direct is not None:
        others = {name: value for name, value in chosen.items() if name != table.target}
        return Resolved(direct, _losers(table, others, direct))
    if not chosen:
        return Resolved(_default(field, table))
    return _look_up(table, chosen)


def _direct(field: FormField, table: VirtualField, wishes: Mapping[str, Any]) -> Any:
    """Return the back-end value that the user gave outright, or None."""
    name = table.target if table.target in wishes else field.name
    if name not in wishes:
        return None
    wish = wishes[name]
    ui = next((ui for ui in table.ui_fields if ui.name == name), None)
    if ui is None:
        found = pick(wish, back_end_values(field, table))
        return _plain_times(wish) if found is None else found
    # A self-virtual control: only a value that is no UI choice can be meant as a back-end value.
    if pick(wish, _choices(table, ui)) is not None:
        return None
    found = pick(wish, [rule.target_value for rule in table.rules])
    return None if found is None else _plain_times(found)


def back_end_values(field: FormField, table: VirtualField) -> tuple[Any, ...]:
    """Return every value that the back-end parameter may have, each once."""
    values: dict[str, Any] = {}
    for value in (*(o.value for o in field.options), *(r.target_value for r in table.rules), field.value):
        if value is not None:
            values.setdefault(key(value), _plain_times(value))
    return tuple(values.values())


def _losers(table: VirtualField, chosen: Mapping[str, Any], direct: Any) -> tuple[Change, ...]:
    if not chosen:
        return ()
    agreed = _look_up(table, chosen)
    if not agreed.problems and key(agreed.value) == key(direct):
        return ()
    reason = f"{table.target} was given directly and decides"
    reason_zh = f"已直接指定 {table.target}，以它为准"
    return tuple(Change(name, value, None, reason, reason_zh) for name, value in chosen.items())


def _default(field: FormField, table: VirtualField) -> Any:
    patch = {ui.name: ui.value for ui in table.ui_fields}
    row = _row(table, patch)
    return field.value if row is None else row


def _look_up(table: VirtualField, chosen: Mapping[str, Any]) -> Resolved:
    patch = {ui.name: chosen.get(ui.name, ui.value) for ui in table.ui_fields}
    row = _row(table, patch)
    if row is not None:
        return Resolved(row)
    unknown = [p for name in chosen if (p := _not_a_choice(table, name, chosen[name]))]
    return Resolved(problems=tuple(unknown) or (_no_combination(table, patch, chosen),))


def _row(table: VirtualField, patch: Mapping[str, Any]) -> Any:
    for rule in table.rules:
        wanted = rule.source_values
        if wanted.keys() == patch.keys() and all(pick(patch[n], [wanted[n]]) is not None for n in wanted):
            return _plain_times(rule.target_value)
    return None


def _plain_times(value: Any) -> Any:
    return value.replace("×", "x") if isinstance(value, str) else value


def _not_a_choice(table: VirtualField, name: str, value: Any) -> Problem | None:
    ui = next(ui for ui in table.ui_fields if ui.name == name)
    choices = _choices(table, ui)
    if pick(value, choices) is not None:
        return None
    message = f"must be one of {', '.join(map(str, choices))}"
    shown = value if isinstance(value, str | int | float) else None
    return Problem(pointer_to("params", name), message, shown, "enum", choices, nearest(value, choices))


def _choices(table: VirtualField, ui: UiField) -> tuple[Any, ...]:
    """Return what a control offers; one without options offers what the table's rows hold."""
    if ui.options:
        return tuple(option.value for option in ui.options)
    held = [rule.source_values[ui.name] for rule in table.rules if ui.name in rule.source_values]
    return tuple({key(value): value for value in held}.values())


def _no_combination(table: VirtualField, patch: Mapping[str, Any], chosen: Mapping[str, Any]) -> Problem:
    allowed = tuple(dict(rule.source_values) for rule in table.rules)
    listed = "; ".join(", ".join(f"{n} {v}" for n, v in row.items()) for row in allowed)
    wanted = ", ".join(f"{name} {value}" for name, value in patch.items())
    return Problem(
        pointer_to("params", next(iter(chosen))),
        f"{wanted} do not go together; possible: {listed}",
        dict(patch),
        "combination",
        allowed,
        max(allowed, key=lambda row: sum(key(patch.get(n)) == key(v) for n, v in row.items()), default=None),
    )
