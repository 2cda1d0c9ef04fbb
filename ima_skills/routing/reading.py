"""Reading a wish: which words of the vocabulary stand where, and what is quoted."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ima_skills.routing.vocabulary import Vocabulary

# Pairs of signs around text that is to be shown, sung or spoken, and is no instruction.
_QUOTED = re.compile(
    r"「[^」]{1,4000}」|『[^』]{1,4000}』|“[^”]{1,4000}”|《[^》]{1,400}》|〈[^〉]{1,400}〉"
    r'|"[^"]{1,4000}"|`[^`]{1,4000}`|‘[^’]{1,4000}’(?!\w)|(?<!\w)\'[^\'\n]{2,4000}\'(?!\w)'
)
_CLAUSE_END = re.compile(r"[，。；！？、,;!?\n…—|]|>>|\.(?=\s|$)|\. | - ")
# What stands in the folded text for every letter of what is quoted or spoken.
MASK = "\x00"
# Of a long text only the beginning and the end are read for instructions; what lies between is content.
_HEAD, _TAIL = 1200, 400
# Meanings that may lie over other words without hiding them.
_WIDE = (
    "role:",
    "sure:",
    "hint:",
    "inquiry:",
    "cue:telling",
    "cue:this_one",
    "cue:nth_",
    "cue:consistency",
    "cue:character",
)
# The lines around a block of code: what stands in it is the wish.
_FENCE = re.compile(r"(?m)^ {0,3}```[a-zA-Z]{0,10}[ \t]*$\n?")
_SPACE = re.compile(r"[ \t\u3000\u00a0]+")
_WORD = re.compile(r"[a-z0-9\u00c0-\u024f]")


@frozen
class Span:
    """A stretch of the text and what it means.

    Attributes:
        start: First letter.
        end: Behind the last letter.
        meanings: Meanings like ``noun:image``.
        groups: Groups of the pattern that was met.
    """

    start: int
    end: int
    meanings: tuple[str, ...] = ()
    groups: Mapping[str, str] = field(factory=dict)

    def means(self, kind: str) -> str | None:
        """Return the name of the first meaning of a kind (``noun`` of ``noun:image`` gives ``image``)."""
        for meaning in self.meanings:
            head, _, name = meaning.partition(":")
            if head == kind:
                return name
        return None


@frozen
class Reading:
    """A text, folded, with every word of the vocabulary in it.

    Attributes:
        text: The text, runs of blanks made one.
        folded: The same length, spelling evened out, quoted text blotted out.
        spans: What was found, in order; only patterns for roles and cues reach over others.
        clauses: Beginning and end of each clause.
        quotes: Quoted stretches, with their signs.
        spoken: The stretch that is to be spoken, blotted out as well.
    """

    text: str = field(repr=False)
    folded: str = field(repr=False)
    spans: tuple[Span, ...] = field(repr=False)
    clauses: tuple[tuple[int, int], ...]
    quotes: tuple[tuple[int, int], ...]
    spoken: tuple[int, int] | None = None
    _places: Mapping[str, tuple[Span, ...]] = field(init=False, repr=False, eq=False)
    _unknown: tuple[int, ...] = field(init=False, repr=False, eq=False)

    @_places.default
    def _by_meaning(self) -> Mapping[str, tuple[Span, ...]]:
        places: dict[str, list[Span]] = {}
        for span in self.spans:
            for meaning in span.meanings:
                places.setdefault(meaning, []).append(span)
        return {meaning: tuple(spans) for meaning, spans in places.items()}

    @_unknown.default
    def _unexplained(self) -> tuple[int, ...]:
        known = {place for span in self.spans for place in range(span.start, span.end)}
        return tuple(i for i, letter in enumerate(self.folded) if letter.isalnum() and i not in known)

    def of(self, meaning: str) -> tuple[Span, ...]:
        """Return the spans with a meaning."""
        return self._places.get(meaning, ())

    def kind(self, kind: str) -> Iterator[tuple[str, Span]]:
        """Yield name and span of every meaning of a kind."""
        for span in self.spans:
            for meaning in span.meanings:
                head, _, name = meaning.partition(":")
                if head == kind:
                    yield name, span

    def has(self, meaning: str) -> bool:
        """Whether a meaning occurs."""
        return bool(self.of(meaning))

    def clause(self, place: int) -> tuple[int, int]:
        """Return the clause around a place."""
        index = bisect_right(self.clauses, (place, len(self.text) + 1)) - 1
        if index >= 0 and self.clauses[index][1] >= place:
            return self.clauses[index]
        return 0, len(self.text)

    def before(self, place: int, meaning: str, gap: int = 2) -> Span | None:
        """Return the nearest span of a meaning that ends at most ``gap`` letters before a place, in one clause."""
        low = max(self.clause(place)[0], place - gap)
        near = [span for span in self.of(meaning) if low <= span.end <= place]
        return near[-1] if near else None

    def between(self, start: int, end: int, meaning: str) -> bool:
        """Whether a meaning lies between two places."""
        return any(start <= span.start and span.end <= end for span in self.of(meaning))

    def after(self, place: int, meaning: str, gap: int = 1) -> Span | None:
        """Return the span of a meaning that begins at most ``gap`` letters behind a place."""
        return next((span for span in self.of(meaning) if 0 <= span.start - place <= gap), None)

    def is_explained(self, start: int, end: int) -> bool:
        """Whether words of the vocabulary explain every letter between two places."""
        index = bisect_left(self._unknown, start)
        return index == len(self._unknown) or self._unknown[index] >= end

    def knowing(self, spans: Sequence[Span]) -> Reading:
        """Return the reading with further spans."""
        every = sorted((*self.spans, *spans), key=lambda span: (span.start, -span.end))
        return evolve(self, spans=tuple(every))


def read(
    text: str, vocabulary: Vocabulary, names: Collection[str] = (), using: tuple[str, ...] = ()
) -> Reading:
    """Read a text.

    Args:
        text: The wish.
        vocabulary: The words.
        names: Names of models, folded and without blanks: they are read even in quotes, behind
        using: one of these words.
    """
    text = _SPACE.sub(" ", _FENCE.sub("", text.replace("**", ""))).strip()
    folded = vocabulary.fold(text)
    quotes = tuple(
        found.span() for found in _QUOTED.finditer(text) if not _is_name(folded, found.span(), names, using)
    )
    middle = [(_HEAD, len(text) - _TAIL)] if len(text) > _HEAD + _TAIL else []
    masked = _masked(folded, [*quotes, *middle])
    clauses = tuple(_clauses(masked))
    return Reading(text, masked, _spans(masked, vocabulary, clauses), clauses, quotes)


def reread(reading: Reading, vocabulary: Vocabulary, spoken: tuple[int, int]) -> Reading:
    """Read again with the text that is to be spoken blotted out."""
    masked = _masked(reading.folded, [spoken])
    clauses = tuple(_clauses(masked))
    return Reading(reading.text, masked, _spans(masked, vocabulary, clauses), clauses, reading.quotes, spoken)


def _spans(folded: str, vocabulary: Vocabulary, clauses: Sequence[tuple[int, int]]) -> tuple[Span, ...]:
    """Find all words; a pattern for roles and cues may reach over other words without hiding them."""
    found = [*_literal(folded, vocabulary, clauses), *_matched(folded, vocabulary)]
    wide = [span for span in found if span.meanings[0].startswith(_WIDE)]
    narrow = [span for span in found if not span.meanings[0].startswith(_WIDE)]
    roles = [span for span in wide if span.means("role") is not None and len(span.groups) == 0]
    others = [span for span in wide if span not in roles]
    outer = _outermost(narrow)
    kept = [span for span in _outermost(_kept(narrow, vocabulary)) if span not in outer]
    return tuple(
        sorted((*outer, *kept, *_outermost(roles), *others), key=lambda span: (span.start, -span.end))
    )


def _is_name(folded: str, quote: tuple[int, int], names: Collection[str], using: tuple[str, ...]) -> bool:
    """Whether a quoted text is a model's name and the wish says to use it: use "Kling O1"."""
    start, end = quote
    return "".join(folded[start + 1 : end - 1].split()) in names and folded[:start].rstrip().endswith(using)


