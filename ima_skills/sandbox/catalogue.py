"""The service's own view of its product list, as a scenario may have changed it."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from ima_skills.sandbox.envelope import RefusalError
from ima_skills.sandbox.schedule import leaf_estimate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.sandbox.knowledge import Knowledge
    from ima_skills.sandbox.scenario import Fault

# Far from every id of the dated snapshots, so that an old id is never valid by chance.
_NEW_ID_OFFSET = 1_000_000
_EMPTY_GROUP = {"id": "coming-soon", "type": "2", "name": "Coming soon", "model_id": "", "children": None}


class Catalogue:
    """The product list of a registry's snapshot.

    Args:
        knowledge: The registry.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._pages: dict[tuple[str, str], list[dict[str, Any]]] = {}

    def page(self, category: str, language: str, changes: Sequence[Fault] = ()) -> list[dict[str, Any]]:
        """Return the nodes of a category; an unknown one has none.

        Args:
            category: A task type.
            language: Language of the labels.
            changes: What a scenario did to the list.
        """
        key = (category, language)
        if key not in self._pages:
            self._pages[key] = self._knowledge.snapshot.groups(category, language)
        return _changed(self._pages[key], changes) if changes else self._pages[key]

    def leaf(self, category: str, model_id: str, version: str, changes: Sequence[Fault]) -> dict[str, Any]:
        """Return the leaf that a create names.

        Raises:
            RefusalError: 400, there is no such model or no such version of it.
        """
        family = [leaf for leaf in leaves(self.page(category, "en", changes)) if leaf["model_id"] == model_id]
        if not family:
            raise RefusalError(400, "model not found")
        for leaf in family:
            if leaf["id"] == version:
                return leaf
        raise RefusalError(400, "model version not found")

    def gated(self, model_id: str) -> bool:
        """Return whether a model asks for a subscription."""
        return any(
            task.model_id == model_id
            for entry in self._knowledge.models.values()
            if entry.subscription
            for task in entry.task_types.values()
        )

    def estimate(self, task_type: str, leaf: Mapping[str, Any]) -> tuple[float, float]:
        """Return the seconds a task takes: from the leaf, else the entry, else the task type."""
        entry = self._entry(task_type, leaf)
        own = entry.task_types[task_type].estimate if entry else None
        return leaf_estimate(leaf) or own or self._knowledge.task_types[task_type].estimate

    def fixed_length(self, task_type: str, leaf: Mapping[str, Any]) -> float | None:
        """Return the seconds of output that a model always makes, None when it has no fixed length."""
        entry = self._entry(task_type, leaf)
        length = entry.facts.get("output_s") if entry else None
        return float(length) if isinstance(length, int | float) else None

    def native(self, task_type: str, leaf: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the parameters that a model takes though its form does not list them."""
        entry = self._entry(task_type, leaf)
        return entry.native_params if entry else ()

    def _entry(self, task_type: str, leaf: Mapping[str, Any]) -> ModelEntry | None:
        for entry in self._knowledge.models.values():
            task = entry.task_types.get(task_type)
            if task is not None and task.model_id == leaf["model_id"]:
                return entry
        return None


def leaves(nodes: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the leaves of a list at any depth."""
    for node in nodes:
        if node.get("type") == "3":
            yield node
        yield from leaves(node.get("children") or ())


def _changed(nodes: list[dict[str, Any]], changes: Sequence[Fault]) -> list[dict[str, Any]]:
    nodes = copy.deepcopy(nodes)
    for fault in changes:
        for leaf in leaves(nodes):
            if fault.model in {None, leaf["model_id"], leaf["id"], leaf["name"]}:
                _change(leaf, fault)
        if fault.change == "null-children":
            nodes.append(dict(_EMPTY_GROUP))
    return nodes


def _change(leaf: dict[str, Any], fault: Fault) -> None:
    if fault.change == "no-form-config":
        leaf.pop("form_config", None)
    elif fault.change == "null-children":
        leaf["children"] = None
    for rule in leaf.get("credit_rules") or ():
        if fault.change == "new-attribute-ids":
            rule["attribute_id"] += _NEW_ID_OFFSET
        elif fault.change == "reprice":
            rule["points"] += fault.add
