"""Wishes that a program hands over: a JSON object, or lines of keys and values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ima_skills.routing.vocabulary import Vocabulary

# "- **Ratio**: 1:1", "【语速】0.9", "duration=5".
_PAIR = re.compile(
    r"\s*(?:[-*•#]\s*|\d{1,2}[.)、]\s*)?(?:\*\*|【|\[)?(?P<key>[A-Za-z][A-Za-z_ ]{0,19}|[\u4e00-\u9fff]{2,6})(?P<close>\*\*|】|\])?"
    r"\s*(?P<sign>[:：=]?)(?:\*\*)?\s*(?P<value>.+?)\s*",
    re.DOTALL,
)
_LEAST = 3
_LARGEST = 16_000
_SIGNS = "\"'“”"


@frozen
class Handover:
    """A wish in parts.

    Attributes:
        wish: Everything but the prompt, a line for each value.
        prompt: What to make.
        model: The model that is to make it, as it was written; None where nothing is said.
    """

    wish: str = field(repr=False)
    prompt: str = field(repr=False)
    model: str | None = None


def handed_over(text: str, vocabulary: Vocabulary) -> Handover | None:
    """Return the parts of a wish that a program wrote, or None for one in plain words.

    Args:
        text: The wish.
        vocabulary: Knows the keys of prompts.
    """
    if len(text) > _LARGEST:
        return None
    pairs = _of_json(text) or _of_lines(text)
    prompt = _value(pairs, "prompt_key", vocabulary)
    if prompt is None:
        return None
    return Handover(_lines(pairs, prompt), prompt.strip(_SIGNS), _value(pairs, "model_key", vocabulary))


def _value(pairs: Iterable[tuple[str, str]], cue: str, vocabulary: Vocabulary) -> str | None:
    """Return the first value whose key is one of a kind."""
    keys = {vocabulary.fold(word) for word in vocabulary.words.cue.get(cue, ())}
    return next((value for key, value in pairs if vocabulary.fold(key).strip() in keys), None)


def _lines(pairs: Iterable[tuple[str, str]], prompt: str) -> str:
    return "\n".join(f"{key}: {value}" if key else value for key, value in pairs if value is not prompt)


def _of_json(text: str) -> list[tuple[str, str]]:
    """Return the plain values of a JSON object, those of inner objects too."""
    if not text.lstrip().startswith("{"):
        return []
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return list(_flat(document)) if isinstance(document, dict) else []


def _flat(document: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield from _flat(value)
        elif isinstance(value, (str, int, float)) and value not in {"", None}:
            yield key.replace("_", " "), json.dumps(value) if isinstance(value, bool) else str(value)


def _of_lines(text: str) -> list[tuple[str, str]]:
    """Return the pairs of lines, or of "a=b; c=d"; one line of them may be something else."""
    lines = [line for line in text.splitlines() if line.strip(" `\t")]
    if len(lines) == 1:
        lines = [part for part in re.split(r"[;；|]", lines[0]) if part.strip()]
    only_equal = "|" not in text and "\n" not in text.strip()
    pairs = [_pair(line, only_equal=only_equal) for line in lines]
    if len(pairs) < _LEAST or _others(pairs) > 1:
        return []
    return pairs


def _others(pairs: Collection[tuple[str, str]]) -> int:
    return sum(not key for key, _ in pairs)


def _pair(line: str, *, only_equal: bool) -> tuple[str, str]:
    found = _PAIR.fullmatch(line)
    if found is None or not (found["sign"] == "=" or (not only_equal and (found["sign"] or found["close"]))):
        return "", line
    return found["key"], found["value"]
