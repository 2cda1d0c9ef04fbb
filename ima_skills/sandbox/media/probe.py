"""Decodes media to the end and measures them.

A header is not a proof: half of an MP4 still announces its full length. So everything here is counted from
decoded pictures and samples.
"""

import math
from array import array
from collections import deque
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from PIL import Image

_FULL = 32768.0


@frozen
class PictureFacts:
    """A decoded picture: size in pixels and format in lower case, e.g. ``"jpeg"``."""

    width: int
    height: int
    format: str


@frozen
class AudioFacts:
    """Decoded sound.

    Attributes:
        duration_s: decoded samples divided by the rate.
        sample_rate: samples per second.
        channels: 1 or 2.
        rms: root mean square of the mono mix, 1.0 is full scale.
        peak: largest deviation of the mono mix, 1.0 is full scale.
        codec: FFmpeg's name, e.g. ``"mp3float"``.
    """

    duration_s: float
    sample_rate: int
    channels: int
    rms: float
    peak: float
    codec: str


@frozen
class VideoFacts:
    """A decoded video.

    Attributes:
        width: of the decoded frames in pixels.
        height: of the decoded frames in pixels.
        frames: how many frames were decoded.
        fps: frames per second.
        duration_s: decoded frames divided by the rate.
        container_s: length that the container announces.
        codec: FFmpeg's name, e.g. ``"h264"``.
        audio: the sound track, None without one.
    """

    width: int
    height: int
    frames: int
    fps: float
    duration_s: float
    container_s: float
    codec: str
    audio: AudioFacts | None

    @property
    def has_audio(self) -> bool:
        """Tell whether there is a sound track."""
        return self.audio is not None


def probe_picture(path: Path) -> PictureFacts:
    """Decode a picture.

    Raises:
        OSError: when it cannot be decoded.
    """
    from PIL import Image

    with Image.open(path) as picture:
        picture.load()
        return PictureFacts(*picture.size, (picture.format or "").lower())


def probe_video(path: Path) -> VideoFacts:
    """Decode a video with its sound track.

    Raises:
        ValueError: when there is no picture track or nothing in it can be decoded.
        av.FFmpegError: when the file is damaged.
    """
    import av

    with av.open(path) as container:
        if not container.streams.video:
            raise ValueError(f"{path.name} has no picture track")
        stream = container.streams.video[0]
        sizes = [(frame.width, frame.height) for frame in container.decode(stream)]
        if len(set(sizes)) != 1:
            raise ValueError(f"{path.name} has {len(sizes)} frames of {len(set(sizes))} sizes")
        fps = float(stream.average_rate or 0)
        announced = (container.duration or 0) / av.time_base
        has_audio, codec = bool(container.streams.audio), stream.codec_context.name
    audio = probe_audio(path) if has_audio else None
    return VideoFacts(*sizes[0], len(sizes), fps, len(sizes) / fps, announced, codec, audio)


def probe_audio(path: Path) -> AudioFacts:
    """Decode the sound of an audio or video file.

    Raises:
        ValueError: when there is no sound in it.
        av.FFmpegError: when the file is damaged.
    """
    import av

    with av.open(path) as container:
        if not container.streams.audio:
            raise ValueError(f"{path.name} has no sound track")
        context = container.streams.audio[0].codec_context
        channels, codec = context.layout.nb_channels, context.name
    samples, rate = decode_mono(path)
    power = sum(map(int.__mul__, samples, samples)) / max(1, len(samples))
    peak = max(max(samples, default=0), -min(samples, default=0)) / _FULL
    return AudioFacts(len(samples) / rate, rate, channels, math.sqrt(power) / _FULL, peak, codec)


def decode_mono(path: Path) -> tuple["array[int]", int]:
    """Return all sound of a file as 16-bit mono samples, and their rate.

    Raises:
        ValueError: when there is no sound in it.
        av.FFmpegError: when the file is damaged.
    """
    import av

    samples = array("h")
    with av.open(path) as container:
        if not container.streams.audio:
            raise ValueError(f"{path.name} has no sound track")
        rate = container.streams.audio[0].codec_context.sample_rate
        resampler = av.AudioResampler(format="s16", layout="mono", rate=rate)
        for frame in container.decode(audio=0):
            for piece in resampler.resample(frame):
                samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
        for piece in resampler.resample(None):
            samples.frombytes(bytes(piece.planes[0])[: piece.samples * 2])
    return samples, rate


def video_frame(path: Path, number: int) -> "Image.Image":
    """Return a decoded frame as an RGB picture; ``number`` counts from 0, or from the end when negative.

    Raises:
        IndexError: when the video has no such frame.
        av.FFmpegError: when the file is damaged.
    """
    import av

    from ima_skills.sandbox.media.yuv import picture_of

    with av.open(path) as container:
        decoded = container.decode(video=0)
        kept = deque(decoded, -number) if number < 0 else deque(islice(decoded, number, number + 1))
        if len(kept) < max(1, -number):
            raise IndexError(f"{path.name} has no frame {number}")
        return picture_of(kept[0])
