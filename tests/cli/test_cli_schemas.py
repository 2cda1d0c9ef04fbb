"""The schemas of outputs themselves."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from ima_skills.resources import data_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NAMES = (
    *("result", "error", "quote", "models", "model", "task", "plugins", "registry_check", "doctor", "demo"),
    *("sandbox", "completion", "common", "tasks", "collect", "spend"),
    *("plan", "workflow_run", "workflow", "workflows"),
)


def load(name: str) -> dict[str, Any]:
    """Return one schema."""
    file = data_root("schemas").joinpath("output", f"{name}.schema.json")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object inside a schema."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from nodes(value)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_sound(name: str) -> None:
    """Valid 2020-12, named by its path, closed, and every property says what it is."""
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"https://ima-skills.invalid/schemas/output/{name}.schema.json"
    assert schema["title"]
    assert schema["description"]
    for node in nodes(schema):
        if node.get("type") == "object" and "properties" in node:
            assert node["additionalProperties"] is False
            silent = [
                key for key, item in node["properties"].items() if not {"description", "$ref"} & item.keys()
            ]
            assert silent == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("result", {"colour": "red"}),
        ("result", {"task_id": None}),
        ("result", {"model_id": None}),
        ("task", {"status": "lost"}),
        ("error", {"exit_code": 8}),
        ("error", {"status": "ok"}),
        ("error", {"code": "Not Kebab"}),
    ],
)
def test_a_schema_refuses(name: str, change: dict[str, Any], fits: Callable[[str, Any], None]) -> None:
    """The guards guard: a document that is wrong in one place does not pass."""
    outcome: dict[str, Any] = {
        "task_id": "t",
        "task_type": "text_to_image",
        "status": "success",
        "url": None,
        "cover_url": None,
        "model_id": "m",
        "model_name": "M",
        "version_id": "v",
        "credit": 5,
        "params": {},
        "changes": [],
        "medias": [],
        "elapsed_s": 0,
        "sandbox": True,
    }
    error: dict[str, Any] = {
        "status": "error",
        "code": "network",
        "message": "m",
        "hint": "",
        "retryable": True,
        "task_id": None,
        "problems": [],
        "exit_code": 5,
    }
    document = error if name == "error" else outcome | ({"looks": None} if name == "task" else {})
    fits(name, document)
    with pytest.raises(AssertionError):
        fits(name, {**document, **change})
