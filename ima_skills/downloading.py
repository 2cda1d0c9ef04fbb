"""Download medias: streamed, staged beside the destination, checked, then renamed."""

from __future__ import annotations

import hashlib
import os
import re
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from attrs import frozen

from ima_skills.clock import Clock
from ima_skills.domain.task import SavedFile
from ima_skills.errors import ImaError, MediaError, NetworkError, UsageError
from ima_skills.media_kinds import HEAD_BYTES, by_bytes
from ima_skills.settings import is_loopback
from ima_skills.transport import Transport

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.domain.task import Media

_ATTEMPTS = 3
_PAUSE_S = 0.5
_LARGEST = 2 << 30
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
# What counts as which media kind; a music file may come in a video container, never the other way.
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
        safe = _UNSAFE.sub("_", stem).lstrip(".") or "media"
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

        staged = folder / f".{stem}.{os.getpid()}.part"
        try:
            fetched = await self._fetch(url, staged)
            return _settle(staged, folder / stem, media_kind, fetched)
        except httpx.HTTPError as error:
            raise NetworkError(
                f"a media could not be downloaded ({type(error).__name__})",
                code="download-failed",
                hint="The media stays at the service; try again.",
            ) from None
        except OSError as error:
            raise _unwritable(folder, error) from error
        finally:
            with suppress(FileNotFoundError):  # it was renamed, or never made
                staged.unlink()

    async def _fetch(self, url: str, staged: Path) -> tuple[int, str, bytes]:
        digest, size, head = hashlib.sha256(), 0, b""
        async with self.transport.stream(url, timeout_s=60.0) as response:
            response.raise_for_status()
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
    kind = by_bytes(head)
    if kind is None or kind.kind not in _ACCEPTED[media_kind]:
        what = kind.format if kind else "something unknown"
        raise MediaError(
            f"a media should be {media_kind} and is {what}", code="media-wrong-kind", retryable=True
        )
    path = wanted.with_name(f"{wanted.name}.{kind.format}")
    staged.replace(path)
    return SavedFile(str(path), size, digest)


def _must_be_whole(size: int, headers: object) -> None:
    from collections.abc import Mapping

    declared = headers.get("content-length") if isinstance(headers, Mapping) else None
    encoded = headers.get("content-encoding") if isinstance(headers, Mapping) else None
    if declared and not encoded and str(declared).isdigit() and int(declared) != size:
        raise MediaError("a media came back cut short", code="media-truncated", retryable=True)


def _checked(url: str | None) -> str:
    parts = urlsplit(url or "")
    host = parts.hostname or ""
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)):
        return url or ""
    raise MediaError("a media has no https address", code="media-address")


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
