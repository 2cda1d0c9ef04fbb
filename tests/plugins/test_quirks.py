"""Quirks as machinery: order, options, containment; and the tools for writing them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.domain.media_facts import MediaFacts, PlacedInput
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.problem import Change, Problem
from ima_skills.domain.product import CreditRule, FormField, Option, ProductLeaf
from ima_skills.domain.request import Parameters, Request
from ima_skills.domain.task_type import Text
from ima_skills.errors import InvalidRequestError, PluginError, UnknownModelError
from ima_skills.modality import CreateInputs
from ima_skills.parameters import Offer, resolve
from ima_skills.quirk_tools import refuse, with_params, with_value, with_virtual_field
from ima_skills.quirks import Quirk, QuirkChain, chain_for

if TYPE_CHECKING:
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

REQUEST = Request("text_to_image", "x")
LEAF = ProductLeaf("v", "m", "Model", "text_to_image", (), (CreditRule(1, 5),))
NOTHING = Text("", "")
ONE = (PlacedInput("https://a.example/x.png", MediaFacts("picture", "png", 1)),)


def _chain(**stations: Any) -> QuirkChain:
    return QuirkChain((Quirk("odd", NOTHING, **stations),), {"odd": {"size": 5}})


def _add(letter: str) -> Quirk:
    return Quirk(letter, NOTHING, request=lambda request, _: evolve(request, prompt=request.prompt + letter))


def test_order() -> None:
    """Quirks are applied in the order of the registry file, each on what the one before returned."""
    supplied = {letter: _add(letter) for letter in "abc"}
    entry = ModelEntry("m", "M", "image", "production", quirks=("b", "a", "c"))
    assert chain_for(entry, supplied).on_request(REQUEST).prompt == "xbac"


def test_an_empty_chain_changes_nothing() -> None:
    """A model that the registry does not know has no quirks."""
    chain, parameters = chain_for(None, {}), Parameters({"a": 1})
    assert chain.on_request(REQUEST) is REQUEST
    assert chain.on_leaf(LEAF) is LEAF
    assert chain.on_parameters(parameters, LEAF) is parameters
    assert (chain.placed("t", ONE), chain.input_problems("t", ()), chain.measures, chain.verifies) == (
        None,
        (),
        False,
        False,
    )


def test_options_reach_their_quirk_only() -> None:
    """Every function gets the data that the registry file holds for its quirk, else none."""
    seen: list[Any] = []

    def look(parameters: Parameters, leaf: ProductLeaf, options: Any) -> Parameters:
        seen.append((leaf.id, dict(options)))
        return parameters

    quirks = (Quirk("odd", NOTHING, parameters=look), Quirk("other", NOTHING, parameters=look))
    QuirkChain(quirks, {"odd": {"size": 5}}).on_parameters(Parameters({}), LEAF)
    assert seen == [("v", {"size": 5}), ("v", {})]


def test_a_missing_quirk_is_refused() -> None:
    """Going on without a quirk could cost points for nothing."""
    entry = ModelEntry("m", "M", "image", "production", quirks=("a", "ghost"))
    with pytest.raises(
        PluginError, match="M needs the quirk 'ghost', which no active plugin supplies"
    ) as caught:
        chain_for(entry, {"a": _add("a")})
    assert (caught.value.name, caught.value.exit_code) == ("missing-quirk", 6)


BROKEN = [
    ("request", lambda c: c.on_request(REQUEST)), ("leaf", lambda c: c.on_leaf(LEAF)), ("parameters", lambda c: c.on_parameters(Parameters({}), LEAF)),
    ("check_inputs", lambda c: c.input_problems("t", (None,))), ("place_inputs", lambda c: c.placed("t", ONE)),
]  # fmt: skip


@pytest.mark.parametrize(("station", "call"), BROKEN, ids=[row[0] for row in BROKEN])
@pytest.mark.parametrize(
    "error", [ZeroDivisionError("secret prompt"), SystemExit(1), RecursionError(), KeyError("x")]
)
def test_a_quirk_that_raises_is_named(station: str, call: Any, error: BaseException) -> None:
    """Whatever a quirk raises becomes a plugin error that names it and the line, without its words."""

    def bad(*_: Any) -> Any:
        raise error

    with pytest.raises(
        PluginError, match=rf"failed: {type(error).__name__} at \S*/test_quirks\.py:\d+$"
    ) as caught:
        call(_chain(**{station: bad}))
    assert "the quirk 'odd'" in caught.value.message
    assert caught.value.name == "quirk-failed"
    assert caught.value.__cause__ is error


@pytest.mark.parametrize(("station", "call"), BROKEN, ids=[row[0] for row in BROKEN])
@pytest.mark.parametrize("answer", [None, "text", 5, ["a"]])
def test_a_quirk_that_returns_something_else_is_named(station: str, call: Any, answer: Any) -> None:
    """An answer of another type is refused where it happens, not where it hurts."""
    with pytest.raises(PluginError, match=r"the quirk 'odd' (returned a|failed: TypeError)"):
        call(_chain(**{station: lambda *_: answer}))


@pytest.mark.parametrize(("station", "call"), BROKEN, ids=[row[0] for row in BROKEN])
def test_our_own_errors_pass(station: str, call: Any) -> None:
    """A quirk may refuse with an error for people."""

    def refusing(*_: Any) -> Any:
        raise UnknownModelError("not this one")

    with pytest.raises(UnknownModelError, match="not this one"):
        call(_chain(**{station: refusing}))


def test_inputs() -> None:
    """Input checks add up; the last quirk with an opinion places inputs."""
    problem = Problem("/inputs/0", "too small")
    places = CreateInputs({"a": 1}, {})
    quirks = (
        Quirk("a", NOTHING, check_inputs=lambda *_: (problem,), place_inputs=lambda *_: CreateInputs({}, {})),
        Quirk(
            "b",
            NOTHING,
            check_inputs=lambda *_: (problem,),
            place_inputs=lambda *_: places,
            verify_inputs=True,
        ),
        Quirk("c", NOTHING),
    )
    chain = QuirkChain(quirks)
    assert chain.input_problems("t", (None,)) == (problem, problem)
    assert (chain.placed("t", ONE), chain.measures, chain.verifies) == (places, True, True)


def test_every_quirk_of_the_registry_is_supplied(registry: Registry, plugins: PluginSet) -> None:
    """No entry names a quirk that nobody brings, and no first-party quirk is without a user or a summary."""
    named = {name for entry in registry.models.values() for name in entry.quirks}
    assert named <= plugins.quirks.keys()
    assert plugins.quirks.keys() <= named
    for quirk in plugins.quirks.values():
        assert quirk.summary.en
        assert quirk.summary.zh


# --- tools --------------------------------------------------------------------------------------

MODE = FormField("mode", "tags", "std", (Option("std"), Option("pro")))
BOTH = {"720p": "std", "1080p": "pro"}


def _offer(leaf: ProductLeaf, registry: Registry) -> Offer:
    return Offer(leaf, registry.task_types["text_to_image"])


@pytest.mark.parametrize(
    ("wishes", "sent"),
    [
        ({}, "std"),
        ({"quality": "1080P"}, "pro"),
        ({"mode": "pro"}, "pro"),
        ({"quality": "pro"}, "pro"),
        ({"quality": "720p"}, "std"),
    ],
)
def test_with_virtual_field(registry: Registry, wishes: dict[str, Any], sent: str) -> None:
    """A plain field gets a control whose default means the field's own default; its own values stay choices."""
    leaf = with_virtual_field(evolve(LEAF, form=(MODE,)), "mode", "quality", BOTH)
    assert resolve(_offer(leaf, registry), wishes).values == {"mode": sent, "n": 1}


