"""Tasks and medias as the state file keeps them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.sandbox.schedule import Course

if TYPE_CHECKING:
    import sqlite3

    from ima_skills.sandbox.database import Database

_ADD_TASK = """INSERT INTO tasks (id, task_type, kind, model_id, model_name, version_id, prompt, parameters,
    inputs, duration_s, created_at, listed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_ADD_MEDIA = """INSERT INTO medias (task_id, position, folder, begins_at, due_at, url_at, shape, error)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""


@frozen
class TaskRecord:
    """A task.

    Attributes:
        id: What clients poll with.
        task_type: The category.
        kind: What the renderer makes: ``image``, ``video``, ``music`` or ``speech``.
        model_id: Family id.
        model_name: Display name.
        version_id: Leaf id.
        prompt: The text; the renderer needs it.
        parameters: Effective inner parameters, without prompt, inputs and billing.
        inputs: Addresses of the inputs, in their order.
        duration_s: Wanted length; None leaves it to the renderer.
        created_at: Seconds since the epoch.
        listed_at: When the service begins to list the medias.
        settled: Whether the account needs nothing more for it.
    """

    id: str
    task_type: str
    kind: str
    model_id: str
    model_name: str
    version_id: str
    prompt: str = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False)
    inputs: tuple[str, ...] = field(repr=False)
    duration_s: float | None
    created_at: float
    listed_at: float
    settled: bool = False

    @property
    def names(self) -> frozenset[str]:
        """The names by which a scenario may mean this task's model."""
        return frozenset({self.model_id, self.version_id, self.model_name})


@frozen
class Made:
    """A rendered media: object names on the CDN and facts of the file."""

    object: str = field(repr=False)
    cover: str | None = field(repr=False)
    format: str
    width: int | None
    height: int | None
    duration_s: float | None


@frozen
class MediaRecord:
    """A media of a task.

    Attributes:
        position: 0-based number in its task.
        folder: Unguessable path component of its address.
        course: Its times.
        shape: How it ends: ``ok`` or a shape of a scenario.
        error: What the service says when it fails.
        seen: Whether a look at the task has shown its end.
        made: The rendered file, once there is one.
        fault: Why it cannot be rendered, when it cannot.
    """

    task_id: str
    position: int
    folder: str = field(repr=False)
    course: Course
    shape: str = "ok"
    error: str = ""
    seen: bool = False
    made: Made | None = None
    fault: str | None = None


class TaskStore:
    """The tasks of a state folder."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, connection: sqlite3.Connection, task: TaskRecord, medias: tuple[MediaRecord, ...]) -> None:
        """Keep a new task inside a running transaction."""
        row = (task.id, task.task_type, task.kind, task.model_id, task.model_name, task.version_id)
        job = (task.prompt, _dump(task.parameters), _dump(task.inputs), task.duration_s)
        connection.execute(_ADD_TASK, (*row, *job, task.created_at, task.listed_at))
        for media in medias:
            place = (media.task_id, media.position, media.folder)
            times = (media.course.begins_at, media.course.due_at, media.course.url_at)
            connection.execute(_ADD_MEDIA, (*place, *times, media.shape, media.error))

    def task(self, task_id: str) -> TaskRecord | None:
        """Return a task, or None when there is none with that id."""
        rows = self._database.rows("SELECT * FROM tasks WHERE id = ?", (task_id,))
        return _task(rows[0]) if rows else None

    def medias(self, task_id: str) -> tuple[MediaRecord, ...]:
        """Return the medias of a task in their order."""
        query = "SELECT * FROM medias WHERE task_id = ? ORDER BY position"
        return tuple(_media(row) for row in self._database.rows(query, (task_id,)))

    def unsettled(self, now: float) -> tuple[TaskRecord, ...]:
        """Return the tasks whose medias are all due and whose account is still open."""
        query = """SELECT * FROM tasks WHERE settled = 0 AND NOT EXISTS (SELECT 1 FROM medias
            WHERE task_id = tasks.id AND (due_at IS NULL OR due_at > ?))"""
        return tuple(_task(row) for row in self._database.rows(query, (now,)))

    def owner(self, name: str) -> TaskRecord | None:
        """Return the task to which an object of the CDN belongs, None for an upload."""
        query = """SELECT tasks.* FROM tasks JOIN medias ON medias.task_id = tasks.id
            WHERE medias.object = ? OR medias.cover = ?"""
        rows = self._database.rows(query, (name, name))
        return _task(rows[0]) if rows else None

    def note_made(self, media: MediaRecord, made: Made) -> None:
        """Keep what was rendered."""
        facts = (made.object, made.cover, made.format, made.width, made.height, made.duration_s)
        with self._database.transaction() as connection:
            connection.execute(
                """UPDATE medias SET object = ?, cover = ?, format = ?, width = ?, height = ?, duration_s = ?
                WHERE task_id = ? AND position = ?""",
                (*facts, media.task_id, media.position),
            )

    def note_fault(self, media: MediaRecord, fault: str) -> None:
        """Keep why a media cannot be rendered."""
        self._mark("UPDATE medias SET fault = ? WHERE task_id = ? AND position = ?", fault, media)

    def note_seen(self, media: MediaRecord) -> None:
        """Keep that a look at the task has shown the media's end."""
        self._mark("UPDATE medias SET seen = ? WHERE task_id = ? AND position = ?", 1, media)

    def settle(self, connection: sqlite3.Connection, task_id: str) -> bool:
        """Close a task's account inside a transaction; False when it was closed already."""
        query = "UPDATE tasks SET settled = 1 WHERE id = ? AND settled = 0"
        return connection.execute(query, (task_id,)).rowcount == 1

    def _mark(self, query: str, value: str | int, media: MediaRecord) -> None:
        with self._database.transaction() as connection:
            connection.execute(query, (value, media.task_id, media.position))


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _task(row: sqlite3.Row) -> TaskRecord:
    plain = {name: row[name] for name in row.keys()}  # noqa: SIM118 - a Row iterates over its values
    plain["parameters"] = json.loads(plain["parameters"])
    plain["inputs"] = tuple(json.loads(plain["inputs"]))
    plain["settled"] = bool(plain["settled"])
    return TaskRecord(**plain)


def _media(row: sqlite3.Row) -> MediaRecord:
    made = None
    if row["object"]:
        facts = (row["format"], row["width"], row["height"], row["duration_s"])
        made = Made(row["object"], row["cover"], *facts)
    return MediaRecord(
        task_id=row["task_id"],
        position=row["position"],
        folder=row["folder"],
        course=Course(row["begins_at"], row["due_at"], row["url_at"]),
        shape=row["shape"],
        error=row["error"],
        seen=bool(row["seen"]),
        made=made,
        fault=row["fault"],
    )
