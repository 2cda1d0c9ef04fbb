"""Pixel size of a picture or a video from its resolved parameters."""

import math
import re
from collections.abc import Mapping

from ima_skills.renderers import RenderError

Size = tuple[int, int]

_PIXELS = re.compile(r"\s*(\d{1,5})\s*[xX×*]\s*(\d{1,5})\s*")
_RATIO = re.compile(r"\s*(\d+(?:\.\d+)?)\s*[:：/]\s*(\d+(?:\.\d+)?)\s*")
_LINES = re.compile(r"\s*(\d{3,4})\s*[pP]\s*")
_CLASS = re.compile(r"\s*(\d{1,4})\s*([kK]|[pP][xX])\s*")

_DEFAULT_SIDE = 1024
_DEFAULT_LINES = 720
_MIN_SIDE = 16
# Just above what the largest offered size needs (4096 x 4096); a larger wish is refused, not eaten as memory.
_MAX_PIXELS = 20_000_000
_MAX_SIDE = 16_380
_WIDEST_PICTURE = 8.0
_WIDEST_VIDEO = 3.0

# What the words of `mode` and `quality` stand for, in lines. Std/pro: the service's catalogue maps Kling's
# qualities 720p and 1080p to them; the others are our choice.
_WORDS: Mapping[str, int] = {
    "std": 720, "standard": 720, "medium": 720, "normal": 720, "标清": 720, "标准": 720,
    "pro": 1080, "professional": 1080, "high": 1080, "hd": 1080, "高清": 1080,
    "low": 480, "ultra": 2160, "uhd": 2160, "超清": 2160, "4k": 2160, "2k": 1440,
}  # fmt: skip


def pixel_size(
    task_type: str, parameters: Mapping[str, object], first_input: Size | None, kind: str = ""
) -> Size:
    """Return the width and height in pixels of what a task produces.

    Args:
        task_type: one of the picture or video task types.
        parameters: the resolved inner parameters.
        first_input: pixel size of the first usable input picture or video, None without one.
        kind: what the task makes, ``image`` or ``video``, where its name does not tell: a plugin's may not.

    Raises:
        RenderError: when the wish is larger than the sandbox draws.
        ValueError: when the task type makes neither pictures nor videos.
    """
    if task_type.endswith("_to_video") or kind == "video":
        size = _video_size(parameters, first_input)
    elif task_type.endswith("_to_image") or kind == "image":
        size = _picture_size(parameters, first_input if task_type == "image_to_image" else None)
    else:
        raise ValueError(f"{task_type} has no pixel size")
    return _checked(size)


def _picture_size(parameters: Mapping[str, object], followed: Size | None) -> Size:
    explicit = _explicit(parameters.get("size"))
    if explicit:
        return explicit
    side = _class_side(parameters)
    if side is None and _lines(parameters.get("resolution")):
        # Observed in the service's catalogue: only Midjourney counts picture lines, and it always gives 1:1.
        return (_DEFAULT_SIDE, _DEFAULT_SIDE)
    ratio = _ratio(parameters) or _ratio_of(followed, _WIDEST_PICTURE) or 1.0
    side = side or _DEFAULT_SIDE
    return (_to_multiple(side * math.sqrt(ratio), 8), _to_multiple(side / math.sqrt(ratio), 8))


def _video_size(parameters: Mapping[str, object], first_input: Size | None) -> Size:
    explicit = _explicit(parameters.get("size")) or _explicit(parameters.get("resolution"))
    if explicit:
        return (_to_multiple(explicit[0], 2), _to_multiple(explicit[1], 2))
    short = _video_lines(parameters)
    ratio = _ratio(parameters) or _ratio_of(first_input, _WIDEST_VIDEO) or 16 / 9
    long = _to_multiple(short * max(ratio, 1 / ratio), 2)
    short = _to_multiple(short, 2)
    return (long, short) if ratio >= 1 else (short, long)


def _video_lines(parameters: Mapping[str, object]) -> int:
    for key in ("resolution", "size", "mode", "quality"):
        value = parameters.get(key)
        lines = _lines(value) or _WORDS.get(str(value).strip().lower())
        if lines:
            return lines
    return _DEFAULT_LINES


def _class_side(parameters: Mapping[str, object]) -> int | None:
    for key in ("size", "resolution", "quality"):
        match = _CLASS.fullmatch(str(parameters.get(key)))
        if match:
            number, unit = int(match[1]), match[2].lower()
            return number * 1024 if unit == "k" else number
    return None


def _lines(value: object) -> int | None:
    match = _LINES.fullmatch(str(value))
    return int(match[1]) if match else None


def _explicit(value: object) -> Size | None:
    match = _PIXELS.fullmatch(str(value))
    return (int(match[1]), int(match[2])) if match else None


def _ratio(parameters: Mapping[str, object]) -> float | None:
    """Return width / height, None for a missing, "auto" or "adaptive" ratio."""
    match = _RATIO.fullmatch(str(parameters.get("aspect_ratio")))
    if not match or not float(match[1]) or not float(match[2]):
        return None
    return float(match[1]) / float(match[2])


def _ratio_of(size: Size | None, widest: float) -> float | None:
    if size is None:
        return None
    return min(max(size[0] / size[1], 1 / widest), widest)


def _to_multiple(length: float, step: int) -> int:
    return max(step, round(length / step) * step)


def _checked(size: Size) -> Size:
    width, height = size
    if min(size) < _MIN_SIDE or max(size) > _MAX_SIDE or width * height > _MAX_PIXELS:
        raise RenderError(
            f"The sandbox cannot draw {width}x{height}: "
            f"a side has {_MIN_SIDE} to {_MAX_SIDE} pixels and a picture at most {_MAX_PIXELS}."
        )
    return size
