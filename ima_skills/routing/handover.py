"""Wishes that a program hands over: a JSON object, or lines of keys and values.

Only keys of the vocabulary count. What the prompt is stays to the letter; plain numbers, switches and texts of a song are
taken as they are; words ("竖屏", "female") are read as in any wish. A value under any other key is no part of the wish.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.routing.vocabulary import Vocabulary

# "- **Ratio**: 1:1", "【语速】0.9", "duration=5".
_PAIR = re.compile(
    r"\s*(?:[-*•#]\s*|\d{1,2}[.)、]\s*)?(?:\*\*|【|\[)?(?P<key>[A-Za-z][A-Za-z_ -]{0,19}|[\u4e00-\u9fff]{1,6})"
    r"(?P<close>\*\*|】|\])?\s*(?P<sign>[:：=]?)(?:\*\*)?\s*(?P<value>.+?)\s*"
)
_LEAST = 3
_LARGEST = 16_000
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”|\'[^\']*\'')
# Meanings of keys that are no parameter; see docs/routing.md.
PROMPT, SPEECH, MEDIA, MODEL, COUNT, CAP = "prompt", "speech", "media", "model", "n", "max_points"
_LYRICS = "lyrics"
_TEXTS = frozenset({_LYRICS, "title", "tags", "negative_prompt"})
_WORDS_ABOUT = 24
_TRUE, _FALSE = frozenset({"true", "yes", "on"}), frozenset({"false", "no", "off"})


@frozen
class Handover:
    """A wish in parts.

    Attributes:
        wish: What is left to be read, a line for each value.
        prompt: What to make.
        speech: What to say, where it makes speech; the prompt when nothing else is said.
        model: The model that is to make it, as it was written; None where nothing is said.
        params: Parameters whose values are plain.
        n: Number of outputs, where it is a plain number.
        max_points: The most points, where they are a plain number.
    """

    wish: str = field(repr=False)
    prompt: str = field(repr=False)
    speech: str = field(repr=False)
    model: str | None = None
    params: Mapping[str, Any] = field(factory=dict, repr=False)
    n: int | None = None
    max_points: int | None = None


def handed_over(text: str, vocabulary: Vocabulary) -> Handover | None:
    """Return the parts of a wish that a program wrote, or None for one in plain words.

    Args:
        text: The wish.
        vocabulary: Knows the keys.
    """
    if len(text) > _LARGEST:
        return None
    pairs = _of_json(text, vocabulary) or _of_lines(text, vocabulary)
    found = {meaning: value for meaning, value in reversed(pairs) if meaning}
    prompt = found.get(PROMPT) or found.get(SPEECH)
    contents = [meaning for meaning, _ in pairs if meaning in {PROMPT, SPEECH}]
    told_apart = text.lstrip().startswith("{") or len(contents) == 1  # else it is one text with headings
    if prompt is None or not told_apart:
        return None
    plain = {meaning: _plain(meaning, value) for meaning, value in found.items()}
    params = {name: value for name, value in plain.items() if value is not None and name not in {COUNT, CAP}}
    spent = {PROMPT, SPEECH, *(name for name, value in plain.items() if value is not None)}
    left = [(meaning, value) for meaning, value in pairs if meaning not in spent]
    left.sort(key=lambda pair: pair[0] == _LYRICS)  # all behind "lyrics:" would be sung
    wish = "\n".join(f"{_key(meaning)}{value}" for meaning, value in left)
    count, cap = plain.get(COUNT), plain.get(CAP)
    return Handover(
        wish, str(prompt), str(found.get(SPEECH) or prompt), _text(found.get(MODEL)), params,
        count if isinstance(count, int) else None, int(cap) if isinstance(cap, (int, float)) else None,
    )  # fmt: skip


def _key(meaning: str) -> str:
    return f"{meaning.replace('_', ' ')}: " if meaning else ""


def _text(value: Any) -> str | None:
    return str(value) if value is not None else None


def _plain(meaning: str, value: Any) -> Any:
    """Return a value that needs no reading, or None: a number, a switch, or a text that is a parameter."""
    if meaning in {PROMPT, SPEECH, MEDIA, MODEL}:
        return None
    if meaning == _LYRICS and len(str(value)) <= _WORDS_ABOUT and "\n" not in str(value):
        return None  # "write them yourself": words about lyrics, perhaps
    if meaning in _TEXTS or isinstance(value, (bool, int, float)):
        return value
    word = str(value).strip()
    if re.fullmatch(r"-?\d{1,9}(?:\.\d{1,6})?", word):
        return float(word) if "." in word else int(word)
    return True if word.casefold() in _TRUE else False if word.casefold() in _FALSE else None


def _meaning(key: str, vocabulary: Vocabulary) -> str | None:
    """Return what a key means; dashes and underscores are blanks."""
    return vocabulary.keys.get(vocabulary.fold(key).strip())


def _of_json(text: str, vocabulary: Vocabulary) -> list[tuple[str, Any]]:
    """Return the known values of a JSON object, those of inner objects too."""
    if not text.lstrip().startswith("{"):
        return []
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    pairs = _flat(document) if isinstance(document, dict) else ()
    known = ((_meaning(key, vocabulary), value) for key, value in pairs)
    return [(meaning, value) for meaning, value in known if meaning]


def _flat(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif isinstance(value, (str, int, float)) and str(value).strip():
            yield key, value


def _of_lines(text: str, vocabulary: Vocabulary) -> list[tuple[str, Any]]:
    """Return the pairs of lines, or of "a=b; c=d"; a line without a key goes on with the value above it."""
    lines = [line for line in text.splitlines() if line.strip(" `\t")]
    tie, only_equal = "\n", False
    if len(lines) == 1:
        tie, only_equal = "; ", "|" not in text
        lines = [part for part in re.split(r"[;；|]", lines[0]) if part.strip()]
    pairs: list[tuple[str, Any]] = []
    for line in lines:
        found = _PAIR.fullmatch(line)
        signed = found is not None and (
            found["sign"] == "=" or (not only_equal and bool(found["sign"] or found["close"]))
        )
        meaning = _meaning(found["key"], vocabulary) if found and signed else None
        if found is not None and meaning is not None:
            pairs.append((meaning, found["value"]))
        elif pairs and pairs[-1][0]:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]}{tie}{line.strip()}")
        else:
            pairs.append(("", line.strip()))
    enough = len(pairs) >= _LEAST and sum(not meaning for meaning, _ in pairs) <= 1
    return [(meaning, _unquoted(value)) for meaning, value in pairs] if enough else []


def _unquoted(value: str) -> str:
    """Return a value without the signs around all of it."""
    return value[1:-1] if _QUOTED.fullmatch(value) else value
