"""Upload local inputs: a signed token, then the bytes, streamed; equal files travel once."""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from ima_skills.clock import Clock
from ima_skills.errors import NetworkError, UsageError
from ima_skills.service import Service

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from ima_skills.inputs import InputFile

# Public constants of the upload endpoint, the same for every client (the service's documents).
APP_ID = "webAgent"
APP_KEY = "32jdskjdk320eew"
_SERVICE = "privite"  # sic
_CHUNK = 1 << 18
_AT_ONCE = 3
_ATTEMPTS = 2
# Our choice: addresses are valid for days, and a client that runs that long should ask again.
_KEPT_S = 3600.0
_NONCE_LETTERS = "0123456789abcdef"


@define
class UploadMemory:
    """What one client has uploaded and had verified; equal content travels and is judged once.

    Attributes:
        addresses: SHA-256 of a file to its address and the time it was uploaded.
        passed: Addresses that passed the compliance check.
    """

    addresses: dict[str, tuple[str, float]] = field(factory=dict, repr=False)
    passed: set[str] = field(factory=set, repr=False)

    def recall(self, digest: str, now: float) -> str | None:
        """Return the address of a file that was uploaded not long ago, or None."""
        address, since = self.addresses.get(digest, ("", 0.0))
        return address if address and 0 <= now - since <= _KEPT_S else None


@frozen
class Uploader:
    """Turns inputs into addresses that the service can read.

    Attributes:
        service: Where tokens come from.
        clock: For the time in a signature.
        rng: For its nonce.
        memory: What was uploaded before.
    """

    service: Service
    clock: Clock
    rng: Random
    memory: UploadMemory = field(factory=UploadMemory)

    async def addresses(self, inputs: Sequence[InputFile], done: Callable[[int], None]) -> tuple[str, ...]:
        """Return one address per input, in order; addresses pass through untouched.

        Args:
            inputs: Checked inputs.
            done: Told the index of each input that is ready.

        Raises:
            NetworkError: A token or an upload failed for good; nothing was charged.
            UsageError: A file went away meanwhile.
            ImaError: The service refuses, for instance the key.
        """
        import asyncio

        places: dict[str, list[int]] = {}
        for index, item in enumerate(inputs):
            if item.path is not None:
                places.setdefault(await asyncio.to_thread(_sha256, item), []).append(index)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(digest: str, same: list[int]) -> str:
            address = self.memory.recall(digest, self.clock.now())
            if address is None:
                address = await self._upload_gated(gate, inputs[same[0]])
                self.memory.addresses[digest] = (address, self.clock.now())
            for index in same:
                done(index)
            return address

        try:
            async with asyncio.TaskGroup() as group:
                running = [(same, group.create_task(one(digest, same))) for digest, same in places.items()]
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        found = {index: task.result() for same, task in running for index in same}
        return tuple(found.get(index, item.source) for index, item in enumerate(inputs))

    async def _upload_gated(self, gate: asyncio.Semaphore, item: InputFile) -> str:
        async with gate:
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    return await self._upload(item)
                except NetworkError:
                    if attempt == _ATTEMPTS:
                        raise
        raise AssertionError("unreachable: the loop returns or raises")

    async def _upload(self, item: InputFile) -> str:
        if item.kind is None or item.path is None:
            raise AssertionError("only checked local files are uploaded")
        grant = await self.service.upload_token(
            self._query(item.kind.kind, item.kind.format, item.kind.content_type)
        )
        try:
            await self.service.put_bytes(
                str(grant["ful"]), _chunks(item.path), item.kind.content_type, item.size
            )
        except OSError as error:
            raise _unreadable(item, error) from error
        return str(grant["fdl"])

    def _query(self, kind: str, suffix: str, content_type: str) -> dict[str, str]:
        key = self.service.settings.key().reveal()
        timestamp = str(int(self.clock.now()))
        nonce = "".join(self.rng.choices(_NONCE_LETTERS, k=21))
        return {
            "appUid": key,
            "appId": APP_ID,
            "appKey": APP_KEY,
            "cmimToken": key,
            "sign": sign(timestamp, nonce),
            "timestamp": timestamp,
            "nonce": nonce,
            "fService": _SERVICE,
            "fType": kind,
            "fSuffix": suffix,
            "fContentType": content_type,
        }


def sign(timestamp: str, nonce: str) -> str:
    """Return the signature of a token request: upper-case SHA-1 (the service's documents)."""
    text = f"{APP_ID}|{APP_KEY}|{timestamp}|{nonce}"
    # The endpoint demands SHA-1; it protects nothing here, its key is public.
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest().upper()


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    import asyncio

    with path.open("rb") as stream:
        while chunk := await asyncio.to_thread(stream.read, _CHUNK):
            yield chunk


def _sha256(item: InputFile) -> str:
    if item.path is None:
        raise AssertionError("only local files have bytes")
    try:
        with item.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(item, error) from error


def _unreadable(item: InputFile, error: OSError) -> UsageError:
    return UsageError(
        f"{item.label} can no longer be read: {error.strerror or type(error).__name__}",
        code="input-unreadable",
        hint="Nothing was created; put the file back and try again.",
    )


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error that a group of uploads ended with; one is enough to say."""
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, BaseExceptionGroup) else error
