"""Preferred models, per user and task type, in the file that all skills of this service share.

Shape and place come from the service's documents:
``{"user_<id>": {"<task type>": {"model_id", "model_name", "credit", "last_used"}}}`` in ``ima_prefs.json``
under the state folder. Writers take turns through a lock file and replace the file whole, so that nothing
is lost; a file that cannot be understood is put aside and said, never silently replaced.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ima_skills.clock import Clock
from ima_skills.file_lock import alone

FILE = "ima_prefs.json"
_USER = "user_"


@frozen
class Preference:
    """A preferred model.

    Attributes:
        model_id: Family id.
        model_name: Display name.
        credit: Points of one output when it was saved; 0 when nobody knew.
        last_used: ISO-8601 time, UTC.
    """

    model_id: str
    model_name: str
    credit: int = 0
    last_used: str = ""


@frozen
class Preferences:
    """The preference file.

    Attributes:
        path: The file.
        clock: For ``last_used``.
        warn: Told where a file was put that could not be understood.
        writes: Whether anything may be written; ``IMA_NO_WRITE=1`` forbids it.
        doubt: Told of a file that cannot be understood while it is only read.
    """

    path: Path
    clock: Clock
    warn: Callable[[Path], None]
    writes: bool = True
    doubt: Callable[[Path], None] = field(default=lambda _: None)

    def get(self, user_id: str, task_type: str) -> Preference | None:
        """Return a user's preference for a task type, or None."""
        row = self._read().get(_USER + user_id, {}).get(task_type)
        return _preference(row)

    def all(self, user_id: str) -> dict[str, Preference]:
        """Return a user's preferences by task type."""
        rows = self._read().get(_USER + user_id, {})
        found = {name: _preference(row) for name, row in rows.items()}
        return {name: preference for name, preference in found.items() if preference is not None}

    def set(self, user_id: str, task_type: str, preference: Preference) -> bool:
        """Save a preference; returns False where nothing can be written, which is no error.

        Args:
            user_id: Whose.
            task_type: For what.
            preference: The model; its ``last_used`` is set to now.
        """
        now = datetime.fromtimestamp(self.clock.now(), UTC).isoformat(timespec="seconds")
        row = {
            "model_id": preference.model_id,
            "model_name": preference.model_name,
            "credit": preference.credit,
            "last_used": now,
        }

        def change(document: dict[str, Any]) -> None:
            document.setdefault(_USER + user_id, {})[task_type] = row

        return self._change(change)

    def clear(self, user_id: str, task_type: str | None = None) -> bool:
        """Drop a preference, or all of a user; returns whether there was one and it could be dropped."""
        saved = self.all(user_id)
        there = bool(saved) if task_type is None else task_type in saved

        def change(document: dict[str, Any]) -> None:
            if task_type is None:
                document.pop(_USER + user_id, None)
            else:
                document.get(_USER + user_id, {}).pop(task_type, None)

        return there and self._change(change)

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            document = json.loads(self.path.read_bytes() or b"{}")
        except OSError:
            return {}  # never written, or not for us to read: there are no preferences
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            self.doubt(self.path)  # put aside when the next one is written
            return {}
        return {user: rows for user, rows in document.items() if isinstance(rows, dict)}

    def _change(self, change: Callable[[dict[str, Any]], None]) -> bool:
        # A device such as /dev/null in its place is somebody's wish to keep nothing.
        if not self.writes or (self.path.exists() and not self.path.is_file()):
            return False
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with alone(self.path.with_suffix(".lock")):
                self._put_aside_what_cannot_be_read()
                document = self._whole()
                change(document)
                self._replace(document)
        except OSError:
            return False  # a read-only home; preferences are a convenience
        return True

    def _whole(self) -> Any:
        """Return everything in the file, also what we do not understand and others may."""
        return json.loads(self.path.read_bytes() or b"{}") if self.path.exists() else {}

    def _put_aside_what_cannot_be_read(self) -> None:
        try:
            sound = isinstance(self._whole(), dict)
        except ValueError:
            sound = False
        if not sound:
            kept = self.path.with_name(f"{self.path.name}.corrupt-{int(self.clock.now())}")
            self.path.replace(kept)
            self.warn(kept)

    def _replace(self, document: Mapping[str, Any]) -> None:
        # A link to a file that is kept elsewhere, with other settings of its owner, stays one.
        path = self.path.resolve()
        staged = path.with_name(f".{path.name}.{os.getpid()}")
        with staged.open("w", encoding="utf-8") as stream:
            json.dump(document, stream, ensure_ascii=False, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        staged.chmod(0o600)
        staged.replace(path)


@frozen
class UserPreferences:
    """The preferences of one user.

    Attributes:
        store: Everybody's.
        user_id: Whose; never sent to the service.
    """

    store: Preferences
    user_id: str = "default"

    def get(self, task_type: str) -> Preference | None:
        """Return what the user has saved for a task type, or None."""
        return self.store.get(self.user_id, task_type)


def _preference(row: Any) -> Preference | None:
    if not isinstance(row, dict) or not isinstance(row.get("model_id"), str) or not row["model_id"]:
        return None
    credit = row.get("credit")
    return Preference(
        model_id=row["model_id"],
        model_name=str(row.get("model_name") or row["model_id"]),
        credit=credit if isinstance(credit, int) and not isinstance(credit, bool) else 0,
        last_used=str(row.get("last_used") or ""),
    )
