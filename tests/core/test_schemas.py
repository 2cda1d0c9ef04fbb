"""Checking documents against JSON Schemas, and saying everything that is wrong."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.errors import RegistryError
from ima_skills.schemas import SchemaStore, check, open_schemas

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.domain.problem import Problem
    from ima_skills.registry import Registry


def _one(value: Any, schema: dict[str, Any]) -> Problem:
    (problem,) = check({"x/y": value}, {"properties": {"x/y": schema}})
    assert problem.pointer == "/x~1y"
    return problem


@pytest.mark.parametrize(
    ("value", "schema", "message", "nearest"),
    [
        ("c", {"enum": ["aa", "cc"]}, "must be one of aa, cc", "cc"),
        (7, {"enum": [5, 10]}, "must be one of 5, 10", 5),
        ("b", {"const": "a"}, "must be a", None),
        ("5", {"type": "integer"}, "must be integer, not string", 5),
        (True, {"type": ["integer", "null"]}, "must be integer or null, not boolean", None),
        ({1, 2}, {"type": "array"}, "must be array, not something else", None),
        (0, {"minimum": 1}, "must be at least 1", 1),
        (9, {"maximum": 4}, "must be at most 4", 4),
        ("", {"minLength": 1}, "must not be empty", None),
        ("a", {"minLength": 3}, "needs at least 3 characters", None),
        ("abcd", {"maxLength": 3}, "must have at most 3 characters, has 4", None),
        ([], {"minItems": 1}, "needs at least 1, has 0", None),
        ([1, 2], {"maxItems": 1}, "takes at most 1, has 2", None),
        ("x", {"pattern": "^y"}, "must match ^y", None),
        ("Kite 1", {"pattern": "^[a-z0-9-]+$"}, "must match ^[a-z0-9-]+$", "kite-1"),
        ("x", {"type": "array"}, "must be array, not string", ["x"]),
        ("yes", {"type": "boolean"}, "must be boolean, not string", None),
        ("True", {"type": "boolean"}, "must be boolean, not string", True),
        ({}, {"minProperties": 1}, "needs at least 1, has 0", None),
        ([1, 1], {"uniqueItems": True}, "names something twice", None),
    ],
)
def test_sentences(value: Any, schema: dict[str, Any], message: str, nearest: Any) -> None:
    """Every rule is explained in a sentence, with the nearest value that passes."""
    problem = _one(value, schema)
    assert (problem.message, problem.nearest) == (message, nearest)


def test_private_values_are_not_quoted() -> None:
    """A property marked writeOnly is never repeated, nor is a container."""
    assert _one("my prompt", {"maxLength": 1, "writeOnly": True}).value is None
    assert _one(["a"], {"maxItems": 0}).value is None
    assert _one("zz", {"maxLength": 1}).value == "zz"


def test_missing_fields_are_named_once() -> None:
    """Fields that are missing together are one problem."""
    (problem,) = check({}, {"required": ["a", "b"]})
    assert (problem.message, problem.pointer, problem.rule) == ("missing: a, b", "", "required")


def test_unknown_fields_get_the_nearest() -> None:
    """Every unknown field is a problem of its own; a pattern of the schema makes a field known."""
    schema = {"properties": {"duration": {}}, "patternProperties": {"^x-": {}}, "additionalProperties": False}
    found = check({"duraton": 1, "x-note": 2, "a/b": 3}, schema)
    assert [(p.pointer, p.nearest) for p in found] == [("/duraton", "duration"), ("/a~1b", None)]
    assert found[0].message == "'duraton' is not known here"
    assert found[0].value is None


def test_problems_come_in_order_of_place() -> None:
    """The order of problems is that of their places, not of the schema."""
    schema = {"properties": {"b": {"type": "string"}, "a": {"type": "string"}}}
    assert [problem.pointer for problem in check({"b": 1, "a": 2}, schema)] == ["/a", "/b"]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({}, []), ({"prompt": ""}, ["/prompt"]), ({"prompt": " \n"}, ["/prompt"]), ({"prompt": "x" * 4001}, ["/prompt"]),
        ({"prompt": None}, ["/prompt"]), ({"n": 0}, ["/n"]), ({"n": 5}, ["/n"]), ({"n": "2"}, ["/n"]), ({"n": True}, ["/n"]),
        ({"inputs": ["a.png"]}, ["/inputs"]), ({"language": "fr"}, ["/language"]), ({"params": {"a": [1]}}, ["/params/a"]),
        ({"params": [1]}, ["/params"]), ({"model": 5}, ["/model"]), ({"colour": 1}, ["/colour"]), ({"task_type": "x"}, ["/task_type"]),
    ],
)  # fmt: skip
def test_request_schema(change: dict[str, Any], pointers: list[str]) -> None:
    """The request schema of a task type finds every fault that needs no product list."""
    document = {
        "task_type": "text_to_video",
        "prompt": "a cat",
        "n": 1,
        "inputs": [],
        "params": {},
        "language": "en",
    }
    found = open_schemas().problems("request/text_to_video", {**document, **change})
    assert sorted({problem.pointer for problem in found}) == pointers
    assert all("a cat" not in str(problem.as_dict()) for problem in found)


def test_every_task_type_has_a_request_schema(registry: Registry) -> None:
    """Whatever can be asked for has a schema, whose bounds are those of the task type."""
    store = open_schemas()
    for name, kind in registry.task_types.items():
        properties = store.schema(f"request/{name}")["properties"]
        assert properties["prompt"]["maxLength"] == kind.prompt_max
        assert (properties["inputs"]["minItems"], properties["inputs"]["maxItems"]) == (
            kind.inputs.minimum,
            kind.inputs.maximum,
        )
        assert properties["n"]["maximum"] == kind.n_max


def _root(folder: Path, **schemas: Any) -> Path:
    for name, schema in schemas.items():
        text = schema if isinstance(schema, str) else json.dumps(schema)
        (folder / f"{name}.schema.json").write_text(text, encoding="utf-8")
    return folder


def test_earlier_roots_win(tmp_path: Path) -> None:
    """A further root adds schemas and cannot replace the first party's."""
    (tmp_path / "request").mkdir()
    _root(tmp_path, extra={"type": "string"})
    _root(tmp_path / "request", text_to_image={"type": "null"})
    store = open_schemas((tmp_path,))
    assert store.problems("extra", 5)[0].message == "must be string, not integer"
    assert store.problems("request/text_to_image", None)


def test_missing_and_broken_schemas(tmp_path: Path) -> None:
    """A schema that is not there or cannot be read is a fault of ours, named with its file."""
    store = SchemaStore((_root(tmp_path, torn="{", listed="[]"),))
    with pytest.raises(RegistryError, match="no schema is called 'nowhere'"):
        store.schema("nowhere")
    with pytest.raises(RegistryError, match=r"torn\.schema\.json: Expecting property name"):
        store.schema("torn")
    with pytest.raises(RegistryError, match=r"listed\.schema\.json: a schema is a JSON object"):
        store.schema("listed")


def test_references(tmp_path: Path) -> None:
    """References to our own schemas are followed offline; nothing else is ever fetched."""
    base = "https://ima-skills.invalid/schemas/"
    _root(tmp_path, part={"$id": f"{base}part.schema.json", "type": "string"})
    store = SchemaStore((tmp_path,))
    assert check(5, {"$ref": f"{base}part.schema.json"}, store)[0].message == "must be string, not integer"
    for schema_store in (store, None):
        with pytest.raises(
            RegistryError, match=r"a schema refers to https://example\.com/x\.json, which is not ours"
        ):
            check(5, {"$ref": "https://example.com/x.json"}, schema_store)
