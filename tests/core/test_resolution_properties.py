"""Properties of parameter resolution, over every production leaf of the captured list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ima_skills.catalogue import read_catalogue
from ima_skills.domain.product import ProductLeaf
from ima_skills.errors import ImaError, InvalidRequestError
from ima_skills.leaf_schema import OUTPUTS, leaf_schema
from ima_skills.parameters import Offer, known_name, resolve
from ima_skills.plugin_set import load_plugins
from ima_skills.pricing import canonical, quote
from ima_skills.quirks import chain_for
from ima_skills.registry import load_registry
from ima_skills.schemas import check
from ima_skills.values import key, pick, same

if TYPE_CHECKING:
    from ima_skills.domain.product import FormField
    from ima_skills.domain.request import Parameters


def _offers() -> list[Offer]:
    registry, plugins = load_registry(), load_plugins(third_party=False, environ={})
    found = []
    for name, kind in registry.task_types.items():
        for leaf in read_catalogue(name, registry.snapshot.groups(name)).leaves:
            entry = registry.by_model_id(leaf.model_id, name)
            found.append(Offer(chain_for(entry, plugins.quirks).on_leaf(leaf), kind, entry))
    return found


OFFERS = _offers()
IDS = [f"{offer.leaf.task_type}:{offer.leaf.id}" for offer in OFFERS]
every_leaf = pytest.mark.parametrize("offer", OFFERS, ids=IDS)
few = settings(max_examples=12)


def _spellings(value: Any) -> list[Any]:
    """Return other ways in which people write a value."""
    if isinstance(value, bool):
        return [value, str(value), str(value).upper(), "on" if value else "off", "yes" if value else "no"]
    text = str(value)
    found = [
        value,
        text,
        text.upper(),
        text.lower(),
        f" {text} ",
        text.replace("x", "×"),
        text.replace(":", "："),
    ]
    return [*found, int(text), float(text), f"{text}s"] if text.isdecimal() else found


def _choices(field: FormField) -> list[tuple[str, Any]]:
    """Return what may be asked for with a field: names and offered values."""
    table = [
        (ui.name, option.value)
        for ui in (field.virtual.ui_fields if field.virtual else ())
        for option in ui.options
    ]
    if field.type == "toggle" and not field.options:
        return [(field.name, True), (field.name, False)]
    return [*table, *((field.name, option.value) for option in field.options)]


@st.composite
def _wishes(draw: st.DrawFn, leaf: ProductLeaf) -> dict[str, Any]:
    """Draw a combination of offered options, in any spelling."""
    wishes: dict[str, Any] = {}
    for field in leaf.form:
        choices = _choices(field)
        wanted: bool = draw(st.booleans())
        if field.name != OUTPUTS and choices and wanted:
            name, value = draw(st.sampled_from(choices))
            wishes[name] = draw(st.sampled_from(_spellings(value)))
    return wishes


def _must_be_in_words(error: InvalidRequestError) -> None:
    assert error.problems
    assert all(problem.pointer.startswith(("/params", "/n")) for problem in error.problems)
    assert all(problem.message for problem in error.problems)


def _resolved(offer: Offer, wishes: dict[str, Any], n: int = 1) -> tuple[Parameters, dict[str, Any]] | None:
    try:
        found = resolve(offer, wishes, n)
    except InvalidRequestError as error:
        _must_be_in_words(error)
        return None
    price = quote(offer.leaf, found.values, n)
    sent = canonical(price.rule, found.values)
    for name, value in price.rule.attributes.items():
        assert sent[name] == value
        assert type(sent[name]) is type(value)
    return found, sent


@every_leaf
@few
@given(data=st.data())
def test_offered_options_resolve_or_are_refused(offer: Offer, data: st.DataObject) -> None:
    """Any combination of offered options is sent with the leaf's own values and a rule that matches exactly, or refused."""
    wishes = data.draw(_wishes(offer.leaf))
    found = _resolved(offer, wishes)
    if found is None:
        return
    _, sent = found
    assert check(sent, leaf_schema(offer.leaf)) == ()
    for name, value in sent.items():
        field = offer.leaf.form_field(name)
        if field is not None and field.options and name != OUTPUTS:
            offered = [option.value for option in field.options] + [field.value]
            offered += [rule.target_value for rule in field.virtual.rules] if field.virtual else []
            assert pick(value, offered) is not None


