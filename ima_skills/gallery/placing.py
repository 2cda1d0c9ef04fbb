"""Media brought beside the page, and small pictures that stand for them."""

from __future__ import annotations

import hashlib
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.gallery.item import Item
from ima_skills.gallery.thumbnails import Look, look_at
from ima_skills.media_kinds import by_name

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MEDIA_FOLDER = "media"
_SMALL_FOLDER = "small"
_NAME_DIGITS = 24


@frozen
class Placed:
    """An item and where the page finds it.

    Attributes:
        item: The item.
        media: Path of the file, relative to the page; None when there is none.
        shape: How the page plays it: ``picture``, ``video`` or ``audio``; empty for anything else.
        look: The small picture and the sizes; paths relative to the page.
    """

    item: Item
    media: str | None
    shape: str
    look: Look


def place(items: Sequence[Item], out: Path) -> tuple[Placed, ...]:
    """Bring the files of items into ``out/media``; files that are there already stay as they are.

    Args:
        items: What to show.
        out: Folder of the page.

    Raises:
        OSError: The folder cannot be written.
    """
    (out / MEDIA_FOLDER).mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:  # decoders let other threads run
        return tuple(pool.map(lambda item: _placed(item, out), items))


def _placed(item: Item, out: Path) -> Placed:
    kind = by_name(item.file.name) if item.file else None
    shape = kind.kind if kind else ""
    if item.file is None or item.state != "there":
        return Placed(item, None, shape, Look())
    media = _beside(item.file, item.digest, out)
    small = item.cover or out / MEDIA_FOLDER / _SMALL_FOLDER / f"{media.stem}.jpg"
    look = look_at(media, shape, small)
    return Placed(item, media.relative_to(out).as_posix(), shape, look.relative_to(out))


def media_name(file: Path, digest: str) -> str:
    """Return where a file goes, relative to the page: named by its contents, so that it goes there once.

    Args:
        file: The file.
        digest: SHA-256 of its contents; empty when nobody knows, then its path has to do.
    """
    known = digest if digest.isascii() and digest.isalnum() else ""
    name = known or hashlib.sha256(str(file).encode(errors="surrogatepass")).hexdigest()
    return f"{MEDIA_FOLDER}/{name[:_NAME_DIGITS]}{file.suffix.lower()}"


def _beside(file: Path, digest: str, out: Path) -> Path:
    """Return the file in the page's folder: itself, a link to the same bytes, or a copy."""
    if file.is_relative_to(out / MEDIA_FOLDER):
        return file
    target = out / media_name(file, digest)
    if not (target.is_file() and target.stat().st_size == file.stat().st_size):
        _bring(file, target)
    return target


def _bring(file: Path, target: Path) -> None:
    """Link or copy a file, whole or not at all."""
    source, fresh = file.resolve(), target.with_name(f".{target.name}.part-{os.getpid()}-{id(target)}")
    try:
        try:
            os.link(source, fresh)
        except OSError:  # another disk, or a file system without hard links
            shutil.copyfile(source, fresh)
        fresh.replace(target)
    finally:
        # Where both are the same file already, replacing does nothing and leaves the other name.
        with suppress(FileNotFoundError):
            fresh.unlink()
