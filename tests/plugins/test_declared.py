"""Quirks that are data: what each word of the vocabulary does, alone and one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from attrs import evolve

from ima_skills.catalogue import read_catalogue
from ima_skills.converter import strict_converter, structure
from ima_skills.declared.patterns import LONGEST_TEXT, fault_of, search
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.problem import Change
from ima_skills.domain.product import FormField, Option, ProductLeaf
from ima_skills.domain.request import Parameters, Request
from ima_skills.domain.task_type import Text
from ima_skills.errors import InvalidRequestError, RegistryError, UnknownModelError
from ima_skills.plugin_set import PluginSet
from ima_skills.quirks import Quirk, QuirkChain, chain_for
from ima_skills.registry import Registry

WHY = {"en": "because", "zh": "原因"}
LEAF = ProductLeaf(
    "kite-v2.1",
    "kite",
    "Kite V2.1",
    "text_to_image",
    (
        FormField("mode", "tags", "std", (Option("std"), Option("pro"))),
        FormField("size", "tags", "1K", (Option("1K"),)),
    ),
)


def chain(*rules: Mapping[str, Any], language: str = "en", **fields: Any) -> QuirkChain:
    """Return the quirks of a model file with these rules."""
    document = {"id": "kite-1", "name": "Kite 1", "modality": "image", "status": "production", **fields}
    document["rules"] = [{"why": WHY, **rule} for rule in rules]
    return chain_for(structure(strict_converter(), document, ModelEntry), {}, language)


def read(*rules: Mapping[str, Any], **params: Any) -> Request:
    """Return a wish as the rules read it; reading it once more changes nothing."""
    quirks = chain(*rules)
    request = quirks.on_request(Request("text_to_image", "x", params=params))
    assert quirks.on_request(request) == request
    return request


RENAME = {"rename": {"names": ["ratio", "Shape"], "to": "aspect_ratio"}}


@pytest.mark.parametrize("wish", ["ratio", "RATIO", "shape"])
def test_rename(wish: str) -> None:
    """Other names lead to the parameter, whatever their letter case; the change and its reason are kept."""
    request = read(RENAME, **{wish: "1:1", "seed": 1})
    assert request.params == {"aspect_ratio": "1:1", "seed": 1}
    assert request.changes == (Change(wish, "1:1", "aspect_ratio 1:1", "because"),)


def test_rename_two_that_mean_one() -> None:
    """Two names may say the same; when they differ, nobody guesses."""
    assert read(RENAME, ratio="1:1", aspect_ratio="1:1").params == {"aspect_ratio": "1:1"}
    assert read(RENAME, ratio=None, aspect_ratio="1:1").params == {"aspect_ratio": "1:1"}
    with pytest.raises(InvalidRequestError, match="also means aspect_ratio"):
        read(RENAME, ratio="1:1", aspect_ratio="16:9")


WORDS = {"map": {"param": "vocal_gender", "values": {"女声": "f", "man": "m"}}}


@pytest.mark.parametrize(("said", "sent"), [("女声", "f"), ("MAN", "m"), ("f", "f"), ("child", "child")])
def test_map_words(said: str, sent: str) -> None:
    """A word becomes its meaning; anything else stays for the form to judge."""
    request = read(WORDS, vocal_gender=said)
    assert request.params == {"vocal_gender": sent}
    assert [change.applied for change in request.changes] == ([] if said == sent else [sent])


@pytest.mark.parametrize(
    ("values", "said", "plain"),
    [
        ({"720p": "std"}, "720P", Text("720P", "720P")),
        ({"8k": "4k"}, "8K", None),
        ({"max": "4k"}, "max", Text("max", "max")),
    ],
)
def test_map_is_told_to_people_only_where_it_is_another_figure(
    values: dict[str, str], said: str, plain: Text | None
) -> None:
    """The mode that a quality becomes is the same quality; a smaller size is another one, and nobody hides it."""
    (change,) = read({"map": {"param": "size", "values": values}}, size=said).changes
    assert change.plain == plain


def test_map_to_a_field() -> None:
    """A plain field gets the control that people know, as far as the form offers what it means."""
    table: dict[str, Any] = {
        "map": {"param": "quality", "to": "mode", "values": {"720p": "std", "4K": "max"}}
    }
    quirks = chain(table)
    leaf = quirks.on_leaf(LEAF)
    field = leaf.form_field("mode")
    assert field is not None
    assert field.virtual is not None
    assert [rule.source_values for rule in field.virtual.rules] == [
        {"quality": "std"}, {"quality": "pro"}, {"quality": "720p"},
    ]  # fmt: skip
    assert quirks.on_leaf(leaf) == leaf
    table["map"]["extend"] = True
    longer = chain(table).on_leaf(LEAF).form_field("mode")
    assert longer is not None
    assert [option.value for option in longer.options] == ["std", "pro", "max"]


def test_map_to_a_field_of_some_leaves() -> None:
    """Task types and versions narrow a rule that shapes the form."""
    table = {"map": {"param": "quality", "to": "mode", "values": {"720p": "std"}}}
    for when, applies in (
        ({"task_types": ["text_to_image"]}, True),
        ({"task_types": ["image_to_image"]}, False),
        ({"versions": ["kite-v2.1"]}, True),
        ({"versions": ["kite-v1"]}, False),
    ):
        assert (chain({**table, "when": when}).on_leaf(LEAF) != LEAF) is applies


VERSION = {"param": "model", "sources": ["leaf.name", "leaf.id"], "pattern": r"v(\d+)(?:\.(\d+))?"}


@pytest.mark.parametrize(
    ("name", "template", "told"),
    [("Kite V3.5", "v{1}.{2}", "v3.5"), ("Kite", "{0}", "v2.1"), ("V7", "{1}{2}", "7")],
)
def test_derive_by_pattern(name: str, template: str, told: str) -> None:
    """The first source that fits tells; a group that is not there is empty."""
    quirks = chain({"derive": {**VERSION, "template": template}})
    parameters = quirks.on_parameters(Parameters({}), evolve(LEAF, name=name))
    assert parameters.values == {"model": told}
    assert parameters.changes == (Change("model", None, told, "because"),)
    assert quirks.on_parameters(parameters, LEAF) is parameters


def test_derive_from_a_parameter() -> None:
    """A table tells a value by another parameter's; without an answer the request is refused."""
    action = {"param": "strokes", "sources": ["lines"], "values": {"fine": 400, "5": 60}}
    quirks = chain({"derive": action})
    assert quirks.on_parameters(Parameters({"lines": "Fine"}), LEAF).values["strokes"] == 400
    assert quirks.on_parameters(Parameters({"lines": 5}), LEAF).values["strokes"] == 60
    with pytest.raises(InvalidRequestError, match="lines: does not tell which strokes"):
        quirks.on_parameters(Parameters({"lines": "odd"}), LEAF)
    otherwise = chain({"derive": {**action, "otherwise": 1}})
    assert otherwise.on_parameters(Parameters({}), LEAF).values == {"strokes": 1}


