"""How an error is said: with its facts in Chinese where it carries them, and never without a next step."""

from __future__ import annotations

import re
from string import Formatter
from typing import TYPE_CHECKING, Any, NamedTuple

from ima_skills.cli.error_texts import explain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.cli.error_facts import Row

# A command of ours in an English hint, up to the end of its words.
_COMMAND = re.compile(
    r"ima-skills(?: [a-z][\w-]*(?=[\s,;:)]|\.?(?:\s|$)))*(?: (?!--)(?:'[^']*'|[\w./@-]*\w))?(?: --[a-z-]+(?: (?:'[^']*'|DIR\b|(?![A-Z-])[^\s.;,]\S*))?)*"
)
_INSTALL = re.compile(r"pip install '[^']+'")
_URL = re.compile(r"https?://[^\s;,]*[^\s;,.]")
# What must not get lost with the English words: options, variables, commands.
_KEY_WORD = re.compile(
    r"(?<![\w-])--[a-z][a-z-]+|\bIMA_[A-Z_]+|ima-skills(?: [a-z][a-z-]+){1,2}|pip install '[^']+'"
)
_WIDE = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
# An English step in front of Chinese advice.
_LEAD = re.compile(r"^[A-Z][a-z]+: ima-skills .*?(?=[\u4e00-\u9fff])")
_CHINESE_ENDS = ("。", "！", "？")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Said(NamedTuple):
    """An error in words.

    Attributes:
        message: What happened.
        below: The English words where the Chinese sentence does not carry the facts; else empty.
        advice: The next step.
        advice_below: What of the English hint the advice does not carry; else empty.
    """

    message: str
    below: str
    advice: str
    advice_below: str


def next_step(code: str, fallback: str = "") -> str:
    """Return the English advice of the catalogue, for an error that brings no hint of its own.

    Args:
        code: The error's own code.
        fallback: That of its class, for a code that the catalogue does not know.
    """
    return explain(code, "en")[1] or explain(fallback, "en")[1] or explain("error", "en")[1]


def speak(document: Mapping[str, Any], language: str) -> Said:
    """Return an error in a language.

    Args:
        document: The error as ``--json`` prints it.
        language: ``zh``, otherwise English.
    """
    message, hint = str(document["message"]), str(document["hint"])
    if language != "zh":
        return Said(message, "", hint, "")
    hint, tail = _apart(hint)
    said = _in_chinese({**document, "hint": hint}, message, hint)
    return said._replace(advice=_joined(said.advice, tail)) if tail else said


def _in_chinese(document: Mapping[str, Any], message: str, hint: str) -> Said:
    meaning, advice = explain(document["code"], "zh")
    if is_chinese(message):
        return Said(message, "", hint if is_chinese(hint) or not advice else advice, "")
    facts = _facts(document)
    row = next((row for row in _rows(document["code"]) if _fits(row, facts)), None)
    if row is None:
        below = message if meaning and not document["problems"] else ""
        return Said(meaning or message, below, *_advised(advice, hint))
    step = f"{facts['step']}：" if "step" in facts and "{step}" not in row.meaning else ""
    return Said(step + row.meaning.format_map(facts), "", *_advised(_advice(row, facts, hint, advice), hint))


def in_one_language(document: Mapping[str, Any]) -> str:
    """Return the hint of an error: wholly in Chinese where Chinese advice was added to English words.

    Args:
        document: The error as ``--json`` prints it.
    """
    hint = str(document["hint"])
    has_english = not all(map(_WIDE.search, _SENTENCE_END.split(hint))) or _LEAD.match(hint) is not None
    if not (has_english and hint.endswith(_CHINESE_ENDS)):
        return hint
    said = speak(document, "zh").advice
    return said if _key_words(hint) <= _key_words(said) else hint


