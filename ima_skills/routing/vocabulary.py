"""The words by which wishes are understood, read from the ``vocabulary`` folder of every registry root."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.errors import RegistryError
from ima_skills.routing.words import VocabularyFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cattrs import Converter

Read = Callable[[Traversable], dict[str, Any]]
FOLDER = "vocabulary"
# Placeholders of patterns that stand for a number, in digits or in words.
_NUMBERS = ("n", "a", "b")
# What stands for the beginning of a wish, behind a greeting perhaps, in the patterns of questions.
_START = "{start}"


@frozen
class Vocabulary:
    """All files together, prepared for looking up.

    Attributes:
        words: The merged tables.
        phrases: First letter to (phrase, meanings), longest first; meanings are like ``noun:image``.
        patterns: (meaning, compiled expression).
        letters: Translation of letters, for ``str.translate``.
        numerals: Folded words for numbers.
        keys: Folded keys of handed-over wishes, to what they mean.
    """

    words: VocabularyFile
    phrases: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    letters: Mapping[int, str]
    numerals: Mapping[str, float]
    keys: Mapping[str, str]

    def fold(self, text: str) -> str:
        """Return a text of the same length in which spelling makes no difference."""
        return fold(text, self.letters)


def fold(text: str, letters: Mapping[int, str]) -> str:
    """Return a text of the same length: small letters, narrow signs, one script, dashes as spaces.

    Args:
        text: Any text.
        letters: Further letters to read as others.
    """
    from unicodedata import normalize

    if text.isascii():
        return text.lower().translate(letters)
    folded = []
    for letter in text:
        plain = letter.lower() if letter.isascii() else normalize("NFKC", letter).casefold()
        folded.append(plain if len(plain) == 1 else letter)
    return "".join(folded).translate(letters)


def load_vocabulary(
    roots: Iterable[Traversable], read: Read | None = None, on_fault: Callable[[str], None] | None = None
) -> Vocabulary:
    """Read the vocabulary of some registry roots, the first party's first.

    Args:
        roots: Registry roots; those without a ``vocabulary`` folder add nothing.
        read: Reads one TOML file; :func:`ima_skills.registry.read_toml` by default.
        on_fault: Is told of a faulty file, which is then left out; without it a fault is an error.

    Raises:
        RegistryError: A file cannot be read or has the wrong shape.
    """
    from ima_skills.registry import read_toml

    converter = strict_converter()
    merged = VocabularyFile()
    for file in vocabulary_files(roots):
        try:
            merged = _joined(merged, _read_file(file, read or read_toml, converter))
        except RegistryError as error:
            if on_fault is None:
                raise
            on_fault(error.message)
    return prepared(merged)


def _read_file(file: Traversable, read: Read, converter: Converter) -> VocabularyFile:
    try:
        words = structure(converter, read(file), VocabularyFile)
        prepared(words)  # a pattern or a table of letters that is no good is this file's fault
    except StructureError as error:
        raise RegistryError(
            f"{file}: {error}", problems=error.problems, hint="Run: ima-skills registry check"
        ) from error
    except RegistryError as error:
        raise RegistryError(f"{file}: {error.message}", hint="Run: ima-skills registry check") from error
    return words


def vocabulary_files(roots: Iterable[Traversable]) -> Iterator[Traversable]:
    """Yield the vocabulary files of some registry roots, by name within each root."""
    for root in roots:
        folder = root.joinpath(FOLDER)
        if folder.is_dir():
            files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
            yield from sorted(files, key=lambda file: file.name)


def _joined(one: VocabularyFile, other: VocabularyFile) -> VocabularyFile:
    return VocabularyFile(
        media=_by_name(one.media, other.media),
        role=_by_name(one.role, other.role),
        cue=_lists(one.cue, other.cue),
        alone=_lists(one.alone, other.alone),
        cue_pattern=_lists(one.cue_pattern, other.cue_pattern),
        setting=one.setting + other.setting,
        bundle=one.bundle + other.bundle,
        suggestion=one.suggestion + other.suggestion,
        brand=one.brand + other.brand,
        question=_by_name(one.question, other.question),
        inquiry=_by_name(one.inquiry, other.inquiry),
        numerals={**other.numerals, **one.numerals},
        handover=_lists(one.handover, other.handover),
        slip=_lists(one.slip, other.slip),
        letters={**other.letters, **one.letters},
    )


def _lists(
    one: Mapping[str, tuple[str, ...]], other: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    return {name: one.get(name, ()) + other.get(name, ()) for name in (*one, *other)}


def _by_name(one: Mapping[str, Any], other: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put rows of one name together: lists are added, tables merged, and the first plain value stays."""
    found = dict(one)
    for name, row in other.items():
        if name not in found:
            found[name] = row
            continue
        first = found[name]
        changes: dict[str, Any] = {}
        for item in row.__attrs_attrs__:
            mine, theirs = getattr(first, item.name), getattr(row, item.name)
            if isinstance(mine, tuple):
                changes[item.name] = mine + theirs
            elif isinstance(mine, Mapping):
                changes[item.name] = {**theirs, **mine}
            else:
                changes[item.name] = mine or theirs
        found[name] = evolve(first, **changes)
    return found


