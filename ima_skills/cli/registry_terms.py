"""What a model's lists offer, and the names and values of its declared rules held against that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.cli.registry_faults import fault
from ima_skills.declared.patterns import search
from ima_skills.domain.declared import Rule
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.problem import pointer_to
from ima_skills.domain.product import ProductLeaf
from ima_skills.values import key, param_key, pick
from ima_skills.virtual import back_end_values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ima_skills.cli.registry_faults import FileFault
    from ima_skills.domain.declared import Derive, Map, Rename, When
    from ima_skills.domain.product import FormField


@frozen
class Terms:
    """One model and what its leaves offer.

    Attributes:
        entry: The model.
        rules: Its rules.
        leaves: Its leaves, captured and declared; none when no list has the model yet.
    """

    entry: ModelEntry
    rules: tuple[Rule, ...]
    leaves: tuple[ProductLeaf, ...]

    def names(self) -> set[str]:
        """Return every parameter that a wish may name: of the forms, native, and those that rules make."""
        rules = self.rules
        made = {rule.map.param for rule in rules if rule.map and rule.map.to}
        made |= {
            name for rule in rules if rule.constrain and rule.constrain.drop for name in rule.constrain.params
        }
        return self.form_names() | set(self.entry.native_params) | made

    def form_names(self) -> set[str]:
        """Return the names of fields, controls and back-end parameters."""
        return {name for leaf in self.leaves for item in leaf.form for name in _names(item)}

    def choices(self, name: str) -> list[Any] | None:
        """Return what can be chosen for a parameter over all leaves; None where that is open."""
        found: dict[str, Any] = {}
        for item in (item for leaf in self.leaves for item in leaf.form):
            if name in _names(item):
                values = _choices(item, name)
                if values is None:
                    return None
                found.update((key(value), value) for value in values)
        return list(found.values()) or None


def _names(item: FormField) -> set[str]:
    table = item.virtual
    return {item.name, table.target, *(ui.name for ui in table.ui_fields)} if table else {item.name}


def _choices(item: FormField, name: str) -> list[Any] | None:
    if item.virtual is not None:
        said = [rule.source_values[name] for rule in item.virtual.rules if name in rule.source_values]
        return [*said, *back_end_values(item, item.virtual)]
    if item.options:
        return [option.value for option in item.options]
    return [True, False] if item.type == "toggle" else None


def rule_faults(path: str, pointer: str, index: int, terms: Terms) -> Iterator[FileFault]:
    """Yield what is wrong with one sound rule for its model.

    Args:
        path: The file.
        pointer: Place of the rule.
        index: Its number.
        terms: The model.
    """
    rule = terms.rules[index]
    place = f"{pointer}/{rule.actions[0]}"
    yield from _condition_faults(path, f"{pointer}/when", rule.when, terms)
    if rule.rename is not None:
        yield from _rename_faults(path, place, index, rule.rename, terms)
    if rule.map is not None:
        yield from _map_faults(path, place, rule.map, terms)
    if rule.derive is not None:
        yield from _derive_faults(path, place, rule.derive, terms)
    yield from _value_faults(path, place, rule, index, terms)


def _known(path: str, pointer: str, name: str, terms: Terms, more: Iterable[str] = ()) -> Iterator[FileFault]:
    """Yield a fault when a model has no such parameter; nothing is known of one that no list has."""
    names = terms.names() | set(more)
    if terms.leaves and param_key(name) not in map(param_key, names):
        yield fault(path, pointer, "unknown-param", "param", name, sorted(names))


def _offered(
    path: str, pointer: str, name: str, value: Any, choices: Sequence[Any] | None
) -> Iterator[FileFault]:
    if choices is not None and pick(value, choices) is None:
        yield fault(path, pointer, "not-offered", "not-offered", value, choices, param=name)


def _condition_faults(path: str, pointer: str, when: When, terms: Terms) -> Iterator[FileFault]:
    tasks = terms.entry.task_types
    for index, name in enumerate(when.task_types):
        if name not in tasks:
            yield fault(path, f"{pointer}/task_types/{index}", "never", "never-task-type", name, tasks)
    versions = [version for task in tasks.values() for version in task.version_ids]
    for index, name in enumerate(when.versions):
        if name not in versions:
            yield fault(path, f"{pointer}/versions/{index}", "never", "never-version", name, versions)
    renamed = [name for rule in terms.rules if rule.rename for name in rule.rename.names]
    for index, name in enumerate(when.given):
        yield from _known(path, f"{pointer}/given/{index}", name, terms, renamed)
    for name, values in when.params.items():
        place = pointer + pointer_to("params", name)
        yield from _known(path, place, name, terms, renamed)
        choices = terms.choices(name)
        for index, value in enumerate(values):
            if choices is not None and pick(value, choices) is None:
                yield fault(path, f"{place}/{index}", "never", "never-value", value, choices, param=name)


def _rename_faults(path: str, pointer: str, index: int, action: Rename, terms: Terms) -> Iterator[FileFault]:
    yield from _known(path, f"{pointer}/to", action.to, terms)
    rules = terms.rules
    others = {
        param_key(name): rule.rename.to
        for number, rule in enumerate(rules)
        if rule.rename is not None and number != index
        for name in rule.rename.names
    }
    if param_key(action.to) in others:
        last = others[param_key(action.to)]
        yield fault(path, f"{pointer}/to", "cycle", "rename-again", action.to, instead=last)
    earlier = {
        param_key(name): rule.rename.to
        for rule in rules[:index]
        if rule.rename is not None and not rule.when.task_types
        for name in rule.rename.names
    }
    own = {param_key(name) for name in terms.form_names()}
    for number, name in enumerate(action.names):
        place = f"{pointer}/names/{number}"
        if param_key(name) in earlier:
            target = earlier[param_key(name)]
            yield fault(path, place, "twice", "rename-twice", name, instead=target, other=target)
        if param_key(name) in own:
            yield fault(path, place, "shadows", "rename-known", name, instead=action.to)


def _map_faults(path: str, pointer: str, action: Map, terms: Terms) -> Iterator[FileFault]:
    target = action.to or action.param
    yield from _known(path, f"{pointer}/{'to' if action.to else 'param'}", target, terms)
    choices = None if action.extend else terms.choices(target)
    for word, value in action.values.items():
        place = pointer + pointer_to("values", word)
        yield from _offered(path, place, target, value, choices)
        again = None if action.to else pick(value, list(action.values))
        if again is not None and key(action.values[again]) != key(value):
            yield fault(path, place, "cycle", "map-again", value, instead=action.values[again])


def _derive_faults(path: str, pointer: str, action: Derive, terms: Terms) -> Iterator[FileFault]:
    texts = []
    for index, name in enumerate(action.sources):
        if name.startswith("leaf."):
            texts += [leaf.name if name == "leaf.name" else leaf.id for leaf in terms.leaves]
        else:
            yield from _known(path, f"{pointer}/sources/{index}", name, terms)
            texts += terms.choices(name) or [None]
    if terms.leaves and not any(text is None or _tells(action, text) for text in texts):
        place = f"{pointer}/{'pattern' if action.pattern else 'values'}"
        value = action.pattern or next(iter(action.values or ()), None)
        yield fault(path, place, "never", "never-source", value, texts, texts[0])
    choices = terms.choices(action.param)
    for word, value in (action.values or {}).items():
        yield from _offered(path, pointer + pointer_to("values", word), action.param, value, choices)
    if action.otherwise is not None:
        yield from _offered(path, f"{pointer}/otherwise", action.param, action.otherwise, choices)


def _tells(action: Derive, text: Any) -> bool:
    if action.pattern is not None:
        return search(action.pattern, str(text)) is not None
    return pick(text, list(action.values or ())) is not None


def _value_faults(path: str, pointer: str, rule: Rule, index: int, terms: Terms) -> Iterator[FileFault]:
    """Yield what is wrong with default, constrain and require."""
    if rule.default is not None:
        name = rule.default.param
        yield from _known(path, f"{pointer}/param", name, terms)
        yield from _offered(path, f"{pointer}/value", name, rule.default.value, terms.choices(name))
        always = [
            other.default.param for other in terms.rules[:index] if other.default and other.when == rule.when
        ]
        if name in always:
            yield fault(path, f"{pointer}/param", "never", "never-default", name)
    if rule.require is not None:
        for number, name in enumerate(rule.require.params):
            yield from _known(path, f"{pointer}/params/{number}", name, terms)
    if rule.constrain is None or rule.constrain.drop or rule.constrain.only is not None:
        return
    for number, name in enumerate(rule.constrain.params):
        if rule.constrain.allowed != ():  # what may never be asked for need not exist
            yield from _known(path, f"{pointer}/params/{number}", name, terms)
        for place, value in enumerate(rule.constrain.allowed or ()):
            yield from _offered(path, f"{pointer}/allowed/{place}", name, value, terms.choices(name))
