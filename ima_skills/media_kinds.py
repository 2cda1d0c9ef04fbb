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
# What a media counts as when it is an input.
KIND_OF_MEDIA: Mapping[str, str] = {"image": "picture", "video": "video", "audio": "audio"}
# Kinds of media and of inputs in Chinese.
KINDS_ZH: Mapping[str, str] = {
    "image": "图片",
    "picture": "图片",
    "video": "视频",
    "audio": "音频",
}
BY_FORMAT: Mapping[str, FileKind] = {kind.format: kind for kind in _KINDS}
_SPELLINGS = {"jpeg": "jpg", "tif": "tiff"}
_PREFIXES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
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
# Pictures that use the MP4 container and that the service does not take.
_PICTURE_BRANDS = {b"avif", b"avis", b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"}


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
        brand = head[8:12]
        return None if brand in _PICTURE_BRANDS else BY_FORMAT[_BRANDS.get(brand, "mp4")]
    if head[:2] == b"BM" and head[6:10] == bytes(4) and len(head) > len("BMsizerrrroffs"):
        return BY_FORMAT["bmp"]
    return _mpeg_audio(head)


def _mpeg_audio(head: bytes) -> FileKind | None:
    """Tell MP3 and AAC frames by their sync word: eleven set bits, then version and layer.

    The byte-order mark of UTF-16 text begins with the same bits, so the rest is looked at as well.
    """
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:  # noqa: PLR2004 - the sync word
        return None
    if head[1] & 0xF6 == 0xF0:  # noqa: PLR2004 - ADTS: twelve bits of sync, layer 0
        return BY_FORMAT["aac"]
    third_layer, version = head[1] & 0x06 == 0x02, head[1] & 0x18  # noqa: PLR2004 - MPEG layer III
    rates = head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C  # noqa: PLR2004 - reserved rates
    return BY_FORMAT["mp3"] if third_layer and version != 0x08 and rates else None  # noqa: PLR2004 - reserved
