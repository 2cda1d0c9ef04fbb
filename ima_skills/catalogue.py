"""Read the service's product list: a tree of groups whose leaves can be booked.

Real lists lack things: forms, children, descriptions. A leaf that cannot be read costs only itself.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.domain.product import ProductLeaf

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from cattrs import Converter

# Node types are strings on the wire.
_LEAF = "3"
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*(?:[~\-–]\s*(\d+(?:\.\d+)?))?")
_MARKER = "default"
# What we read; everything else is kept as extra.
_OF_LEAF = frozenset({"id", "model_id", "name", "type", "form_config", "credit_rules", "files", "children"})
_OF_FIELD = frozenset({
    "field", "type", "value", "options", "label", "config", "is_ui_virtual", "ui_params", "value_mapping",
})  # fmt: skip
_OF_OPTION = frozenset({"value", "label", "disabled"})
_OF_RULE = frozenset({"attribute_id", "points", "attributes"})
_OF_DEFAULT = frozenset({_MARKER})


@frozen
class Catalogue:
    """The bookable leaves of one category.

    Attributes:
        task_type: The category.
        leaves: In the order of the list, which means nothing.
        faults: What could not be read, one sentence per leaf.
    """

    task_type: str
    leaves: tuple[ProductLeaf, ...]
    faults: tuple[str, ...] = ()


def read_catalogue(task_type: str, nodes: Any) -> Catalogue:
    """Read the ``data`` of a product list.

    Args:
        task_type: The category that was asked for.
        nodes: The list of nodes; null counts as empty.
    """
    quick, thorough = strict_converter(detailed=False), strict_converter()
    leaves: list[ProductLeaf] = []
    faults: list[str] = []
    with _no_collection():
        for node in _walk(nodes):
            try:
                leaves.append(_structured(quick, thorough, _leaf(node, task_type)))
            except (StructureError, AttributeError, TypeError, ValueError) as error:
                faults.append(f"{node.get('id')}: {error}")
    return Catalogue(task_type, tuple(leaves), tuple(faults))


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause the cyclic collector: reading makes no cycles, and it would walk the growing list again and again.

    Measured: half of the time that a list of 10,000 leaves takes.
    """
    import gc

    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def _structured(quick: Converter, thorough: Converter, data: dict[str, Any]) -> ProductLeaf:
    """Structure a leaf; lists of thousands are common, faulty leaves are not."""
    try:
        return quick.structure(data, ProductLeaf)
    except Exception:  # noqa: BLE001 - whatever it was, the thorough converter says it with its place
        return structure(thorough, data, ProductLeaf)


def _walk(nodes: Any) -> Iterator[dict[str, Any]]:
    """Yield the leaves in the order of the list; without recursion, however deep a list is nested."""
    waiting = [nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(reversed(node))
        elif isinstance(node, dict):
            if str(node.get("type")) == _LEAF:
                yield node
            waiting.append(node.get("children"))


def _leaf(node: dict[str, Any], task_type: str) -> dict[str, Any]:
    return {
        # Nothing can be booked without its ids; an empty one is as bad as none.
        "id": node.get("id") or None,
        "model_id": node.get("model_id") or None,
        "name": node.get("name") or node.get("model_id"),
        "task_type": task_type,
        "form": [_form_field(item) for item in node.get("form_config") or () if item.get("field")],
        "rules": [_rule(item) for item in node.get("credit_rules") or ()],
        "estimate": _estimate(node.get("tags")),
        "files": node.get("files") or {},
        "extra": _rest(node, _OF_LEAF),
    }


def _form_field(item: dict[str, Any]) -> dict[str, Any]:
    bounds = item.get("config") or {}
    return {
        "name": item["field"],
        "type": item.get("type") or "",
        "value": item.get("value"),
        "options": [_option(option) for option in item.get("options") or ()],
        "label": str(item.get("label") or ""),
        "minimum": bounds.get("minimum"),
        "maximum": bounds.get("maximum"),
        "virtual": _virtual(item),
        "extra": _rest(item, _OF_FIELD),
    }


def _option(option: Any) -> dict[str, Any]:
    if not isinstance(option, dict):
        return {"value": option, "label": str(option)}
    disabled = option.get("disabled")
    return {
        "value": option.get("value"),
        "label": str(option.get("label") or option.get("value")),
        "disabled": {key: _many(values) for key, values in disabled.items()} if disabled else {},
        "extra": _rest(option, _OF_OPTION),
    }


def _many(values: Any) -> list[Any]:
    return values if isinstance(values, list) else [values]


def _virtual(item: dict[str, Any]) -> dict[str, Any] | None:
    mapping = item.get("value_mapping") or {}
    rules = mapping.get("mapping_rules") or ()
    if not item.get("is_ui_virtual") or not rules:
        return None
    return {
        "ui_fields": [_ui_field(ui) for ui in item.get("ui_params") or _controls(mapping)],
        "target": mapping.get("target_param") or item["field"],
        "rules": [
            {"source_values": rule.get("source_values") or {}, "target_value": rule.get("target_value")}
            for rule in rules
        ],
    }


def _controls(mapping: dict[str, Any]) -> list[dict[str, Any]]:
    """Return bare controls for a table that comes without them; its rows name the choices."""
    return [{"field": name} for name in mapping.get("source_params") or ()]


def _ui_field(ui: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": ui.get("field") or ui.get("id"),
        "value": ui.get("value"),
        "options": [_option(option) for option in ui.get("options") or ()],
        "label": str(ui.get("label") or ""),
    }


def _rule(item: dict[str, Any]) -> dict[str, Any]:
    attributes = item.get("attributes") or {}
    return {
        "attribute_id": item.get("attribute_id"),
        "points": item.get("points"),
        "attributes": _rest(attributes, _OF_DEFAULT),
        "is_default": _MARKER in attributes,
        "extra": _rest(item, _OF_RULE),
    }


def _estimate(tags: Any) -> tuple[float, float] | None:
    for tag in tags if isinstance(tags, list) else ():
        told = isinstance(tag, dict) and tag.get("tag_type") == "EET"
        span = _SPAN.search(str(tag.get("tag_value"))) if told else None
        if span:
            return float(span[1]), float(span[2] or span[1])
    return None


def _rest(node: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    if node.keys() <= known:
        return {}
    return {key: value for key, value in node.items() if key not in known}
