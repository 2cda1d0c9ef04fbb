"""Input files of a request: found, recognised and checked before anything is sent."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from attrs import evolve, field, frozen

from ima_skills.domain.problem import Problem
from ima_skills.file_rules import FileRules, user_path
from ima_skills.media_kinds import HEAD_BYTES, KINDS_ZH, FileKind, by_bytes, by_name
from ima_skills.media_structure import is_built_like
from ima_skills.network_guard import UnsafeAddressError, check_host
from ima_skills.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from io import BufferedReader

    from ima_skills.domain.task_type import InputRule

_LONGEST_NAME = 100


@frozen
class FileMark:
    """What tells whether a file is still the one that was looked at, with the same contents.

    Attributes:
        device: Where it is.
        inode: Which one it is there.
        size: Its bytes.
        written_ns: When its contents changed last.
        changed_ns: When anything about it changed last; nobody can set this one back.
    """

    device: int
    inode: int
    size: int
    written_ns: int
    changed_ns: int


@frozen
class InputFile:
    """One input.

    Attributes:
        source: The path or address as given.
        path: The local file, links resolved; None for an address.
        kind: What it is; None for an address whose name does not tell.
        size: Bytes of a local file.
        mark: The local file as it was when it was checked; None when nobody looked.
        name: The local file's name as given; by default that of ``path``.
        is_promised: Whether it does not exist yet; what holds it can be priced, and never sent.
    """

    source: str = field(repr=False)
    path: Path | None = None
    kind: FileKind | None = None
    size: int = 0
    mark: FileMark | None = field(default=None, repr=False)
    name: str = ""
    is_promised: bool = False

    @property
    def is_remote(self) -> bool:
        """Whether the service fetches it from an address."""
        return self.path is None

    @property
    def label(self) -> str:
        """A name for messages: the file's name, or the host of an address; never a signature."""
        return (self.name or self.path.name) if self.path else (urlsplit(self.source).hostname or "address")


def read_inputs(
    sources: Sequence[str],
    rule: InputRule,
    rules: FileRules | None = None,
    promised: Collection[str] = (),
) -> tuple[tuple[InputFile, ...], tuple[Problem, ...]]:
    """Return the inputs and everything that is wrong with them.

    Args:
        sources: Paths, ``file://`` paths or https addresses.
        rule: What the task type takes.
        rules: Where inputs may come from; anywhere by default.
        promised: Which of the sources are only names of what is still to be made.
    """
    files: list[InputFile] = []
    problems: list[Problem] = []
    for index, source in enumerate(sources):
        found = (
            InputFile(source, is_promised=True)
            if source in promised
            else _read(f"/inputs/{index}", source, rules or FileRules())
        )
        if isinstance(found, InputFile):
            files.append(found)
            problems += _wrong_kind(f"/inputs/{index}", found, rule)
        else:
            problems.append(found)
    return tuple(files), tuple(problems)


def open_regular(path: Path) -> BufferedReader:
    """Open a plain file for reading; a pipe or device is neither waited for nor read.

    Raises:
        OSError: It cannot be opened, is a link, or is no plain file.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    handle = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise IsADirectoryError(21, "Not a plain file")
    return os.fdopen(handle, "rb")


def mark_of(file: BufferedReader) -> FileMark:
    """Return the mark of an open file."""
    facts = os.fstat(file.fileno())
    return FileMark(facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns)


def _read(pointer: str, source: str, rules: FileRules) -> InputFile | Problem:
    try:
        parts = urlsplit(source)
    except ValueError:  # for instance an unfinished [ of an IPv6 host
        return _no_address(pointer)
    if parts.scheme in ("http", "https"):
        return _address(pointer, source, rules)
    if parts.scheme == "file":
        return _file(pointer, Path(unquote(parts.path)), rules)
    if "://" in source or parts.scheme == "data":
        return Problem(pointer, "must be a local file or an https address", rule="scheme")
    try:
        return _file(pointer, Path(source).expanduser(), rules)
    except RuntimeError:
        message, message_zh = (
            f"there is no home folder of {_short(source)}",
            f"本机没有 {_short(source)} 的主目录",
        )
        return Problem(pointer, message, rule="missing-file", message_zh=message_zh)


def _address(pointer: str, source: str, rules: FileRules) -> InputFile | Problem:
    parts = urlsplit(source)
    host = parts.hostname or ""
    if not host or "@" in parts.netloc:
        return _no_address(pointer)
    if is_loopback(host) and rules.local_addresses:
        return InputFile(source, kind=by_name(parts.path))
    if parts.scheme == "http":
        message = f"must be https: the service does not fetch from http://{host}"
        message_zh = f"必须是 https：服务端不会从 http://{host} 读取"
        return Problem(pointer, message, rule="scheme", message_zh=message_zh)
    try:
        check_host(host)
    except UnsafeAddressError as error:
        return Problem(pointer, f"is not a public address: {error.why}", rule="address")
    return InputFile(source, kind=by_name(parts.path))


def _no_address(pointer: str) -> Problem:
    return Problem(pointer, "is not a usable address", rule="address")


def _file(pointer: str, path: Path, rules: FileRules) -> InputFile | Problem:
    name = _short(path.name)
    try:
        if not _is_allowed(path, rules):  # before anything tells whether it exists
            outside = f"{name} is outside the folder that inputs may come from"
            return Problem(pointer, outside, name, "input-root")
        if not path.exists():
            near = _near_name(path)
            return Problem(pointer, f"there is no file {name}", name, "missing-file", nearest=near)
        real = path.resolve(strict=True)
        if not real.is_file():
            message_zh = f"{name} 不是文件"
            return Problem(pointer, f"{name} is not a file", name, "missing-file", message_zh=message_zh)
        with open_regular(real) as file:
            return _recognised(pointer, file, InputFile(str(path), real, name=path.name))
    except (OSError, ValueError, RuntimeError) as error:  # no right to look, or no name that a file can have
        why = getattr(error, "strerror", None) or "its name cannot be a file's"
        return Problem(pointer, f"{name} cannot be read: {why}", name, "unreadable")


def _is_allowed(path: Path, rules: FileRules) -> bool:
    root = rules.input_root
    return root is None or path.resolve().is_relative_to(user_path(root).resolve())


def _recognised(pointer: str, file: BufferedReader, found: InputFile) -> InputFile | Problem:
    """Tell what an open file is by its contents."""
    mark, head, name = mark_of(file), file.read(HEAD_BYTES), _short(found.label)
    if not head:
        return Problem(pointer, f"{name} is empty", name, "empty-file")
    kind = by_bytes(head)
    if kind is None:
        return Problem(pointer, f"{name} is no picture, video or sound we know", name, "unknown-kind")
    if not is_built_like(file, mark.size, kind.format):
        message = f"{name} begins like {kind.format} and is none, or is cut short"
        message_zh = f"{name} 看似 {kind.format} 文件，但内容不符或不完整"
        return Problem(pointer, message, name, "unknown-kind", message_zh=message_zh)
    return evolve(found, kind=kind, size=mark.size, mark=mark)


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
    taken = "或".join(KINDS_ZH.get(kind, kind) for kind in rule.kinds)
    message_zh = f"{found.label} 是{KINDS_ZH.get(found.kind.kind, found.kind.kind)}，这里需要{taken}"
    return [Problem(pointer, message, found.kind.format, "input-kind", rule.kinds, message_zh=message_zh)]
