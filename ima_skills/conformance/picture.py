"""A plain PNG, so that trials with inputs need nothing but the standard library."""

from __future__ import annotations

import struct
import zlib


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """Return a PNG of one colour.

    Args:
        width: Pixels.
        height: Pixels.
        colour: Red, green and blue, each from 0 to 255.
    """
    line = b"\x00" + bytes(value % 256 for value in colour) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(line * height)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
