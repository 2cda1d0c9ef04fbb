"""Finds the tempo that a request asks for."""

import re
from collections.abc import Mapping

_NUMBER = r"(\d{2,3}(?:\.\d+)?)"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"{_NUMBER}\s*-?\s*b\.?p\.?m\b",
        rf"\bbpm\s*(?:[:=：]|is|of|为|是)?\s*{_NUMBER}",
        rf"{_NUMBER}\s*beats?\s*(?:per|a|/)\s*min",
        rf"每\s*分钟?\s*{_NUMBER}\s*拍",
        rf"{_NUMBER}\s*拍\s*(?:每|/)\s*分",
        rf"(?:\btempo|速度|节拍|♩)\s*(?:[:=：]|is|of|为|是)?\s*{_NUMBER}",
    )
)
_SLOWEST, _FASTEST = 40.0, 240.0


def wanted_tempo(prompt: str, parameters: Mapping[str, object]) -> float | None:
    """Return the beats per minute named by a number parameter, the tags or the prompt; None without one.

    Args:
        prompt: the text of the request.
        parameters: resolved inner parameters; ``bpm``, ``tempo``, ``tags`` and the description are read.
    """
    for key in ("bpm", "tempo"):
        match = re.fullmatch(_NUMBER, str(parameters.get(key)).strip())
        if match and _SLOWEST <= float(match[1]) <= _FASTEST:
            return float(match[1])
    texts = (parameters.get("tags"), prompt, parameters.get("gpt_description_prompt"))
    return next((found for text in texts if (found := _in_text(str(text or ""))) is not None), None)


def _in_text(text: str) -> float | None:
    numbers = (float(match[1]) for pattern in _PATTERNS for match in pattern.finditer(text))
    return next((number for number in numbers if _SLOWEST <= number <= _FASTEST), None)
