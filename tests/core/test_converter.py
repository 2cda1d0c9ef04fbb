"""The strict converter at the edges: nothing coerced, nothing unknown, every fault with its place."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import pytest
from attrs import field, fields, frozen, has, resolve_types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ima_skills import domain
from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.domain.product import Option


@frozen
class Sample:
    """One field of every kind that the domain uses."""

    text: str
    whole: int
    number: float = 0.0
    flag: bool = False
    span: tuple[float, float] | None = None
    words: tuple[str, ...] = ()
    table: Mapping[str, Any] = field(factory=dict)
    inner: Option | None = None
    rows: tuple[Option, ...] = ()
    groups: Mapping[str, tuple[str, ...]] = field(factory=dict)
    more: Mapping[str, Option] = field(factory=dict)


def _faults(**data: Any) -> list[tuple[str, str]]:
    with pytest.raises(StructureError, match=r"\S") as caught:
        structure(strict_converter(), {"text": "t", "whole": 1, **data}, Sample)
    return [(problem.pointer, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "pointer", "message"),
    [
        ({"text": 5}, "/text", "expected str, got int"),
        ({"text": None}, "/text", "expected str, got NoneType"),
        ({"whole": "1"}, "/whole", "expected int, got str"),
        ({"whole": 1.0}, "/whole", "expected int, got float"),
        ({"whole": True}, "/whole", "expected int, got bool"),
        ({"number": "1"}, "/number", "expected float, got str"),
        ({"number": True}, "/number", "expected float, got bool"),
        ({"flag": 1}, "/flag", "expected bool, got int"),
        ({"flag": "true"}, "/flag", "expected bool, got str"),
        ({"words": "abc"}, "/words", "expected list, got str"),
        ({"words": {"a": 1}}, "/words", "expected list, got dict"),
        ({"words": ["a", 5]}, "/words/1", "expected str, got int"),
        ({"span": [1]}, "/span", "Not enough values in [1] to structure as tuple[float, float]"),
        ({"span": [1, "2"]}, "/span/1", "expected float, got str"),
        ({"table": [1]}, "/table", "expected dict, got list"),
        ({"inner": "x"}, "/inner", "expected a table of fields, got str"),
        ({"rows": [5]}, "/rows/0", "expected a table of fields, got int"),
        ({"inner": {"value": 1, "hue": 2}}, "/inner", "unknown field: hue"),
        ({"rows": [{"value": 1}, {}]}, "/rows/1/value", "required field missing: value"),
        ({"groups": {"a.b [c] 'd'/~": ["x", 1]}}, "/groups/a.b [c] 'd'~1~0/1", "expected str, got int"),
        ({"groups": {'say "it\'s"': "x"}}, '/groups/say "it\'s"', "expected list, got str"),
        ({"more": {"k": {"value": 1, "label": 2}}}, "/more/k/label", "expected str, got int"),
        ({"extra": 1, "other": 2}, "", "unknown field: extra, other"),
    ],
)
def test_faults_with_places(data: dict[str, Any], pointer: str, message: str) -> None:
    """Every mistake is refused where it stands, whatever characters are in the way there."""
    assert _faults(**data) == [(pointer, message)]


@pytest.mark.parametrize("data", [None, 5, "text", [], [1], True])
def test_no_table_at_all(data: Any) -> None:
    """Something that is no table is refused like any other mistake."""
    with pytest.raises(StructureError, match=f"expected a table of fields, got {type(data).__name__}"):
        structure(strict_converter(), data, Sample)


def test_all_faults_at_once() -> None:
    """One look tells every mistake."""
    faults = _faults(text=1, whole="x", words=[1, 2], rows=[{"value": 1, "label": None}])
    assert sorted(pointer for pointer, _ in faults) == [
        "/rows/0/label",
        "/text",
        "/whole",
        "/words/0",
        "/words/1",
    ]


def test_missing_fields() -> None:
    """A required field that is missing is named."""
    with pytest.raises(StructureError, match="required field missing: text"):
        structure(strict_converter(), {}, Sample)


def test_whole_numbers_are_numbers() -> None:
    """An int may stand where a number is due, and stays what it is."""
    sample = structure(strict_converter(), {"text": "t", "whole": 1, "number": 2, "span": [1, 2.5]}, Sample)
    assert (sample.number, sample.span) == (2, (1, 2.5))


def test_quick_converter_agrees() -> None:
    """Without collecting faults the same data is accepted and refused."""
    quick = strict_converter(detailed=False)
    assert structure(quick, {"text": "t", "whole": 1, "words": ["a"]}, Sample).words == ("a",)
    for data in (
        {"text": 5, "whole": 1},
        {"text": "t"},
        {"text": "t", "whole": 1, "x": 2},
        {"text": "t", "whole": 1, "words": "abc"},
    ):
        with pytest.raises(StructureError, match=r"expected|unknown|missing|Extra"):
            structure(quick, data, Sample)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT
JSON = st.recursive(
    SCALAR, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXT, inner, max_size=2), max_leaves=4
)
PLAIN: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXT, int: st.integers(), float: st.floats(allow_nan=False), bool: st.booleans(), Any: JSON,
    type(None): st.none(),
}  # fmt: skip


def _domain() -> list[type]:
    """Return every attrs class of the domain, so that none can be forgotten."""
    found: dict[str, type] = {}
    for module in iter_modules(domain.__path__):
        loaded = import_module(f"ima_skills.domain.{module.name}")
        found |= {name: cls for name, cls in vars(loaded).items() if isinstance(cls, type) and has(cls)}
    return [found[name] for name in sorted(found)]


DOMAIN = _domain()


def _strategy(kind: Any) -> st.SearchStrategy[Any]:
    """Return values of any type that domain classes use."""
    if kind in PLAIN:
        return PLAIN[kind]
    if isinstance(kind, type) and has(kind):
        parts = {item.alias: _strategy(item.type) for item in fields(resolve_types(kind)) if item.init}
        return st.builds(kind, **parts)
    return _composed(kind)


def _composed(kind: Any) -> st.SearchStrategy[Any]:
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, UnionType):
        return st.one_of(*map(_strategy, arguments))
    if origin is tuple and arguments[-1] is Ellipsis:
        return st.lists(_strategy(arguments[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(_strategy, arguments))
    assert origin is Mapping, kind
    return st.dictionaries(_strategy(arguments[0]), _strategy(arguments[1]), max_size=2)


@pytest.mark.parametrize("cls", DOMAIN, ids=lambda cls: cls.__name__)
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_round_trips(cls: type, data: st.DataObject) -> None:
    """Every domain value goes out as plain data and comes back equal, without any coercion."""
    value = data.draw(_strategy(cls))
    converter = strict_converter()
    assert structure(converter, converter.unstructure(value), cls) == value


def test_the_domain_is_found() -> None:
    """The round trips above cover the whole domain."""
    assert {"Request", "ProductLeaf", "Task", "Result", "ModelEntry", "Attempt"} <= {
        cls.__name__ for cls in DOMAIN
    }
    assert len(DOMAIN) > 35
