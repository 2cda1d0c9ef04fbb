"""From declared rules to quirks: what each action does, at its station of the road."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.converter import StructureError, structure_list
from ima_skills.declared.patterns import search
from ima_skills.declared.soundness import place_of, rule_problems
from ima_skills.declared.wishes import holds, on_request
from ima_skills.domain.declared import Rule
from ima_skills.errors import ImaError, RegistryError, UnknownModelError
from ima_skills.quirk_tools import refuse, with_value, with_virtual_field
from ima_skills.quirks import Quirk
from ima_skills.values import pick

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.declared import Derive, Map, When
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.problem import Problem
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Parameters


def declared_quirks(entry: ModelEntry, language: str = "en") -> tuple[Quirk, ...]:
    """Return the rules of a model entry as quirks, in their order.

    Args:
        entry: The model entry.
        language: Language of the reasons that people read.

    Raises:
        RegistryError: A rule is not sound; going on without it could cost points for nothing.
    """
    return tuple(_quirk(entry, index, rule, language) for index, rule in enumerate(rules_of(entry)))


def rules_of(entry: ModelEntry) -> tuple[Rule, ...]:
    """Return the rules of a model entry, read only here: most commands need those of one model or of none.

    Raises:
        RegistryError: They do not have the shape of rules.
    """
    if "rules" not in entry.kept:
        entry.kept["rules"] = _read(entry)
    rules: tuple[Rule, ...] = entry.kept["rules"]
    return rules


def _read(entry: ModelEntry) -> tuple[Rule, ...]:
    try:
        return structure_list(entry.rules, Rule) if entry.rules else ()
    except StructureError as error:
        placed = tuple(evolve(problem, pointer=f"/rules{problem.pointer}") for problem in error.problems)
        raise _unusable(entry, placed) from error


def name_of(rule: Rule) -> str:
    """Return what to call a sound rule: its action and what it is about, for instance ``map quality``."""
    kind = rule.actions[0]
    action = getattr(rule, kind)
    if rule.rename is not None:
        return f"{kind} {rule.rename.to}"
    about = (action.param,) if hasattr(action, "param") else action.params
    return f"{kind} {', '.join(about) or 'only'}"


def _quirk(entry: ModelEntry, index: int, rule: Rule, language: str) -> Quirk:
    _must_be_sound(entry, index, rule)
    quirk = Quirk(name_of(rule), rule.why)
    if rule.map is not None and rule.map.to is not None:
        return evolve(quirk, leaf=partial(_on_leaf, rule.when, rule.map))
    if rule.derive is not None:
        reason = rule.why.say(language)
        return evolve(quirk, parameters=partial(_on_parameters, rule.when, rule.derive, reason))
    return evolve(quirk, request=partial(on_request, rule, rule.why.say(language)))


def _must_be_sound(entry: ModelEntry, index: int, rule: Rule) -> None:
    problems = rule_problems(rule)
    if problems:
        raise _unusable(
            entry, tuple(evolve(problem, pointer=place_of(index, problem.pointer)) for problem in problems)
        )


def _unusable(entry: ModelEntry, problems: tuple[Problem, ...]) -> RegistryError:
    first = problems[0]
    hint = "Run: ima-skills registry check"
    return RegistryError(f"{entry.name}: {first.pointer}: {first.message}", problems=problems, hint=hint)


def _on_leaf(when: When, action: Map, leaf: ProductLeaf, _options: Mapping[str, Any]) -> ProductLeaf:
    """Give a plain field of the form the control that people know."""
    field = leaf.form_field(action.to or "")
    if field is None or not _is_for(when, leaf):
        return leaf
    offered = [option.value for option in field.options]
    meant = {
        word: value
        for word, value in action.values.items()
        if action.extend or pick(value, offered) is not None
    }
    return with_virtual_field(leaf, field.name, action.param, meant)


def _is_for(when: When, leaf: ProductLeaf) -> bool:
    fits = not when.task_types or leaf.task_type in when.task_types
    return fits and (not when.versions or leaf.id in when.versions)


def _on_parameters(
    when: When,
    action: Derive,
    reason: str,
    parameters: Parameters,
    leaf: ProductLeaf,
    _options: Mapping[str, Any],
) -> Parameters:
    """Fill a parameter that has no value from what its sources tell.

    Raises:
        UnknownModelError: Only the leaf's names could have told, and they do not.
        InvalidRequestError: A parameter could have told, and it does not.
    """
    known = parameters.values
    if not _is_empty(known.get(action.param)) or not _is_for(when, leaf) or not holds(when, known):
        return parameters
    told = (_told(action, _source(name, leaf, known)) for name in action.sources)
    value = next((found for found in told if found is not None), action.otherwise)
    if value is None:
        raise _untold(action, leaf)
    return with_value(parameters, action.param, value, reason)


def _is_empty(value: Any) -> bool:
    return value is None or value == ""


def _source(name: str, leaf: ProductLeaf, known: Mapping[str, Any]) -> Any:
    own = {"leaf.name": leaf.name, "leaf.id": leaf.id}
    return own.get(name, known.get(name))


def _told(action: Derive, text: Any) -> Any:
    if _is_empty(text):
        return None
    if action.values is not None:
        word = pick(text, list(action.values))
        return None if word is None else action.values[word]
    found = search(action.pattern or "", str(text))
    if found is None:
        return None
    said = action.template
    for number in range(len(found.groups()) + 1):
        said = said.replace(f"{{{number}}}", found[number] or "")
    return said


def _untold(action: Derive, leaf: ProductLeaf) -> ImaError:
    asked = [name for name in action.sources if not name.startswith("leaf.")]
    if asked:
        message, message_zh = (
            f"does not tell which {action.param} to send",
            f"看不出 {action.param} 应取什么值",
        )
        return refuse(asked[0], message, None, message_zh=message_zh)
    return UnknownModelError(
        f"{leaf.name} does not tell which version it is, and {action.param} depends on it",
        code="unknown-version",
        hint=f"Name a version with --version-id; they are listed by: ima-skills models show {leaf.model_id}",
        details={"model": leaf.name, "param": action.param},
    )
