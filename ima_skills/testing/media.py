"""What a media file really holds: decoded to its end, not read off its header."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from ima_skills.errors import MediaError, MissingExtraError
from ima_skills.sandbox.media import probe

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.media.probe import AudioFacts, PictureFacts, VideoFacts

T = TypeVar("T")


def picture_facts(path: Path) -> PictureFacts:
    """Return size in pixels and format of a picture.

    Raises:
        MediaError: It cannot be decoded.
        MissingExtraError: The extra ``media`` is not installed.
    """
    return _decoded(probe.probe_picture, path)


def video_facts(path: Path) -> VideoFacts:
    """Return size, frames, rate, length in seconds, codec and sound of a video.

    Raises:
        MediaError: It cannot be decoded.
        MissingExtraError: The extra ``media`` is not installed.
    """
    return _decoded(probe.probe_video, path)


def sound_facts(path: Path) -> AudioFacts:
    """Return length in seconds, rate, channels, loudness and codec of the sound in a file.

    Raises:
        MediaError: It cannot be decoded.
        MissingExtraError: The extra ``media`` is not installed.
    """
    return _decoded(probe.probe_audio, path)


def _decoded(read: Callable[[Path], T], path: Path) -> T:
    try:
        return read(path)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"looking at media needs {error.name}, which is not installed",
            hint="pip install 'ima-skills[media]'",
        ) from error
    except (OSError, ValueError, IndexError) as error:  # FFmpeg's own errors are OSErrors or ValueErrors
        raise MediaError(f"{path.name} cannot be decoded: {type(error).__name__}") from error
