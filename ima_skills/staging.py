"""A file on its way: beside its destination, resumable by a later run, renamed when it is whole.

The name of a staged file is stable, so that what a killed process has fetched is not fetched again.
A lock keeps two downloaders apart; who finds it taken works on a file of his own.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from attrs import asdict, define, field, frozen

from ima_skills.file_lock import try_lock
from ima_skills.media_structure import is_whole

if TYPE_CHECKING:
    from types import TracebackType

    from ima_skills.file_rules import OnExists

_MODE = 0o644
_LOCK_ATTEMPTS = 5


@frozen
class Origin:
    """What the bytes so far belong to.

    Attributes:
        address: SHA-256 of the address without its query, which holds a signature and changes.
        etag: The server's strong mark of this version, as it sent it.
        modified: When the server says that this version was made.
        total: Bytes of the whole; None when it is not known.
    """

    address: str
    etag: str | None = None
    modified: str | None = None
    total: int | None = None

    @property
    def validator(self) -> str | None:
        """What ``If-Range`` may hold: a strong mark, else the date."""
        if self.etag and not self.etag.startswith("W/"):
            return self.etag
        return self.modified


@define
class Staged:
    """A staged file that this process alone writes.

    Attributes:
        path: Where it is.
        lasting: Whether a later run may go on with it.
    """

    path: Path
    lasting: bool
    _handle: int = field(repr=False)
    origin: Origin | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Keep what a later run can go on with, remove the rest, and let go of the lock."""
        if not self.lasting or self.size == 0:
            self.discard()
        self._close()

    @property
    def size(self) -> int:
        """Bytes so far."""
        return os.fstat(self._handle).st_size if self._handle >= 0 else 0

    @property
    def _notes(self) -> Path:
        return self.path.with_name(f"{self.path.name}.json")

    def recall(self, address: str) -> int:
        """Return from which byte to go on; 0 when the file belongs to something else or is unknown.

        Args:
            address: As in :class:`Origin`.
        """
        self.origin = self.origin or (self._read_notes() if self.lasting else None)
        if self.origin is None or self.origin.address != address:
            self.origin = None
            return 0
        return self.size

    def restart(self, origin: Origin) -> None:
        """Empty the file and note what it will hold."""
        os.ftruncate(self._handle, 0)
        os.lseek(self._handle, 0, os.SEEK_SET)
        self.origin = origin
        if self.lasting:
            _replace_text(self._notes, json.dumps(asdict(origin)))

    def resume(self) -> None:
        """Go on behind the last byte."""
        os.lseek(self._handle, 0, os.SEEK_END)

    def write(self, chunk: bytes) -> None:
        """Append bytes.

        Raises:
            OSError: The disk refuses.
        """
        rest = memoryview(chunk)
        while rest:
            rest = rest[os.write(self._handle, rest) :]

    def head(self, length: int) -> bytes:
        """Return the first bytes."""
        os.lseek(self._handle, 0, os.SEEK_SET)
        return os.read(self._handle, length)

    def is_whole(self, name: str) -> bool:
        """Tell whether the bytes go on to the end of a format."""
        with os.fdopen(os.dup(self._handle), "rb") as file:
            return is_whole(file, self.size, name)

    def seal(self) -> str:
        """Bring every byte to the disk, and return the SHA-256 of what is there."""
        os.fsync(self._handle)
        os.lseek(self._handle, 0, os.SEEK_SET)
        with os.fdopen(os.dup(self._handle), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def place(self, wanted: Path, on_exists: OnExists) -> Path:
        """Give the file its name and return it.

        Args:
            wanted: The name it should have.
            on_exists: ``rename`` takes the next free name beside a file that is there; anything else
                takes its place.
        """
        if os.name == "nt":  # an open file cannot be renamed there
            self._close()
        path = _place_beside(self.path, wanted) if on_exists == "rename" else self.path.replace(wanted)
        self._notes.unlink(missing_ok=True)
        _sync_folder(path.parent)
        self.lasting = True  # it has left; nothing is to be removed
        self._close()
        return path

    def discard_bytes(self) -> None:
        """Forget what the file holds; its place and its lock stay."""
        if self._handle >= 0:
            os.ftruncate(self._handle, 0)
            self.origin = None

    def discard(self) -> None:
        """Forget what the file holds, and leave nothing behind unless more is written."""
        self.discard_bytes()
        if self._handle >= 0:
            with suppress(OSError):  # it may be gone or, elsewhere, in use; it is empty
                self._notes.unlink(missing_ok=True)
                self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _read_notes(self) -> Origin | None:
        try:
            known: dict[str, Any] = json.loads(self._notes.read_text(encoding="utf-8"))
            origin = Origin(**known)
        except (OSError, ValueError, TypeError):
            return None  # without notes nobody knows what the bytes are; they are fetched again
        texts = (origin.address, origin.etag or "", origin.modified or "")
        sound = all(isinstance(text, str) and text.isascii() and text.isprintable() for text in texts)
        return origin if sound and isinstance(origin.total, int | None) else None


def stage(folder: Path, stem: str) -> Staged:
    """Open the staged file of a destination; another one when somebody else is at work on it.

    Args:
        folder: Where the file will be.
        stem: Its name without extension.

    Raises:
        OSError: The folder cannot be written.
    """
    stable = folder / f".{stem}.part"
    for _ in range(_LOCK_ATTEMPTS):
        try:
            handle = _open(stable)
        except OSError as error:
            if _is_foreign(stable):
                break
            raise error from None
        if not _is_ours(handle, stable):
            os.close(handle)
            break
        if not try_lock(handle):  # taken, or no such locks on this system: a file of its own
            os.close(handle)
            break
        if _is_at(handle, stable):
            return Staged(stable, lasting=True, handle=handle)
        os.close(handle)  # its former owner has just renamed it
    own = folder / f".{stem}.{os.urandom(6).hex()}.part"
    return Staged(own, lasting=False, handle=_open(own))


def address_mark(url: str) -> str:
    """Return what tells one address from another without its signature."""
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return hashlib.sha256(f"{parts.hostname}{parts.path}".encode()).hexdigest()


def _open(path: Path) -> int:
    flags = os.O_RDWR | os.O_CREAT
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "O_BINARY"):
        flags |= getattr(os, name, 0)
    return os.open(path, flags, _MODE)


