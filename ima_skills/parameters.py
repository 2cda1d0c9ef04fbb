"""From wishes to the inner parameters of a create: named, typed, mapped, filled and checked once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.problem import Change, Problem, pointer_to
from ima_skills.domain.product import ProductLeaf
from ima_skills.domain.request import Parameters
from ima_skills.domain.task_type import TaskType
from ima_skills.errors import InvalidRequestError
from ima_skills.leaf_schema import OUTPUTS, leaf_schema
from ima_skills.nearest import nearest
from ima_skills.schemas import check
from ima_skills.sendable import unsendable
from ima_skills.values import NotTypable, key, param_key, pick, same, typed
from ima_skills.virtual import back_end_values, resolve_virtual

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.product import FormField, VirtualField

# One wish, three spellings: models call sound by different names.
SAME_WISH = (
    frozenset({"duration", "seconds", "length"}),
    frozenset({"resolution", "quality"}),
    frozenset({"aspect_ratio", "ratio"}),
    frozenset({"generate_audio", "audio", "sound"}),
)
# These belong to the request, the payload or the price, never to the user's parameters.
_RESERVED = {
    "prompt": ("the prompt argument", "提示词参数"),
    "input_images": ("inputs", "素材选项 -i"),
    "cast": ("the quote", "报价"),
    "n": ("n", "数量选项 -n"),
}


@frozen
class Offer:
    """What the chosen model offers: its leaf, and what the registry adds.

    Attributes:
        leaf: The leaf, completed by quirks.
        task_type: Its task type.
        entry: The registry's entry, when there is one.
    """

    leaf: ProductLeaf
    task_type: TaskType
    entry: ModelEntry | None = None

    def defaults(self) -> Mapping[str, Any]:
        """Return our own defaults for this model, where they differ from the form's."""
        return self.entry.defaults if self.entry else {}

    def ui_names(self) -> set[str]:
        """Return the names of controls that people see instead of back-end fields."""
        return {ui.name for item in self.leaf.form if item.virtual for ui in item.virtual.ui_fields}

    def names(self) -> set[str]:
        """Return every parameter name that may be asked for."""
        native = set(self.entry.native_params) if self.entry else set()
        return self.form_names() | native

    def form_names(self) -> set[str]:
        """Return the names that the form deals with: fields, their controls, and what these yield."""
        targets = {item.virtual.target for item in self.leaf.form if item.virtual}
        return {item.name for item in self.leaf.form} | targets | self.ui_names()


@define
class _Draft:
    """Parameters while they are worked on; everything found on the way is kept."""

    values: dict[str, Any] = field(factory=dict)
    changes: list[Change] = field(factory=list)
    problems: list[Problem] = field(factory=list)


def resolve(offer: Offer, wishes: Mapping[str, Any], n: int = 1) -> Parameters:
    """Return the parameters to send.

    Args:
        offer: The model.
        wishes: The user's parameters by UI or back-end name.
        n: Number of outputs; becomes the parameter ``n``.

    Raises:
        InvalidRequestError: With every problem: unknown names, wrong types, values that are not
            offered, unavailable combinations, bounds.
    """
    draft = _Draft()
    named = _name(offer, wishes, draft)
    _fill(offer, named, draft)
    _take_outputs(offer, n, draft)
    found = check(draft.values, leaf_schema(offer.leaf))
    draft.problems += [_in_params(problem) for problem in _each_pair_once(found, named)]
    if draft.problems:
        raise refused(offer.leaf.name, draft.problems)
    return Parameters(draft.values, dict(wishes), tuple(draft.changes))


def refused(model_name: str, problems: list[Problem]) -> InvalidRequestError:
    """Return the error that lists what a model does not offer; each place is named once."""
    unique = {(problem.pointer, problem.rule): problem for problem in reversed(problems)}
    listed = sorted(unique.values(), key=lambda problem: problem.pointer)
    what = "; ".join(f"{problem.place}: {problem.message}" for problem in listed)
    return InvalidRequestError(
        f"{model_name} cannot do this: {what}",
        problems=listed,
        hint=_hint(listed),
        details={"model": model_name},
    )


def _hint(problems: list[Problem]) -> str:
    close = [f"{p.place} {p.nearest}" for p in problems if p.nearest is not None and p.rule != "unknown"]
    return f"Nearest that works: {', '.join(close)}." if close else "Run: ima-skills models show MODEL"


def _name(offer: Offer, wishes: Mapping[str, Any], draft: _Draft) -> dict[str, Any]:
    known = offer.names()
    ignored = {name.casefold(): reason for name, reason in offer.task_type.ignored_params.items()}
    named: dict[str, Any] = {}
    for wish, value in wishes.items():
        faults = unsendable({wish: value}, "/params")
        if faults:
            draft.problems += faults
            continue
        name = None if wish.casefold() in _RESERVED else known_name(wish, known)
        if name is not None:
            _take(named, name, wish, value, draft)
        elif wish.casefold() in ignored and wish.casefold() not in _RESERVED:
            why = ignored[wish.casefold()]
            draft.changes.append(Change(wish, value, None, why.en, why.zh))
        else:
            draft.problems.append(_unknown(offer, wish, known))
    return named


def _take(named: dict[str, Any], name: str, wish: str, value: Any, draft: _Draft) -> None:
    if value is None:
        return  # null says: whatever the model does by default
    if name in named and not same(named[name], value):
        message = f"says something else than another parameter that also means {name}"
        problem = Problem(pointer_to("params", wish), message, rule="twice", related=(name,))
        draft.problems.append(problem)
        return
    named[name] = value
    if param_key(wish) != name.casefold():
        draft.changes.append(
            Change(
                wish, value, f"{name} {value}", f"this model calls it {name}", f"该模型的对应参数是 {name}"
            )
        )


