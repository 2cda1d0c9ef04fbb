"""Which media a wish wants: its heads, or whatever else tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.routing.commanding import Head
from ima_skills.routing.given import is_given
from ima_skills.routing.phrases import only_media, setting_media
from ima_skills.routing.reading import Span
from ima_skills.routing.roles import FRAMES
from ima_skills.routing.targets import find_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ima_skills.routing.case import Case, Lexicon
    from ima_skills.routing.reading import Reading

# How sure each sign is; docs/routing.md states them.
_NOUN, _VERB, _ROLE, _MODEL, _EARLIER, _MENTION = 0.98, 0.95, 0.9, 0.9, 0.7, 0.6
_SEVERAL = 2
# English words, or letters of another script, before a media word that asks for it alone.
_FEW, _FEW_LETTERS = 2, 6


def find_wanted(case: Case, lexicon: Lexicon) -> None:
    """Find out which media a wish wants, and note what told it.

    Args:
        case: The wish; targets, media and sureness are set.
        lexicon: The words.
    """
    asked = lexicon.vocabulary.words.inquiry
    # With a file nobody only chats: "这张图太暗了".
    case.inquiry = _inquiry(case, [name for name, row in asked.items() if row.command or not case.images])
    if case.inquiry is not None:
        return
    pictures = lexicon.pictures()
    case.targets = find_targets(case.reading, lexicon.vocabulary, pictures if case.images else ())
    case.wanted = case.targets.media(lexicon.vocabulary)
    if case.images and _add_change_and_motion(case, lexicon, pictures):
        return
    if case.wanted:
        case.sureness = _NOUN if any(head.noun for head in case.targets.heads) else _VERB
        _spare_what_is_there(case, pictures)
        _add_master(case, lexicon)
        _add_motion(case, lexicon)
        _add_use_of_files(case, lexicon)
        return
    for media, sureness, note in _signs(case, lexicon, pictures):
        case.wanted, case.sureness = (media,), sureness
        case.notes.append(note)
        return


def _inquiry(case: Case, known: Sequence[str]) -> str | None:
    """Return what a wish asks about us: "what models do you have for video?"; not "a poster about how many points …"."""
    reading = case.reading
    possible = [found for found in reading.kind("inquiry") if found[0] in known]
    for name, asked in sorted(possible, key=lambda found: known.index(found[0])):
        talk = reading.is_explained(0, asked.start) and not reading.between(0, asked.start, "cue:content")
        titled = any(":" in reading.folded[noun.end : asked.start] for _, noun in reading.kind("noun"))
        if talk and not titled and not _asks_on(reading, asked):
            return name
    return None


def _asks_on(reading: Reading, asked: Span) -> bool:
    """Whether a wish goes on to ask for something: "find the song I made and make it longer", "…, infographic"."""
    behind = [span for span in reading.spans if span.start >= asked.end]
    end = reading.clause(asked.start)[1]
    if any(span.start > end and _is_short_wish(reading, span) for _, span in reading.kind("noun")):
        return True
    return any(
        span.means("verb") or span.means("role") or {"cue:making", "cue:adding"} & set(span.meanings)
        for span in behind
    )


def _is_short_wish(reading: Reading, noun: Span) -> bool:
    """Whether a media word stands in a clause with two words before it at most: "a cat picture"; not "on a book cover"."""
    start = reading.clause(noun.start)[0]
    before = reading.folded[start : noun.start]
    behind = reading.folded[noun.end : reading.clause(noun.start)[1]]
    if behind.strip() and reading.after(noun.end, "cue:content", 1) is None:
        return False
    few = len(before.split()) <= _FEW if before.isascii() else len(before) <= _FEW_LETTERS
    tied = any(reading.between(start, noun.start, f"cue:{cue}") for cue in ("content", "narrowing"))
    return few and not tied and not is_given(reading, noun)


def _signs(case: Case, lexicon: Lexicon, pictures: frozenset[str]) -> Iterator[tuple[str, float, str]]:
    """Yield what else tells the media, the surest first."""
    reading = case.reading
    roles = [lexicon.vocabulary.words.role[name].media for name, _ in reading.kind("role")]
    implied = list(dict.fromkeys(media for media in roles if media))
    there = bool(case.images) or case.shows_picture(pictures) or any(True for _ in reading.kind("sure"))
    stated = {name for name, _ in reading.kind("role")}
    for other in case.targets.mentioned if case.images else ():
        if other not in pictures and stated & set(lexicon.words(other).roles):
            yield other, _MENTION, "media-by-mention"
    if FRAMES in stated and len(case.images) == _SEVERAL:
        implied = [
            lexicon.vocabulary.words.role[FRAMES].media or ""
        ]  # words for a change are about the way there
    if len(implied) == 1 and there:
        yield implied[0], _ROLE, "media-by-role"
    name = case.first_name()
    media = lexicon.media_of(name.entries[0]) if name and name.entries else None
    if media is not None and not case.is_vague():
        yield media, _MODEL, "media-by-model"
    yield from _by_setting(case, lexicon, pictures)
    hinted = {name for name, _ in reading.kind("hint")}
    if len(hinted) == 1 and not case.is_vague():
        yield next(iter(hinted)), _MENTION, "media-by-hint"
    yield from _by_what_was(case, lexicon, pictures)
    told = (
        None
        if case.images
        else only_media(reading, lexicon.vocabulary, [*lexicon.vocabulary.words.media], least=2)
    )
    if told is not None:
        yield told, _MENTION, "media-by-setting"  # "something vertical, 15 seconds"


def _by_what_was(case: Case, lexicon: Lexicon, pictures: frozenset[str]) -> Iterator[tuple[str, float, str]]:
    """Yield the media of what is there already, or is only mentioned."""
    reading = case.reading
    anew = reading.has("cue:another")  # another model for what was there: no change of a picture
    again = [] if case.images else [m for m in case.targets.given if anew or m not in pictures]
    if again and (anew or reading.has("cue:again")):
        yield again[-1], _EARLIER, "media-by-earlier"
    mentioned = set(case.targets.mentioned) - (pictures if case.images else frozenset())
    only = next(iter(mentioned)) if len(mentioned) == 1 else None
    if only and (not case.is_vague() or lexicon.kind(only) == "audio"):
        yield only, _MENTION, "media-by-mention"
    if again and only_media(reading, lexicon.vocabulary, again[-1:]):
        yield again[-1], _MENTION, "media-by-setting"  # "我的出道曲！女声…"
    if case.targets.given and reading.has("cue:again"):
        yield case.targets.given[-1], _MENTION, "media-by-earlier"  # "the last picture again, in 4k"


def _by_setting(case: Case, lexicon: Lexicon, pictures: frozenset[str]) -> Iterator[tuple[str, float, str]]:
    """Yield the media that settings tell: counts, or with a picture what only a video can have."""
    if case.images:
        able = [name for name, words in lexicon.vocabulary.words.media.items() if words.roles]
        told = only_media(case.reading, lexicon.vocabulary, able)
        told = None if told in pictures else told
    else:
        told = setting_media(case.reading, lexicon.vocabulary)
    if told is not None:
        yield told, _MENTION, "media-by-setting"


def _spare_what_is_there(case: Case, pictures: frozenset[str]) -> None:
    """Leave out of a word for several media ("MV") what came with the wish, or what it says is there."""
    named = {name for head in case.targets.heads if len(head.media) == 1 for name in head.media}
    there = {*case.targets.given, *(pictures if case.images else ())}
    if there and case.targets.bundled:
        spared = there - named
        case.wanted = tuple(media for media in case.wanted if media not in spared)
        heads = [evolve(h, media=tuple(m for m in h.media if m not in spared)) for h in case.targets.heads]
        case.targets = evolve(case.targets, heads=tuple(heads))


def _add_motion(case: Case, lexicon: Lexicon) -> None:
    """Add what becomes of the thing that is made first: "draw a tiger, then make it run"."""
    if case.images or not case.targets.heads:
        return
    reading, made = case.reading, case.targets.heads[0]
    for role, span in reading.kind("role"):
        media = lexicon.vocabulary.words.role[role].media
        start = reading.clause(span.start)[0]
        follows = made.end <= start and (
            reading.between(made.end, span.end, "cue:then")
            or reading.between(made.end, span.end, "cue:adding")
        )
        if (
            media
            and media not in case.wanted
            and follows
            and lexicon.words(media).takes.get(made.media[0]) == role
        ):
            _want(case, lexicon, Head((media,), span.start, span.end, noun=False))
            return


def _want(case: Case, lexicon: Lexicon, *heads: Head) -> None:
    """Want more, at the words that say so."""
    every = sorted((*case.targets.heads, *heads), key=lambda head: head.start)
    case.targets = evolve(case.targets, heads=tuple(every))
    wanted = {*case.wanted, *(name for head in heads for name in head.media)}
    case.wanted = tuple(sorted(wanted, key=lambda name: lexicon.words(name).order))


def _add_change_and_motion(case: Case, lexicon: Lexicon, pictures: frozenset[str]) -> bool:
    """Find two steps where a given picture is changed first and moved then: "改成夜景，再让灯闪起来"."""
    roles = [
        (lexicon.vocabulary.words.role[name].media, name, span) for name, span in case.reading.kind("role")
    ]
    changes = [(media, span) for media, _, span in roles if media in pictures]
    moves = [(media, name, span) for media, name, span in roles if media and media not in pictures]
    moves += _made_of(case, lexicon, [media for media, _ in changes])
    if not changes or not moves:
        return False
    (changed, first), (moved, role, last) = changes[0], moves[0]
    tie = next(
        (
            span
            for span in (*case.reading.of("cue:then"), *case.reading.of("cue:adding"))
            if first.end <= span.start and span.start <= last.start
        ),
        None,
    )
    made = [head.start for head in case.targets.heads if moved in head.media]
    if (
        tie is None
        or lexicon.words(moved).takes.get(changed or "") != role
        or any(at < tie.start for at in made)
    ):
        return False
    _want(
        case,
        lexicon,
        Head((changed or "",), first.start, first.end, noun=False),
        Head((moved,), last.start, last.end, noun=False),
    )
    case.sureness = _ROLE
    case.notes.append("media-by-role")
    return True


def _made_of(case: Case, lexicon: Lexicon, changed: Sequence[str | None]) -> Iterator[tuple[str, str, Span]]:
    """Yield the media words for what can be made of a changed picture, with what the picture is in it."""
    for head in case.targets.heads:
        media = head.media[0]
        words = lexicon.words(media)
        fed = next((role for other, role in words.takes.items() if other in changed), None)
        if head.noun and len(head.media) == 1 and fed in words.roles:
            yield media, fed or "", Span(head.start, head.end)


def _add_use_of_files(case: Case, lexicon: Lexicon) -> None:
    """Add what becomes of pictures that nothing else uses: "bring this to life, and a calm tune with it"."""
    if not case.images or any(lexicon.words(media).roles for media in case.wanted):
        return
    stated = [lexicon.vocabulary.words.role[name].media for name, _ in case.reading.kind("role")]
    meant = dict.fromkeys(media for media in stated if media)
    if len(meant) == 1:
        wanted = {*case.wanted, *meant}
        case.wanted = tuple(sorted(wanted, key=lambda name: lexicon.words(name).order))
        case.notes.append("media-by-role")


def _add_master(case: Case, lexicon: Lexicon) -> None:
    """Add a picture of the main character where several media show it and none is given."""
    if len(case.wanted) < _SEVERAL or case.images or not case.reading.has("cue:character"):
        return
    for name in case.wanted:
        words = lexicon.words(name)
        sources = [source for source, role in words.takes.items() if role in words.roles]
        if sources and sources[0] not in case.wanted:
            case.wanted = (sources[0], *case.wanted)
            return