def _is_foreign(path: Path) -> bool:
    """Tell whether something stands at the staged name that is no plain file: a link, a folder, a pipe."""
    try:
        return not stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _is_ours(handle: int, path: Path) -> bool:
    """Tell whether an open file is a plain one that nobody else has made or linked to."""
    facts = os.fstat(handle)
    own = not hasattr(os, "geteuid") or facts.st_uid == os.geteuid()
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink <= 1 and own and not path.is_symlink()


def _is_at(handle: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(handle), path.lstat())
    except FileNotFoundError:
        return False


def _place_beside(staged: Path, wanted: Path) -> Path:
    """Move a file to the first free name, without ever replacing one."""
    number = 1
    while True:
        name = wanted if number == 1 else wanted.with_name(f"{wanted.stem}-{number}{wanted.suffix}")
        try:
            _take_name(staged, name)
        except FileExistsError:
            number += 1
        else:
            return name


def _take_name(staged: Path, name: Path) -> None:
    """Move a file to a name that is free.

    Raises:
        FileExistsError: It is not.
    """
    try:
        name.hardlink_to(staged)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):  # a file system without links: an empty file holds the name
        os.close(os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, _MODE))
        staged.replace(name)
    else:
        staged.unlink()


def _replace_text(path: Path, text: str) -> None:
    fresh = path.with_name(f"{path.name}.{os.urandom(4).hex()}")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a rename last; systems that cannot sync a folder do without."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
