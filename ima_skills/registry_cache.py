"""Remember what was derived from registry files until one of them changes; only speed depends on it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ima_skills.settings import switch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from importlib.resources.abc import Traversable

Fingerprint = list[list[Any]]
_TOML = "toml"


def fingerprint(version: str, roots: Iterable[Traversable]) -> Fingerprint | None:
    """Return what a derived value depends on: the program, and every file with its time and size.

    Args:
        version: Version of what derives the value.
        roots: Registry roots.

    Returns:
        A JSON value to compare; None when a root is no real folder, so that nothing can be told.
    """
    found: Fingerprint = [["version", version]]
    for root in roots:
        if not isinstance(root, Path):
            return None
        found.extend(sorted(_files(str(root))))
    return found


def recall(folder: Path, name: str, mark: Fingerprint) -> Any:
    """Return a remembered value, or None when there is none, it is outdated, or it cannot be read.

    Args:
        folder: Folder of the cache.
        name: Name of the value.
        mark: What it must have been derived from.
    """
    try:
        kept = json.loads((folder / f"{name}.json").read_bytes())
    except (OSError, ValueError):
        return None  # never written, or damaged: it is derived again
    return kept.get("value") if isinstance(kept, dict) and kept.get("mark") == mark else None


def remember(folder: Path, name: str, mark: Fingerprint, value: Any) -> bool:
    """Keep a value; returns False where nothing can or may be written; nothing is lost but time.

    Args:
        folder: Folder of the cache; made when missing.
        name: Name of the value.
        mark: What it is derived from.
        value: A JSON value.
    """
    if switch("IMA_NO_WRITE", doubt=True):
        return False
    staged = folder / f".{name}.{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps({"mark": mark, "value": value}), encoding="utf-8")
        staged.replace(folder / f"{name}.json")
    except OSError:
        return False  # a read-only home
    return True


class TomlMemory:
    """Reads TOML files, each only once in the life of its content: parsing is most of what a registry costs.

    Use :meth:`read` as the reader of a registry and call :meth:`keep` afterwards.

    Args:
        folder: Folder of the cache.
        parse: Reads a file that is not remembered.
    """

    def __init__(self, folder: Path, parse: Callable[[Traversable], dict[str, Any]]) -> None:
        self._folder = folder
        self._parse = parse
        kept = recall(folder, _TOML, _toml_mark())
        self._known: dict[str, Any] = kept if isinstance(kept, dict) else {}
        self._used: dict[str, Any] = {}

    def read(self, file: Traversable) -> dict[str, Any]:
        """Return what a TOML file holds."""
        if not isinstance(file, Path):
            return self._parse(file)
        try:
            state = file.stat()
        except OSError:
            return self._parse(file)  # which says what is wrong
        mark = [state.st_mtime_ns, state.st_size]
        known = self._known.get(str(file))
        if isinstance(known, dict) and known.get("mark") == mark and isinstance(known.get("holds"), dict):
            self._used[str(file)] = known
            holds: dict[str, Any] = known["holds"]
            return holds
        parsed = self._parse(file)
        if _is_json(parsed):
            self._used[str(file)] = {"mark": mark, "holds": parsed}
        return parsed

    def keep(self) -> None:
        """Remember what was read, and forget files that were not."""
        if self._used != self._known:
            remember(self._folder, _TOML, _toml_mark(), self._used)


def _toml_mark() -> Fingerprint:
    # Each entry has its own mark; this one changes only with the shape of the entries.
    return [["entries", 1]]


def _is_json(value: Any) -> bool:
    """Whether a value comes back unchanged; TOML has dates of its own, and they would not."""
    try:
        return bool(json.loads(json.dumps(value)) == value)
    except (TypeError, ValueError):
        return False


def _files(folder: str) -> Iterator[list[Any]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files(entry.path)
            else:
                state = entry.stat()
                yield [entry.path, state.st_mtime_ns, state.st_size]
