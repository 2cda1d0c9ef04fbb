"""Input files as pictures: photos as they are, videos by their first frame."""

from collections.abc import Iterable
from pathlib import Path

import av
from PIL import Image, ImageOps, UnidentifiedImageError

from ima_skills.renderers import RenderError
from ima_skills.sandbox.media.yuv import picture_of

# No output is drawn from more detail than this; larger photos are reduced while they are read.
_MAX_SIDE = 2600


def load_pictures(paths: Iterable[Path]) -> tuple[Image.Image, ...]:
    """Return the RGB pictures of all input files that have one, in order; audio files have none.

    Raises:
        RenderError: when a file is neither a picture nor a video nor audio, or is damaged.
    """
    pictures = (_load(path) for path in paths)
    return tuple(picture for picture in pictures if picture is not None)


def _load(path: Path) -> Image.Image | None:
    try:
        with Image.open(path) as opened:
            if opened.format != "MPEG":  # Pillow recognises these videos but cannot decode them
                return _picture(opened)
    except UnidentifiedImageError:
        pass  # not a picture: the video decoder has the next word
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise RenderError(f"The input {path.name} is a damaged picture.") from error
    return _first_frame(path)


def _picture(opened: Image.Image) -> Image.Image:
    opened.draft("RGB", (_MAX_SIDE, _MAX_SIDE))
    picture = ImageOps.exif_transpose(opened)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, "white")
        ground.paste(picture, (0, 0), picture)
        picture = ground
    picture = picture.convert("RGB")
    picture.thumbnail((_MAX_SIDE, _MAX_SIDE), reducing_gap=2.0)
    return picture


def _first_frame(path: Path) -> Image.Image | None:
    try:
        with av.open(path) as container:
            if container.streams.video:
                frame = next(container.decode(video=0))
                return picture_of(frame).rotate(frame.rotation, expand=True)
            if container.streams.audio:
                return None
    except (av.FFmpegError, StopIteration) as error:
        raise RenderError(f"The input {path.name} cannot be decoded.") from error
    raise RenderError(f"The input {path.name} has neither a picture nor sound.")
