"""Earlier results, as far as a wish may refer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ima_skills.registry import Registry


@frozen
class Earlier:
    """One finished media.

    Attributes:
        kind: ``image``, ``video`` or ``audio``.
        source: Its file, else its address.
        prompt: From what, as far as it was kept.
        batch: Which result it belongs to; several outputs of one result are told apart by their place.
    """

    kind: str
    source: str = field(repr=False)
    prompt: str = field(default="", repr=False)
    batch: int = 0


def read_history(documents: Iterable[Mapping[str, Any]], registry: Registry) -> tuple[Earlier, ...]:
    """Return the media of earlier results, oldest first.

    Takes what ``create --json`` and ``tasks wait --json`` print, and what ``tasks list --json`` prints (latest
    first, and with saved files only). Anything else is passed over: a history is an offer, never a condition.

    Args:
        documents: JSON documents, oldest first.
        registry: Knows what each task type makes.
    """
    results = [result for document in documents for result in _results(document)]
    return tuple(media for batch, result in enumerate(results) for media in _media(result, batch, registry))


def _results(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    tasks = document.get("tasks")
    if isinstance(tasks, list):
        return [task for task in reversed(tasks) if isinstance(task, dict)]
    return [document]


def _media(result: Mapping[str, Any], batch: int, registry: Registry) -> Iterator[Earlier]:
    task_type = registry.task_types.get(str(result.get("task_type")))
    if task_type is None:
        return
    prompt = result.get("prompt")
    for source in _sources(result):
        yield Earlier(task_type.media_kind, source, prompt if isinstance(prompt, str) else "", batch)


def _sources(result: Mapping[str, Any]) -> Iterator[str]:
    medias, files = result.get("medias"), result.get("files")
    if isinstance(medias, list):
        found = [row.get("path") or row.get("url") for row in medias if isinstance(row, dict)]
    else:
        found = files if isinstance(files, list) else []
    yield from (source for source in found if isinstance(source, str) and source)
