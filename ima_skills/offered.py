"""Leaves that model files declare, in the shape of the service's product list.

They stand in where no captured list has the model: in the sandbox and in offline lists. Each is marked as
declared. The engine prices and books on the live list alone, so nothing here is ever charged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.errors import RegistryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ima_skills.domain.declared import DeclaredLeaf
    from ima_skills.domain.model_entry import ModelEntry, ModelTask

# Beside the service's own fields of a leaf; the service never sends it.
MARK = "declared"


def declared_groups(
    entries: Iterable[ModelEntry], task_type: str, captured: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the group nodes of what model files declare, without what a captured list has.

    Args:
        entries: Model entries.
        task_type: The category.
        captured: The nodes of the captured lists.
    """
    known = {(leaf.get("model_id"), leaf.get("id")) for leaf in _leaves(captured)}
    groups = []
    for entry in entries:
        task = entry.task_types.get(task_type)
        if task is None or not task.offers:
            continue
        nodes = [wire_leaf(entry, task_type, task, offer) for offer in offers_of(entry, task_type)]
        missing = [node for node in nodes if (node["model_id"], node["id"]) not in known]
        if missing:
            group = {"id": entry.id, "type": "2", "name": entry.name, "model_id": "", "children": missing}
            groups.append(group)
    return groups


def offers_of(entry: ModelEntry, task_type: str) -> tuple[DeclaredLeaf, ...]:
    """Return the leaves that a model's file declares for a task type of it, read only here: most have none.

    Raises:
        RegistryError: They do not have the shape of leaves.
    """
    from ima_skills.converter import StructureError, structure_list
    from ima_skills.domain.declared import DeclaredLeaf

    stated = entry.task_types[task_type].offers
    try:
        return structure_list(stated, DeclaredLeaf) if stated else ()
    except StructureError as error:
        where = f"{entry.name}: /task_types/{task_type}/offers"
        hint = "Run: ima-skills registry check"
        raise RegistryError(f"{where}{error}", problems=error.problems, hint=hint) from error


def wire_leaf(entry: ModelEntry, task_type: str, task: ModelTask, offer: DeclaredLeaf) -> dict[str, Any]:
    """Return one declared leaf in wire shape.

    Args:
        entry: The model.
        task_type: The category.
        task: How the model appears there.
        offer: What its file declares.
    """
    tags = [{"tag_type": "EET", "tag_value": "{:g}~{:g}s".format(*task.estimate)}] if task.estimate else []
    return {
        "id": version_of(task, offer),
        "parent_id": entry.id,
        "type": "3",
        "name": offer.name or entry.name,
        "model_id": task.model_id,
        "tags": tags,
        "model_types": [task_type],
        "category_code": task_type,
        MARK: True,
        "form_config": [_field(name, stated) for name, stated in offer.form.items()],
        "credit_rules": [
            {
                "attribute_id": price.attribute_id,
                "points": price.points,
                "origin_point": price.points,
                "attributes": dict(price.attributes),
            }
            for price in offer.prices
        ],
    }


def version_of(task: ModelTask, offer: DeclaredLeaf) -> str:
    """Return the version id of a declared leaf: its own, else the first that is known."""
    return offer.version or next(iter(task.version_ids), task.model_id)


def _field(name: str, stated: Any) -> dict[str, Any]:
    field = {"field": name, "label": _label(name), "level": 1}
    if isinstance(stated, list):
        options = [{"label": _label(str(value)), "value": value} for value in stated]
        return {**field, "type": "tags", "value": stated[0] if stated else None, "options": options}
    if isinstance(stated, bool):
        return {**field, "type": "toggle", "value": stated}
    if isinstance(stated, dict):
        bounds = {key: stated.get(key) for key in ("minimum", "maximum")}
        return {**field, "type": "number", "value": stated.get("value"), "config": bounds}
    return {**field, "type": "textarea", "value": stated}


def _label(text: str) -> dict[str, str]:
    # Names and values of the service read the same in both languages.
    return {"en": text, "zh": text}


def _leaves(nodes: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for node in nodes:
        if str(node.get("type")) == "3":
            yield node
        yield from _leaves(node.get("children") or ())