def test_derive_refuses_a_leaf_that_does_not_tell() -> None:
    """Nobody could say which version to send."""
    with pytest.raises(UnknownModelError, match="Kite does not tell which version") as caught:
        chain({"derive": VERSION}).on_parameters(Parameters({}), evolve(LEAF, id="kite", name="Kite"))
    assert caught.value.name == "unknown-version"


DEFAULT = {"default": {"param": "custom_mode", "value": True}, "when": {"given": ["lyrics", "title"]}}


def test_default() -> None:
    """What a wish does not say is added and reported; what it says stays, and so does a wish elsewhere."""
    assert read(DEFAULT, lyrics="la").params == {"lyrics": "la", "custom_mode": True}
    assert read(DEFAULT, lyrics="la").changes == (
        Change("custom_mode", None, applied=True, reason="because"),
    )
    assert read(DEFAULT, lyrics="la", **{"Custom-Mode": False}).changes == ()
    assert read(DEFAULT, lyrics="").params == {"lyrics": ""}


@pytest.mark.parametrize(
    ("when", "params", "applies"),
    [
        ({"task_types": ["text_to_image"]}, {}, True),
        ({"task_types": ["text_to_video"]}, {}, False),
        ({"params": {"sound": [True]}}, {"sound": "yes"}, True),
        ({"params": {"sound": [True]}}, {"sound": "1"}, True),
        ({"params": {"sound": [True]}}, {"Sound": "off"}, False),
        ({"params": {"sound": [False]}}, {"sound": 0}, True),
        ({"params": {"length": [5, 10]}}, {"length": "10s"}, True),
        ({"params": {"length": [5]}, "given": ["seed"]}, {"length": 5}, False),
        ({"params": {"length": [5]}}, {}, False),
    ],
)
def test_conditions(when: dict[str, Any], params: dict[str, Any], applies: bool) -> None:  # noqa: FBT001 - a case
    """Everything that a condition states must hold."""
    rule = {"default": {"param": "extra", "value": 1}, "when": when}
    assert ("extra" in read(rule, **params).params) is applies


