"""The JSON documents that commands print; ``schemas/output/`` guards each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.advice import Adviser
    from ima_skills.domain.event import ModelChosen
    from ima_skills.domain.task import Media, Result, SavedFile, Task
    from ima_skills.errors import ImaError
    from ima_skills.preparing import Prepared

Document = dict[str, Any]


def result_document(result: Result) -> Document:
    """Return what a create has to show; a task that is still processing has no medias yet."""
    medias = media_documents(result.medias, result.files)
    first = medias[0] if medias else {}
    return {
        "task_id": result.task_id,
        "task_type": result.task_type or None,
        "status": result.status,
        "url": first.get("url"),
        "cover_url": first.get("cover_url"),
        "model_id": result.model_id or None,
        "model_name": result.model_name or None,
        "version_id": result.version_id or None,
        "credit": result.credit,
        "params": dict(result.params),
        "changes": [change.as_dict() for change in result.changes],
        "medias": medias,
        "elapsed_s": round(result.elapsed_s, 3),
        "choice": choice_document(result.choice) if result.choice else None,
        "sandbox": result.sandbox,
    }


def task_document(
    task: Task, medias: Sequence[Media], files: Sequence[SavedFile | None], elapsed_s: float, *, sandbox: bool
) -> Document:
    """Return a task in the shape of a result; what a look at a task does not tell is null or empty."""
    shown = media_documents(medias, files)
    first = shown[0] if shown else {}
    told = medias[0].extra if medias else {}
    return {
        "task_id": task.id,
        "task_type": task.task_type,
        "status": task.status,
        "url": first.get("url"),
        "cover_url": first.get("cover_url"),
        "model_id": told.get("model_id"),
        # The service's own spelling of the field (the service's documents).
        "model_name": told.get("mode_name"),
        "version_id": None,
        "credit": None,
        "params": {},
        "changes": [],
        "medias": shown,
        "looks": None,
        "elapsed_s": round(elapsed_s, 3),
        "sandbox": sandbox,
    }


def media_documents(medias: Sequence[Media], files: Sequence[SavedFile | None] = ()) -> list[Document]:
    """Return the documents of medias and of the files they were saved to."""
    saved = [*files, *[None] * (len(medias) - len(files))]
    return [_media(media, file) for media, file in zip(medias, saved, strict=True)]


def quote_document(
    prepared: Prepared, estimate: tuple[float, float], adviser: Adviser, language: str, *, sandbox: bool
) -> Document:
    """Return what a dry run shows: the price, its rule, its neighbours, and the create that would be sent."""
    quote, leaf = prepared.quote, prepared.leaf
    cheaper, better = adviser.neighbours(prepared.request, prepared.catalogue, leaf, quote.total)
    return {
        "quote": {
            "points_per_output": quote.points_per_output,
            "n": quote.n,
            "total": quote.total,
            "attribute_id": quote.attribute_id,
            "rule": dict(quote.rule.attributes),
        },
        "neighbours": {
            "cheaper": [other.as_dict() for other in cheaper],
            "better": [other.as_dict() for other in better],
        },
        "task_type": leaf.task_type,
        "model_id": leaf.model_id,
        "model_name": leaf.name,
        "version_id": leaf.id,
        "payload": prepared.payload(),
        "changes": [change.as_dict() for change in prepared.changes],
        "notices": [notice.say(language) for notice in prepared.notices],
        "estimate_s": list(estimate),
        "choice": choice_document(prepared.pick.told(leaf, language)),
        "sandbox": sandbox,
    }


def choice_document(told: ModelChosen) -> Document:
    """Return who chose the model of a job, and what else was thought of."""
    names = ("source", "recommended", "reason", "previous", "stale")
    return {name: getattr(told, name) for name in names}


def error_document(error: ImaError) -> Document:
    """Return an error as every command prints it: with a next step, where it brings none of its own too."""
    from ima_skills.cli.error_speech import in_one_language, next_step

    hint = error.hint or next_step(error.name, type(error).code)
    told = {**error.as_dict(), "hint": _completed(hint, error.details.get("model"))}
    return {"status": "error", **told, "hint": in_one_language(told)}


def _completed(hint: str, model: object) -> str:
    """Return a hint with the model's name where it says MODEL, once that is known."""
    from shlex import quote

    return hint.replace(" MODEL", f" {quote(str(model))}") if model else hint


def _media(media: Media, file: SavedFile | None) -> Document:
    from ima_skills.refusals import clean

    return {
        "url": media.url,
        "cover_url": media.cover_url,
        "format": media.format,
        "width": media.width,
        "height": media.height,
        "duration_s": media.duration_s,
        "path": file.path if file else None,
        "bytes": file.bytes if file else None,
        "sha256": file.sha256 if file else None,
        "kept": (file.kept or None) if file else None,
        "error": clean(media.error) if media.error else None,
    }
