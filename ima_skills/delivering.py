"""One create: written down before it leaves, sent exactly once, its verdict written down right after."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, Protocol

from attrs import field, frozen

from ima_skills.errors import FaultError
from ima_skills.transport import Answer, SendError

if TYPE_CHECKING:
    from ima_skills.recording import Record
    from ima_skills.transport import Transport


@frozen
class Order:
    """A create that is ready to leave.

    Attributes:
        url: Where to.
        headers: Its headers; the key is among them.
        body: The JSON document.
        number: 1 for the first create of a job, counted up by reflection.
        points: What it costs in total.
        timeout_s: Seconds for each of connecting, sending and waiting.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: Mapping[str, Any] = field(repr=False)
    number: int
    points: int
    timeout_s: float = 30.0


@frozen
class Delivery:
    """What became of a create.

    Attributes:
        answer: What came back; None when nothing readable did.
        why: What happened instead of an answer.
        left: Whether it may have arrived.
        trouble: Why the journal could not keep the verdict; empty when it could.
    """

    answer: Answer | None = None
    why: str = ""
    left: bool = True
    trouble: str = ""

    @property
    def task_id(self) -> str | None:
        """The task, when the service took it and named it."""
        if self.answer is None or not self.answer.ok or not isinstance(self.answer.data, dict):
            return None
        name = self.answer.data.get("id")
        if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
            return None
        return str(name)

    @property
    def verdict(self) -> Literal["accepted", "refused", "unsent", "unknown"]:
        """What that means: only an answer with the service's own code says that nothing was charged."""
        if self.answer is None:
            return "unknown" if self.left else "unsent"
        if self.answer.code is None:
            return "unknown"
        if not self.answer.ok:
            return "refused"
        return "accepted" if self.task_id else "unknown"

    @property
    def doubt(self) -> str:
        """Why nobody knows what became of it; for ``unknown`` alone."""
        if self.answer is None:
            return self.why
        if self.answer.code is None:
            return f"HTTP {self.answer.status} without the service's own code"
        return "the service said yes but named no task"


class Sender(Protocol):
    """Carries creates to the service."""

    def get_ready(self) -> None:
        """A create is going to follow; whatever takes time may begin."""
        ...

    async def deliver(self, order: Order, book: Record) -> Delivery:
        """Send one create, exactly once, and write its verdict down.

        Args:
            order: The create.
            book: Written before it leaves and after the verdict.

        Raises:
            FaultError: It cannot be written down, so it was not sent.
        """
        ...

    async def close(self) -> None:
        """Nothing more will follow."""
        ...


class Direct:
    """Sends from this process.

    Args:
        transport: Where requests go.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get_ready(self) -> None:
        """Do nothing: it always is."""

    async def deliver(self, order: Order, book: Record) -> Delivery:
        """Send one create; see the protocol."""
        book.sending(order.number, order.points)
        try:
            answer = await self._transport.call(
                "POST", order.url, headers=order.headers, body=order.body, timeout_s=order.timeout_s
            )
        except SendError as error:
            delivery = Delivery(None, error.message, left=error.left)
        except BaseException as error:
            # What ended it is the news. A row that still says "sending" counts as unknown once we are gone.
            with suppress(FaultError):
                book.unknown(f"ended by {type(error).__name__}")
            raise
        else:
            delivery = Delivery(answer)
        # Nothing may come between the verdict and its record: no await, and no fault of the journal
        # may cost the task's name.
        return _written(delivery, book)

    async def close(self) -> None:
        """Do nothing: the transport is not ours."""


NEVER_LEFT = "never-left"


def _written(delivery: Delivery, book: Record) -> Delivery:
    """Write a verdict down."""
    try:
        match delivery.verdict:
            case "accepted":
                book.accepted(str(delivery.task_id))
            case "refused":
                book.again(str(delivery.answer.code if delivery.answer else ""))
            case "unsent":
                book.again(NEVER_LEFT)
            case _:
                book.unknown(delivery.doubt)
    except FaultError as error:
        return Delivery(delivery.answer, delivery.why, delivery.left, error.message)
    return delivery