def prepared(words: VocabularyFile) -> Vocabulary:
    """Return tables made ready for looking up.

    Raises:
        RegistryError: A pattern is no regular expression.
    """
    letters = _letter_table(words.letters)
    numerals = {fold(word, letters): value for word, value in words.numerals.items()}
    keys = {fold(key, letters): meaning for meaning, own in words.handover.items() for key in own}
    return Vocabulary(words, _phrases(words, letters), _patterns(words, numerals), letters, numerals, keys)


def _letter_table(letters: Mapping[str, str]) -> Mapping[int, str]:
    table: dict[int, str] = {}
    for group, plain in letters.items():
        if len(group) != len(plain):
            raise RegistryError(f"vocabulary: letters {group[:8]!r} and {plain[:8]!r} differ in number")
        table.update({ord(letter): other for letter, other in zip(group, plain, strict=True)})
    return table


def _meanings(words: VocabularyFile) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, media in words.media.items():
        yield f"noun:{name}", media.nouns
        yield f"verb:{name}", media.verbs
        yield f"hint:{name}", media.hints
    for name, role in words.role.items():
        yield f"role:{name}", role.words + role.sure
        yield f"sure:{name}", role.sure
    for name, phrases in words.cue.items():
        yield f"cue:{name}", phrases
    for name, phrases in words.alone.items():
        yield f"alone:{name}", phrases
    for name, asked in words.inquiry.items():
        yield f"inquiry:{name}", asked.words
    for kind in ("setting", "bundle", "suggestion", "brand"):
        for index, row in enumerate(getattr(words, kind)):
            yield f"{kind}:{index}", row.words


def _phrases(
    words: VocabularyFile, letters: Mapping[int, str]
) -> Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]]:
    meanings: dict[str, list[str]] = {}
    for meaning, phrases in _meanings(words):
        for phrase in phrases:
            meanings.setdefault(fold(phrase, letters), []).append(meaning)
    table: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for phrase, meant in meanings.items():
        if phrase:
            table.setdefault(phrase[0], []).append((phrase, tuple(dict.fromkeys(meant))))
    return {first: tuple(sorted(rows, key=lambda row: -len(row[0]))) for first, rows in table.items()}


def _patterns(
    words: VocabularyFile, numerals: Mapping[str, float]
) -> tuple[tuple[str, re.Pattern[str]], ...]:
    found = []
    for name, role in words.role.items():
        found += [(f"role:{name}", pattern) for pattern in role.patterns]
    start = _start_pattern(words)
    for name, asked in words.inquiry.items():
        found += [(f"inquiry:{name}", pattern.replace(_START, start)) for pattern in asked.patterns]
    for name, patterns in words.cue_pattern.items():
        found += [(f"cue:{name}", pattern) for pattern in patterns]
    for index, row in enumerate(words.setting):
        found += [(f"setting:{index}", pattern) for pattern in row.patterns]
    number = _number_pattern(numerals)
    return tuple((meaning, _compiled(pattern, number)) for meaning, pattern in found)


def _start_pattern(words: VocabularyFile) -> str:
    """Return the beginning of a wish with the greetings that may stand there."""
    greetings = "|".join(words.cue_pattern.get("greeting", ()))
    return f"^(?:(?:{greetings})[ ,!.:，]{{1,3}}){{0,2}}" if greetings else "^"


def _number_pattern(numerals: Mapping[str, float]) -> str:
    single = "".join(re.escape(word) for word in numerals if len(word) == 1)
    longer = sorted((word for word in numerals if len(word) > 1), key=len, reverse=True)
    spelled = [*(rf"\b{re.escape(word)}\b" for word in longer), *([f"[{single}]{{1,5}}"] if single else [])]
    return "|".join([r"(?<![\d.])\d{1,6}(?:\.\d{1,3})?", *spelled])


def _compiled(pattern: str, number: str) -> re.Pattern[str]:
    for name in _NUMBERS:
        pattern = pattern.replace(f"{{{name}}}", f"(?P<{name}>{number})")
    try:
        return re.compile(pattern)
    except re.error as error:
        raise RegistryError(f"vocabulary: pattern {pattern[:60]!r}: {error}") from error
