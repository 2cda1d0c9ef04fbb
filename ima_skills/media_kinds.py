"""File kinds: extension, content type, upload kind, and what the first bytes say.

Source of the table: the service's documents. What the bytes say wins over what a name says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

HEAD_BYTES = 512


@frozen
class FileKind:
    """One file format.

    Attributes:
        format: Usual extension without dot.
        content_type: What an upload states.
        kind: ``picture``, ``video`` or ``audio``.
    """

    format: str
    content_type: str
    kind: str


_KINDS = (
    FileKind("jpg", "image/jpeg", "picture"),
    FileKind("png", "image/png", "picture"),
    FileKind("gif", "image/gif", "picture"),
    FileKind("webp", "image/webp", "picture"),
    FileKind("bmp", "image/bmp", "picture"),
    FileKind("tiff", "image/tiff", "picture"),
    FileKind("mp4", "video/mp4", "video"),
    FileKind("mov", "video/quicktime", "video"),
    FileKind("avi", "video/x-msvideo", "video"),
    FileKind("mkv", "video/x-matroska", "video"),
    FileKind("webm", "video/webm", "video"),
    FileKind("flv", "video/x-flv", "video"),
    FileKind("mp3", "audio/mpeg", "audio"),
    FileKind("wav", "audio/wav", "audio"),
    FileKind("ogg", "audio/ogg", "audio"),
    FileKind("m4a", "audio/mp4", "audio"),
    FileKind("aac", "audio/aac", "audio"),
    FileKind("flac", "audio/flac", "audio"),
)
BY_FORMAT: Mapping[str, FileKind] = {kind.format: kind for kind in _KINDS}
_SPELLINGS = {"jpeg": "jpg", "tif": "tiff"}
_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
    (b"\x1a\x45\xdf\xa3", "mkv"),
    (b"FLV\x01", "flv"),
    (b"ID3", "mp3"),
    (b"OggS", "ogg"),
    (b"fLaC", "flac"),
)
_RIFF = {b"WEBP": "webp", b"AVI ": "avi", b"WAVE": "wav"}
_BRANDS = {b"qt  ": "mov", b"M4A ": "m4a", b"M4B ": "m4a"}


def by_name(name: str) -> FileKind | None:
    """Return the kind that a file name's extension means, or None."""
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    return BY_FORMAT.get(_SPELLINGS.get(extension, extension))


def by_bytes(head: bytes) -> FileKind | None:
    """Return the kind that the first bytes of a file mean, or None.

    Args:
        head: At least 16 bytes, where the file has that many.
    """
    for prefix, name in _PREFIXES:
        if head.startswith(prefix):
            return BY_FORMAT["webm" if name == "mkv" and b"webm" in head[:64] else name]
    if head[:4] == b"RIFF":
        return BY_FORMAT.get(_RIFF.get(head[8:12], ""))
    if head[4:8] == b"ftyp":
        return BY_FORMAT[_BRANDS.get(head[8:12], "mp4")]
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> FileKind | None:
    """Tell MP3 and AAC frames by their sync word: eleven set bits, then version and layer."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - the sync word
        return None
    layer = head[1] & 0x06
    if layer == 0:
        return BY_FORMAT["aac"] if head[1] & 0xF0 == 0xF0 else None  # noqa: PLR2004 - ADTS sync
    return BY_FORMAT["mp3"]