def _kept(spans: Sequence[Span], vocabulary: Vocabulary) -> list[Span]:
    """Return phrases that set something and stay in the prompt: a longer word does not hide them."""
    rows = vocabulary.words.setting
    return [span for span in spans if (index := span.means("setting")) is not None and rows[int(index)].keep]


def _masked(folded: str, stretches: Sequence[tuple[int, int]]) -> str:
    letters = list(folded)
    for start, end in stretches:
        letters[start:end] = MASK * (end - start)
    return "".join(letters)


def _clauses(folded: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _CLAUSE_END.finditer(folded):
        if found.start() > start:
            yield start, found.start()
        start = found.end()
    if start < len(folded):
        yield start, len(folded)


def is_border(folded: str, start: int, end: int) -> bool:
    """Whether a stretch does not begin or end inside a word written in letters.

    Chinese knows no borders between words; it needs none.
    """
    if _WORD.match(folded[start]) and start > 0 and _WORD.match(folded[start - 1]):
        return False
    return not (_WORD.match(folded[end - 1]) and end < len(folded) and _WORD.match(folded[end]))


def _literal(folded: str, vocabulary: Vocabulary, clauses: Sequence[tuple[int, int]]) -> Iterator[Span]:
    whole = {(start, end) for start, end in (_trimmed(folded, *clause) for clause in clauses)}
    for place, letter in enumerate(folded):
        if letter == MASK:
            continue
        for phrase, meanings in vocabulary.phrases.get(letter, ()):
            end = place + len(phrase)
            if folded.startswith(phrase, place) and is_border(folded, place, end):
                meant = [m for m in meanings if not m.startswith("alone:") or (place, end) in whole]
                for over in (True, False):
                    layer = tuple(m for m in meant if m.startswith(_WIDE) is over)
                    if layer:
                        yield Span(place, end, layer)


def _trimmed(folded: str, start: int, end: int) -> tuple[int, int]:
    inner = folded[start:end]
    return start + len(inner) - len(inner.lstrip()), end - len(inner) + len(inner.rstrip())


def _matched(folded: str, vocabulary: Vocabulary) -> Iterator[Span]:
    size = len(folded)
    windows = [(0, size)] if size <= _HEAD + _TAIL else [(0, _HEAD), (size - _TAIL, size)]
    for (low, high), (meaning, pattern) in product(windows, vocabulary.patterns):
        for found in pattern.finditer(folded, low, high):
            if found.end() > found.start() and is_border(folded, *found.span()):
                groups = {name: value for name, value in found.groupdict().items() if value is not None}
                yield Span(found.start(), found.end(), (meaning,), groups)


def _outermost(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Leave out spans that lie inside a longer one: ``音乐`` says nothing in ``背景音乐``; equal ones merge."""
    same: dict[tuple[int, int], Span] = {}
    for span in spans:
        other = same.get((span.start, span.end))
        meanings = (*(other.meanings if other else ()), *span.meanings)
        groups = {**(other.groups if other else {}), **span.groups}
        same[span.start, span.end] = Span(span.start, span.end, tuple(dict.fromkeys(meanings)), groups)
    kept: list[Span] = []
    reach = -1
    for span in sorted(same.values(), key=lambda item: (item.start, -item.end)):
        if span.end > reach:
            kept.append(span)
            reach = span.end
    return tuple(kept)
