"""The dated catalogue snapshots under ``registry/catalogue/``: the service's product list, offline.

A snapshot is in the wire shape of the service's product list, except that every label a person
reads is ``{"en": ..., "zh": ...}``; the service itself answers in one language at a time.
"""

from __future__ import annotations

import json
from importlib.resources.abc import Traversable
from typing import Any

from attrs import frozen

from ima_skills.domain.model_entry import ModelEntry
from ima_skills.errors import RegistryError
from ima_skills.offered import declared_groups

_LANGUAGES = {"en", "zh"}


def localise(node: Any, language: str) -> Any:
    """Return ``node`` with every ``{"en", "zh"}`` label replaced by its text in ``language``.

    Args:
        node: Any JSON value of a snapshot.
        language: ``"en"`` or ``"zh"``; anything else gets English, as the service does.
    """
    if isinstance(node, dict):
        if node.keys() == _LANGUAGES:
            return node[language if language in _LANGUAGES else "en"]
        return {key: localise(value, language) for key, value in node.items()}
    if isinstance(node, list):
        return [localise(item, language) for item in node]
    return node


@frozen
class Snapshot:
    """The newest snapshot of each registry root, merged in the order of the roots.

    Attributes:
        roots: The roots.
        models: Model entries; what their files declare comes last, where no snapshot has it.
    """

    roots: tuple[Traversable, ...]
    models: tuple[ModelEntry, ...] = ()

    def groups(self, task_type: str, language: str = "en", *, declared: bool = True) -> list[dict[str, Any]]:
        """Return the product-list nodes of one category, in wire shape.

        Args:
            task_type: The category; an unknown one gives an empty list, as the service does.
            language: Language of the labels.
            declared: Whether to add what model files declare and no snapshot has.

        Raises:
            RegistryError: A snapshot cannot be read.
        """
        found: list[dict[str, Any]] = []
        for root in self.roots:
            document = _newest(root, task_type)
            if document is not None:
                found.extend(localise(document["groups"], language))
        if declared:
            found.extend(localise(declared_groups(self.models, task_type, found), language))
        return found

    def captured(self, task_type: str) -> str | None:
        """Return the newest capture date (ISO) of a category, or None where there is none."""
        documents = (_newest(root, task_type) for root in self.roots)
        return max((str(d.get("captured", "")) for d in documents if d is not None), default=None)


def _newest(root: Traversable, task_type: str) -> dict[str, Any] | None:
    catalogue = root.joinpath("catalogue")
    if not catalogue.is_dir():
        return None
    for folder in sorted(catalogue.iterdir(), key=lambda entry: entry.name, reverse=True):
        file = folder.joinpath(f"{task_type}.json")
        if file.is_file():
            return _read(file)
    return None


def _read(file: Traversable) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegistryError(f"{file}: {error}", hint="Run: ima-skills registry check") from error
    if not isinstance(document, dict) or not isinstance(document.get("groups"), list):
        raise RegistryError(f"{file}: a snapshot holds groups", hint="Run: ima-skills registry check")
    return document
