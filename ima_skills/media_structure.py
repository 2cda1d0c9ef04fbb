"""Whether a file that begins like a media is built like one.

A few first bytes are soon written in front of anything; what must follow them is not. Source: the
public format specifications. Only headers are read, never the contents.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LARGEST_SIDE = 1 << 20
_MOST_BOXES = 4096
_MOST_TAGS = 512
# Between a tag and the first frame of a sound there may be padding.
_FRAME_SEARCH = 1 << 16
_JPEG_STARTS = frozenset({0xC4, 0xDB, 0xDD, 0xFE, *range(0xE0, 0xF0), *range(0xC0, 0xC4)})
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BMP_HEADERS = frozenset({12, 40, 52, 56, 64, 108, 124})
_BMP_DEPTHS = frozenset({1, 2, 4, 8, 16, 24, 32})
_OGG_CODECS = (b"\x01vorbis", b"OpusHead", b"\x7fFLAC", b"Speex   ", b"fishead\0")
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)  # writers that could not go back and fill it in
_MPEG1_RATES = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MPEG2_RATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_SAMPLE_RATES = (44100, 48000, 32000)


def is_built_like(file: BinaryIO, size: int, name: str) -> bool:
    """Tell whether a file's headers are those of its format.

    Args:
        file: The file, open for reading; its position changes.
        size: Its bytes.
        name: A format that its first bytes mean.
    """
    check = _CHECKS.get(name)
    try:
        return check is not None and check(file, size)
    except (struct.error, IndexError):  # it ends inside a header
        return False


def is_whole(file: BinaryIO, size: int, name: str) -> bool:
    """Tell whether a file goes on to the end of its format; True where the format does not say where that is.

    A few bytes may follow the end, as some writers leave them.

    Args:
        file: The file, open for reading; its position changes.
        size: Its bytes.
        name: A format that its first bytes mean.
    """
    end = _ENDS.get(name)
    if end is not None:
        return end in _at(file, max(0, size - _TAIL), _TAIL)
    check = _SIZED.get(name)
    try:
        return check is None or check(file, size)
    except struct.error:  # it ends inside a header
        return False


def _at(file: BinaryIO, place: int, length: int) -> bytes:
    file.seek(place)
    return file.read(length)


def _sides(width: int, height: int) -> bool:
    return 0 < width <= _LARGEST_SIDE and 0 < height <= _LARGEST_SIDE


def _png(file: BinaryIO, _size: int) -> bool:
    head = _at(file, 8, 25)
    width, height = struct.unpack_from(">II", head, 8)
    (checksum,) = struct.unpack_from(">I", head, 21)
    named = head[:8] == b"\0\0\0\rIHDR"
    return named and _sides(width, height) and bool(checksum == zlib.crc32(head[4:21]))


def _jpeg(file: BinaryIO, size: int) -> bool:
    """Walk the segments up to the frame header, which states the size of the picture."""
    place = 2
    for _ in range(_MOST_BOXES):
        lead, marker, length = struct.unpack(">BBH", _at(file, place, 4))
        if lead == marker == 0xFF:  # noqa: PLR2004 - a marker may have more than one lead
            place += 1
            continue
        if lead != 0xFF or length < 2 or place + 2 + length > size:  # noqa: PLR2004 - a length counts itself
            return False
        if marker in _JPEG_FRAMES:
            (width,) = struct.unpack(">H", _at(file, place + 7, 2))
            return bool(width)
        if marker not in _JPEG_STARTS:
            return False
        place += 2 + length
    return False


def _gif(file: BinaryIO, _size: int) -> bool:
    width, height, flags = struct.unpack("<HHB", _at(file, 6, 5))
    colours = 3 * (2 << (flags & 7)) if flags & 0x80 else 0
    return _sides(width, height) and _at(file, 13 + colours, 1) in (b"!", b",")


def _riff_fits(file: BinaryIO, size: int) -> bool:
    (length,) = struct.unpack("<I", _at(file, 4, 4))
    return length in _UNKNOWN_SIZES or length + 8 <= size + 1


def _webp(file: BinaryIO, size: int) -> bool:
    return _riff_fits(file, size) and _at(file, 12, 4) in (b"VP8 ", b"VP8L", b"VP8X") and size > 20  # noqa: PLR2004 - a chunk's header


def _avi(file: BinaryIO, size: int) -> bool:
    head = _at(file, 12, 16)
    return _riff_fits(file, size) and head[:4] == b"LIST" and head[8:] == b"hdrlavih"


def _wav(file: BinaryIO, size: int) -> bool:
    """Walk the chunks up to the one that states the sound's form."""
    place = 12
    for _ in range(_MOST_TAGS):
        name, length = struct.unpack("<4sI", _at(file, place, 8))
        if name == b"fmt ":
            _form, channels, rate = struct.unpack("<HHI", _at(file, place + 8, 8))
            return _riff_fits(file, size) and length >= 16 and 0 < channels <= 256 and rate > 0  # noqa: PLR2004 - the form's own bytes
        place += 8 + length + length % 2
    return False


