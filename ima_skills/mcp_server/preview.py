"""A small picture of an output, for a model to look at: it costs tokens, so only when it is asked for."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ima_skills.errors import MediaError, MissingExtraError

if TYPE_CHECKING:
    from pathlib import Path

    from PIL.Image import Image

# Our choice: enough to judge a composition, at a few hundred tokens.
EDGE = 512
_QUALITY = 80


def thumbnail(path: Path) -> bytes | None:
    """Return a JPEG of at most 512 pixels a side; None for what cannot be seen, such as sound.

    Args:
        path: A picture or video.

    Raises:
        MissingExtraError: Pillow or PyAV is not installed.
        MediaError: The file is damaged.
    """
    from ima_skills.media_kinds import BY_FORMAT

    kind = BY_FORMAT.get(path.suffix.removeprefix("."))
    if kind is None or kind.kind not in ("picture", "video"):
        return None
    try:
        picture = _frame(path) if kind.kind == "video" else _picture(path)
    except ImportError as error:
        raise MissingExtraError(
            "previews need Pillow, and PyAV for videos",
            hint="pip install 'ima-skills[media]'; the file itself can be handed over without a preview.",
        ) from error
    picture.thumbnail((EDGE, EDGE))
    packed = io.BytesIO()
    picture.convert("RGB").save(packed, "JPEG", quality=_QUALITY)
    return packed.getvalue()


def _picture(path: Path) -> Image:
    from PIL import Image as Images

    try:
        with Images.open(path) as opened:
            opened.load()
            return opened.copy()
    except (OSError, Images.DecompressionBombError) as error:
        raise _damaged() from error


def _frame(path: Path) -> Image:
    import av

    try:
        with av.open(str(path)) as container:
            frame: Image = next(container.decode(video=0)).to_image()  # type: ignore[no-untyped-call]  # PyAV leaves it untyped
            return frame
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise _damaged() from error


def _damaged() -> MediaError:
    return MediaError("the file cannot be decoded", hint="Hand it over all the same, or make it again.")
