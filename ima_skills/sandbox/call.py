"""One HTTP exchange in a form that belongs to no web framework: both doors speak it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Generator, Mapping
from contextlib import closing
from pathlib import Path

from attrs import evolve, field, frozen

_CHUNK = 256 * 1024
# Our choice: far above the longest prompt, far below what would hurt.
JSON_LIMIT = 4 * 1024 * 1024


class TooLargeError(Exception):
    """A JSON body is larger than the sandbox reads."""


async def nothing() -> AsyncIterator[bytes]:
    """Yield one empty piece: the body of a call without one."""
    yield b""


@frozen
class Call:
    """A request as it arrives.

    Attributes:
        method: Upper-case method.
        path: Decoded path, without the query.
        query: Decoded query parameters; the last of several equal names wins.
        headers: Headers by lower-case name; carries the key, so it stays out of reprs.
        body: The bytes as they come in.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(factory=dict, repr=False)
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: AsyncIterable[bytes] = field(factory=nothing, repr=False)

    async def read(self, limit: int = JSON_LIMIT) -> bytes:
        """Return the whole body.

        Raises:
            TooLargeError: It has more than ``limit`` bytes.
        """
        found = bytearray()
        async for chunk in self.body:
            found += chunk
            if len(found) > limit:
                raise TooLargeError(f"more than {limit} bytes")
        return bytes(found)

    async def drain(self) -> None:
        """Read the body and forget it, so that the client gets to read the answer."""
        async for _ in self.body:
            pass


@frozen
class FileSlice:
    """A part of a file as a body.

    Attributes:
        path: The file.
        start: First byte.
        length: Number of bytes.
        cut: Whether the connection breaks after them, although more was announced.
    """

    path: Path = field(repr=False)
    start: int
    length: int
    cut: bool = False


@frozen
class Answer:
    """A response.

    Attributes:
        status: HTTP status.
        headers: Headers, ``content-length`` included.
        body: The bytes, or where they are; empty for a HEAD, whatever the length header says.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes | FileSlice = field(default=b"", repr=False)

    def with_headers(self, more: Mapping[str, str]) -> Answer:
        """Return the answer with further headers."""
        return evolve(self, headers={**self.headers, **more})


@frozen
class Drop:
    """No response: the connection breaks."""


@frozen
class Hang:
    """No response: the connection stays open until the client gives up."""


Reply = Answer | Drop | Hang


class CutError(Exception):
    """The body ends here although more was announced."""


async def chunks(answer: Answer) -> AsyncGenerator[bytes, None]:
    """Yield the body of an answer in pieces of constant memory; close it when it is left early.

    Raises:
        CutError: After the last piece of a cut slice.
    """
    if isinstance(answer.body, bytes):
        if answer.body:
            yield answer.body
        return
    with closing(_pieces(answer.body)) as pieces:
        for piece in pieces:
            yield piece
    if answer.body.cut:
        raise CutError


def _pieces(part: FileSlice) -> Generator[bytes, None, None]:
    left = part.length
    with part.path.open("rb") as file:
        file.seek(part.start)
        while left > 0:
            piece = file.read(min(_CHUNK, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
