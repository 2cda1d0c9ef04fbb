"""The JSON Schemas themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from collections.abc import Iterator

Schemas = dict[str, dict[str, Any]]
OURS = (
    "catalogue", "common", "defaults", "errors", "failures", "messages", "model", "platform", "task_types",
)  # fmt: skip


def _own(schemas: Schemas) -> Schemas:
    return {name: s for name, s in schemas.items() if name in OURS or name.startswith("request/")}


def _nodes(node: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from _nodes(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, f"{path}[{index}]")


def test_there_is_a_schema_for_every_registry_file_and_every_task_type(
    schemas: Schemas, task_types: dict[str, Any]
) -> None:
    """Nothing in the registry is unguarded, and each task type has a request schema."""
    assert set(OURS) <= schemas.keys()
    assert {f"request/{name}" for name in task_types} <= schemas.keys()


def test_schemas_are_valid_2020_12(schemas: Schemas) -> None:
    """Every schema obeys the metaschema it names."""
    for schema in _own(schemas).values():
        assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
        Draft202012Validator.check_schema(schema)


def test_ids_follow_the_path(schemas: Schemas) -> None:
    """An ``$id`` can be derived from the file's place, so references resolve offline."""
    for name, schema in _own(schemas).items():
        assert schema["$id"] == f"https://ima-skills.invalid/schemas/{name}.schema.json"


def test_references_lead_somewhere(schemas: Schemas) -> None:
    """Every ``$ref`` names a definition that exists in one of our schemas."""
    by_id = {schema["$id"]: schema for schema in schemas.values()}
    for name, schema in _own(schemas).items():
        for path, node in _nodes(schema):
            if isinstance(node.get("$ref"), str):
                target, _, fragment = node["$ref"].partition("#/$defs/")
                holder = by_id[target] if target else schema
                assert fragment in holder["$defs"], f"{name} {path}: {node['$ref']}"


def test_every_property_is_described(schemas: Schemas) -> None:
    """A property says what it is, itself or through what it refers to."""
    silent = [
        f"{name} {path}.{key}"
        for name, schema in _own(schemas).items()
        for path, node in _nodes(schema)
        if isinstance(node.get("properties"), dict) and node.get("type") == "object"
        for key, prop in node["properties"].items()
        if "description" not in prop and "$ref" not in prop
    ]
    assert not silent


def test_objects_refuse_unknown_fields(schemas: Schemas) -> None:
    """Where a schema lists an object's fields, it refuses all others."""
    open_objects = [
        f"{name} {path}"
        for name, schema in _own(schemas).items()
        for path, node in _nodes(schema)
        if node.get("type") == "object"
        and "properties" in node
        and node.get("additionalProperties") is not False
    ]
    assert not open_objects
