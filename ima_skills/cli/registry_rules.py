"""Rules over all registry files together: names, references, quirks, evidence, the product list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.cli.registry_check import CATALOGUE, FileFault
from ima_skills.registry import name_key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ima_skills.cli.registry_check import RegistryFile, Survey


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
    task_types = {name for file in found.of("task_types") for name in _table(file.document, "task_types")}
    ids: dict[str, RegistryFile] = {}
    for file in models:
        ids.setdefault(str(file.document.get("id")), file)
    for file in models:
        yield from _place_faults(file, ids)
        yield from _supply_faults(file, quirks, modalities, task_types)
        yield from _reference_faults(file, ids)
        yield from evidence_faults(file)
    yield from _name_faults(models)
    for file in found.of("defaults"):
        yield from _default_faults(file, ids)
        yield from evidence_faults(file)
    for file in found.of("task_types"):
        yield from _task_type_faults(file, modalities)
    for file in found.of(CATALOGUE):
        yield from _leaf_faults(file, models)


def _place_faults(file: RegistryFile, ids: Mapping[str, RegistryFile]) -> Iterator[FileFault]:
    own = str(file.document.get("id"))
    first = ids[own]
    if first is not file:
        yield FileFault(file.path, "/id", f"{own!r} is already the id of {first.path}", "twice")
    if file.place[-1] != f"{own}.toml":
        yield FileFault(file.path, "/id", f"the file must be called {own}.toml", "file-name")
    modality = file.document.get("modality")
    if len(file.place) > 1 and file.place[-2] != modality:
        yield FileFault(file.path, "/modality", f"the file must be in the folder {modality}", "folder")


def _supply_faults(
    file: RegistryFile,
    quirks: Collection[str],
    modalities: Mapping[str, Collection[str]],
    task_types: Collection[str],
) -> Iterator[FileFault]:
    for index, quirk in enumerate(_list(file.document, "quirks")):
        if quirk not in quirks:
            yield FileFault(
                file.path, f"/quirks/{index}", f"no active plugin supplies {quirk!r}", "missing-quirk"
            )
    for quirk in _table(file.document, "quirk_options"):
        if quirk not in _list(file.document, "quirks"):
            yield FileFault(
                file.path, f"/quirk_options/{quirk}", "the model does not name this quirk", "unused-options"
            )
    modality = file.document.get("modality")
    if modality not in modalities:
        yield FileFault(file.path, "/modality", f"no active plugin declares {modality!r}", "missing-modality")
    for task_type in _table(file.document, "task_types"):
        if task_type not in task_types:
            yield FileFault(file.path, f"/task_types/{task_type}", "there is no such task type", "task-type")
        elif task_type not in modalities.get(str(modality), ()):
            yield FileFault(
                file.path,
                f"/task_types/{task_type}",
                f"the modality {modality} does not do this",
                "task-type",
            )


def _reference_faults(file: RegistryFile, ids: Mapping[str, RegistryFile]) -> Iterator[FileFault]:
    for index, other in enumerate(_list(file.document, "fallbacks")):
        yield from _must_be_booked(file, f"/fallbacks/{index}", other, ids)
        if other == file.document.get("id"):
            yield FileFault(file.path, f"/fallbacks/{index}", "a model is no fallback of itself", "self")
    successor = file.document.get("successor")
    if successor is not None:
        yield from _must_be_booked(file, "/successor", successor, ids)


def _must_be_booked(
    file: RegistryFile, pointer: str, name: Any, ids: Mapping[str, RegistryFile]
) -> Iterator[FileFault]:
    if name not in ids:
        yield FileFault(file.path, pointer, f"there is no model {name!r}", "missing-model")
    elif ids[name].document.get("status") == "retired":
        yield FileFault(file.path, pointer, f"{name!r} is retired itself", "retired-model")


def _default_faults(file: RegistryFile, ids: Mapping[str, RegistryFile]) -> Iterator[FileFault]:
    for task_type, picks in _table(file.document, "defaults").items():
        for pick, name in (picks if isinstance(picks, dict) else {}).items():
            pointer = f"/defaults/{task_type}/{pick}"
            yield from _must_be_booked(file, pointer, name, ids)
            if name in ids and task_type not in _table(ids[name].document, "task_types"):
                yield FileFault(file.path, pointer, f"{name!r} does not do {task_type}", "task-type")


def _task_type_faults(file: RegistryFile, modalities: Mapping[str, Collection[str]]) -> Iterator[FileFault]:
    for name, row in _table(file.document, "task_types").items():
        modality = row.get("modality") if isinstance(row, dict) else None
        if name not in modalities.get(str(modality), ()):
            message = f"no active plugin does this (modality {modality})"
            yield FileFault(file.path, f"/task_types/{name}", message, "missing-modality")


def _name_faults(models: list[RegistryFile]) -> Iterator[FileFault]:
    owners: dict[str, RegistryFile] = {}
    for file in models:
        for pointer, name in _names(file.document):
            owner = owners.setdefault(name_key(name), file)
            if owner is not file:
                yield FileFault(file.path, pointer, f"{name!r} already leads to {owner.path}", "twice")


def _names(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("id", "name"):
        if isinstance(document.get(key), str):
            yield f"/{key}", document[key]
    for language, words in _table(document, "aliases").items():
        for index, word in enumerate(words if isinstance(words, list) else ()):
            yield f"/aliases/{language}/{index}", str(word)
    for task_type, task in _table(document, "task_types").items():
        yield from _ids(f"/task_types/{task_type}", task if isinstance(task, dict) else {})
    for version, words in _table(document, "version_aliases").items():
        for index, word in enumerate(words if isinstance(words, list) else ()):
            yield f"/version_aliases/{version}/{index}", str(word)


def _ids(pointer: str, task: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if isinstance(task.get("model_id"), str):
        yield f"{pointer}/model_id", task["model_id"]
    for index, version in enumerate(_list(task, "version_ids")):
        yield f"{pointer}/version_ids/{index}", str(version)


def evidence_faults(file: RegistryFile) -> Iterator[FileFault]:
    """Yield a fault for missing evidence, and for evidence of a fact that is not there."""
    items = _list(file.document, "evidence")
    if not items:
        yield FileFault(file.path, "/evidence", "there is no evidence for anything", "evidence")
    for index, item in enumerate(items):
        fact = item.get("fact") if isinstance(item, dict) else None
        if isinstance(fact, str) and not _leads_somewhere(file.document, fact):
            message = f"there is no {fact} in this file"
            yield FileFault(file.path, f"/evidence/{index}/fact", message, "evidence")


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
        for name, task in _table(model.document, "task_types").items()
        if name == task_type and isinstance(task, dict)
        for version in _list(task, "version_ids")
    }
    for pointer, leaf in leaves(file.document.get("groups"), "/groups"):
        if (leaf.get("model_id"), leaf.get("id")) not in known:
            message = f"no model file has {leaf.get('model_id')} {leaf.get('id')} in {task_type}"
            yield FileFault(file.path, pointer, message, "unknown-leaf")


def leaves(nodes: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every leaf of a product list with its place; leaves have the type ``"3"``."""
    for index, node in enumerate(nodes if isinstance(nodes, list) else ()):
        if isinstance(node, dict):
            if str(node.get("type")) == "3":
                yield f"{pointer}/{index}", node
            yield from leaves(node.get("children"), f"{pointer}/{index}/children")


def _table(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else []
