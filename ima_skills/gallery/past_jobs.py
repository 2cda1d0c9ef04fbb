"""The jobs of a journal as items, with what became an input of what."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.domain.task_type import Text
from ima_skills.gallery.again import Recipe, settings_of
from ima_skills.gallery.item import Item
from ima_skills.gallery.placing import media_name
from ima_skills.journal.entry import Entry, Kept
from ima_skills.media_kinds import by_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ima_skills.domain.task_type import TaskType
    from ima_skills.gallery.item import State

# People read this word, not the name of the plugin's modality.
_SPOKEN = {"tts": "speech"}
_KIND_OF_FILE = {"picture": "image"}


@frozen
class _Output:
    """One output of a job: where it was saved, if it was."""

    entry: Entry
    index: int
    kept: Kept | None

    @property
    def key(self) -> str:
        return f"{self.entry.id}-{self.index}"


def items_of(
    entries: Sequence[Entry],
    task_types: Mapping[str, TaskType],
    seal: Callable[[Entry, str], str],
) -> tuple[Item, ...]:
    """Return what was made, the latest first.

    Args:
        entries: Jobs, the latest first; those that made nothing are passed over.
        task_types: What is known of task types; others are shown under their own names.
        seal: Returns what stands for a text in the journal that holds a job.
    """
    outputs = [output for entry in entries if _made(entry) for output in _outputs(entry)]
    known = _by_seal(outputs, seal)
    return tuple(_item(output, task_types, known) for output in outputs)


def _made(entry: Entry) -> bool:
    """Tell whether there is something to show: some outputs of a failed job may have been saved too."""
    return entry.state == "success" or bool(entry.kept)


def _outputs(entry: Entry) -> Iterator[_Output]:
    if not entry.kept:
        for index in range(entry.n):
            yield _Output(entry, index + 1, None)
    for index, kept in enumerate(entry.kept):
        yield _Output(entry, index + 1, kept)


def _by_seal(outputs: Sequence[_Output], seal: Callable[[Entry, str], str]) -> dict[str, _Output]:
    """Return outputs by what stands for them when they are inputs; of equal ones the earliest."""
    found: dict[str, _Output] = {}
    for output in outputs:
        marks = output.entry.marks
        if len(marks) == output.entry.n and marks[output.index - 1 :]:
            found[marks[output.index - 1]] = output
        if output.kept and output.kept.sha256:
            found[seal(output.entry, output.kept.sha256)] = output
    found.pop("", None)
    return found


def _item(output: _Output, task_types: Mapping[str, TaskType], known: Mapping[str, _Output]) -> Item:
    entry, kept = output.entry, output.kept
    kind = task_types.get(entry.task_type)
    sources = tuple(known.get(source) for source in entry.sources)
    return Item(
        key=output.key,
        job=entry.id,
        kind=_kind(kind, kept),
        task_type=entry.task_type,
        label=kind.label if kind else Text(entry.task_type, entry.task_type),
        model=entry.model_name,
        model_id=entry.model_id,
        version_id=entry.version_id,
        points=entry.points,
        index=output.index,
        outputs=max(entry.n, len(entry.kept)),
        made=local_time(entry.opened_at),
        took_s=_took(entry),
        prompt=entry.prompt,
        params=settings_of(entry.told.params),
        requested=settings_of(entry.told.requested),
        changes=entry.told.changes,
        sources=tuple(source.key if source else None for source in sources),
        command=_recipe(entry, tuple(_beside(source) for source in sources)).command(),
        state=_state(kept),
        file=Path(kept.path) if kept else None,
        bytes=kept.bytes if kept else 0,
        digest=kept.sha256 if kept else "",
        sandbox=entry.sandbox,
    )


def _recipe(entry: Entry, inputs: tuple[str | None, ...]) -> Recipe:
    return Recipe(
        task_type=entry.task_type,
        model_id=entry.model_id,
        version_id=entry.version_id,
        prompt=entry.prompt,
        inputs=inputs,
        params=entry.told.params,
        n=entry.n,
        sandbox=entry.sandbox,
    )


def _beside(source: _Output | None) -> str | None:
    """Return where the page's folder has an input, so that nothing tells of other folders of this machine."""
    if source is None or source.kept is None or _state(source.kept) != "there":
        return None
    return media_name(Path(source.kept.path), source.kept.sha256)


def kind_of(task_type: TaskType) -> str:
    """Return what a task type makes, as the page calls it."""
    return _SPOKEN.get(task_type.modality, task_type.modality)


def _kind(task_type: TaskType | None, kept: Kept | None) -> str:
    if task_type is not None:
        return kind_of(task_type)
    found = by_name(kept.path) if kept else None
    return _KIND_OF_FILE.get(found.kind, found.kind) if found else "other"


def _state(kept: Kept | None) -> State:
    if kept is None:
        return "unsaved"
    try:
        size = Path(kept.path).stat().st_size if Path(kept.path).is_file() else None
    except (OSError, ValueError):
        size = None  # a folder that may not be looked into, or no path at all
    if size is None:
        return "gone"
    # A file of another size took its name: it is not what this job has made.
    return "there" if size == kept.bytes or not kept.bytes else "changed"


def _took(entry: Entry) -> float | None:
    if entry.accepted_at is None or entry.ended_at is None or entry.ended_at < entry.accepted_at:
        return None
    return round(entry.ended_at - entry.accepted_at, 1)


def local_time(seconds: float) -> str:
    """Return a moment as an ISO text of this place's time, to the second; empty for none."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds") if seconds else ""
