"""Watch a process from within: connections, writes and other processes, by Python's own audit events.

It is a witness and no prison: code that means harm gets around it. A plugin that has not been read should not
be run at all, here or elsewhere.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, field, frozen

from ima_skills.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterator

Deed = Literal["network", "writes", "process"]
_NETWORK = frozenset({
    "socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind", "socket.getaddrinfo",
    "socket.gethostbyname", "socket.gethostbyaddr",
})  # fmt: skip
_PROCESS = frozenset({
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "pty.spawn", "os.startfile",
})  # fmt: skip
_CHANGES = frozenset({
    "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod",
    "os.chown", "shutil.copyfile", "shutil.move", "shutil.rmtree",
})  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@frozen
class Seen:
    """One thing that was done.

    Attributes:
        deed: What kind of thing.
        what: The host, the file or the program.
    """

    deed: Deed
    what: str


@define
class Watch:
    """Sees what this process does, and forbids what it must not.

    Attributes:
        room: The folder in which files may be written while the core is at work.
        seen: What was forbidden.
        alone: Whether a plugin's own code is at work, which may do nothing of the kind.
    """

    room: Path
    seen: list[Seen] = field(factory=list)
    alone: bool = False

    def start(self) -> None:
        """Begin, for as long as the process lives."""
        sys.addaudithook(self._hear)

    @contextmanager
    def over(self) -> Iterator[list[Seen]]:
        """Give a list of what a plugin's own code does in the block, and forbid it."""
        before, self.alone = self.alone, True
        found: list[Seen] = []
        start = len(self.seen)
        try:
            yield found
        finally:
            self.alone = before
            found += self.seen[start:]

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        deed = _deed(event, arguments)
        if deed is None:
            return
        if not self.alone and self._is_usual(event, arguments, deed):
            return
        self.seen.append(deed)
        raise PermissionError(f"not while a plugin is certified: {deed.deed}")

    def _is_usual(self, event: str, arguments: tuple[Any, ...], deed: Seen) -> bool:
        """Tell whether the core may do this."""
        if deed.deed == "network":
            host = _host(event, arguments)
            return is_loopback(host) or host == ""
        return deed.deed == "writes" and _is_inside(deed.what, self.room)


def _deed(event: str, arguments: tuple[Any, ...]) -> Seen | None:
    if event == "open":
        return _write(arguments)
    if event in _NETWORK:
        return Seen("network", _host(event, arguments) or "a socket")
    if event in _CHANGES:
        # What is named by a descriptor is open already.
        return None if isinstance(arguments[0], int) else Seen("writes", str(_text(arguments[0])))
    if event in _PROCESS:
        return Seen("process", str(_text(arguments[0] if arguments else event)))
    return None


def _write(arguments: tuple[Any, ...]) -> Seen | None:
    path, mode, flags = arguments
    if isinstance(path, int):
        return None  # a descriptor that is open already
    writes = any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(flags & _WRITING)
    name = _text(path)
    return Seen("writes", name) if writes and not name.startswith("/dev/") else None


def _host(event: str, arguments: tuple[Any, ...]) -> str:
    address = arguments[0] if event.startswith("socket.get") else (arguments[1] if len(arguments) > 1 else "")
    head = address[0] if isinstance(address, tuple) and address else address
    return _text(head or "")


def _text(value: Any) -> str:
    return os.fsdecode(value) if isinstance(value, bytes | str | os.PathLike) else str(value)


def _is_inside(path: str, room: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(room)
