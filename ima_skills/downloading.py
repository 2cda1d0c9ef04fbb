"""Download medias: streamed, resumed after a drop, staged beside the destination, checked, then renamed."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from attrs import define, evolve, frozen

from ima_skills.clock import Clock
from ima_skills.domain.task import SavedFile
from ima_skills.errors import ImaError, MediaError, NetworkError, UsageError
from ima_skills.file_rules import OnExists, user_path
from ima_skills.media_kinds import BY_FORMAT, HEAD_BYTES, KIND_OF_MEDIA, by_bytes
from ima_skills.settings import is_private
from ima_skills.staging import Origin, Staged, address_mark, stage
from ima_skills.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from ima_skills.domain.task import Media
    from ima_skills.media_kinds import FileKind

# Attempts in a row that bring nothing new; one that brings bytes starts the count again.
_ATTEMPTS = 3
# Our choice: a line that drops this often is given up even though it brings a little each time.
_MOST_ATTEMPTS = 40
_PAUSE_S = 0.5
_TIMEOUT_S = 60.0
_LARGEST = 2 << 30
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 100
_CONTENT_RANGE = re.compile(r"bytes (?:(\d{1,15})-(\d{1,15})|\*)/(\d{1,15}|\*)")
_PARTIAL, _NOT_SATISFIABLE = 206, 416


@define
class _Patience:
    """How long a download is tried again."""

    best: int = 0
    fruitless: int = 0
    attempts: int = 0
    pause_s: float = _PAUSE_S

    def lost(self, error: ImaError, size: int) -> bool:
        """Note a failure after ``size`` bytes are there, and tell whether to give up."""
        self.attempts += 1
        if size > self.best:
            self.fruitless, self.pause_s = 0, _PAUSE_S
        self.best = max(size, self.best)
        self.fruitless += 1
        return not error.retryable or self.fruitless >= _ATTEMPTS or self.attempts >= _MOST_ATTEMPTS


@frozen
class Downloader:
    """Fetches finished medias.

    Attributes:
        transport: Where bytes come from; no credentials are sent.
        clock: For pauses between attempts.
        on_exists: What becomes of a file that is there already: ``overwrite`` replaces it once the new
            one is whole, ``rename`` takes the next free name, ``skip`` leaves it alone and fetches nothing.
    """

    transport: Transport
    clock: Clock
    on_exists: OnExists = "overwrite"

    async def save(self, media: Media, media_kind: str, folder: Path, stem: str) -> SavedFile:
        """Save one media as ``<folder>/<stem>.<extension>``.

        Args:
            media: A finished media.
            media_kind: ``image``, ``video`` or ``audio``: what the bytes must be.
            folder: Destination; made when missing.
            stem: File name without extension.

        Raises:
            MediaError: The bytes are empty, cut short, or of another kind.
            NetworkError: They cannot be had, or their address may not be fetched. What has arrived
                stays beside the destination and is gone on with.
            UsageError: The folder cannot be written.
        """
        url = _checked(media.url)
        safe = _UNSAFE.sub("_", stem).lstrip(".")[:_LONGEST_STEM] or "media"
        try:
            there = _existing(folder, safe, media_kind) if self.on_exists == "skip" else None
            if there is not None:
                return await self._kept(url, there)
            _make(folder)
            with stage(folder, safe) as staged:
                return await self._patiently(url, media_kind, folder / safe, staged)
        except OSError as error:
            raise _unwritable(folder, error) from error

    async def _patiently(self, url: str, media_kind: str, wanted: Path, staged: Staged) -> SavedFile:
        patience = _Patience(staged.size)
        while True:
            try:
                await self._fetch(url, staged)
                return await self._settle(staged, wanted, media_kind)
            except ImaError as error:
                if patience.lost(error, staged.size):
                    raise
                await self.clock.sleep(patience.pause_s)
                patience.pause_s *= 2

    async def _fetch(self, url: str, staged: Staged) -> None:
        """Bring the staged file to its end, from where it stands."""
        import httpx

        mark = address_mark(url)
        offset = staged.recall(mark)
        headers = {"Accept-Encoding": "identity", **_asking(staged, offset)}
        try:
            async with self.transport.stream(url, _TIMEOUT_S, headers) as answer:
                if _continues(answer, staged, offset):
                    return
                if answer.status_code != _PARTIAL:
                    staged.restart(_origin_of(answer.headers, mark))
                await _pour(answer, staged)
        except httpx.InvalidURL:
            raise _no_address() from None
        except httpx.HTTPError as error:
            raise _failed(error) from None

    async def _settle(self, staged: Staged, wanted: Path, media_kind: str) -> SavedFile:
        """Check a staged file and give it its name; ``wanted`` has no extension yet."""
        import asyncio

        size = staged.size
        kind = _as_wanted(by_bytes(staged.head(HEAD_BYTES)), media_kind)
        fault = _fault(size, kind, media_kind)
        if fault is None and kind is not None and not staged.is_whole(kind.format):
            fault = MediaError(
                "a media ends before its time, and says so nowhere", code="media-truncated", retryable=True
            )
        if fault is not None or kind is None:
            staged.discard_bytes()
            raise fault or AssertionError("unreachable: what has no kind has a fault")
        digest = await asyncio.to_thread(staged.seal)
        path = staged.place(wanted.with_name(f"{wanted.name}.{kind.format}"), self.on_exists)
        return SavedFile(str(path), size, digest)

    async def _kept(self, url: str, path: Path) -> SavedFile:
        """Report a file that is left alone, and whether it is as large as the media."""
        import asyncio
        import hashlib

        import httpx

        def read() -> tuple[int, str]:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                return file.tell(), digest

        size, digest = await asyncio.to_thread(read)
        try:
            async with self.transport.stream(
                url, _TIMEOUT_S, {"Accept-Encoding": "identity", "Range": "bytes=0-0"}
            ) as answer:
                total = _total(answer)
        except (httpx.HTTPError, httpx.InvalidURL, NetworkError):
            total = None  # the file stays either way; it is reported as not compared
        if total is None:
            return SavedFile(str(path), size, digest, "unchecked")
        return SavedFile(str(path), size, digest, "same" if total == size else "other")


def ready_folder(folder: Path | str) -> Path:
    """Return a folder, made when missing, once it is known that files can be written there.

    Asked before anything is paid for that is to be saved there.

    Args:
        folder: As a user wrote it.

    Raises:
        UsageError: ``download-folder`` or ``disk-full``: it cannot be written.
    """
    import tempfile

    place = user_path(folder)
    try:
        _make(place)
        with tempfile.TemporaryFile(dir=place):
            return place
    except OSError as error:
        raise _unwritable(place, error) from error


@contextmanager
def room_for_files(folder: Path | str | None) -> Iterator[None]:
    """Have a folder ready while something is ordered that is to be saved there.

    When the block ends in an error, what was made for it and is still empty goes again.

    Args:
        folder: As a user wrote it; None where nothing is to be saved.

    Raises:
        UsageError: As :func:`ready_folder`.
    """
    if folder is None:
        yield
        return
    place = user_path(folder)
    # Unlike Path.exists, this takes a folder that may not be looked into for one that is not there.
    missing = [path for path in (place, *place.parents) if not os.path.lexists(path)]
    try:
        ready_folder(place)
        yield
    except BaseException:
        with suppress(OSError):  # whatever is no longer empty is somebody's
            for path in missing:
                path.rmdir()
        raise


def _make(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)


def _existing(folder: Path, stem: str, media_kind: str) -> Path | None:
    """Return the file that an earlier download of this media has left, whatever its format."""
    wanted = KIND_OF_MEDIA.get(media_kind, media_kind)
    names = (f"{stem}.{kind.format}" for kind in BY_FORMAT.values() if kind.kind == wanted)
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _asking(staged: Staged, offset: int) -> dict[str, str]:
    if not offset or staged.origin is None:
        return {}
    validator = staged.origin.validator
    return {"Range": f"bytes={offset}-", **({"If-Range": validator} if validator else {})}


def _continues(answer: httpx.Response, staged: Staged, offset: int) -> bool:
    """Look at the head of an answer: True when the staged file is whole already.

    Raises:
        NetworkError: There are no bytes, or they do not continue what is there; that is forgotten then.
    """
    known = staged.origin
    range_of = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", "").strip())
    if answer.status_code == _NOT_SATISFIABLE and offset:
        if known and range_of and range_of[3] == str(offset) and known.total in (None, offset):
            return True
        staged.discard_bytes()
        raise _failed("what had arrived no longer fits")
    if answer.status_code == _PARTIAL:
        if not known or not offset or not _fits(known, offset, range_of, answer.headers):
            staged.discard_bytes()
            raise _failed("the rest does not fit what had arrived")
        staged.resume()
        if range_of and range_of[3] != "*":
            staged.origin = evolve(known, total=int(range_of[3]))
    else:
        _must_be_there(answer.status_code)
    return False


def _fits(known: Origin, offset: int, found: re.Match[str] | None, headers: httpx.Headers) -> bool:
    """Tell whether a part of an answer goes on exactly where the staged file ends, in the same version."""
    if found is None or found[1] != str(offset) or headers.get("content-encoding", "identity") != "identity":
        return False
    etag, total = headers.get("etag"), found[3]
    whole = total == "*" or int(found[2]) + 1 <= int(total)
    same_total = known.total is None or total in ("*", str(known.total))
    return whole and same_total and (etag is None or known.etag is None or etag == known.etag)


def _origin_of(headers: httpx.Headers, mark: str) -> Origin:
    if headers.get("content-encoding", "identity") != "identity":
        return Origin("")  # places in what arrives are not places in what was sent: never gone on with
    return Origin(mark, headers.get("etag"), headers.get("last-modified"), _declared(headers))


def _declared(headers: httpx.Headers) -> int | None:
    """Return how many bytes a whole answer states; a compressed one states another number."""
    declared = headers.get("content-length", "")
    plain = headers.get("content-encoding", "identity") == "identity"
    return int(declared) if plain and declared.isascii() and declared.isdigit() else None


def _total(answer: httpx.Response) -> int | None:
    """Return the size of the media that an answer to a request for one byte tells."""
    if answer.status_code == _PARTIAL:
        found = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", "").strip())
        return int(found[3]) if found and found[3] != "*" else None
    return _declared(answer.headers) if answer.is_success else None


async def _pour(answer: httpx.Response, staged: Staged) -> None:
    """Write an answer's bytes, and check their number."""
    size, total = staged.size, staged.origin.total if staged.origin else None
    if (total or 0) > _LARGEST:
        raise _too_large(staged)
    async for chunk in answer.aiter_bytes():
        size += len(chunk)
        if size > _LARGEST:
            raise _too_large(staged)
        staged.write(chunk)
    if total is not None and size != total:
        if size > total:
            staged.discard_bytes()
        raise MediaError("a media came back cut short", code="media-truncated", retryable=True)