def _bmp(file: BinaryIO, size: int) -> bool:
    (pixels, header) = struct.unpack("<II", _at(file, 10, 8))
    if header not in _BMP_HEADERS or not 14 + header <= pixels < size:
        return False
    layout = "<HHHH" if header == 12 else "<iiHH"  # noqa: PLR2004 - the oldest form
    width, height, planes, depth = struct.unpack(layout, _at(file, 18, struct.calcsize(layout)))
    return _sides(abs(width), abs(height)) and planes == 1 and depth in _BMP_DEPTHS


def _tiff(file: BinaryIO, size: int) -> bool:
    """Read the first directory: its tags rise, and the picture's sides are among them."""
    order = "<" if _at(file, 0, 2) == b"II" else ">"
    (place,) = struct.unpack(f"{order}I", _at(file, 4, 4))
    if not 8 <= place < size:  # noqa: PLR2004 - behind the header
        return False
    (count,) = struct.unpack(f"{order}H", _at(file, place, 2))
    rows = _at(file, place + 2, 12 * count)
    if not 0 < count <= _MOST_TAGS or len(rows) < 12 * count:
        return False
    tags = [struct.unpack_from(f"{order}H", rows, 12 * index)[0] for index in range(count)]
    return tags == sorted(tags) and {256, 257} <= set(tags)


def _boxes(file: BinaryIO, size: int) -> bool:
    """Walk the boxes of an MP4 or QuickTime file: they fill the file, and one describes the tracks."""
    place, described = 0, False
    for _ in range(_MOST_BOXES):
        if place >= size:
            break
        length, name = struct.unpack(">I4s", _at(file, place, 8))
        if length == 1:
            (length,) = struct.unpack(">Q", _at(file, place + 8, 8))
        length = length or size - place
        named = all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in name)  # noqa: PLR2004 - the sign © starts some names
        if length < 8 or not named or place + length > size:  # noqa: PLR2004 - a box's header
            # Some cameras leave zeros behind the last box.
            return described and not any(_at(file, place, 8))
        described = described or name == b"moov"
        place += length
    return described


def _ebml(file: BinaryIO, size: int) -> bool:
    """Look for the document type in the header, and for the segment behind it."""
    head = _at(file, 0, 256)
    width = 9 - head[4].bit_length()
    length = int.from_bytes(head[4 : 4 + width], "big") & ((1 << (7 * width)) - 1)
    end = 4 + width + length
    header = head[4 + width : end]
    known = b"\x42\x82\x84webm" in header or b"\x42\x82\x88matroska" in header
    return known and end < min(size, len(head)) and head[end : end + 4] == b"\x18\x53\x80\x67"


def _flv(file: BinaryIO, size: int) -> bool:
    """Look at the header and at the first tag behind it."""
    flags, length, before = struct.unpack(">BII", _at(file, 4, 9))
    kind, *body = struct.unpack(">BBBB", _at(file, 13, 4))
    fits = 13 + 11 + int.from_bytes(bytes(body), "big") <= size
    return flags in (1, 4, 5) and length == 9 and before == 0 and kind in (8, 9, 18) and fits  # noqa: PLR2004 - the header's own length


def _ogg(file: BinaryIO, _size: int) -> bool:
    head = _at(file, 0, 64)
    table = head[26]
    return head[4] == 0 and head[5] <= 7 and table > 0 and head[27 + table :].startswith(_OGG_CODECS)  # noqa: PLR2004 - three flags


