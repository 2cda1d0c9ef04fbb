"""From texts and files to sends: what a platform takes at once, in which order, and in which pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import field, frozen

from ima_skills.messages.platform import Platform
from ima_skills.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ima_skills.domain.task import Media, SavedFile

Args = dict[str, Any]
_UTF16_BASE = 0x10000


@frozen
class Piece:
    """One file that people should get.

    Attributes:
        kind: ``image``, ``video`` or ``audio``.
        format: File format, for instance ``mp4``.
        url: Its public address.
        path: Where it is on this machine.
        size: Its bytes; None when nobody knows.
    """

    kind: str
    format: str = ""
    url: str | None = field(default=None, repr=False)
    path: str | None = None
    size: int | None = None

    @property
    def place(self) -> str | None:
        """What the message tool can fetch: the address, which alone plays inline everywhere, else the file."""
        return self.url or self.path


def piece_of(media: Media, file: SavedFile | None, kind: str) -> Piece:
    """Return the piece for a media; an address that only this machine knows is none."""
    return Piece(
        kind=kind,
        format=media.format or "",
        url=media.url if is_public(media.url) else None,
        path=file.path if file else None,
        size=file.bytes if file else None,
    )


def is_public(url: str | None) -> bool:
    """Tell whether a message tool can be given an address: https, and not of this machine."""
    parts = urlsplit(url or "")
    return parts.scheme == "https" and bool(parts.hostname) and not is_loopback(parts.hostname or "")


@frozen
class Courier:
    """Turns texts and pieces into the arguments of sends.

    Attributes:
        platform: Where they go.
    """

    platform: Platform

    def fits(self, piece: Piece) -> bool:
        """Tell whether the platform takes a piece, as far as its size is known."""
        return piece.size is None or self.platform.takes(piece.kind, piece.size)

    def texts(self, *blocks: str) -> Iterator[Args]:
        """Yield a send for each text, and more where one is too long."""
        for block in blocks:
            for part in split(block, self.platform.text.longest):
                yield self._send(part)

    def medias(self, pieces: Sequence[Piece], caption: str = "") -> Iterator[Args]:
        """Yield the sends of pieces, the caption with the first one; what does not fit into it follows.

        Args:
            pieces: Those that fit and have a place; without any the caption is a message.
            caption: Their text.
        """
        head, rest = cut(caption, self.platform.caption.longest if pieces else 0)
        for group in self._groups(pieces):
            yield self._send(head, group)
            head = ""
        yield from self.texts(rest)

    def together(self, facts: str, pieces: Sequence[Piece]) -> Iterator[Args]:
        """Yield pieces with the facts about them: as a caption, or before them where the text goes apart."""
        if self.platform.caption.place == "apart":
            yield from self.texts(facts)
            yield from self.medias(pieces)
        else:
            yield from self.medias(pieces, facts)

    def media_first(self, facts: str, pieces: Sequence[Piece], links: str) -> Iterator[Args]:
        """Yield pieces before any text that stands alone, and the links as a message of their own."""
        if self.platform.caption.place == "apart":
            yield from self.medias(pieces)
            yield from self.texts(facts)
        else:
            yield from self.medias(pieces, facts)
        yield from self.texts(links)

    def _groups(self, pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
        group: list[Piece] = []
        for piece in pieces:
            full = len(group) >= self.platform.most_together(piece.kind)
            if group and (full or group[0].kind != piece.kind):
                yield group
                group = []
            group.append(piece)
        if group:
            yield group

    def _send(self, text: str, group: Sequence[Piece] = ()) -> Args:
        tool = self.platform.message
        args: Args = {"action": tool.action}
        if len(group) == 1:
            args[tool.media] = group[0].place
        elif tool.attachments is not None and group:
            args[tool.attachments] = [_attachment(piece, index) for index, piece in enumerate(group, 1)]
        return {**args, tool.text: text} if text else args


def _attachment(piece: Piece, index: int) -> Args:
    name = {"name": f"{index}.{piece.format}"} if piece.format else {}
    return {"type": piece.kind, "media": piece.place, **name}


def length(text: str) -> int:
    """Return how long a text is as chat platforms count: in UTF-16 units."""
    return sum(2 if ord(letter) >= _UTF16_BASE else 1 for letter in text)


def cut(text: str, longest: int) -> tuple[str, str]:
    """Return the whole lines of a text that fit, and the rest."""
    if length(text) <= longest:
        return text, ""
    lines = text.split("\n")
    fitting = 0
    while length("\n".join(lines[: fitting + 1])) <= longest:
        fitting += 1
    return "\n".join(lines[:fitting]).rstrip(), "\n".join(lines[fitting:]).strip("\n")


def split(text: str, longest: int) -> Iterator[str]:
    """Yield a text in pieces that fit, cut between lines, and inside a line only where it must be."""
    while text:
        head, text = cut(text, longest)
        if head:
            yield head
        else:
            room = _letters(text.split("\n", 1)[0], longest)
            yield text[:room]
            text = text[room:].lstrip("\n")


def _letters(line: Iterable[str], longest: int) -> int:
    """Return how many letters of a line fit; at least one."""
    used = 0
    for count, letter in enumerate(line):
        used += length(letter)
        if used > longest:
            return max(count, 1)
    raise AssertionError("unreachable: only a line that is too long is measured")
