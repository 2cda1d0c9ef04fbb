"""Measure a local media file: size, length, frame rate. No external program is started.

Pillow reads pictures, PyAV everything else; both come with the extra ``media``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ima_skills.domain.media_facts import MediaFacts
from ima_skills.errors import MediaError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.media_kinds import FileKind


def probe(path: Path, kind: FileKind) -> MediaFacts:
    """Measure a file.

    Args:
        path: A local file.
        kind: What its first bytes say it is.

    Raises:
        MediaError: It cannot be read to its end: damaged or cut short.
        MissingExtraError: The extra ``media`` is not installed.
    """
    size = path.stat().st_size
    if kind.kind == "picture":
        width, height = _picture(path)
        return MediaFacts(kind.kind, kind.format, size, width, height)
    return _stream(path, kind, size)


def first_frame(path: Path, target: Path) -> None:
    """Write the first frame of a video as JPEG.

    Args:
        path: A video.
        target: Where the picture goes.

    Raises:
        MediaError: There is no frame to be read.
        MissingExtraError: The extra ``media`` is not installed.
    """
    av = _library("av")
    try:
        with av.open(str(path)) as container:
            frame = next(container.decode(video=0))
            frame.to_image().convert("RGB").save(target, "JPEG", quality=90)
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise _unreadable(path) from error


def _picture(path: Path) -> tuple[int, int]:
    image_module = _library("PIL.Image")
    try:
        with image_module.open(path) as image:
            width, height = image.size
            # EXIF orientations 5 to 8 turn the picture by a quarter.
            turned = image.getexif().get(0x0112, 1) >= 5  # noqa: PLR2004 - the EXIF orientation tag
            image.load()
    except (OSError, SyntaxError, ValueError) as error:
        raise _unreadable(path) from error
    return (height, width) if turned else (width, height)


def _stream(path: Path, kind: FileKind, size: int) -> MediaFacts:
    av = _library("av")
    try:
        with av.open(str(path)) as container:
            streams = container.streams.video if kind.kind == "video" else container.streams.audio
            if not streams:
                raise _unreadable(path)
            stream = streams[0]
            seconds = _read_through(container, stream)
            width, height = _shown(container, stream) if kind.kind == "video" else (0, 0)
            rate = float(stream.average_rate or 0) if kind.kind == "video" else 0.0
    except av.FFmpegError as error:
        raise _unreadable(path) from error
    return MediaFacts(kind.kind, kind.format, size, width, height, seconds, rate)


def _read_through(container: Any, stream: Any) -> float:
    """Return the length by reading every packet: a header may promise more than the file holds."""
    end = 0.0
    for packet in container.demux(stream):
        if packet.pts is not None:
            end = max(end, float((packet.pts + (packet.duration or 0)) * packet.time_base))
    declared = float(stream.duration * stream.time_base) if stream.duration else end
    if end <= 0 or declared - end > _SLACK_S:
        name = os.path.basename(container.name)  # noqa: PTH119 - a name from FFmpeg
        raise MediaError(f"{name} is cut short", code="input-damaged", details={"file": name})
    return end


def _shown(container: Any, stream: Any) -> tuple[int, int]:
    """Return the size as shown; phones note a rotation on the frame instead of turning the pixels."""
    container.seek(0)
    frame = next(container.decode(stream))
    turned = abs(int(getattr(frame, "rotation", 0))) % 180 == 90  # noqa: PLR2004 - a quarter turn
    return (frame.height, frame.width) if turned else (frame.width, frame.height)


# Containers round their stated length; more than this is missing content.
_SLACK_S = 0.5


def _unreadable(path: Path) -> MediaError:
    return MediaError(
        f"{path.name} is damaged or of a kind that cannot be read",
        code="input-damaged",
        details={"file": path.name},
    )


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            "checking this model's inputs needs the extra media",
            hint="Run: pip install 'ima-skills[media]'",
            details={"extra": "media"},
        ) from error
