"""Which models a wish names: every name of the registry, longest first, and how it is meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from ima_skills.domain.model_entry import ModelEntry
from ima_skills.routing.reading import is_border

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ima_skills.registry import Registry
    from ima_skills.routing.reading import Reading, Span
    from ima_skills.routing.vocabulary import Vocabulary

# A version right behind a name: with a point, or without a blank between.
_VERSION = re.compile(r" ?v?\d{1,2}\.\d{1,2}(?![\d.])|v?\d{1,2}(?![\d.])")
_AFTERWARDS = re.compile(r"\s*(?:$|[，。；！？、,.;!?:：\n\x00])")


@frozen
class Known:
    """What one spelling stands for: entries to choose from, none for a model that others offer."""

    entries: tuple[ModelEntry, ...]
    version_id: str | None = None


@frozen
class Name:
    """A model named in a wish.

    Attributes:
        start: First letter of the name.
        end: Behind it.
        entries: The models it may be, the likeliest first; none for one that others offer.
        version_id: The version, when the name was that exact.
        text: The name as written.
        unknown: Whether it names a version or a model that the registry does not know.
        used: Whether the wish says to use it, beyond naming it.
        weak: Whether it is an ordinary word too.
    """

    start: int
    end: int
    entries: tuple[ModelEntry, ...]
    version_id: str | None
    text: str = field(repr=False)
    unknown: bool = False
    used: bool = False
    weak: bool = False

    def does(self, task_type: str) -> ModelEntry | None:
        """Return the first of the models that does a task type."""
        return next((entry for entry in self.entries if task_type in entry.task_types), None)


@frozen
class Names:
    """Every spelling of every model, without blanks."""

    known: Mapping[str, Known]
    by_start: Mapping[str, tuple[str, ...]]
    weak: frozenset[str]


def name_index(registry: Registry, vocabulary: Vocabulary) -> Names:
    """Return every spelling that names a model.

    Args:
        registry: The models.
        vocabulary: How spelling is evened out, words for several models, and names that are words too.
    """
    known: dict[str, Known] = {}
    for spelling, meant in (*_brands(registry, vocabulary), *_own_names(registry), *_ids(registry)):
        key = _compact(vocabulary.fold(spelling))
        if key:
            known.setdefault(key, meant)
    for spelling in vocabulary.words.cue.get("foreign_name", ()):
        known.setdefault(_compact(vocabulary.fold(spelling)), Known(()))
    weak = frozenset(_compact(vocabulary.fold(word)) for word in vocabulary.words.cue.get("weak_name", ()))
    slips = dict(_misspelt((*known, *weak), vocabulary))
    known |= {slip: known[key] for slip, key in slips.items() if slip not in known and key in known}
    weak |= {slip for slip, key in slips.items() if key in weak}
    starts: dict[str, list[str]] = {}
    for key in known:
        starts.setdefault(key[0], []).append(key)
    return Names(
        known, {start: tuple(sorted(keys, key=len, reverse=True)) for start, keys in starts.items()}, weak
    )


def _brands(registry: Registry, vocabulary: Vocabulary) -> Iterator[tuple[str, Known]]:
    for brand in vocabulary.words.brand:
        meant = tuple(registry.models[name] for name in brand.models if name in registry.models)
        if meant:
            yield from ((word, Known(meant)) for word in brand.words)


def _own_names(registry: Registry) -> Iterator[tuple[str, Known]]:
    for entry in registry.models.values():
        yield from ((name, Known((entry,))) for name in entry.names())


def _ids(registry: Registry) -> Iterator[tuple[str, Known]]:
    for entry in registry.models.values():
        for task in entry.task_types.values():
            yield task.model_id, Known((entry,))
            for version_id in task.version_ids:
                sure = version_id if version_id in entry.version_aliases else None
                names = (version_id, *entry.version_aliases.get(version_id, ()))
                yield from ((name, Known((entry,), sure)) for name in names)


def _misspelt(keys: Iterable[str], vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
    """Yield every misspelling of some names, and the name that it means."""
    rows = [
        (_compact(vocabulary.fold(right)), _compact(vocabulary.fold(slip)))
        for right, slips in vocabulary.words.slip.items()
        for slip in slips
    ]
    yield from ((key.replace(right, slip), key) for right, slip in rows for key in keys if right in key)


def _compact(folded: str) -> str:
    return "".join(folded.split())


def find_names(reading: Reading, names: Names, original: str) -> tuple[tuple[Name, ...], tuple[Name, ...]]:
    """Return the models that a wish names, in order, and those it does not want, from "not" on: "don't use sora or veo".

    Args:
        reading: The wish.
        names: Every spelling.
        original: The text of the reading, whose dashes tell parts of names from borders.
    """
    wanted: list[Name] = []
    refused: list[Name] = []
    for found in _spelled(reading, names, original):
        denied = _negation(reading, found)
        listed = bool(refused) and _is_listed(reading, refused[-1], found)
        if listed or (denied is not None and (_counts(reading, found) or _is_refused(reading, found))):
            refused.append(
                evolve(found, start=_from_but(reading, denied.start) if denied else refused[-1].end)
            )
        elif denied is None and _counts(reading, found):
            wanted.append(_as_meant(reading, found))
    return tuple(wanted), tuple(refused)


def _is_listed(reading: Reading, last: Name, name: Name) -> bool:
    """Whether nothing but "or", "and" or a comma stands between two names."""
    between = reading.folded[last.end : name.start]
    tied = any(reading.between(last.end, name.start, f"cue:{cue}") for cue in ("adding", "naming"))
    if reading.between(last.end, name.start, "cue:using"):
        return False  # "stop using X, use Y"
    return not between.strip(" ,、/") or (tied and reading.is_explained(last.end, name.start))


def _is_refused(reading: Reading, name: Name) -> bool:
    """Whether an ordinary word is refused as a name: "without wan", "别用万"; "不要快速的镜头" is about a shot."""
    ends = _AFTERWARDS.match(reading.folded, name.end) is not None or any(
        0 <= span.start - name.end <= 1 for cue in ("adding", "naming") for span in reading.of(f"cue:{cue}")
    )
    used = any(reading.before(name.start, f"cue:{cue}", 1) for cue in ("using", "refusing"))
    return ends and (used or reading.folded[name.start].isascii())


def _from_but(reading: Reading, place: int) -> int:
    """Return where a negation begins with the "but" that leads to it."""
    leads = [cue.start for kind in ("negation", "again") for cue in reading.of(f"cue:{kind}")
             if cue.start < place <= cue.end + 1]  # fmt: skip
    return min(leads, default=place)


def _spelled(reading: Reading, names: Names, original: str) -> Iterator[Name]:
    places = [index for index, letter in enumerate(reading.folded) if not letter.isspace()]
    compact = "".join(reading.folded[index] for index in places)
    position = 0
    while position < len(compact):
        name = _name_at(reading, names, compact, places, position)
        if name is None or (
            name.start > 1 and original[name.start - 1] == "-" and original[name.start - 2].isalpha()
        ):
            position += 1
            continue
        yield name
        while position < len(compact) and places[position] < name.end:
            position += 1


def _name_at(
    reading: Reading, names: Names, compact: str, places: Sequence[int], position: int
) -> Name | None:
    for key in names.by_start.get(compact[position], ()):
        if not compact.startswith(key, position):
            continue
        start, end = places[position], places[position + len(key) - 1] + 1
        if not _is_whole(reading.folded, start, end):
            continue
        known = names.known[key]
        name = Name(
            start, end, known.entries, known.version_id, reading.text[start:end],
            unknown=not known.entries, weak=key in names.weak,
        )  # fmt: skip
        longer = _with_version(reading, name)
        return longer or name
    return None


def _is_whole(folded: str, start: int, end: int) -> bool:
    """Whether a name does not end inside a word; a figure may follow a name that has none itself."""
    if is_border(folded, start, end):
        return True
    starts_inside = not is_border(folded, start, start + 1) and not is_border(folded, start, len(folded))
    return (
        not starts_inside
        and not folded[end - 1].isdigit()
        and folded[end].isdigit()
        and is_border(folded, start, len(folded))
    )


def _with_version(reading: Reading, name: Name) -> Name | None:
    """Return the name with the version behind it, which no known spelling has."""
    variant = reading.after(name.end, "cue:variant", 1)
    if variant is not None and name.entries:
        return evolve(
            name, end=variant.end, unknown=True, version_id=None, text=reading.text[name.start : variant.end]
        )
    found = _VERSION.match(reading.folded, name.end)
    if found is None:
        return None
    for _, span in reading.kind("setting"):
        if span.start < found.end() and found.start() < span.end:
            return None  # a length or a number of pictures
    if not is_border(reading.folded, name.start, found.end()):
        return None
    meant = tuple(entry for entry in name.entries if found[0].strip(" v") in entry.name.casefold().split())
    return evolve(
        name,
        end=found.end(),
        entries=meant or name.entries,
        unknown=not meant,
        version_id=None,
        text=reading.text[name.start : found.end()],
    )


def _counts(reading: Reading, name: Name) -> bool:
    if any(span.start <= name.start and name.end <= span.end for span in reading.of("cue:shadow")):
        return False
    if any(
        span.start <= name.start and name.end <= span.end and "v" in span.groups for span in reading.spans
    ):
        return False  # inside a text that is sung or spoken
    if reading.before(name.start, "cue:called", 2):
        return False
    if not name.weak and (name.entries or _describes(reading, name)):
        return True
    if not name.weak and len(name.text.split()) > 1 and reading.before(name.start, "cue:naming", 1):
        return True  # "with Stable Diffusion of a …": two words are no ordinary word
    return (name.unknown and "." in name.text) or _is_meant(reading, name)


def _describes(reading: Reading, name: Name) -> bool:
    """Whether a name stands right before a word of a media: "a pika video", "elevenlabs 念"."""
    return any(
        0 <= span.start - name.end <= 1 for kind in ("noun", "verb", "hint") for _, span in reading.kind(kind)
    )


def _is_meant(reading: Reading, name: Name) -> bool:
    """Whether an ordinary word is used as a name: "用…", "…模型", or all by itself."""
    if any(0 <= span.start - name.end <= 1 for span in reading.of("cue:naming_after")):
        return True
    ends = (
        _AFTERWARDS.match(reading.folded, name.end) is not None
        or any(
            0 <= span.start - name.end <= 1
            for meaning in ("cue:making", "cue:polite", "cue:to", "cue:once")
            for span in reading.of(meaning)
        )
        or any(0 <= span.start - name.end <= 1 for _, span in reading.kind("verb"))
    )
    if any(reading.before(name.start, cue, 1) for cue in ("cue:naming", "cue:save", "cue:like", "cue:once")):
        used = reading.before(name.start, "cue:using", 1) is not None
        return ends or (used and _touches(reading, "setting", name.end, 0))
    if _is_among_settings(reading, name) or _is_made_by(reading, name):
        return True
    start, _ = reading.clause(name.start)
    told = any(0 <= span.start - name.end <= 1 for span in reading.of("cue:telling"))
    return not reading.folded[start : name.start].strip() and (
        told or _AFTERWARDS.match(reading.folded, name.end) is not None
    )


def _is_made_by(reading: Reading, name: Name) -> bool:
    """Whether a Latin name stands right before a word for what its model makes: "a Sora clip", not "a Sora portrait"."""
    made = {entry.modality for entry in name.entries}
    return reading.folded[name.start].isascii() and any(
        media in made and 0 <= span.start - name.end <= 1 for media, span in reading.kind("noun")
    )


def _is_among_settings(reading: Reading, name: Name) -> bool:
    """Whether a Latin name stands in a row of settings: "vid 9:16 sora", "veo 720p"; "a portrait of Sora" does not."""
    is_word = any(span.start <= name.start and name.end <= span.end for _, span in reading.kind("noun"))
    if is_word or not reading.folded[name.start].isascii():
        return False
    ahead = _touches(reading, "setting", name.start, 1)
    behind = _touches(reading, "setting", name.end, 0)
    blank = name.start > 1 and reading.folded[name.start - 1] == " "
    parted = (
        ahead
        or _touches(reading, "noun", name.start, 1)
        or (blank and not reading.folded[name.start - 2].isascii())
    )
    ends = (
        behind
        or _touches(reading, "noun", name.end, 0)
        or _AFTERWARDS.match(reading.folded, name.end) is not None
    )
    return (ahead or behind) and parted and ends


def _touches(reading: Reading, kind: str, place: int, side: int) -> bool:
    """Whether a word of a kind ends (side 1) or begins (side 0) at a place, one blank apart at most."""
    if side:
        return any(0 <= place - span.end <= 1 for _, span in reading.kind(kind))
    return any(0 <= span.start - place <= 1 for _, span in reading.kind(kind))


def _negation(reading: Reading, name: Name) -> Span | None:
    using = reading.before(name.start, "cue:naming", 1)
    return reading.before(using.start if using else name.start, "cue:negation", 2)


def _as_meant(reading: Reading, name: Name) -> Name:
    return evolve(name, used=reading.before(name.start, "cue:using", 1) is not None)