def _apart(hint: str) -> tuple[str, str]:
    """Return a hint without what is added to the hints of many errors, and that in Chinese."""
    from ima_skills.cli.error_facts import TAILS

    tails = [english for english in TAILS if english in hint]
    for english in tails:
        hint = hint.replace(english, "")
    return hint.strip(), "".join(TAILS[english] for english in tails)


def _joined(advice: str, tail: str) -> str:
    stop = "" if not advice or advice[-1] in "。！？；：" else "；"
    return f"{advice}{stop}{tail}"


def is_chinese(text: str) -> bool:
    """Tell whether a sentence is Chinese: one in English may well hold a Chinese name."""
    return bool(text) and _WIDE.match(text[0]) is not None and _WIDE.match(text[-1]) is not None


def _rows(code: str) -> tuple[Row, ...]:
    from ima_skills.cli.error_facts import FACTS
    from ima_skills.cli.sentences import merged

    rows: tuple[Row, ...] = FACTS.get(code) or merged("ERROR_FACTS").get(code, ())
    return rows


def _facts(document: Mapping[str, Any]) -> dict[str, str]:
    """Return what an error knows, in words; what is empty is left out."""
    from ima_skills.cli.error_facts import CAUSES
    from ima_skills.cli.usage_texts import say_usage

    hint = str(document["hint"])
    found = {
        **document.get("details", {}),
        "task_id": document["task_id"],
        "problems": len(document["problems"]) or None,
        "near": "、".join(_near(document)),
        "usage": say_usage(str(document["message"])) if document["code"] == "usage" else "",
        "install": _first(_INSTALL, hint),
        "dashes": "goes behind --" in hint,
        "command": _first(_COMMAND, hint),
        "url": _first(_URL, hint),
    }
    said = {name: _word(value) for name, value in found.items()}
    facts = {name: CAUSES.get(word, word) for name, word in said.items() if word}
    return {**facts, "retryable": "yes" if document["retryable"] else "no"}


def _word(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "、".join(_word(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, str | int) else ""


def _near(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the nearest values that work, each with the place that it belongs to."""
    from ima_skills.cli.problem_texts import place_of

    for problem in document["problems"]:
        near = problem["nearest"]
        if isinstance(near, dict):
            yield from (f"{name} {_word(value)}" for name, value in near.items())
        elif near is not None and problem["rule"] != "unknown":
            yield f"{place_of(problem)} {_word(near)}"


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""


def _fits(row: Row, facts: Mapping[str, str]) -> bool:
    return _can_fill(row.meaning, facts) and all(_holds(condition, facts) for condition in row.when)


def _holds(condition: str, facts: Mapping[str, str]) -> bool:
    name, separator, value = condition.partition("=")
    return facts.get(name) == value if separator else facts.get(name, "0") != "0"


def _can_fill(text: str, facts: Mapping[str, str]) -> bool:
    return all(name in facts for _, name, _, _ in Formatter().parse(text) if name is not None)


def _advice(row: Row, facts: Mapping[str, str], hint: str, general: str) -> str:
    """Return the best advice that can be filled and names no options but those of the hint; else the general one."""
    known = _key_words(hint) | _key_words(general)
    said = (text.format_map(facts) for text in row.advice if _can_fill(text, facts))
    return next((text for text in said if _key_words(text) <= known), general)


def _key_words(text: str) -> set[str]:
    return set(_KEY_WORD.findall(text))


def _advised(advice: str, hint: str) -> tuple[str, str]:
    """Return the advice, and what else the hint says: Chinese sentences, and words that must not get lost."""
    told = " ".join(part for part in _SENTENCE_END.split(hint) if _WIDE.search(part))
    if told:
        # What was only added to English words stands beside our own advice; what was said in Chinese replaces it.
        own = _LEAD.sub("", told)
        return own if own == hint else f"{advice} {own}".strip(), ""
    if not advice:
        return hint, ""
    lost = any(word not in advice for word in _key_words(hint))
    return advice, hint if lost else ""
