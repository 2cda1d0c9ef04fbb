"""Reading product lists, which lack things."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.catalogue import read_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.catalogue import Catalogue
    from ima_skills.registry import Registry

BARE: dict[str, Any] = {"type": "3", "id": "v1", "model_id": "m", "name": "Model",
        "credit_rules": [{"attribute_id": 1, "points": 5, "attributes": {"default": "enabled"}}]}  # fmt: skip


def _read(*nodes: Any) -> Catalogue:
    return read_catalogue("text_to_image", list(nodes))


@pytest.mark.parametrize(
    "nodes", [None, [], {}, "x", 5, [None], [[]], [{"type": "2", "children": None}], [{}]]
)
def test_empty_lists(nodes: Any) -> None:
    """Null and empty lists, and groups without children, hold no leaves and break nothing."""
    assert read_catalogue("text_to_image", nodes).leaves == ()


def test_a_bare_leaf() -> None:
    """A leaf without form, tags, files and description is whole."""
    (leaf,) = _read(BARE).leaves
    assert (leaf.id, leaf.model_id, leaf.name, leaf.task_type) == ("v1", "m", "Model", "text_to_image")
    assert (leaf.form, leaf.estimate, leaf.files, leaf.extra) == ((), None, {}, {})
    assert leaf.rules[0].is_default
    assert leaf.rules[0].attributes == {}


@pytest.mark.parametrize("missing", [None, [], "absent"])
def test_absent_form(missing: Any) -> None:
    """form_config may be null, empty or absent."""
    node = {**BARE, "form_config": missing}
    if missing == "absent":
        del node["form_config"]
    assert _read(node).leaves[0].form == ()


def test_nested_groups() -> None:
    """Leaves are found however deep they are nested, in the order of the list."""
    tree = {"type": "1", "children": [{"type": "2", "children": [BARE, {"type": "2", "children": [{**BARE, "id": "v2"}]}]},
                                      {**BARE, "id": "v3", "children": [{**BARE, "id": "v4"}]}]}  # fmt: skip
    assert [leaf.id for leaf in _read(tree, {**BARE, "id": "v5", "type": 3}).leaves] == [
        "v1",
        "v2",
        "v3",
        "v4",
        "v5",
    ]


def test_absurdly_deep_list() -> None:
    """A list nested deeper than Python may recurse is read all the same."""
    tree: Any = BARE
    for _ in range(5000):
        tree = {"type": "2", "children": [tree]}
    assert len(_read(tree).leaves) == 1


def test_repeated_model_id(catalogue: Callable[[str], Catalogue]) -> None:
    """Leaves that share a family id are all kept."""
    shared = [leaf.id for leaf in catalogue("text_to_video").leaves if leaf.model_id == "pixverse"]
    assert len(shared) == 5


def test_unknown_fields_are_kept() -> None:
    """What the service adds is kept beside what we know, at every level."""
    node = copy.deepcopy(BARE)
    node.update(
        shiny=1, form_config=[{"field": "f", "type": "tags", "glow": 2, "options": [{"value": 1, "hue": 3}]}]
    )
    node["credit_rules"][0]["origin_point"] = 9
    (leaf,) = _read(node).leaves
    assert leaf.extra == {"shiny": 1}
    assert leaf.form[0].extra == {"glow": 2}
    assert leaf.form[0].options[0].extra == {"hue": 3}
    assert leaf.rules[0].extra == {"origin_point": 9}


@pytest.mark.parametrize(
    "harm",
    [
        {"id": None}, {"id": ""}, {"id": 5}, {"model_id": None}, {"model_id": ""}, {"name": 5}, {"credit_rules": ["x"]},
        {"credit_rules": [{"points": 5}]}, {"credit_rules": [{"attribute_id": "1", "points": 5}]},
        {"credit_rules": [{"attribute_id": 1, "points": 5.5}]}, {"credit_rules": [{"attribute_id": True, "points": 5}]},
        {"credit_rules": [{"attribute_id": 1, "points": 5, "attributes": [1]}]}, {"credit_rules": 5},
        {"form_config": ["x"]}, {"form_config": [{"field": 5, "type": "tags"}]}, {"form_config": {"a": 1}},
        {"form_config": [{"field": "f", "config": {"maximum": "800"}}]}, {"files": "card"},
        {"form_config": [{"field": "f", "options": [{"value": 1, "disabled": [1]}]}]},
        {"form_config": [{"field": "f", "is_ui_virtual": True, "value_mapping": {"mapping_rules": [5]}}]},
    ],
    ids=str,
)  # fmt: skip
def test_a_broken_leaf_costs_only_itself(harm: dict[str, Any]) -> None:
    """A leaf that cannot be read is left out and named; its neighbours stay."""
    found = _read({**BARE, **harm}, {**BARE, "id": "good"})
    assert [leaf.id for leaf in found.leaves] == ["good"]
    assert len(found.faults) == 1
    assert found.faults[0].startswith(str(harm.get("id", "v1")))


@pytest.mark.parametrize(
    ("decoration", "value"),
    [
        ({"tags": "x"}, None), ({"tags": [5, None, {"tag_type": "EET"}]}, None), ({"tags": None}, None),
        ({"tags": [{"tag_type": "EET", "tag_value": "20~35s"}]}, (20.0, 35.0)),
        ({"tags": [{"tag_type": "EET", "tag_value": "30s"}]}, (30.0, 30.0)),
        ({"tags": [{"tag_type": "EET", "tag_value": "1.5-2 s"}]}, (1.5, 2.0)),
        ({"tags": [{"tag_type": "EET", "tag_value": "soon"}]}, None),
    ],
)  # fmt: skip
def test_estimates(decoration: dict[str, Any], value: Any) -> None:
    """The EET tag is an estimate in seconds; odd tags cost nothing but the estimate."""
    assert _read({**BARE, **decoration}).leaves[0].estimate == value


def test_odd_decoration_costs_nothing() -> None:
    """Labels of other types and options without braces do not cost a leaf."""
    form = [{"field": "f", "type": "tags", "label": 5, "options": ["a", {"value": "b", "label": None}]}]
    (leaf,) = _read({**BARE, "form_config": form}).leaves
    assert [(option.value, option.label) for option in leaf.form[0].options] == [("a", "a"), ("b", "b")]


def test_table_without_controls() -> None:
    """A mapping that comes without ui_params still has the controls that it names."""
    mapping = {"source_params": ["q"], "target_param": "mode",
               "mapping_rules": [{"source_values": {"q": "720p"}, "target_value": "std"}]}  # fmt: skip
    item = {"field": "mode", "type": "tags", "is_ui_virtual": True, "value_mapping": mapping}
    virtual = _read({**BARE, "form_config": [item]}).leaves[0].form[0].virtual
    assert virtual is not None
    assert [ui.name for ui in virtual.ui_fields] == ["q"]


def test_control_named_by_id() -> None:
    """A control's name may be called id instead of field."""
    mapping = {"mapping_rules": [{"source_values": {"q": 1}, "target_value": 2}]}
    item = {
        "field": "mode",
        "type": "tags",
        "is_ui_virtual": True,
        "value_mapping": mapping,
        "ui_params": [{"id": "q"}],
    }
    virtual = _read({**BARE, "form_config": [item]}).leaves[0].form[0].virtual
    assert virtual is not None
    assert (virtual.ui_fields[0].name, virtual.target) == ("q", "mode")


def test_all_captured_leaves_are_read(registry: Registry, catalogue: Callable[[str], Catalogue]) -> None:
    """Nothing of the real lists is lost."""
    for name in registry.task_types:
        found = catalogue(name)
        assert found.faults == ()
        assert len(found.leaves) == json.dumps(registry.snapshot.groups(name)).count('"type": "3"')


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["3", "2", "tags", "v1"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["type", "id", "model_id", "children", "form_config", "credit_rules", "options",
                                       "field", "attributes", "points", "attribute_id", "ui_params", "tags", "files",
                                       "value_mapping", "mapping_rules", "is_ui_virtual", "disabled"]), inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


@given(JSON)
def test_no_list_breaks_the_reader(nodes: Any) -> None:
    """Whatever the service answers, reading gives leaves and faults, never an exception."""
    found = read_catalogue("text_to_image", [{**BARE, "id": "good"}, nodes])
    assert found.leaves[0].id == "good"
