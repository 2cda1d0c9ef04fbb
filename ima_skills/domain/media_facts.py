"""What an input file holds, and where it is once the service can read it."""

from __future__ import annotations

from attrs import field, frozen


@frozen
class MediaFacts:
    """What a file holds.

    Attributes:
        kind: ``picture``, ``video`` or ``audio``.
        format: File format, for instance ``mp4``.
        bytes: Size of the file.
        width: Pixels as shown, rotation applied; 0 for a sound.
        height: Pixels as shown; 0 for a sound.
        duration_s: Seconds up to the last packet; 0 for a picture.
        fps: Frames per second; 0 where there are none.
    """

    kind: str
    format: str
    bytes: int
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    fps: float = 0.0


@frozen
class PlacedInput:
    """An input that the service can read.

    Attributes:
        url: Its address.
        facts: What it holds; None when nobody measured it.
        cover_url: Address of a clip's first frame.
    """

    url: str = field(repr=False)
    facts: MediaFacts | None = None
    cover_url: str | None = field(default=None, repr=False)
