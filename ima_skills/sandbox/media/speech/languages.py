"""Splits a text by script, so that every part is read by a voice of its language."""

import re
import unicodedata

from attrs import frozen

_MANDARIN, _ENGLISH = "cmn", "en-us"
_SCRIPTS = (
    (re.compile(r"[\u3040-\u30ff]"), "ja"),
    (re.compile(r"[\uac00-\ud7af\u1100-\u11ff]"), "ko"),
    (re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"), _MANDARIN),
    (re.compile(r"[\u0400-\u04ff]"), "ru"),
    (re.compile(r"[\u0370-\u03ff]"), "el"),
    (re.compile(r"[\u0600-\u06ff]"), "ar"),
    (re.compile(r"[\u0900-\u097f]"), "hi"),
    (re.compile(r"[A-Za-z\u00c0-\u024f]"), _ENGLISH),
)
# The Mandarin voice reads a few English words by itself, without the pause of a change of voice.
_FEW_WORDS = 4


@frozen
class Passage:
    """A piece of text and the espeak language that reads it."""

    language: str
    text: str


def passages(text: str, *, chinese: bool) -> tuple[Passage, ...]:
    """Split plain text into passages of one language.

    Args:
        text: what to say; control characters, which could carry commands to the synthesiser, become spaces.
        chinese: language of a text without letters, such as a number.
    """
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Cs", "Co"} else c for c in text)
    runs = _runs(plain, _MANDARIN if chinese else _ENGLISH)
    joined: list[Passage] = []
    for run in runs:
        if joined and _reads(joined[-1].language, run):
            joined[-1] = Passage(joined[-1].language, joined[-1].text + run.text)
        elif joined and _reads(run.language, joined[-1]):
            joined[-1] = Passage(run.language, joined[-1].text + run.text)
        else:
            joined.append(run)
    return tuple(run for run in joined if run.text.strip())


def _runs(text: str, default: str) -> list[Passage]:
    """Return stretches of one script; digits, signs and spaces stay with what they follow."""
    japanese = bool(_SCRIPTS[0][0].search(text))
    runs: list[Passage] = []
    for character in text:
        language = _language(character)
        if language == _MANDARIN and japanese:
            language = "ja"
        if not runs:
            runs.append(Passage(language or "", character))
        elif language is None or language == runs[-1].language or not runs[-1].language:
            runs[-1] = Passage(runs[-1].language or language or "", runs[-1].text + character)
        else:
            runs.append(Passage(language, character))
    return [Passage(run.language or default, run.text) for run in runs]


def _language(character: str) -> str | None:
    return next((language for script, language in _SCRIPTS if script.match(character)), None)


def _reads(language: str, passage: Passage) -> bool:
    """Tell whether a voice of ``language`` can take over a neighbouring passage."""
    if passage.language == language:
        return True
    return language == _MANDARIN and passage.language == _ENGLISH and len(passage.text.split()) < _FEW_WORDS
