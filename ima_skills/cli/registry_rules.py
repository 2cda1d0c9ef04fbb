"""Rules over all registry files together: names, references, quirks, evidence, the product list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from unicodedata import normalize

from ima_skills.cli.registry_check import CATALOGUE, items, table
from ima_skills.cli.registry_declared import declared_faults
from ima_skills.cli.registry_faults import fault
from ima_skills.cli.registry_words import word_faults
from ima_skills.nearest import nearest
from ima_skills.registry import name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ima_skills.cli.registry_check import RegistryFile, Survey
    from ima_skills.cli.registry_faults import FileFault


def cross_check(
    found: Survey, quirks: Collection[str], modalities: Mapping[str, Collection[str]]
) -> Iterator[FileFault]:
    """Yield every fault between files.

    Args:
        found: The files.
        quirks: Names that active plugins supply.
        modalities: Modality to its task types, as active plugins declare them.
    """
    models = list(found.of("model"))
    task_types = {name for file in found.of("task_types") for name in table(file.document, "task_types")}
    ids: dict[str, RegistryFile] = {}
    for file in models:
        if "id" in file.document:  # else its schema has said so
            ids.setdefault(str(file.document["id"]), file)
    for file in models:
        yield from _place_faults(file, ids)
        yield from _quirk_faults(file, quirks)
        yield from _task_faults(file, modalities, task_types)
        yield from _reference_faults(file, ids)
        yield from evidence_faults(file)
    yield from _name_faults(models)
    yield from declared_faults(models, list(found.of(CATALOGUE)))
    for file in found.of("defaults"):
        yield from _default_faults(file, ids)
        yield from evidence_faults(file)
    yield from word_faults(found, ids, task_types)
    for file in found.of("task_types"):
        yield from _task_type_faults(file, modalities)
    for file in found.of(CATALOGUE):
        yield from _leaf_faults(file, models)


def _place_faults(file: RegistryFile, ids: Mapping[str, RegistryFile]) -> Iterator[FileFault]:
    if "id" in file.document:
        own = str(file.document["id"])
        first = ids[own]
        if first is not file:
            yield fault(file.path, "/id", "twice", "id-twice", own, other=first.path)
        if file.place[-1] != f"{own}.toml":
            yield fault(file.path, "/id", "file-name", "file-name", own, instead=f"{own}.toml")
    modality = file.document.get("modality")
    if modality is not None and len(file.place) > 1 and file.place[-2] != modality:
        yield fault(file.path, "/modality", "folder", "folder", file.place[-2], instead=modality)


def _quirk_faults(file: RegistryFile, quirks: Collection[str]) -> Iterator[FileFault]:
    named = items(file.document, "quirks")
    for index, quirk in enumerate(named):
        if quirk not in quirks:
            yield fault(
                file.path, f"/quirks/{index}", "missing-quirk", "missing-quirk", quirk, sorted(quirks)
            )
    for quirk in table(file.document, "quirk_options"):
        if quirk not in named:
            pointer = f"/quirk_options/{quirk}"
            yield fault(file.path, pointer, "unused-options", "unused-options", quirk, named)


def _task_faults(
    file: RegistryFile, modalities: Mapping[str, Collection[str]], task_types: Collection[str]
) -> Iterator[FileFault]:
    modality = file.document.get("modality")
    if modality is not None and modality not in modalities:
        yield fault(
            file.path, "/modality", "missing-modality", "missing-modality", modality, sorted(modalities)
        )
    own = sorted(modalities.get(str(modality), ()))
    for name in table(file.document, "task_types"):
        pointer = f"/task_types/{name}"
        if name not in task_types:
            yield fault(file.path, pointer, "task-type", "task-type", name, own or sorted(task_types))
        elif name not in own and modality in modalities:
            yield fault(file.path, pointer, "task-type", "foreign-task-type", name, own, modality=modality)


def _reference_faults(file: RegistryFile, ids: Mapping[str, RegistryFile]) -> Iterator[FileFault]:
    own = file.document.get("id")
    for index, other in enumerate(items(file.document, "fallbacks")):
        yield from _must_be_booked(file, f"/fallbacks/{index}", other, ids)
        if other == own:
            others = [name for name in ids if name != own]
            yield fault(file.path, f"/fallbacks/{index}", "self", "self", other, others)
    successor = file.document.get("successor")
    if successor is not None:
        yield from _must_be_booked(file, "/successor", successor, ids)


def _must_be_booked(
    file: RegistryFile, pointer: str, name: Any, ids: Mapping[str, RegistryFile]
) -> Iterator[FileFault]:
    if not isinstance(name, str):
        return  # the schema has named it
    if name not in ids:
        yield fault(file.path, pointer, "missing-model", "missing-model", name, sorted(ids))
    elif ids[name].document.get("status") == "retired":
        successor = ids[name].document.get("successor")
        yield fault(file.path, pointer, "retired-model", "retired-model", name, instead=successor)


def _default_faults(file: RegistryFile, ids: Mapping[str, RegistryFile]) -> Iterator[FileFault]:
    for task_type, picks in table(file.document, "defaults").items():
        able = sorted(name for name, model in ids.items() if task_type in table(model.document, "task_types"))
        for pick, name in (picks if isinstance(picks, dict) else {}).items():
            if not isinstance(name, str):
                continue  # parameters of a pick, or what the schema has named
            pointer = f"/defaults/{task_type}/{pick}"
            yield from _must_be_booked(file, pointer, name, ids)
            if name in ids and name not in able:
                yield fault(
                    file.path, pointer, "task-type", "default-task-type", name, able, task_type=task_type
                )


def _task_type_faults(file: RegistryFile, modalities: Mapping[str, Collection[str]]) -> Iterator[FileFault]:
    for name, row in table(file.document, "task_types").items():
        modality = row.get("modality") if isinstance(row, dict) else None
        own = sorted(modalities.get(str(modality), ()))
        if name not in own:
            pointer = f"/task_types/{name}"
            yield fault(
                file.path, pointer, "missing-modality", "undone-task-type", name, own, modality=modality
            )


def _name_faults(models: list[RegistryFile]) -> Iterator[FileFault]:
    owners: dict[str, RegistryFile] = {}
    for file in models:
        for pointer, name in _names(file.document):
            if not _is_of_service(pointer) and not _is_sayable(name):
                yield fault(file.path, pointer, "unsayable", "unsayable", name)
                continue
            # Full-width letters look like others and are told apart by nobody.
            owner = owners.setdefault(name_key(normalize("NFKC", name)), file)
            if owner is not file:
                better = f"{name} ({file.document.get('name')})"
                yield fault(file.path, pointer, "twice", "name-twice", name, instead=better, other=owner.path)


def _is_of_service(pointer: str) -> bool:
    return pointer.startswith("/task_types/")


def _is_sayable(name: str) -> bool:
    """Tell whether a name can be asked for: it is not blank, and has no ``@``, behind which a version is read."""
    return "@" not in name and bool(name_key(name))


def _names(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("id", "name"):
        if isinstance(document.get(key), str):
            yield f"/{key}", document[key]
    for language, words in table(document, "aliases").items():
        for index, word in enumerate(words if isinstance(words, list) else ()):
            yield f"/aliases/{language}/{index}", str(word)
    for task_type, task in table(document, "task_types").items():
        yield from _ids(f"/task_types/{task_type}", task if isinstance(task, dict) else {})
    for version, words in table(document, "version_aliases").items():
        for index, word in enumerate(words if isinstance(words, list) else ()):
            yield f"/version_aliases/{version}/{index}", str(word)


def _ids(pointer: str, task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(task.get("model_id"), str):
        yield f"{pointer}/model_id", task["model_id"]
    for index, version in enumerate(items(task, "version_ids")):
        yield f"{pointer}/version_ids/{index}", str(version)


def evidence_faults(file: RegistryFile) -> Iterator[FileFault]:
    """Yield a fault for missing evidence, and for evidence of a fact that is not there."""
    rows = items(file.document, "evidence")
    if not rows and (
        "evidence" in file.document or file.schema != "model"
    ):  # of a model its schema has said so
        yield fault(file.path, "/evidence", "evidence", "no-evidence")
    for index, row in enumerate(rows):
        fact = row.get("fact") if isinstance(row, dict) else None
        if isinstance(fact, str) and not _leads_somewhere(file.document, fact):
            known = [name for name in file.document if name != "evidence"]
            pointer = f"/evidence/{index}/fact"
            close = nearest(fact, known) or nearest(fact.partition(".")[0], known)
            yield fault(file.path, pointer, "evidence", "evidence", fact, known, close)


def _leads_somewhere(document: Any, path: str) -> bool:
    """Follow a dotted path; keys may hold dots themselves."""
    if not path:
        return True
    parts = path.split(".")
    heads = ((".".join(parts[:length]), ".".join(parts[length:])) for length in range(len(parts), 0, -1))
    return isinstance(document, dict) and any(
        head in document and _leads_somewhere(document[head], rest) for head, rest in heads
    )


def _leaf_faults(file: RegistryFile, models: list[RegistryFile]) -> Iterator[FileFault]:
    task_type = str(file.document.get("task_type"))
    known = {
        (task.get("model_id"), version)
        for model in models
        for name, task in table(model.document, "task_types").items()
        if name == task_type and isinstance(task, dict)
        for version in items(task, "version_ids")
    }
    for pointer, leaf in leaves(file.document.get("groups"), "/groups"):
        family, version = leaf.get("model_id"), leaf.get("id")
        if (family, version) not in known:
            mine = [other for model_id, other in known if model_id == family]
            others = sorted(mine or (other for _, other in known))
            yield fault(
                file.path, pointer, "unknown-leaf", "unknown-leaf", version, others,
                model_id=family, task_type=task_type,
            )  # fmt: skip


def leaves(nodes: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every leaf of a product list with its place; leaves have the type ``"3"``."""
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        if isinstance(node, dict):
            if str(node.get("type")) == "3":
                yield f"{pointer}/{index}", node
            yield from leaves(node.get("children"), f"{pointer}/{index}/children")
