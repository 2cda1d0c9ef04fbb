"""What the road tells a journal, and what a journal answers; no file is touched here.

A create costs points and the service takes no idempotency key. So each create is written down before it
leaves and its verdict right after, and the same wish is never sent twice by itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from attrs import field, frozen

from ima_skills.domain.problem import Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.task import Media, SavedFile

# The name that all skills of this service use for a machine with one user (the skill documents).
NOBODY = "default"


@frozen
class Told:
    """How a job was made, as far as it may be written down.

    Attributes:
        params: What is sent; texts of a user stand as ``…`` unless they are to be kept.
        requested: What the user asked for, by the user's own names; texts likewise.
        changes: What differs from the wish, and why; texts likewise.
    """

    params: Mapping[str, Any] = field(factory=dict, repr=False)
    requested: Mapping[str, Any] = field(factory=dict, repr=False)
    changes: tuple[Change, ...] = field(default=(), repr=False)


@frozen
class Job:
    """One create, as far as it may be written down: no key, no address, a prompt only on demand.

    Attributes:
        fingerprint: What makes two wishes the same; see :func:`fingerprint`.
        task_type: The category.
        model_id: Family id.
        version_id: Leaf id.
        model_name: Display name.
        attribute_id: The credit rule that is booked.
        points_per_output: Points for one output.
        n: Number of outputs.
        total: Points in total.
        sandbox: Whether they are play money.
        base: Root of the service.
        user_id: On whose behalf; empty when nobody said, which counts as :data:`NOBODY`.
        folder: Where the files are to go; empty when nowhere.
        prompt: The prompt, only when it is to be kept.
        told: How it is made.
        sources: What its inputs are, in order: digests of contents and marks of addresses. A journal seals them.
    """

    fingerprint: str
    task_type: str
    model_id: str
    version_id: str
    model_name: str
    attribute_id: int
    points_per_output: int
    n: int
    total: int
    sandbox: bool
    base: str
    user_id: str = ""
    folder: str = ""
    prompt: str | None = field(default=None, repr=False)
    told: Told = Told()
    sources: tuple[str, ...] = field(default=(), repr=False)


@frozen
class Terms:
    """How a create is to be treated.

    Attributes:
        new: Make another one although the same wish is under way.
        resubmit: Send once more what may have been accepted before; it may be paid twice.
        keep_prompt: Write the prompt down too.
        user_id: On whose behalf.
        folder: Where the files are to go, for whoever collects them later.
        holds: The caller says itself when the result has arrived; see ``Journal.delivered``.
        slot: Tells apart wishes that are equal and still meant twice, for instance lines of a batch. It has one
            task, whatever the wish, the user or the place are by then and whether it was handed over or not;
            what cost nothing and what the user has forgotten leaves it.
        alias: What the slot is called as well if it gets a job now, for instance with what its wish says.
        place: Where the slot is, for instance the folder of a batch: the same wish under way there is found
            although the slot's own name is lost.
        over: The task of the slot that is known to have ended badly: another one may follow it.
        token: The caller's own name for the wish: whoever asks with it again gets the very same task,
            whatever has become of it.
        task_id: The task that was created for this wish before: it is waited for, and nothing is created.
    """

    new: bool = False
    resubmit: bool = False
    keep_prompt: bool = False
    user_id: str = ""
    folder: str = ""
    holds: bool = False
    slot: str = ""
    alias: str = ""
    place: str = ""
    over: str = ""
    token: str = field(default="", repr=False)
    task_id: str = ""


@frozen
class Attached:
    """The same wish is under way already; wait for this task instead of creating one.

    Attributes:
        task_id: The task.
    """

    task_id: str


@frozen
class Made:
    """What stands written of a job that the service took.

    Attributes:
        model_id: Family id.
        model_name: Display name.
        version_id: Leaf id.
        n: Number of outputs.
        points: What was charged for all of them.
        folder: Where the files are to go; empty when nowhere.
        told: How it was made.
    """

    model_id: str
    model_name: str
    version_id: str
    n: int
    points: int
    folder: str = ""
    told: Told = Told()


@frozen
class Busy:
    """Another process is sending the same wish at this moment; ask again in a moment.

    Attributes:
        pid: Its number; 0 when nobody knows.
    """

    pid: int = field(default=0, eq=False)


@frozen
class Upload:
    """A file that the service keeps for us, and until when it may be relied on.

    Attributes:
        address: Where it is; whoever has the address has the file.
        since: When it was uploaded, in seconds since the epoch.
        until: When it counts as expired.
    """

    address: str = field(repr=False)
    since: float
    until: float

    def is_good(self, now: float) -> bool:
        """Tell whether it may be relied on; not when the clock went back behind its beginning."""
        return self.since <= now < self.until


@frozen
class Place:
    """Where the entry of a job is, for another process that carries its create.

    Attributes:
        file: The journal.
        row: The entry in it.
        owner: Number, beginning and boot of the process that opened it.
    """

    file: str
    row: int
    owner: tuple[int, str, str]


@frozen
class Standing:
    """How the entry of a job stands.

    Attributes:
        state: ``intent``, ``sending``, ``accepted``, ``refused``, ``unknown``, ``success``, ``failed`` or ``forgotten``.
        attempts: Number of the latest create that left.
        task_id: The task, once there is one.
        code: Why, for anything but an acceptance.
    """

    state: str
    attempts: int = 0
    task_id: str = ""
    code: str = ""


class Record(Protocol):
    """The entry of one job. Every call is durable when it returns."""

    @property
    def place(self) -> Place | None:
        """Where it is; None when only this process can write it."""
        ...

    def sending(self, number: int, points: int) -> None:
        """A create leaves now.

        Args:
            number: 1 for the first, counted up by reflection.
            points: What it costs in total.

        Raises:
            FaultError: It cannot be written down, so nothing may be sent.
        """
        ...

    def accepted(self, task_id: str) -> None:
        """The service took it; points are spent."""
        ...

    def again(self, code: str) -> None:
        """The create was refused or never left: nothing was charged, and another may follow."""
        ...

    def refused(self, code: str) -> None:
        """Nothing follows; counts only while nothing is on its way, so it is safe to say at any end."""
        ...

    def unknown(self, why: str) -> None:
        """It was sent and no verdict came back."""
        ...

    def lost(self, why: str) -> Standing:
        """Whoever carried the create is gone: settle what nobody knows, touch no verdict, and say how it stands.

        Only asked of an entry that has a ``place``.
        """
        ...

    def amended(self, told: Told) -> None:
        """Reflection changed how it is made."""
        ...

    def uploaded(self, mark: str) -> Upload | None:
        """Return what an earlier job uploaded under this mark and has not expired."""
        ...

    def upload(self, mark: str, upload: Upload) -> None:
        """This job uses an upload; it may be kept for later jobs until it expires.

        Args:
            mark: Stands for the content, the service and the account, and gives none of them away.
            upload: Where it is.

        Raises:
            FaultError: It cannot be written down.
        """
        ...

    def distrust(self) -> None:
        """Forget the uploads of this job: one of them may be gone."""
        ...


class Journal(Protocol):
    """Remembers what was sent, for this process and for later ones."""

    def seal(self, text: str) -> str:
        """Return what stands for a secret in a fingerprint; it cannot be turned back."""
        ...

    def open(self, job: Job, terms: Terms) -> Record | Attached | Busy:
        """Reserve the points of a job, or find the same job under way; all or nothing.

        Raises:
            OutcomeUnknownError: The same wish was sent before and no verdict came back.
            UsageError: The token stands for another wish.
            PointsError: A daily cap has no room for it.
            FaultError: The journal cannot be written; nothing may be sent.
        """
        ...

    def afford(self, points: int, user_id: str, *, sandbox: bool) -> None:
        """Refuse what today's caps have no room for, before the first of several jobs; nothing is reserved.

        Args:
            points: What all of them cost together.
            user_id: On whose behalf; empty when nobody said.
            sandbox: Whether they are play money.

        Raises:
            PointsError: A daily cap has no room for it.
            FaultError: The journal cannot be read.
        """
        ...

    def under_way(self, job: Job, terms: Terms) -> str | None:
        """Return the task that :meth:`open` would attach to, changing nothing."""
        ...

    def standing(self, slot: str, *, sandbox: bool) -> Standing | None:
        """Return how the latest job of a slot stands; None when the journal knows of none.

        Args:
            slot: As in ``Terms.slot``, or its alias.
            sandbox: Whether its points are play money.

        Raises:
            FaultError: The journal cannot be read.
        """
        ...

    def made(self, task_id: str) -> Made | None:
        """Return what stands written of a task; None when it is not in the journal.

        Raises:
            FaultError: The journal cannot be read.
        """
        ...

    def looked(self, task_id: str, medias: Sequence[Media] | None) -> None:
        """Somebody looked at a task; cheap, and written with delay.

        Args:
            task_id: The task; one that is not in the journal is passed over.
            medias: What the service listed; None when it did not answer.
        """
        ...

    def ended(self, task_id: str, status: str, medias: Sequence[Media]) -> None:
        """A task has ended; one that is not in the journal is passed over."""
        ...

    def saved(self, task_id: str, files: Sequence[SavedFile | None]) -> None:
        """Files of a task are on disk."""
        ...

    def placed(self, task_id: str, folder: str) -> None:
        """The files of a task go here from now on: somebody asked for the same wish, or the task, with another folder."""
        ...

    def delivered(self, task_id: str) -> None:
        """The user has the files, or was told the addresses; the same wish is a new one from here on."""
        ...

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:
        """Return how long earlier tasks took, in seconds of the service, the latest first."""
        ...


def fingerprint(parts: Mapping[str, Any]) -> str:
    """Return what makes two wishes the same: SHA-256 over canonical JSON.

    Args:
        parts: Host, account, user, task type, model, values, prompt, inputs by content, number of outputs.
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
