"""Small pictures and sizes of media, where Pillow and PyAV are installed; without them the page does without."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from attrs import evolve, frozen

# Our choices: sharp on a dense screen at the widest card, and some 30 kB each.
_WIDEST = 720
_QUALITY = 82
# A first frame is often black.
_FRAME_AT = 0.1
_LONGEST_READ = 60


@frozen
class Look:
    """What a media looks like.

    Attributes:
        small: A small picture that stands for it; None when there is none.
        width: Pixels of the media; 0 when nobody knows.
        height: Likewise.
        duration_s: Seconds; 0 when it has none or nobody knows.
    """

    small: Path | None = None
    width: int = 0
    height: int = 0
    duration_s: float = 0.0

    def relative_to(self, folder: Path) -> Look:
        """Return the same with a path relative to a folder."""
        return evolve(self, small=self.small.relative_to(folder) if self.small else None)


def look_at(media: Path, shape: str, small: Path) -> Look:
    """Measure a media and make the small picture that stands for it, unless that is there already.

    Args:
        media: The file.
        shape: ``picture``, ``video`` or ``audio``; anything else is not looked at.
        small: Where the small picture goes.

    Returns:
        What could be found out: nothing where a library is missing or the file is damaged.
    """
    reader = {"picture": _picture, "video": _stream, "audio": _stream}.get(shape)
    if reader is None:
        return Look()
    try:
        found = reader(media, small)
    except Exception:  # noqa: BLE001 - decoders raise anything over a damaged file, and the page shows it all the same
        found = Look()
    return evolve(found, small=small) if small.is_file() else found


def _picture(media: Path, small: Path) -> Look:
    images = import_module("PIL.Image")
    ops = import_module("PIL.ImageOps")
    with images.open(media) as image:
        width, height = image.size
        # EXIF orientations 5 to 8 turn the picture by a quarter. Asking a PNG would decode all of it.
        if image.format != "PNG" and image.getexif().get(0x0112, 1) >= 5:  # noqa: PLR2004 - the EXIF orientation tag
            width, height = height, width
        if not small.is_file():
            image.draft("RGB", (2 * _WIDEST, 2 * _WIDEST))
            _save(ops.exif_transpose(image), small)
    return Look(small, width, height)


def _stream(media: Path, small: Path) -> Look:
    av = import_module("av")
    with av.open(str(media)) as container:
        length = (container.duration or 0) / av.time_base
        if not container.streams.video:
            return Look(duration_s=round(length, 2))
        stream = container.streams.video[0]
        width, height = stream.codec_context.width, stream.codec_context.height
        if small.is_file():
            return Look(small, width, height, round(length, 2))
        frame = _frame(container, stream, length * _FRAME_AT)
        if frame is not None:
            _save(frame.to_image(), small)
    return Look(None, width, height, round(length, 2))


def _frame(container: Any, stream: Any, wanted_s: float) -> Any:
    """Return the first frame from a moment on, or the last that was worth reading; None when there is none."""
    found = None
    for number, frame in enumerate(container.decode(stream)):
        found = frame
        if (frame.time or 0) >= wanted_s or number >= _LONGEST_READ:
            break
    return found


def _save(image: Any, small: Path) -> None:
    """Write a small JPEG under its name, whole or not at all; what is transparent lies on white."""
    images = import_module("PIL.Image")
    image.thumbnail((_WIDEST, _WIDEST))
    if image.mode in ("RGBA", "LA", "PA", "P"):
        image = image.convert("RGBA")
        ground = images.new("RGBA", image.size, "white")
        image = images.alpha_composite(ground, image)
    small.parent.mkdir(exist_ok=True)
    fresh = small.with_name(f".{small.name}.part-{os.getpid()}-{id(image)}")
    try:
        image.convert("RGB").save(fresh, "JPEG", quality=_QUALITY, progressive=True)
        fresh.replace(small)
    finally:
        with suppress(FileNotFoundError):
            fresh.unlink()
