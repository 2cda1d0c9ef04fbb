"""The words of one language: found by key, filled with values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Words = tuple[str, ...]
_PLACE = re.compile(r"\{([a-z_]+)\}")


@frozen
class Lines:
    """Texts by dotted key, for instance ``start.model``.

    Attributes:
        language: The language.
        words: Key to the text, or to several of which the first is taken whose places are known.
    """

    language: str
    words: Mapping[str, Words]

    def has(self, key: str) -> bool:
        """Tell whether there is such a text."""
        return key in self.words

    def say(self, *keys: str, **values: Any) -> str:
        """Return the first of some texts that exists, with its places filled.

        Args:
            keys: The text's key, and others to take when there is none.
            values: What the places hold; one that is None or empty counts as unknown.

        Raises:
            KeyError: None of the texts exists, or a place of it stays unknown.
        """
        known = {name: value for name, value in values.items() if value not in (None, "")}
        for key in keys:
            for text in self.words.get(key, ()):
                if places(text) <= known.keys():
                    return _PLACE.sub(lambda found: str(known[found[1]]), text)
        raise KeyError(", ".join(keys))


def places(text: str) -> set[str]:
    """Return the names in braces that a text waits for."""
    return set(_PLACE.findall(text))


def flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Words]]:
    """Yield every text of a message file by its dotted key.

    Args:
        table: A file's tables.
        prefix: Of the keys.

    Raises:
        TypeError: Something is neither a table nor a text nor a list of texts.
    """
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from flatten(value, f"{key}.")
        elif isinstance(value, str):
            yield key, (value,)
        elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            yield key, tuple(value)
        else:
            raise TypeError(f"{key} is no text")


def unlike(one: Mapping[str, Words], other: Mapping[str, Words]) -> Iterator[tuple[str, str]]:
    """Yield key and rule (``text-missing``, ``text-places``) for everything in which ``other`` fails ``one``.

    Args:
        one: The texts of a language.
        other: Those of another one, which must have the same keys with the same places.
    """
    for key in one:
        if key not in other:
            yield key, "text-missing"
        elif _all_places(one[key]) != _all_places(other[key]):
            yield key, "text-places"


def _all_places(words: Iterable[str]) -> list[set[str]]:
    return [places(text) for text in words]
