"""Download medias: streamed, staged beside the destination, checked, then renamed."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.clock import Clock
from ima_skills.domain.task import SavedFile
from ima_skills.errors import ImaError, MediaError, NetworkError, UsageError
from ima_skills.media_kinds import BY_FORMAT, HEAD_BYTES, by_bytes
from ima_skills.settings import is_private
from ima_skills.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.domain.task import Media
    from ima_skills.media_kinds import FileKind

_ATTEMPTS = 3
_PAUSE_S = 0.5
_LARGEST = 2 << 30
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_STEM = 100
# What counts as which media kind.
_ACCEPTED = {"image": {"picture"}, "video": {"video"}, "audio": {"audio"}}


@frozen
class Downloader:
    """Fetches finished medias.

    Attributes:
        transport: Where bytes come from; no credentials are sent.
        clock: For pauses between attempts.
    """

    transport: Transport
    clock: Clock

    async def save(self, media: Media, media_kind: str, folder: Path, stem: str) -> SavedFile:
        """Save one media as ``<folder>/<stem>.<extension>``.

        Args:
            media: A finished media.
            media_kind: ``image``, ``video`` or ``audio``: what the bytes must be.
            folder: Destination; made when missing.
            stem: File name without extension.

        Raises:
            MediaError: The bytes are empty, cut short, or of another kind.
            NetworkError: They cannot be had.
            UsageError: The folder cannot be written.
        """
        url = _checked(media.url)
        _make(folder)
        safe = _UNSAFE.sub("_", stem).lstrip(".")[:_LONGEST_STEM] or "media"
        pause = _PAUSE_S
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._once(url, media_kind, folder, safe)
            except ImaError as error:
                if attempt == _ATTEMPTS or not error.retryable:
                    raise
                await self.clock.sleep(pause)
                pause *= 2
        raise AssertionError("unreachable: the loop returns or raises")

    async def _once(self, url: str, media_kind: str, folder: Path, stem: str) -> SavedFile:
        import httpx

        # Two clients may fetch the same media at the same time: each has its own staged file.
        staged = folder / f".{stem}.{os.urandom(6).hex()}.part"
        try:
            fetched = await self._fetch(url, staged)
            return _settle(staged, folder / stem, media_kind, fetched)
        except httpx.InvalidURL:
            raise _no_address() from None
        except httpx.HTTPError as error:
            raise _failed(error) from None
        except OSError as error:
            raise _unwritable(folder, error) from error
        finally:
            with suppress(FileNotFoundError):  # it was renamed, or never made
                staged.unlink()

    async def _fetch(self, url: str, staged: Path) -> tuple[int, str, bytes]:
        digest, size, head = hashlib.sha256(), 0, b""
        async with self.transport.stream(url, timeout_s=60.0) as response:
            _must_be_there(response.status_code)
            _checked(str(response.url))  # a redirect may have led elsewhere
            with staged.open("wb") as file:
                async for chunk in response.aiter_bytes():
                    size += len(chunk)
                    if size > _LARGEST:
                        raise MediaError(
                            f"a media is larger than {_LARGEST >> 30} GiB", code="media-too-large"
                        )
                    head = (head + chunk)[:HEAD_BYTES] if len(head) < HEAD_BYTES else head
                    digest.update(chunk)
                    file.write(chunk)
            _must_be_whole(size, response.headers)
        return size, digest.hexdigest(), head


def _settle(staged: Path, wanted: Path, media_kind: str, fetched: tuple[int, str, bytes]) -> SavedFile:
    """Check a staged file and give it its name; ``wanted`` has no extension yet."""
    size, digest, head = fetched
    if size == 0:
        raise MediaError("a media came back empty", code="media-empty", retryable=True)
    kind = _as_wanted(by_bytes(head), media_kind)
    if kind is None or kind.kind not in _ACCEPTED.get(media_kind, {media_kind}):
        what = kind.format if kind else "something unknown"
        raise MediaError(
            f"a media should be {media_kind} and is {what}", code="media-wrong-kind", retryable=True
        )
    path = wanted.with_name(f"{wanted.name}.{kind.format}")
    staged.replace(path)
    return SavedFile(str(path), size, digest)


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
    )


def _must_be_whole(size: int, headers: object) -> None:
    from collections.abc import Mapping

    declared = headers.get("content-length") if isinstance(headers, Mapping) else None
    encoded = headers.get("content-encoding") if isinstance(headers, Mapping) else None
    if declared and not encoded and str(declared).isdigit() and int(declared) != size:
        raise MediaError("a media came back cut short", code="media-truncated", retryable=True)


def _checked(url: str | None) -> str:
    if url is None or not is_private(url):
        raise _no_address()
    return url


def _no_address() -> MediaError:
    return MediaError("a media has no https address", code="media-address")


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot write to {folder}: {error.strerror or type(error).__name__}",
        code="download-folder",
        hint="Name another folder.",
    )