SQUARE = {"constrain": {"params": ["aspect_ratio", "ratio"], "allowed": ["1:1"], "drop": True}}


def test_constrain_to_what_the_model_does_anyway() -> None:
    """The right value is granted without being sent; another one is refused with the nearest."""
    request = read(SQUARE, ratio="１：１", seed=1)
    assert request.params == {"seed": 1}
    assert request.changes == (Change("ratio", "１：１", None, "because"),)
    with pytest.raises(InvalidRequestError, match="aspect_ratio: because") as caught:
        read(SQUARE, aspect_ratio="16:9")
    (problem,) = caught.value.problems
    assert (problem.pointer, problem.value, problem.nearest) == ("/params/aspect_ratio", "16:9", "1:1")


@pytest.mark.parametrize(("value", "nearest"), [(2, 3), ("11s", 10), ("many", None), (float("nan"), None)])
def test_constrain_to_a_range(value: Any, nearest: Any) -> None:
    """Numbers and lengths outside are refused; inside, they stay as they were said."""
    rule = {"constrain": {"params": ["duration"], "minimum": 3, "maximum": 10}}
    assert read(rule, duration="5s").params == {"duration": "5s"}
    assert read(rule, duration=None).params == {"duration": None}
    with pytest.raises(InvalidRequestError) as caught:
        read(rule, duration=value)
    assert caught.value.problems[0].nearest == nearest


def test_constrain_to_nothing() -> None:
    """What may not be asked for is refused without being quoted: it may be somebody's song."""
    rule = {"constrain": {"params": ["lyrics"], "allowed": []}, "when": {"params": {"instrumental": [True]}}}
    assert read(rule, lyrics="la", instrumental=False).params["lyrics"] == "la"
    with pytest.raises(InvalidRequestError) as caught:
        read(rule, lyrics="a secret song", instrumental="on")
    assert "secret" not in str(caught.value.problems) + str(caught.value)


def test_constrain_all_parameters() -> None:
    """Only what is named may be asked for at all."""
    rule = {"constrain": {"only": ["seed"]}}
    assert read(rule, Seed=1).params == {"Seed": 1}
    with pytest.raises(InvalidRequestError, match="style: because"):
        read(rule, style="pop")


def test_require() -> None:
    """One of the parameters must be asked for."""
    rule = {"require": {"params": ["voice", "speaker"]}}
    assert read(rule, speaker="a").params == {"speaker": "a"}
    with pytest.raises(InvalidRequestError, match="voice: because"):
        read(rule, voice="")