def _flac(file: BinaryIO, size: int) -> bool:
    """Look at the first block, and walk the others up to the first frame."""
    head = _at(file, 4, 38)
    place, last = 4, 0
    if head[0] & 0x7F or head[1:4] != b"\0\0\x22" or int.from_bytes(head[14:17], "big") >> 4 == 0:
        return False
    for _ in range(_MOST_TAGS):
        if last or place >= size:
            break
        (block,) = struct.unpack(">I", _at(file, place, 4))
        place, last = place + 4 + (block & 0xFFFFFF), block >> 31
    frame = _at(file, place, 2)
    return bool(last) and frame[0] == 0xFF and frame[1] & 0xFC == 0xF8  # noqa: PLR2004 - fourteen bits of sync


def _mp3(file: BinaryIO, size: int) -> bool:
    """Skip the tag, and look for two frames in a row behind it."""
    start, head = 0, _at(file, 0, 10)
    if head[:3] == b"ID3":
        if len(head) < 10 or not 2 <= head[3] <= 4 or max(head[6:10]) > 0x7F:  # noqa: PLR2004 - versions, and seven-bit bytes
            return False
        start = 10 + sum(byte << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    return _two_frames(file, size, start, _FRAME_SEARCH if start else 1, _mp3_frame)


def _aac(file: BinaryIO, size: int) -> bool:
    return _two_frames(file, size, 0, 1, _aac_frame)


def _two_frames(
    file: BinaryIO, size: int, start: int, search: int, length_of: Callable[[bytes], int]
) -> bool:
    """Tell whether a frame that begins soon is followed by another one or by the end."""
    area = _at(file, start, search + 6)
    for place in range(min(search, max(len(area) - 5, 0))):
        length = length_of(area[place : place + 6])
        behind = start + place + length
        if length and (behind == size or (behind + 6 <= size and length_of(_at(file, behind, 6)))):
            return True
        if length and _at(file, behind, 3) == b"TAG":  # the older tag stands at the end
            return True
    return False


def _mp3_frame(head: bytes) -> int:
    """Return the length of an MPEG audio frame of layer III, 0 when it is none."""
    bits = int.from_bytes(head[:4], "big")
    version, rate, sampling = bits >> 19 & 3, bits >> 12 & 15, bits >> 10 & 3
    if bits >> 21 != 0x7FF or version == 1 or bits >> 17 & 3 != 1 or rate in (0, 15) or sampling == 3:  # noqa: PLR2004 - sync and reserved values
        return 0
    first = version == 3  # noqa: PLR2004 - MPEG 1
    hertz = _SAMPLE_RATES[sampling] >> {3: 0, 2: 1, 0: 2}[version]
    bits_per_s = (_MPEG1_RATES if first else _MPEG2_RATES)[rate] * 1000
    return (144 if first else 72) * bits_per_s // hertz + (bits >> 9 & 1)


def _aac_frame(head: bytes) -> int:
    """Return the length of an ADTS frame, 0 when it is none."""
    if len(head) < 6 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0 or head[2] >> 2 & 15 > 12:  # noqa: PLR2004 - sync and sampling rates
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length > 7 else 0  # noqa: PLR2004 - a frame's header


_CHECKS: Mapping[str, Callable[[BinaryIO, int], bool]] = {
    "png": _png, "jpg": _jpeg, "gif": _gif, "webp": _webp, "bmp": _bmp, "tiff": _tiff,
    "mp4": _boxes, "mov": _boxes, "m4a": _boxes, "avi": _avi, "mkv": _ebml, "webm": _ebml, "flv": _flv,
    "mp3": _mp3, "wav": _wav, "ogg": _ogg, "aac": _aac, "flac": _flac,
}  # fmt: skip
# How these formats end; the others state their size, or end anywhere.
_ENDS: Mapping[str, bytes] = {"jpg": b"\xff\xd9", "png": b"IEND\xaeB`\x82", "gif": b";"}
_TAIL = 1024
_SIZED: Mapping[str, Callable[[BinaryIO, int], bool]] = {
    **dict.fromkeys(("webp", "wav", "avi"), _riff_fits),
    **dict.fromkeys(("mp4", "mov", "m4a"), _boxes),
}
