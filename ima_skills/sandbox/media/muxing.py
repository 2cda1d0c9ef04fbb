"""Writes media files through FFmpeg's libraries, with settings that make equal input equal bytes."""

import math
from array import array
from collections.abc import Iterable, Iterator
from heapq import merge
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import av
from attrs import field, frozen
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.stream import VideoStream
from PIL import Image

from ima_skills.renderers import RenderError
from ima_skills.sandbox.media.yuv import Planes

if TYPE_CHECKING:
    from av.packet import Packet
    from av.stream import Stream

FPS = 24

_Timed: TypeAlias = "tuple[float, list[Packet[Stream]]]"

_BT709, _LIMITED = 1, 1  # FFmpeg's numbers for the colour matrix and for the range 16-235
_BLOCK = 4096
_LARGE = 1280 * 700
# FFmpeg writes its version and picks code by processor and core count unless it is told not to.
_SAME_BYTES = {"fflags": "+bitexact"}
_LAYOUTS = {1: "mono", 2: "stereo"}
_X264 = "threads=1:cpu-independent=1"


@frozen
class Sound:
    """Interleaved 16-bit samples.

    Attributes:
        blocks: the samples in order, in pieces of any length.
        rate: samples per second and channel.
        channels: 1 or 2.
    """

    blocks: Iterable["array[int]"] = field(repr=False)
    rate: int
    channels: int


def write_video(path: Path, frames: Iterable[Planes], size: tuple[int, int], sound: Sound | None) -> None:
    """Encode an H.264 MP4 at 24 frames a second, with an AAC track when there is ``sound``.

    Args:
        path: where to write.
        frames: the pictures in order, each with planes of ``size``.
        size: even width and height in pixels.
        sound: as long as the pictures, None for a silent film.

    Raises:
        RenderError: when FFmpeg refuses.
    """
    try:
        with av.open(path, "w", format="mp4", options={"movflags": "+faststart", **_SAME_BYTES}) as container:
            tracks = [_picture_packets(_video_stream(container, size), frames, size)]
            if sound:
                stream = _audio_stream(container, "aac", sound, 128_000)
                tracks.append(_audio_packets(stream, sound))
            # In the order of time, or the muxer hoards one of the tracks.
            for _, packets in merge(*tracks, key=itemgetter(0)):
                container.mux(packets)
    except av.FFmpegError as error:
        raise RenderError(f"The video encoder failed: {error}.") from error


def write_mp3(path: Path, sound: Sound, bit_rate: int) -> None:
    """Encode an MP3 whose decoded length is exactly that of ``sound``.

    Raises:
        RenderError: when FFmpeg refuses.
    """
    try:
        with av.open(path, "w", format="mp3", options=dict(_SAME_BYTES)) as container:
            stream = _audio_stream(container, "libmp3lame", sound, bit_rate)
            for _, packets in _audio_packets(stream, sound):
                container.mux(packets)
    except av.FFmpegError as error:
        raise RenderError(f"The audio encoder failed: {error}.") from error


def write_wav(path: Path, sound: Sound) -> None:
    """Write plain 16-bit PCM."""
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(sound.channels)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        for block in sound.blocks:
            file.writeframes(block.tobytes())


def _video_stream(container: OutputContainer, size: tuple[int, int]) -> VideoStream:
    # A large frame costs most of its time in the encoder: there the quickest preset, at a small loss of quality.
    preset, quality = ("ultrafast", "23") if size[0] * size[1] > _LARGE else ("superfast", "22")
    options = {"preset": preset, "crf": quality, "x264-params": _X264}
    stream = container.add_stream("libx264", rate=FPS, options=options)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    context = stream.codec_context
    context.color_range, context.colorspace = _LIMITED, _BT709
    context.color_primaries, context.color_trc = _BT709, _BT709
    return stream


def _audio_stream(container: OutputContainer, codec: str, sound: Sound, bit_rate: int) -> AudioStream:
    options = {"compression_level": "7"} if codec == "libmp3lame" else {}
    stream = container.add_stream(codec, rate=sound.rate, layout=_LAYOUTS[sound.channels], options=options)
    if not isinstance(stream, AudioStream):
        raise RenderError(f"FFmpeg has no {codec} encoder here.")
    stream.bit_rate = bit_rate
    return stream


def _picture_packets(
    stream: VideoStream, frames: Iterable[Planes], size: tuple[int, int]
) -> Iterator[_Timed]:
    for number, planes in enumerate(frames):
        yield number / FPS, stream.encode(_video_frame(planes, size, number))
    yield math.inf, stream.encode()


def _audio_packets(stream: AudioStream, sound: Sound) -> Iterator[_Timed]:
    place = 0
    for samples in _even_blocks(sound):
        count = len(samples) // sound.channels
        frame = av.AudioFrame("s16", _LAYOUTS[sound.channels], count)
        frame.planes[0].update(samples.tobytes())
        frame.sample_rate, frame.pts = sound.rate, place
        yield place / sound.rate, stream.encode(frame)
        place += count
    yield math.inf, stream.encode()


def _video_frame(planes: Planes, size: tuple[int, int], number: int) -> av.VideoFrame:
    frame = av.VideoFrame(*size, "yuv420p")
    for target, plane in zip(frame.planes, planes, strict=True):
        target.update(_rows(plane, target.line_size))
    frame.pts = number
    return frame


def _rows(plane: Image.Image, line_size: int) -> bytes:
    """Return the rows of a plane, each padded to what FFmpeg wants."""
    return plane.tobytes("raw", "L", line_size, 1)


def _even_blocks(sound: Sound) -> Iterator["array[int]"]:
    step = _BLOCK * sound.channels
    rest = array("h")
    for block in sound.blocks:
        rest.extend(block)
        whole = len(rest) // step * step
        for start in range(0, whole, step):
            yield rest[start : start + step]
        del rest[:whole]
    if rest:
        yield rest
