"""Declared rules and leaves against the model they are for: names, values, conditions, prices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.catalogue import read_catalogue
from ima_skills.cli.registry_check import items, table
from ima_skills.cli.registry_faults import fault, of_problem
from ima_skills.cli.registry_prices import price_faults
from ima_skills.cli.registry_terms import Terms, rule_faults
from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.declared.quirks import rules_of
from ima_skills.declared.soundness import place_of, rule_problems
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.product import ProductLeaf
from ima_skills.errors import RegistryError
from ima_skills.offered import offers_of, version_of, wire_leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cattrs import Converter

    from ima_skills.cli.registry_check import RegistryFile
    from ima_skills.cli.registry_faults import FileFault
    from ima_skills.domain.declared import DeclaredLeaf


@frozen
class _Lists:
    """What is known of all leaves: those that were captured, and who has which attribute id."""

    captured: Mapping[tuple[str, str], ProductLeaf]
    attribute_owners: dict[int, str]

    def of(self, task_type: str, model_id: str) -> Iterator[ProductLeaf]:
        return (
            leaf
            for (kind, _), leaf in self.captured.items()
            if kind == task_type and leaf.model_id == model_id
        )


def declared_faults(
    models: Sequence[RegistryFile], catalogues: Sequence[RegistryFile]
) -> Iterator[FileFault]:
    """Yield what is wrong with the rules and leaves that model files declare.

    Args:
        models: The model files.
        catalogues: The captured lists.
    """
    converter = strict_converter()
    lists: _Lists | None = None
    for file in models:
        tasks = table(file.document, "task_types").values()
        offers = any(isinstance(task, dict) and "offers" in task for task in tasks)
        if not offers and "rules" not in file.document:
            continue
        entry = _entry(converter, file.document)
        if entry is not None:  # otherwise its schema has said what is wrong
            lists = lists or _read(catalogues)
            yield from _file_faults(file.path, entry, lists)


def _entry(converter: Converter, document: Mapping[str, Any]) -> ModelEntry | None:
    """Return the entry as far as rules and leaves need it; faults elsewhere in the file do not hide theirs."""
    needed = ("task_types", "rules", "native_params")
    named = {"id": "", "name": "", "modality": "", "status": "production"}
    said = {name: value for name, value in document.items() if name in named and isinstance(value, str)}
    kept = {name: document[name] for name in needed if name in document}
    try:
        entry = structure(converter, {**named, **said, **kept}, ModelEntry)
        rules_of(entry)
        for task_type in entry.task_types:
            offers_of(entry, task_type)
    except (StructureError, RegistryError):
        return None
    return entry


def _read(catalogues: Iterable[RegistryFile]) -> _Lists:
    captured: dict[tuple[str, str], ProductLeaf] = {}
    owners: dict[int, str] = {}
    for file in catalogues:
        task_type = str(file.document.get("task_type"))
        for leaf in read_catalogue(task_type, items(file.document, "groups")).leaves:
            captured[task_type, leaf.id] = leaf
            owners.update((rule.attribute_id, f"{leaf.name} ({task_type})") for rule in leaf.rules)
    return _Lists(captured, owners)


def _file_faults(path: str, entry: ModelEntry, lists: _Lists) -> Iterator[FileFault]:
    known: list[ProductLeaf] = []
    for task_type, task in entry.task_types.items():
        known += lists.of(task_type, task.model_id)
        offers = offers_of(entry, task_type)
        for index, offer in enumerate(offers):
            pointer = f"/task_types/{task_type}/offers/{index}"
            (leaf,) = read_catalogue(task_type, [wire_leaf(entry, task_type, task, offer)]).leaves
            yield from _version_faults(path, pointer, entry, offers[: index + 1], leaf, lists)
            yield from price_faults(path, pointer, offer, leaf, lists.attribute_owners)
            known.append(leaf)
    terms = Terms(entry, rules_of(entry), tuple(known))
    for index, rule in enumerate(terms.rules):
        problems = rule_problems(rule)
        yield from (of_problem(path, problem, place_of(index, "")) for problem in problems)
        if not problems:
            yield from rule_faults(path, place_of(index, ""), index, terms)


def _version_faults(  # noqa: PLR0913, PLR0917 - a place and what to compare it with
    path: str,
    pointer: str,
    entry: ModelEntry,
    offers: Sequence[DeclaredLeaf],
    leaf: ProductLeaf,
    lists: _Lists,
) -> Iterator[FileFault]:
    """Yield what is wrong with the version of the last of some offers."""
    task, version = entry.task_types[leaf.task_type], leaf.id
    earlier = [version_of(task, offer) for offer in offers[:-1]]
    place = f"{pointer}/version"
    if version not in task.version_ids:
        yield fault(path, place, "version", "version", version, task.version_ids)
    if version in earlier:
        free = [known for known in task.version_ids if known not in earlier]
        yield fault(path, place, "twice", "offer-twice", version, free)
    if (leaf.task_type, version) in lists.captured:
        yield fault(path, pointer, "captured", "captured", version)