def test_order() -> None:
    """Rules come in the order of the file, each on what the one before left; quirks in code come after them."""
    seen: list[Mapping[str, Any]] = []

    def look(request: Request, _: Mapping[str, Any]) -> Request:
        seen.append(dict(request.params))
        return request

    rename = {"rename": {"names": ["gender"], "to": "vocal_gender"}}
    entry = structure(
        strict_converter(),
        {
            "id": "k", "name": "K", "modality": "m", "status": "production", "quirks": ["look"],
            "rules": [{"why": WHY, **rename}, {"why": WHY, **WORDS}],
        },
        ModelEntry,
    )  # fmt: skip
    quirks = chain_for(entry, {"look": Quirk("look", Text("", ""), request=look)})
    assert [quirk.name for quirk in quirks.quirks] == ["rename vocal_gender", "map vocal_gender", "look"]
    request = quirks.on_request(Request("text_to_image", "x", params={"gender": "女声"}))
    assert (request.params, seen) == ({"vocal_gender": "f"}, [{"vocal_gender": "f"}])


def test_reasons_in_chinese() -> None:
    """Changes and refusals give their reason in the language of the request."""
    quirks = chain(RENAME, language="zh")
    assert quirks.on_request(Request("t", "x", params={"ratio": "1:1"})).changes[0].reason == "原因"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({}, "/rules/0: a rule needs one of"),
        ({"rename": {"names": "ratio", "to": "size"}}, "/rules/0/rename/names: expected list"),
        ({"renam": {}}, "/rules/0: unknown field: renam"),
        ({**RENAME, **WORDS}, "one rule for each"),
        ({"derive": {**VERSION, "pattern": "(a+)+"}}, "/rules/0/derive/pattern: the pattern repeats a group"),
        ({**SQUARE, "when": {"versions": ["v1"]}}, "/rules/0/when/versions: the version is not known yet"),
    ],
)
def test_an_unsound_rule_is_refused(rule: dict[str, Any], said: str) -> None:
    """A model whose rules cannot be right is not used: going on without them could cost points."""
    with pytest.raises(RegistryError, match=said):
        chain(rule)


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        (r"V(\d+(?:\.\d+)?)", None),
        (r"[a-z*+]{2,4}-\d{8}", None),
        (r"\(\d+\)", None),
        ("(a+)+$", "repeats a group"),
        ("(a|a)*b", "repeats a group"),
        ("(?:ab){2}", "repeats a group"),
        ("a*a*a*b", "too long"),
        ("a?" * 20 + "a" * 20, "too long"),
        ("(a|b)" * 18, "too long"),
        (r"(a)\1", "refers back"),
        ("(?=a)", "group other"),
        ("(", "no regular expression"),
        ("a" * 101, "longer than"),
    ],
)
def test_patterns_cannot_become_slow(pattern: str, fault: str | None) -> None:
    """A pattern that could take too long is refused before any text meets it."""
    found = fault_of(pattern)
    assert found is None if fault is None else found is not None and fault in found


def test_texts_are_cut_before_they_are_searched() -> None:
    """The cost of a pattern is reckoned for texts of that length."""
    assert search("z", "a" * LONGEST_TEXT + "z") is None
    assert search("Z", "a" * (LONGEST_TEXT - 1) + "z") is not None


def test_first_party_rules_are_pure_and_idempotent(registry: Registry, plugins: PluginSet) -> None:
    """Every declared rule of the registry leaves a completed leaf alone and never changes what it is given."""
    seen = 0
    for task_type in registry.task_types:
        for leaf in read_catalogue(task_type, registry.snapshot.groups(task_type)).leaves:
            bare = evolve(leaf, form=tuple(evolve(item, virtual=None) for item in leaf.form))
            entry = registry.by_model_id(leaf.model_id, task_type)
            if entry is None or not entry.rules:
                continue
            quirks = chain_for(entry, plugins.quirks)
            for given in (leaf, bare):
                before, once = repr(given), quirks.on_leaf(given)
                assert quirks.on_leaf(once) == once
                assert repr(given) == before
                seen += 1
    assert seen > 40
