"""Upload local inputs: a signed token, then the bytes, streamed; equal files travel once.

What travels is the very file that was checked: it is opened again by the same identity, and compared
before and after.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager, suppress
from math import inf
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from attrs import define, field, frozen

from ima_skills.clock import Clock
from ima_skills.errors import FaultError, NetworkError, ServiceError, UsageError, first_error
from ima_skills.inputs import FileMark, mark_of, open_regular
from ima_skills.recording import Record, Upload, fingerprint
from ima_skills.service import Service
from ima_skills.unrecorded import NoRecord

if TYPE_CHECKING:
    from asyncio import Lock
    from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
    from io import BufferedReader

    from ima_skills.inputs import InputFile

# Public constants of the upload endpoint, the same for every client (the service's documents).
APP_ID = "webAgent"
APP_KEY = "32jdskjdk320eew"
_SERVICE = "privite"  # sic
_CHUNK = 1 << 18
_AT_ONCE = 3
# The first address and two renewed ones.
_ATTEMPTS = 3
_PAUSE_S = 0.5
# Our choice: for this long an address is used without looking whether the file is still there.
_SURE_S = 3600.0
# Our choices for how long an address is remembered: it must outlast the task that reads it, the service
# says when it ends, and where it does not, a day is safe (its upload addresses are good for a week).
_MARGIN_S, _UNSAID_S, _LONGEST_S = 3600.0, 24 * 3600.0, 7 * 24 * 3600.0
# A number, of seconds since the epoch; the service's documents show the field and not its form.
_EXPIRY = re.compile(r"[0-9]{1,18}(\.[0-9]+)?")
_NONCE_LETTERS = "0123456789abcdef"


class Turns:
    """Lets one after the other do what must not be done twice at the same time."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    def of(self, name: str) -> Lock:
        """Return the lock of something; it is gone when nobody holds it, as is its event loop perhaps."""
        from asyncio import Lock

        return self._locks.setdefault(name, Lock())


@define
class UploadMemory:
    """What one client knows of files and uploads; equal content is read, sent and judged once.

    Attributes:
        uploads: SHA-256 of a file to where it is, and when it was last known to be there.
        passed: Addresses that passed the compliance check.
        digests: A file in the state it was read in, to its SHA-256.
        turns: One at a time reads a file or sends a content.
    """

    uploads: dict[str, tuple[Upload, float]] = field(factory=dict, repr=False)
    passed: set[str] = field(factory=set, repr=False)
    digests: dict[tuple[Path, FileMark], str] = field(factory=dict, repr=False)
    turns: Turns = field(factory=Turns, repr=False)

    async def content(self, item: InputFile) -> tuple[str, FileMark]:
        """Return the SHA-256 of a file and the mark of what was read; the same bytes are read once.

        Raises:
            UsageError: It is not the file that was checked any more, or cannot be read.
        """
        import asyncio

        if item.path is None:
            raise AssertionError("only local files have bytes")
        async with self.turns.of(str(item.path)):
            known = self.digests.get((item.path, item.mark)) if item.mark else None
            if known is not None and item.mark is not None:
                await asyncio.to_thread(_must_be_there, item, item.mark)
                return known, item.mark
            digest, mark = await asyncio.to_thread(_digest, item)
            self.digests[item.path, mark] = digest
            return digest, mark

    def forget(self, addresses: Sequence[str]) -> None:
        """Forget uploads that may be gone."""
        gone = [digest for digest, (upload, _) in self.uploads.items() if upload.address in addresses]
        for digest in gone:
            del self.uploads[digest]


