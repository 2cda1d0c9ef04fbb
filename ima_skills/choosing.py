"""From a model's name to one product leaf of the live list."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.product import ProductLeaf
from ima_skills.errors import UnknownModelError
from ima_skills.registry import Match, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.request import Request
    from ima_skills.registry import Registry

# Longer runs of digits are dates and hashes run together, not version numbers.
_NUMBER = re.compile(r"\d{1,15}")


@frozen
class Choice:
    """The model that will be used.

    Attributes:
        leaf: The leaf to book.
        entry: What the registry knows about it; None for a model that only the list knows.
    """

    leaf: ProductLeaf
    entry: ModelEntry | None


@frozen
class Named:
    """A name, as far as the registry can read it, before the list is asked.

    Attributes:
        entry: The entry that goes by the name.
        version_id: The version, when the name or the request was that exact.
        text: The name as given; empty when the default was taken.
    """

    entry: ModelEntry | None
    version_id: str | None
    text: str


def read_name(registry: Registry, request: Request) -> Named:
    """Find out which model a request means, without the live list.

    ``model@version`` names a version; an explicit ``version_id`` wins over it.

    Raises:
        UnknownModelError: The model is retired, or does other task types only; the message says
            what to use instead. A name the registry does not know is no error yet.
    """
    text = (request.model or "").strip()
    if not text:
        default = registry.defaults.get(request.task_type)
        entry = registry.models.get(default.model) if default else None
        return Named(entry, request.version_id, "")
    name, _, version = text.partition("@")
    match = registry.find(text) or registry.find(name) or _by_family(registry, name, request.task_type)
    wanted = request.version_id or version or (match.version_id if match else None)
    if match is not None:
        _must_be_usable(registry, match.entry, request.task_type)
    return Named(match.entry if match else None, wanted or None, text)


def choose(registry: Registry, catalogue: Catalogue, named: Named) -> Choice:
    """Return the leaf for a name.

    Several leaves may share a family id: the version that was named wins, else the newest by its
    version number. The order of the list means nothing.

    Raises:
        UnknownModelError: The list has no such model or version; close names are given.
    """
    family = _family(catalogue, named)
    if not family:
        raise _unknown(registry, catalogue, named)
    if named.version_id is None:
        leaf = newest(family)
    else:
        wanted = name_key(named.version_id)
        exact = [leaf for leaf in family if wanted in (name_key(leaf.id), name_key(leaf.name))]
        if not exact:
            raise _no_version(family, named.version_id)
        leaf = exact[0]
    return Choice(leaf, named.entry or registry.by_model_id(leaf.model_id, catalogue.task_type))


def newest(leaves: Iterable[ProductLeaf]) -> ProductLeaf:
    """Return the leaf with the highest version number in its name, then in its id; first of equals."""
    return max(leaves, key=lambda leaf: (_numbers(leaf.name), _numbers(leaf.id)))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(figure) for figure in _NUMBER.findall(text))


def _by_family(registry: Registry, name: str, task_type: str) -> Match | None:
    for entry in registry.models.values():
        for kind, task in entry.task_types.items():
            if name_key(task.model_id) == name_key(name) and kind == task_type:
                return Match(entry)
    elsewhere = registry.by_model_id(name)
    return Match(elsewhere) if elsewhere else None


def _must_be_usable(registry: Registry, entry: ModelEntry, task_type: str) -> None:
    if entry.status == "retired":
        successor = registry.models.get(entry.successor or "")
        instead = f"; use {successor.name} instead" if successor else ""
        raise UnknownModelError(
            f"{entry.name} is retired{instead}",
            code="retired-model",
            hint=f"--model {successor.id}" if successor else "Run: ima-skills models list",
            details={"model": entry.name, "successor": successor.id if successor else None},
        )
    if task_type not in entry.task_types and entry.status == "production":
        able = [
            m.name for m in registry.models.values() if task_type in m.task_types and m.status == "production"
        ]
        raise UnknownModelError(
            f"{entry.name} does not do {task_type}; it does {', '.join(entry.task_types)}",
            code="wrong-task-type",
            hint=f"For {task_type} there are: {', '.join(able)}.",
            details={
                "model": entry.name,
                "task_type": task_type,
                "task_types": list(entry.task_types),
                "models": able,
            },
        )


def _family(catalogue: Catalogue, named: Named) -> list[ProductLeaf]:
    task = named.entry.task_types.get(catalogue.task_type) if named.entry else None
    if task is not None:
        return [leaf for leaf in catalogue.leaves if leaf.model_id == task.model_id]
    wanted = name_key(named.text.partition("@")[0])
    if wanted:
        return [leaf for leaf in catalogue.leaves if wanted in _keys(leaf)]
    # No default is known for this task type: a list with one family leaves no choice.
    families = {leaf.model_id for leaf in catalogue.leaves}
    return list(catalogue.leaves) if len(families) == 1 else []


def _keys(leaf: ProductLeaf) -> set[str]:
    return {name_key(leaf.model_id), name_key(leaf.id), name_key(leaf.name)}


def _unknown(registry: Registry, catalogue: Catalogue, named: Named) -> UnknownModelError:
    available = sorted({leaf.name for leaf in catalogue.leaves})
    if named.entry is not None:
        message = f"the service does not list {named.entry.name} for {catalogue.task_type} at the moment"
    elif named.text:
        message = f"no model is called {named.text!r} in {catalogue.task_type}"
    else:
        message = f"there is no default model for {catalogue.task_type}; name one"
    close = _close_names(registry, catalogue, named)
    nearest = f"Did you mean {' or '.join(close)}? " if close else ""
    return UnknownModelError(
        message,
        hint=f"{nearest}Available: {', '.join(available) or 'none'}.",
        details={
            "name": named.entry.name if named.entry else named.text,
            "listed": named.entry is not None,
            "task_type": catalogue.task_type,
            "nearest": close,
            "available": available,
            **({"unreadable": list(catalogue.faults)} if catalogue.faults else {}),
        },
    )


def _close_names(registry: Registry, catalogue: Catalogue, named: Named) -> list[str]:
    names = {name_key(leaf.name): leaf.name for leaf in catalogue.leaves}
    for leaf in catalogue.leaves:
        entry = registry.by_model_id(leaf.model_id, catalogue.task_type)
        for alias in (leaf.model_id, *(entry.names() if entry else ())):
            names.setdefault(name_key(alias), leaf.name)
    wanted = name_key(named.text)
    close = difflib.get_close_matches(wanted, list(names), n=4, cutoff=0.6)
    return list(dict.fromkeys(names[match] for match in close))[:3]


def _no_version(family: list[ProductLeaf], version_id: str) -> UnknownModelError:
    versions = [leaf.id for leaf in family]
    return UnknownModelError(
        f"{family[0].model_id} has no version {version_id!r}",
        code="unknown-version",
        hint=f"Versions: {', '.join(versions)}.",
        details={"model": family[0].name, "version": version_id, "available": versions},
    )