def _too_large(staged: Staged) -> MediaError:
    staged.discard_bytes()
    return MediaError(f"a media is larger than {_LARGEST >> 30} GiB", code="media-too-large")


def _fault(size: int, kind: FileKind | None, media_kind: str) -> MediaError | None:
    if size == 0:
        return MediaError("a media came back empty", code="media-empty", retryable=True)
    if kind is None or kind.kind != KIND_OF_MEDIA.get(media_kind, media_kind):
        what = kind.format if kind else "something unknown"
        return MediaError(
            f"a media should be {media_kind} and is {what}",
            code="media-wrong-kind",
            retryable=True,
            details={"wanted": media_kind, "found": what},
        )
    return None


def _as_wanted(kind: FileKind | None, media_kind: str) -> FileKind | None:
    """Read an MP4 container as a sound where a sound is due: its first bytes do not tell the two apart."""
    return BY_FORMAT["m4a"] if kind == BY_FORMAT["mp4"] and media_kind == "audio" else kind


def _must_be_there(status: int) -> None:
    if not 200 <= status < 300:  # noqa: PLR2004 - the HTTP success range
        raise _failed(f"HTTP {status}", retryable=status >= 500 or status in (408, 425, 429))  # noqa: PLR2004 - passing


def _failed(why: Exception | str, *, retryable: bool = True) -> NetworkError:
    said = why if isinstance(why, str) else type(why).__name__
    return NetworkError(
        f"a media could not be downloaded ({said})",
        code="download-failed",
        hint="The media stays at the service; try again.",
        retryable=retryable,
        details={"why": said},
    )


def _checked(url: str | None) -> str:
    if url is None or not is_private(url):
        raise _no_address()
    return url


def _no_address() -> MediaError:
    return MediaError("a media has no https address", code="media-address")


def _unwritable(folder: Path, error: OSError) -> UsageError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UsageError(
            f"cannot write to {folder}: {error.strerror}",
            code="disk-full",
            hint="Make room and run the same again; what has arrived is kept.",
            details={"folder": str(folder)},
        )
    return UsageError(
        f"cannot write to {folder}: {error.strerror or type(error).__name__}",
        code="download-folder",
        hint="Name another folder.",
        details={"folder": str(folder), "why": error.strerror or type(error).__name__},
    )