@every_leaf
@few
@given(data=st.data())
def test_resolution_is_idempotent(offer: Offer, data: st.DataObject) -> None:
    """What was resolved once resolves to itself: feeding what is sent back in changes nothing."""
    found = _resolved(offer, data.draw(_wishes(offer.leaf)))
    if found is None:
        return
    _, sent = found
    again = _resolved(offer, {name: value for name, value in sent.items() if name != OUTPUTS})
    assert again is not None
    assert again[1] == sent
    assert again[0].changes == ()


@every_leaf
@few
@given(data=st.data())
def test_wishes_are_never_altered_silently(offer: Offer, data: st.DataObject) -> None:
    """Every wish is sent as what it means, or its change is reported; nothing else differs from the form's defaults."""
    wishes = data.draw(_wishes(offer.leaf))
    found = _resolved(offer, wishes)
    if found is None:
        return
    parameters, sent = found
    reported = {change.param for change in parameters.changes}
    asked = {known_name(wish, offer.names()): value for wish, value in wishes.items()}
    for name, value in asked.items():
        if name in sent and name not in offer.ui_names():
            assert pick(value, [sent[name]]) is not None or name in reported
        elif name not in sent:
            assert name in reported or _is_explained(offer, str(name), value, sent)
    for field in offer.leaf.form:
        if (
            field.virtual is None
            and field.name not in asked
            and field.name != OUTPUTS
            and field.value is not None
        ):
            assert same(sent[field.name], field.value) or field.name in reported


def _is_explained(offer: Offer, control: str, value: Any, sent: dict[str, Any]) -> bool:
    """Whether what is sent is what the form's table says the control's value means."""
    for field in offer.leaf.form:
        for rule in field.virtual.rules if field.virtual else ():
            means = rule.source_values.get(control)
            if field.virtual and means is not None and pick(value, [means]) is not None:
                return same(sent.get(field.virtual.target), rule.target_value)
    return False


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2), st.binary(max_size=3),
)  # fmt: skip


@every_leaf
@few
@given(data=st.data())
def test_any_wish_is_answered_in_words(offer: Offer, data: st.DataObject) -> None:
    """Whatever is asked for, in any type: parameters that can be sent and paid, or a refusal that lists problems."""
    names = st.sampled_from([*sorted(offer.names()), "duration", "quality"]) | st.text(max_size=6)
    wishes = data.draw(st.dictionaries(names, ANYTHING, max_size=4))
    n = data.draw(st.integers(-2, 6))
    try:
        found = resolve(offer, wishes, n)
    except InvalidRequestError as error:
        _must_be_in_words(error)
        return
    price = quote(offer.leaf, found.values, n)
    assert price.total == price.points_per_output * n
    assert check(canonical(price.rule, found.values), leaf_schema(offer.leaf)) == ()


@every_leaf
def test_defaults_are_bookable(offer: Offer) -> None:
    """Asking for nothing works everywhere, and sends the form's defaults or reports ours."""
    found = _resolved(offer, {})
    assert found is not None


@every_leaf
def test_every_priced_combination(offer: Offer) -> None:
    """Every rule of the list is either bookable at its price, or ruled out by the form itself."""
    for rule in offer.leaf.rules:
        wishes = {name: value for name, value in rule.attributes.items() if name != OUTPUTS}
        try:
            found = resolve(offer, wishes)
        except ImaError:
            assert _ruled_out(offer, wishes)
            continue
        price = quote(offer.leaf, found.values, 1)
        assert price.points_per_output == rule.points
        assert {name: key(found.values[name]) for name in wishes} == {
            name: key(value) for name, value in wishes.items()
        }


def _ruled_out(offer: Offer, wishes: dict[str, Any]) -> bool:
    """Whether the form does not offer a value, or not together with another."""
    return bool(check({**resolve(offer, {}).values, **wishes}, leaf_schema(offer.leaf)))