def known_name(wish: str, known: set[str]) -> str | None:
    """Return the model's own name for a parameter, or None.

    Letter case and dashes do not matter, and one wish may have several spellings.

    Args:
        wish: The user's word.
        known: The names that the model knows.
    """
    if wish in known:
        return wish
    folded = param_key(wish)
    plain = next((name for name in sorted(known) if name.casefold() == folded), None)
    if plain is not None:
        return plain
    group = next((names for names in SAME_WISH if folded in names), frozenset[str]())
    others = sorted(group & known)
    return others[0] if len(others) == 1 else None


def _unknown(offer: Offer, wish: str, known: set[str]) -> Problem:
    pointer = pointer_to("params", wish)
    if wish.casefold() in _RESERVED:
        instead, instead_zh = _RESERVED[wish.casefold()]
        message, message_zh = f"is not a parameter; use {instead}", f"不是参数，请改用{instead_zh}"
        return Problem(pointer, message, rule="reserved", message_zh=message_zh)
    shown = tuple(sorted(known - _hidden(offer)))
    listed = ", ".join(shown) or "none"
    message = f"{offer.leaf.name} has no parameter of this name; it has: {listed}"
    return Problem(pointer, message, None, "unknown", shown, nearest(wish, shown))


def _hidden(offer: Offer) -> set[str]:
    virtual = [(item.name, item.virtual.target) for item in offer.leaf.form if item.virtual]
    return {name for pair in virtual for name in pair} - offer.ui_names()


def _fill(offer: Offer, named: dict[str, Any], draft: _Draft) -> None:
    for item in offer.leaf.form:
        if item.name == OUTPUTS:
            continue
        if item.virtual is not None:
            _fill_virtual(offer, item, named, draft)
        elif item.name in named:
            _fill_wish(item, named[item.name], draft)
        else:
            _fill_default(offer, item, draft)
    listed = offer.form_names()
    draft.values.update({name: value for name, value in named.items() if name not in listed})


def _fill_virtual(offer: Offer, item: FormField, named: Mapping[str, Any], draft: _Draft) -> None:
    if item.virtual is None:
        raise AssertionError(f"{item.name} is not virtual")
    group = {item.name, item.virtual.target, *(ui.name for ui in item.virtual.ui_fields)}
    ours = {name: value for name, value in offer.defaults().items() if name in group}
    if ours and not group & named.keys():
        _fill_virtual_default(item, item.virtual, ours, draft)
        return
    resolved = resolve_virtual(item, item.virtual, named)
    draft.changes += resolved.changes
    draft.problems += resolved.problems
    if resolved.value is not None:
        draft.values[item.virtual.target] = resolved.value


def _fill_wish(item: FormField, wish: Any, draft: _Draft) -> None:
    value = typed(item, wish)
    if isinstance(value, NotTypable):
        shown = wish if isinstance(wish, str | int | float) and item.type != "textarea" else None
        message, message_zh = f"must be {value.expected}", f"需要{value.expected_zh}"
        said = f"{message_zh}，不能是 {shown}" if shown not in (None, "") else message_zh
        draft.problems.append(Problem(f"/params/{item.name}", message, shown, "type", message_zh=said))
    else:
        draft.values[item.name] = value


def _fill_virtual_default(
    item: FormField, table: VirtualField, ours: Mapping[str, Any], draft: _Draft
) -> None:
    """Take our default where the form offers it, else the form's own."""
    theirs = resolve_virtual(item, table, {}).value
    resolved = resolve_virtual(item, table, ours)
    offered = not resolved.problems and pick(resolved.value, back_end_values(item, table)) is not None
    _take_default(table.target, resolved.value if offered else None, theirs, draft)


def _fill_default(offer: Offer, item: FormField, draft: _Draft) -> None:
    ours = offer.defaults().get(item.name)
    if ours is not None and item.options:
        ours = pick(ours, [option.value for option in item.options])
    _take_default(item.name, ours, item.value, draft)


def _take_default(name: str, ours: Any, theirs: Any, draft: _Draft) -> None:
    chosen = theirs if ours is None else ours
    if chosen is None:
        return
    draft.values[name] = chosen
    if not same(chosen, theirs):
        reason = f"our default for this model; the service's own is {theirs}"
        reason_zh = f"我们为该模型设的默认值；服务自身的默认值是 {theirs}"
        draft.changes.append(Change(name, None, chosen, reason, reason_zh))


def _take_outputs(offer: Offer, n: int, draft: _Draft) -> None:
    item = offer.leaf.form_field(OUTPUTS)
    spelled = [key(option.value) for option in item.options] if item else []
    choices = [int(word) for word in spelled if word.isdecimal()]
    allowed = choices or list(range(1, offer.task_type.n_max + 1))
    chosen = pick(n, allowed)
    if chosen is None:
        message = f"must be one of {', '.join(map(str, allowed))}"
        shown = None if unsendable(n) else n
        draft.problems.append(Problem("/n", message, shown, "enum", tuple(allowed), nearest(n, allowed)))
    draft.values[OUTPUTS] = chosen


def _each_pair_once(problems: tuple[Problem, ...], named: Mapping[str, Any]) -> list[Problem]:
    """Name an unavailable pair once, on the side that the user did not ask for.

    The service states most pairs from both sides; a default is the easier one to move.
    """
    sides: dict[frozenset[str], Problem] = {}
    others = []
    for problem in problems:
        name = problem.place
        pair = frozenset((name, *problem.related))
        if problem.rule != "disabled":
            others.append(problem)
        elif pair not in sides or name not in named:
            sides[pair] = problem
    return [*others, *sides.values()]


def _in_params(problem: Problem) -> Problem:
    from attrs import evolve

    return evolve(problem, pointer=f"/params{problem.pointer}")
