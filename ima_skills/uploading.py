"""Upload local inputs: a signed token, then the bytes, streamed; equal files travel once.

What travels is the very file that was checked: it is opened again by the same identity, and compared
before and after.
"""

from __future__ import annotations

import hashlib
from random import Random
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from ima_skills.clock import Clock
from ima_skills.errors import NetworkError, UsageError, first_error
from ima_skills.inputs import mark_of, open_regular
from ima_skills.service import Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence
    from io import BufferedReader

    from ima_skills.inputs import FileMark, InputFile

# Public constants of the upload endpoint, the same for every client (the service's documents).
APP_ID = "webAgent"
APP_KEY = "32jdskjdk320eew"
_SERVICE = "privite"  # sic
_CHUNK = 1 << 18
_AT_ONCE = 3
# The first address and two renewed ones.
_ATTEMPTS = 3
_PAUSE_S = 0.5
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
        marks: dict[str, FileMark] = {}
        for index, item in enumerate(inputs):
            if item.path is not None:
                digest, mark = await asyncio.to_thread(content_of, item)
                places.setdefault(digest, []).append(index)
                marks.setdefault(digest, mark)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(digest: str, same: list[int]) -> str:
            address = self.memory.recall(digest, self.clock.now())
            if address is None:
                async with gate:
                    grant = await self._upload_patiently(inputs[same[0]], marks[digest])
                address = str(grant["fdl"])
                self.memory.addresses[digest] = (address, _since(grant, self.clock.now()))
            for index in same:
                done(index)
            return address

        try:
            async with asyncio.TaskGroup() as group:
                running = [(same, group.create_task(one(digest, same))) for digest, same in places.items()]
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        found = {index: task.result() for same, task in running for index in same}
        return tuple(found.get(index, item.source) for index, item in enumerate(inputs))

    async def _upload_patiently(self, item: InputFile, mark: FileMark) -> Mapping[str, object]:
        """Upload a file; when its address has expired or fails, ask for another one."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                return await self._upload(item, mark)
            except NetworkError as error:
                if attempt == _ATTEMPTS or not error.retryable:
                    raise
                await self.clock.sleep(_PAUSE_S * attempt)
        raise AssertionError("unreachable: the loop returns or raises")

    async def _upload(self, item: InputFile, mark: FileMark) -> Mapping[str, object]:
        if item.kind is None or item.path is None:
            raise AssertionError("only checked local files are uploaded")
        kind = item.kind
        grant = await self.service.upload_token(self._query(kind.kind, kind.format, kind.content_type))
        try:
            with open_regular(item.path) as file:
                _must_be_same(item, mark_of(file), mark)
                await self.service.put_bytes(str(grant["ful"]), _chunks(file), kind.content_type, mark.size)
                _must_be_same(item, mark_of(file), mark)
        except OSError as error:
            raise _unreadable(item, error) from error
        return grant

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


async def _chunks(file: BufferedReader) -> AsyncIterator[bytes]:
    import asyncio

    while chunk := await asyncio.to_thread(file.read, _CHUNK):
        yield chunk


def content_of(item: InputFile) -> tuple[str, FileMark]:
    """Return the SHA-256 of a file and the mark of what was read.

    Raises:
        UsageError: It is not the file that was checked any more, or cannot be read.
    """
    if item.path is None:
        raise AssertionError("only local files have bytes")
    try:
        with open_regular(item.path) as file:
            mark = mark_of(file)
            _must_be_same(item, mark, item.mark or mark)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            _must_be_same(item, mark_of(file), mark)
    except OSError as error:
        raise _unreadable(item, error) from error
    return digest, mark


def _must_be_same(item: InputFile, now: FileMark, before: FileMark) -> None:
    if now != before:
        raise UsageError(
            f"{item.label} changed after it was checked",
            code="input-changed",
            hint="Nothing was created; try again when nobody writes to the file.",
        )


def _since(grant: Mapping[str, object], now: float) -> float:
    """Return from when an address counts as known, so that it is forgotten before it expires."""
    expires = grant.get("fdl_expire")
    if not isinstance(expires, int | float) or isinstance(expires, bool):
        return now
    return min(now, expires - _KEPT_S)


def _unreadable(item: InputFile, error: OSError) -> UsageError:
    return UsageError(
        f"{item.label} can no longer be read: {error.strerror or type(error).__name__}",
        code="input-unreadable",
        hint="Nothing was created; put the file back and try again.",
    )
