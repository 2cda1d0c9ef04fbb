"""Tables of a JSON Schema for people: field, what it takes, what it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "table",
    "null": "null",
}
_BOUNDS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {}",
    "maxItems": "at most {}",
    "minProperties": "at least {} keys",
}
# Bounds that read better in other words.
_ONE = {
    ("minLength", 1): "not empty",
    ("minItems", 1): "not empty",
    ("minItems", 0): "may be empty",
    ("minProperties", 1): "not empty",
}
_SWITCHES: Mapping[bool, Mapping[str, Any]] = {
    True: {"description": "Allowed."},
    False: {"description": "Not allowed."},
}
# What a table shows; any other word of a schema is shown as it stands, so that nothing is left unsaid.
_SHOWN = {
    *_BOUNDS,
    "$ref", "type", "enum", "const", "description", "title", "properties", "required", "items", "uniqueItems",
    "additionalProperties", "propertyNames", "pattern", "default", "$schema", "$id", "$defs", "writeOnly",
}  # fmt: skip


@frozen
class Page:
    """Schemas that refer to each other, and the page on which they are shown.

    Attributes:
        name: Name of the schema that is being shown.
        links: Shape to where it stands: ``common#/$defs/text`` to ``#common-text``.
    """

    name: str
    links: Mapping[str, str] = field(factory=dict)

    def shape(self, reference: str) -> str:
        """Return a link to the shape that a schema refers to."""
        file, _, place = reference.rpartition("/schemas/")[2].partition("#")
        name = file.removesuffix(".schema.json") or self.name
        label = place.rpartition("/")[2] or name.rpartition("/")[2]
        return f"[{label}]({self.links[f'{name}#{place}']})"


def table(schema: Mapping[str, Any], page: Page) -> Iterator[str]:
    """Yield the lines of a table, and what no table can say.

    Args:
        schema: An object's schema.
        page: Where it stands.
    """
    notes: list[str] = []
    rows = list(_rows(schema, "", page, notes))
    if rows:
        yield from ("| field | takes | meaning |", "|---|---|---|", *rows, "")
    yield from notes
    if notes:
        yield ""


def prose(schema: Mapping[str, Any]) -> str:
    """Return what a schema says about itself, safe in Markdown."""
    return str(schema.get("description", "")).replace("<", "&lt;")


def _rows(schema: Mapping[str, Any], place: str, page: Page, notes: list[str]) -> Iterator[str]:
    notes += _unsaid(schema, place)
    for name, child in _children(schema):
        path = f"{place}.{name}" if place else name
        needed = " **required**" if name in schema.get("required", ()) else ""
        meaning = prose(child).replace("|", "\\|")
        yield f"| `{path}`{needed} | {takes(child, page)} | {meaning} |"
        while "items" in child:
            child, path = child["items"], f"{path}[]"  # noqa: PLW2901 - down to what the list holds
        yield from _rows(child, path, page, notes)


def _unsaid(schema: Mapping[str, Any], place: str) -> Iterator[str]:
    """Yield what a row has no column for: patterns, and conditions as they stand in the schema."""
    where = f"`{place}`" if place else "The whole"
    if "pattern" in schema:
        yield f"- {where} matches `{schema['pattern']}`"
    rest = {
        word: value
        for word, value in schema.items()
        if word not in _SHOWN and not _alternatives(schema, word)
    }
    if rest:
        yield f"- {where} also keeps to `{json.dumps(rest, ensure_ascii=False)}`"


def _alternatives(schema: Mapping[str, Any], word: str) -> bool:
    """Tell whether a word lists alternatives that need no fields of their own to be named."""
    return word in ("anyOf", "oneOf") and not any(
        "properties" in other or "required" in other for other in schema[word]
    )


def _children(schema: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, child in schema.get("properties", {}).items():
        yield name, _SWITCHES[child] if isinstance(child, bool) else child
    others = schema.get("additionalProperties")
    if isinstance(others, dict):
        names = schema.get("propertyNames", {}).get("$ref", "")
        yield f"<{names.rpartition('/')[2] or 'name'}>", others


def takes(schema: Mapping[str, Any], page: Page) -> str:
    """Return which values a schema takes."""
    if "$ref" in schema:
        return page.shape(schema["$ref"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'], ensure_ascii=False)}`"
    if "enum" in schema:
        return " · ".join(f"`{_plain(value)}`" for value in schema["enum"])
    for word in ("anyOf", "oneOf"):
        if word in schema and _alternatives(schema, word):
            return " or ".join(dict.fromkeys(takes(other, page) for other in schema[word]))
    kinds = schema.get("type", ())
    text = " or ".join(_WORDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)) or "anything"
    if "items" in schema:
        text = text.replace("list", f"list of {takes(schema['items'], page)}")
    bounds = [
        _ONE.get((name, schema[name]), words).format(schema[name])
        for name, words in _BOUNDS.items()
        if name in schema
    ]
    if schema.get("uniqueItems"):
        bounds.append("each once")
    return ", ".join([text, *bounds])


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
