"""What a chat platform takes, and how the message tool is called for it."""

from __future__ import annotations

from typing import Literal

from attrs import frozen


@frozen
class Tool:
    """How the message tool is called.

    Attributes:
        action: Value of its parameter ``action``.
        text: Its parameter for text.
        media: Its parameter for one address or path.
        attachments: Its parameter for several medias; None where a send takes one.
    """

    action: str
    text: str
    media: str
    attachments: str | None = None


@frozen
class TextLimit:
    """Messages of text: most characters in UTF-16 units."""

    longest: int


@frozen
class CaptionRule:
    """Text that belongs to a media.

    Attributes:
        place: ``with``: in the same send; ``apart``: a message of its own.
        longest: Most characters of a caption in UTF-16 units.
    """

    place: Literal["with", "apart"]
    longest: int


@frozen
class MediaLimit:
    """Largest files in bytes."""

    image_bytes: int
    file_bytes: int


@frozen
class Album:
    """Several medias in one send.

    Attributes:
        kinds: Kinds of media that may share a send.
        most: Most medias of one send.
    """

    kinds: tuple[str, ...]
    most: int


@frozen
class Platform:
    """One file of ``registry/platforms``.

    Attributes:
        name: The file's name.
        message: How the message tool is called.
        text: Limit of messages.
        caption: Where a media's text goes.
        media: Limits of files.
        album: Whether and how medias share a send.
    """

    name: str
    message: Tool
    text: TextLimit
    caption: CaptionRule
    media: MediaLimit
    album: Album | None = None

    def most_together(self, media_kind: str) -> int:
        """Return how many medias of a kind may share a send."""
        if self.album is None or self.message.attachments is None or media_kind not in self.album.kinds:
            return 1
        return self.album.most

    def takes(self, media_kind: str, size: int) -> bool:
        """Tell whether a file of a kind and a size in bytes can be sent."""
        limit = self.media.image_bytes if media_kind == "image" else self.media.file_bytes
        return size <= limit
