"""The prompt of a wish: everything but words that are certainly commands or settings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.routing.preferring import ABOUT_NAMES, CUES, said
from ima_skills.routing.reading import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ima_skills.routing.naming import Name
    from ima_skills.routing.reading import Reading

_SEPARATORS = ",，、;；。.!！:："
_DOUBLED = re.compile(rf"\s*([{_SEPARATORS}])(?:\s*[{_SEPARATORS}])+")
_BEFORE_SIGN = re.compile(rf"\s+([{_SEPARATORS}?？])(?=\s|$|[^\x00-\x7f])")
_BLANKS = re.compile(r"[ \t]{2,}")
_EDGES = " \t\n\r,，、;；。:：-—+"
# Signs beyond this are pictures of something: emoji.
_PLAIN = 0x2190
_COLON = re.compile(r"[:：]")
_TITLES = "《〈"
_HIDDEN = re.compile(r"\x00+")


def make_prompt(
    reading: Reading,
    names: Sequence[Name],
    settings: Sequence[Span],
    left_out: Sequence[tuple[int, int]] = (),
) -> str:
    """Return the wish without the words that were read as settings, names, or talk to us.

    Args:
        reading: The wish.
        names: The models it names.
        settings: Phrases that set parameters.
        left_out: Stretches that are about something else.
    """
    gone = [*_talk(reading, named=bool(names)), *_naming(reading, names), *_with_particle(reading, settings)]
    return tidy(_without(reading.text, [*((span.start, span.end) for span in gone), *left_out]))


def _talk(reading: Reading, *, named: bool) -> Iterator[Span]:
    for cue in (*CUES, *(ABOUT_NAMES if named else ())):
        yield from said(reading, cue)
    for start, end in reading.clauses:
        place = start
        while True:
            place += len(reading.folded[place:end]) - len(reading.folded[place:end].lstrip())
            polite = next((s for s in reading.of("cue:polite") if s.start == place and s.end <= end), None)
            if polite is None:
                break
            yield polite
            place = polite.end
    first = next(iter(reading.clauses), (0, 0))[0]
    yield from (
        span
        for span in reading.of("cue:making")
        if reading.is_explained(first, span.start) and _only_talk(reading, first, span.start)
    )


def _only_talk(reading: Reading, start: int, end: int) -> bool:
    """Whether nothing but polite words, names and settings stands between two places."""
    quiet = ("cue:polite", "cue:naming", "cue:using", "name:", "setting:", "cue:save", "cue:once", "cue:to")
    inside = [span for span in reading.spans if start <= span.start and span.end <= end]
    return all(any(m.startswith(quiet) for m in span.meanings) for span in inside)


def _naming(reading: Reading, names: Sequence[Name]) -> Iterator[Span]:
    for name in names:
        yield Span(name.start, name.end)
        for cue in ("cue:using", "cue:naming", "cue:like"):
            before = reading.before(name.start, cue, 2 if cue == "cue:like" else 1)
            if before:
                yield before
        after = reading.after(name.end, "cue:naming_after")
        if after:
            yield after
        to = reading.after(after.end if after else name.end, "cue:to")
        if to:
            yield to


def _with_particle(reading: Reading, settings: Sequence[Span]) -> Iterator[Span]:
    for span in settings:
        yield span
        particle = reading.after(span.end, "cue:of", 0)
        if particle:
            yield particle


def _without(text: str, gone: Sequence[tuple[int, int]]) -> str:
    parts, place = [], 0
    for start, end in sorted(gone):
        parts.append(text[place:start])
        place = max(place, end)
    return "".join((*parts, text[place:]))


def tidy(text: str) -> str:
    """Return a text whose blanks and signs close up again where words were taken out."""
    text = _DOUBLED.sub(r"\1", text)
    text = _BEFORE_SIGN.sub(r"\1", text)
    return _BLANKS.sub(" ", text).strip(_EDGES)


def is_bare(reading: Reading, names: Sequence[Name], settings: Sequence[Span]) -> bool:
    """Whether a wish says nothing of what is to be seen or heard: "make a video", "以后都用…".

    Args:
        reading: The wish.
        names: The models it names.
        settings: Phrases that set parameters and say nothing of the content.
    """
    known = reading.knowing([Span(name.start, name.end, ("name:",)) for name in names])
    empty = [span for span in known.spans if _is_empty(span) or (span in settings and "v" not in span.groups)]
    rest = _without(known.folded, [(span.start, span.end) for span in empty])
    return not any(letter.isalnum() or letter == "\x00" or ord(letter) > _PLAIN for letter in rest)


def _is_empty(span: Span) -> bool:
    full = (
        "cue:shadow",
        "cue:compound",
        "cue:telling",
        "cue:foreign_name",
        "cue:weak_name",
        "cue:content",
        "cue:consume",
        "cue:given",
        "cue:take",
        "cue:character",
        "role:",
        "sure:",
    )
    if "name:" in span.meanings or "cue:generic" in span.meanings or not span.meanings:
        return True
    if any(meaning.startswith(full) for meaning in span.meanings) and not _is_talk(span):
        return False
    return any(meaning.startswith(("cue:", "alone:")) for meaning in span.meanings)


def _is_talk(span: Span) -> bool:
    return any(
        meaning in span.meanings for meaning in ("cue:making", "cue:polite", "cue:using", "cue:naming")
    )


def _holds_quotes(reading: Reading, start: int) -> bool:
    """Whether quotes are only part of what follows a colon: "念：这里是《夜话》，我是阿凯"; titles never stand for all."""
    hidden = _HIDDEN.match(reading.folded, start)
    text = reading.text[: hidden.end() if hidden else len(reading.text)]
    titled = all(text[quote:][:1] in _TITLES for quote, _ in reading.quotes)
    rest = _without(text, [(0, start), *reading.quotes]) if titled else text[start : reading.quotes[0][0]]
    return reading.quotes[0][0] >= start and any(letter.isalnum() for letter in rest)


def said_text(reading: Reading, from_place: int | None) -> str | None:
    """Return the text that is to be spoken: what follows a colon, what is quoted, or what "saying" announces.

    Args:
        reading: The wish.
        from_place: Where the wish to speak ends.
    """
    colon = _COLON.search(reading.folded, from_place or 0)
    if reading.quotes and not (colon and _holds_quotes(reading, colon.end())):
        return "\n".join(reading.text[start + 1 : end - 1] for start, end in reading.quotes)
    if colon is None:
        return reading.text[slice(*reading.spoken)].strip(_EDGES) or None if reading.spoken else None
    hidden = _HIDDEN.match(reading.folded, colon.end())  # settings behind the text are left in sight
    end = hidden.end() if hidden else len(reading.text)
    rest = reading.text[colon.end() : end].strip()
    return (rest if end == len(reading.text) else rest.rstrip("，、,;；")) or None
