"""Rules over vocabulary files: patterns that work, and media, models and task types that exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.cli.registry_check import items, table
from ima_skills.cli.registry_faults import fault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ima_skills.cli.registry_check import RegistryFile, Survey
    from ima_skills.cli.registry_faults import FileFault


VOCABULARY = "vocabulary"


def word_faults(found: Survey, models: Collection[str], task_types: Collection[str]) -> Iterator[FileFault]:
    """Yield the faults of vocabulary files that no schema sees.

    Args:
        found: All files.
        models: Registry ids.
        task_types: Names of task types.
    """
    files = list(found.of(VOCABULARY))
    media = sorted({name for file in files for name in table(file.document, "media")})
    for file in files:
        yield from _reading_faults(file)
        for pointer, name in _named_models(file.document):
            if name not in models:
                yield fault(file.path, pointer, "missing-model", "missing-model", name, sorted(models))
        for pointer, name in _task_types(file.document):
            if name not in task_types:
                yield fault(file.path, pointer, "task-type", "task-type", name, sorted(task_types))
        for pointer, name in _named_media(file.document):
            if name not in media:
                yield fault(file.path, pointer, "media", "media", name, media)


def _reading_faults(file: RegistryFile) -> Iterator[FileFault]:
    from ima_skills.converter import StructureError, strict_converter, structure
    from ima_skills.errors import RegistryError
    from ima_skills.routing.vocabulary import prepared
    from ima_skills.routing.words import VocabularyFile

    try:
        prepared(structure(strict_converter(), dict(file.document), VocabularyFile))
    except StructureError:
        return  # the schema has named it
    except RegistryError as error:
        yield fault(file.path, "", "words", "words", fault=error.message)


def _named_models(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for index, row in _rows(document, "brand"):
        yield from ((f"/brand/{index}/models", name) for name in items(row, "models"))
    yield from (
        (f"/suggestion/{index}/model", row.get("model")) for index, row in _rows(document, "suggestion")
    )


def _task_types(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, row in table(document, "media").items():
        if isinstance(row, dict):
            kinds = [row["text"]] if "text" in row else []
            yield from ((f"/media/{name}", kind) for kind in (*kinds, *table(row, "roles").values()))


def _named_media(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for kind in ("setting", "bundle"):
        for index, row in _rows(document, kind):
            yield from ((f"/{kind}/{index}/media", name) for name in items(row, "media"))


def _rows(document: Mapping[str, Any], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    rows = enumerate(items(document, name))
    yield from ((index, row) for index, row in rows if isinstance(row, dict))