def test_with_virtual_field_leaves_well_alone() -> None:
    """A leaf without the field, with the control, or without anything to add comes back as it is."""
    leaf = evolve(LEAF, form=(MODE,))
    done = with_virtual_field(leaf, "mode", "quality", BOTH)
    assert with_virtual_field(leaf, "size", "quality", BOTH) is leaf
    assert with_virtual_field(done, "mode", "quality", BOTH) is done
    assert with_virtual_field(leaf, "mode", "quality", {}) is leaf


def test_with_params_and_with_value() -> None:
    """Changes of a quirk are kept beside those that were there."""
    first, second = Change("a", 1, 2, "why"), Change("b", None, 3, "because")
    request = with_params(evolve(REQUEST, changes=(first,)), {"b": 3}, [second])
    assert (request.params, request.changes) == ({"b": 3}, (first, second))
    parameters = with_value(Parameters({"a": 1}, {}, (first,)), "b", 3, "because")
    assert (parameters.values, parameters.changes) == ({"a": 1, "b": 3}, (first, second))


def test_refuse() -> None:
    """A refusal names the parameter, the nearest accepted value and the next step."""
    error = refuse("aspect_ratio", "this model only does 1:1", "7:3", ["1:1", "21:9"], "Take another.")
    assert isinstance(error, InvalidRequestError)
    (problem,) = error.problems
    assert (problem.pointer, problem.nearest, error.hint) == ("/params/aspect_ratio", "21:9", "Take another.")
    assert str(error) == "aspect_ratio: this model only does 1:1"
    assert refuse("x", "no", None).problems[0].nearest is None