@frozen
class Uploader:
    """Turns inputs into addresses that the service can read.

    Attributes:
        service: Where tokens come from.
        clock: For the time in a signature.
        rng: For its nonce.
        memory: What this client uploaded before.
        record: What earlier clients uploaded.
        account: Stands for the key in what is recorded; see ``Journal.seal``.
    """

    service: Service
    clock: Clock
    rng: Random
    memory: UploadMemory = field(factory=UploadMemory)
    record: Record = field(factory=NoRecord)
    account: str = ""

    async def addresses(self, inputs: Sequence[InputFile], done: Callable[[int], None]) -> tuple[str, ...]:
        """Return one address per input, in order; addresses pass through untouched.

        Args:
            inputs: Checked inputs.
            done: Told the index of each input that is ready.

        Raises:
            NetworkError: A token or an upload failed for good; nothing was charged.
            UsageError: A file went away or changed meanwhile.
            FaultError: The journal cannot be written.
            ImaError: The service refuses, for instance the key.
        """
        import asyncio

        places: dict[str, list[int]] = {}
        marks: dict[str, FileMark] = {}
        for index, item in enumerate(inputs):
            if item.path is not None:
                digest, mark = await self.memory.content(item)
                places.setdefault(digest, []).append(index)
                marks.setdefault(digest, mark)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(digest: str, same: list[int]) -> str:
            async with self.memory.turns.of(digest), gate:
                upload = await self._known(digest, marks[digest])
                if upload is None:
                    upload = await self._upload_patiently(inputs[same[0]], marks[digest])
                    self.memory.uploads[digest] = (upload, self.clock.now())
            if upload.is_good(self.clock.now()) and not is_signed(upload.address):
                self.record.upload(self._mark(digest), upload)
            for index in same:
                done(index)
            return upload.address

        try:
            async with asyncio.TaskGroup() as group:
                running = [(same, group.create_task(one(digest, same))) for digest, same in places.items()]
        except BaseExceptionGroup as errors:
            raise first_error(errors) from None
        found = {index: task.result() for same, task in running for index in same}
        return tuple(found.get(index, item.source) for index, item in enumerate(inputs))

    async def _known(self, digest: str, mark: FileMark) -> Upload | None:
        """Return where equal content is already, when it really is."""
        now = self.clock.now()
        upload, seen = self.memory.uploads.get(digest, (None, 0.0))
        if upload is None:
            upload, seen = self.record.uploaded(self._mark(digest)), -inf
        if upload is None or not upload.is_good(now):
            return None
        if not 0 <= now - seen <= _SURE_S:
            # A task that cannot read its input is charged all the same; asking is free, and so is sending again.
            if await self.service.size_of(upload.address) != mark.size:
                return None
            self.memory.uploads[digest] = (upload, now)
        return upload

    def _mark(self, digest: str) -> str:
        """Return what an upload is recorded under: neither content, account nor key can be read from it."""
        hosts = (self.service.settings.base_url, self.service.settings.upload_base_url)
        return fingerprint({"content": digest, "hosts": hosts, "account": self.account})

    async def _upload_patiently(self, item: InputFile, mark: FileMark) -> Upload:
        """Upload a file; when its address has expired or fails, ask for another one."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                grant = await self._upload(item, mark)
            except NetworkError as error:
                if attempt == _ATTEMPTS or not error.retryable:
                    raise
                await self.clock.sleep(_PAUSE_S * attempt)
            else:
                return _upload_of(grant, self.clock.now())
        raise AssertionError("unreachable: the loop returns or raises")

    async def _upload(self, item: InputFile, mark: FileMark) -> Mapping[str, object]:
        if item.kind is None:
            raise AssertionError("only checked local files are uploaded")
        kind = item.kind
        grant = await self.service.upload_token(self._query(kind.kind, kind.format, kind.content_type))
        with _opened(item) as file:
            _must_be_same(item, mark_of(file), mark)
            await self.service.put_bytes(str(grant["ful"]), _chunks(file), kind.content_type, mark.size)
            _must_be_same(item, mark_of(file), mark)
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


def is_signed(address: str) -> bool:
    """Tell whether an address carries a signature or the like, which is a secret and never written down."""
    return "?" in address or "@" in address


@contextmanager
def distrusted(memory: UploadMemory, record: Record, addresses: Sequence[str]) -> Iterator[None]:
    """Forget the addresses of a job when the service refuses it: an input that is gone may be the reason."""
    try:
        yield
    except ServiceError:
        memory.forget(addresses)
        # The refusal is the news; what stays in the journal is looked for before it is used.
        with suppress(FaultError):
            record.distrust()
        raise


def _digest(item: InputFile) -> tuple[str, FileMark]:
    """Read a file; what was read is neither older nor newer than its mark says."""
    with _opened(item) as file:
        mark = mark_of(file)
        _must_be_same(item, mark, item.mark or mark)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        _must_be_same(item, mark_of(file), mark)
    return digest, mark


def _must_be_there(item: InputFile, mark: FileMark) -> None:
    """Refuse a file that is not the one that was read."""
    with _opened(item) as file:
        _must_be_same(item, mark_of(file), mark)


@contextmanager
def _opened(item: InputFile) -> Iterator[BufferedReader]:
    if item.path is None:
        raise AssertionError("only local files have bytes")
    try:
        with open_regular(item.path) as file:
            yield file
    except OSError as error:
        raise _unreadable(item, error) from error


def _must_be_same(item: InputFile, now: FileMark, before: FileMark) -> None:
    if now != before:
        raise UsageError(
            f"{item.label} changed after it was checked",
            code="input-changed",
            hint="Nothing was created; try again when nobody writes to the file.",
            details={"file": item.label},
        )


def _upload_of(grant: Mapping[str, object], now: float) -> Upload:
    """Return an upload with its end: what the service says, less a margin, and never more than a week."""
    said = grant.get("fdl_expire")
    end = float(str(said)) if _EXPIRY.fullmatch(str(said)) else None
    # A length of time instead of a moment, or milliseconds, give an end that is past or far away:
    # then the file is sent once too often, or looked for before it is used.
    until = now + _UNSAID_S if end is None else min(end - _MARGIN_S, now + _LONGEST_S)
    return Upload(str(grant["fdl"]), now, until)


def _unreadable(item: InputFile, error: OSError) -> UsageError:
    return UsageError(
        f"{item.label} can no longer be read: {error.strerror or type(error).__name__}",
        code="input-unreadable",
        hint="Nothing was created; put the file back and try again.",
        details={"file": item.label, "why": error.strerror or type(error).__name__},
    )
