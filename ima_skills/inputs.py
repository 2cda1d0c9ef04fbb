"""Input files of a request: found, recognised and checked before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from ima_skills.domain.problem import Problem
from ima_skills.media_kinds import HEAD_BYTES, FileKind, by_bytes, by_name
from ima_skills.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.task_type import InputRule

_LONGEST_NAME = 100


@frozen
class InputFile:
    """One input.

    Attributes:
        source: The path or address as given.
        path: The local file; None for an address.
        kind: What it is; None for an address whose name does not tell.
        size: Bytes of a local file.
    """

    source: str = field(repr=False)
    path: Path | None = None
    kind: FileKind | None = None
    size: int = 0

    @property
    def is_remote(self) -> bool:
        """Whether the service fetches it from an address."""
        return self.path is None

    @property
    def label(self) -> str:
        """A name for messages: the file's name, or the host of an address; never a signature."""
        return self.path.name if self.path else (urlsplit(self.source).hostname or "address")


def read_inputs(sources: Sequence[str], rule: InputRule) -> tuple[tuple[InputFile, ...], tuple[Problem, ...]]:
    """Return the inputs and everything that is wrong with them.

    Args:
        sources: Paths, ``file://`` paths or https addresses.
        rule: What the task type takes.
    """
    files: list[InputFile] = []
    problems: list[Problem] = []
    for index, source in enumerate(sources):
        found = _read(f"/inputs/{index}", source)
        if isinstance(found, InputFile):
            files.append(found)
            problems += _wrong_kind(f"/inputs/{index}", found, rule)
        else:
            problems.append(found)
    return tuple(files), tuple(problems)


def _read(pointer: str, source: str) -> InputFile | Problem:
    try:
        parts = urlsplit(source)
    except ValueError:  # for instance an unfinished [ of an IPv6 host
        return Problem(pointer, "is not a usable address", rule="address")
    if parts.scheme in ("http", "https"):
        return _address(pointer, source)
    if parts.scheme == "file":
        return _file(pointer, Path(unquote(parts.path)))
    if "://" in source or parts.scheme == "data":
        return Problem(pointer, "must be a local file or an https address", rule="scheme")
    try:
        return _file(pointer, Path(source).expanduser())
    except RuntimeError:
        return Problem(pointer, f"there is no home folder of {_short(source)}", rule="missing-file")


def _address(pointer: str, source: str) -> InputFile | Problem:
    parts = urlsplit(source)
    host = parts.hostname or ""
    if not host or parts.username:
        return Problem(pointer, "is not a usable address", rule="address")
    if parts.scheme == "http" and not is_loopback(host):
        return Problem(
            pointer, f"must be https: the service does not fetch from http://{host}", rule="scheme"
        )
    return InputFile(source, kind=by_name(parts.path))


def _file(pointer: str, path: Path) -> InputFile | Problem:
    name, shown = _short(path.name), _short(str(path))
    try:
        if not path.exists():
            near = _near_name(path)
            return Problem(pointer, f"there is no file {name}", shown, "missing-file", nearest=near)
        if not path.is_file():
            return Problem(pointer, f"{name} is not a file", shown, "missing-file")
        with path.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
        size = path.stat().st_size
    except (OSError, ValueError) as error:  # no right to look, or no name that a file can have
        why = getattr(error, "strerror", None) or "its name cannot be a file's"
        return Problem(pointer, f"{name} cannot be read: {why}", shown, "unreadable")
    if not head:
        return Problem(pointer, f"{name} is empty", shown, "empty-file")
    kind = by_bytes(head)
    if kind is None:
        return Problem(pointer, f"{name} is no picture, video or sound we know", shown, "unknown-kind")
    return InputFile(str(path), path, kind, size)


def _short(text: str) -> str:
    """Return a name that fits a message: people pass whole files as text by mistake."""
    return text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…"


def _near_name(path: Path) -> str | None:
    import difflib

    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return None  # the folder does not exist either; the message says what is missing
    close = difflib.get_close_matches(path.name, names, n=1)
    return close[0] if close else None


def _wrong_kind(pointer: str, found: InputFile, rule: InputRule) -> list[Problem]:
    if found.kind is None or not rule.kinds or found.kind.kind in rule.kinds:
        return []
    what = "audio" if found.kind.kind == "audio" else f"a {found.kind.kind}"
    message = f"{found.label} is {what}; this takes {' or '.join(rule.kinds)}"
    return [Problem(pointer, message, found.kind.format, "input-kind", rule.kinds)]
