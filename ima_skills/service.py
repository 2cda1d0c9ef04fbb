"""The service's calls, one method each; wire shapes in, domain values out.

Source of paths, headers and fields: the service's documents and clients' traffic.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from attrs import frozen

from ima_skills.delivering import Order
from ima_skills.errors import ImaError, NetworkError, OutcomeUnknownError, UsageError
from ima_skills.settings import is_loopback, is_private
from ima_skills.task_reading import read_task
from ima_skills.transport import SendError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ima_skills.clock import Clock
    from ima_skills.delivering import Delivery
    from ima_skills.domain.reflection import Refusal
    from ima_skills.domain.task import Task
    from ima_skills.refusals import Table
    from ima_skills.settings import Settings
    from ima_skills.transport import Answer, Transport

# Reading is safe to repeat; nothing that costs is ever repeated here.
_READ_ATTEMPTS = 3
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 20.0
# What storages answer to an address that has expired, or in passing; another address may work.
_RENEWED = frozenset({400, 401, 403, 404, 408, 409, 425, 429})


class Refused(ImaError):  # noqa: N818 - a verdict for the engine, not an error for users
    """The service answered a create with its own code: nothing was charged.

    Args:
        refusal: The verdict.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(f"the service refused: {refusal.code}")
        self.refusal = refusal


@frozen
class Accepted:
    """The service took a task.

    Attributes:
        task_id: The id to poll.
    """

    task_id: str


class Service:
    """The IMA Open API.

    Args:
        transport: Where requests go.
        settings: Hosts and key.
        table: The error table.
        clock: For the pauses between repeated reads.
        language: Language of product labels.
    """

    def __init__(
        self, transport: Transport, settings: Settings, table: Table, clock: Clock, language: str = "en"
    ) -> None:
        self._transport = transport
        self._settings = settings
        self._table = table
        self._clock = clock
        self._language = language

    @property
    def table(self) -> Table:
        """The error table that refusals are read with."""
        return self._table

    @property
    def sandbox_speed(self) -> float | None:
        """How fast time runs at the other side when it is a sandbox; None when it is not known to be one."""
        # Only this machine may claim to be a sandbox: it shortens waiting and labels results.
        host = urlsplit(self._settings.base_url).hostname or ""
        return self._transport.sandbox_speed if is_loopback(host) else None

    @property
    def is_unmet(self) -> bool:
        """Whether a service on this machine has not yet said if it is a sandbox, and how fast its time runs."""
        host = urlsplit(self._settings.base_url).hostname or ""
        return self._transport.sandbox_speed is None and is_loopback(host)

    @property
    def settings(self) -> Settings:
        """Hosts and key."""
        return self._settings

    async def put_bytes(self, url: str, chunks: AsyncIterator[bytes], content_type: str, size: int) -> None:
        """Put bytes to a granted address.

        Args:
            url: Where to.
            chunks: The bytes.
            content_type: As stated when the address was granted; it is part of the signature.
            size: Number of bytes; stated ahead, because many storages refuse an upload of unknown length.

        Raises:
            NetworkError: The storage did not take them.
        """
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        try:
            status = await self._transport.put_file(url, chunks, headers, timeout_s=60.0)
        except SendError as error:
            raise NetworkError(f"upload: {error.message}", code="upload-failed", hint=error.hint) from None
        if not 200 <= status < 300:  # noqa: PLR2004 - the HTTP success range
            raise NetworkError(
                f"the storage refused an upload with HTTP {status}",
                code="upload-failed",
                hint="Try again.",
                retryable=status >= 500 or status in _RENEWED,  # noqa: PLR2004 - HTTP server errors
            )

    async def size_of(self, url: str) -> int | None:
        """Return the bytes of an uploaded file; None when it is gone, or does not answer right now."""
        return await self._transport.size_of(url, timeout_s=10.0)

    async def product_list(self, task_type: str) -> Any:
        """Return the nodes of the product list of one category.

        Raises:
            NetworkError: The list cannot be had.
            ImaError: The service refuses, for instance the key.
        """
        query = {"app": "ima", "platform": "web", "category": task_type}
        return await self._read("GET", "/open/v1/product/list", query=query)

    def order(self, payload: Mapping[str, Any], number: int, points: int) -> Order:
        """Return a create that is ready to leave.

        Args:
            payload: What the service is asked to make.
            number: 1 for the first create of a job, counted up by reflection.
            points: What it costs in total.
        """
        address = f"{self._settings.base_url}/open/v1/tasks/create"
        return Order(address, self._headers(), payload, number, points)

    def accepted(self, delivery: Delivery) -> Accepted:
        """Return what the service accepted.

        Args:
            delivery: What became of a create.

        Raises:
            Refused: The service answered with its own code; nothing was charged.
            NetworkError: The request never left this machine.
            OutcomeUnknownError: The request left, and no verdict came back.
        """
        if delivery.verdict == "unsent":
            raise NetworkError(delivery.why, hint="Nothing was sent; try again.")
        if delivery.verdict == "refused" and delivery.answer is not None:
            raise Refused(self._table.refusal(delivery.answer))
        if delivery.task_id is None:
            raise _unknown(delivery.doubt)
        return Accepted(delivery.task_id)

    async def detail(self, task_id: str) -> Task:
        """Look at a task once.

        Raises:
            UsageError: ``no-task-id``: the id is empty; nothing was asked.
            NetworkError: No readable answer; worth another look.
            ImaError: The service refuses the look.
        """
        if not isinstance(task_id, str) or not task_id.strip():
            raise UsageError(
                "a task goes by its id, and none is given",
                code="no-task-id",
                hint="Those of this machine: ima-skills tasks list",
            )
        answer = await self._once("POST", "/open/v1/tasks/detail", body={"task_id": task_id})
        return read_task(task_id, answer.data)

    async def verify_asset(self, url: str, timeout_s: float = 300.0) -> Mapping[str, Any]:
        """Ask for the compliance verdict on one input; may take minutes.

        Raises:
            NetworkError: No verdict came back.
            ImaError: The service refuses.
        """
        answer = await self._once("POST", "/open/v1/assets/verify", body={"url": url}, timeout_s=timeout_s)
        result = answer.data.get("result") if isinstance(answer.data, dict) else None
        return result if isinstance(result, dict) else {}

    async def upload_token(self, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the upload grant: ``ful`` to put the bytes to, ``fdl`` to name them by.

        Args:
            query: The signed parameters; they hold the key.

        Raises:
            NetworkError: No grant came back.
            ImaError: The service refuses.
        """
        data = await self._read("GET", "/api/rest/oss/getuploadtoken", query=query, upload=True)
        for name in ("ful", "fdl"):
            if not isinstance(data, dict) or not is_private(data.get(name)):
                raise NetworkError("the upload service granted no usable address", code="upload-refused")
        return dict(data)

    async def _read(self, method: str, path: str, **parts: Any) -> Any:
        """Call a read-only endpoint, repeating it over passing trouble."""
        pause = _FIRST_PAUSE_S
        for attempt in range(1, _READ_ATTEMPTS + 1):
            try:
                return (await self._once(method, path, **parts)).data
            except ImaError as error:
                if not error.retryable or attempt == _READ_ATTEMPTS:
                    raise
                asked = error.details.get("retry_after_s") or pause
                await self._clock.sleep(min(asked, _LONGEST_PAUSE_S))
                pause *= 2
        raise AssertionError("unreachable: the loop returns or raises")

    async def _once(self, method: str, path: str, **parts: Any) -> Answer:
        try:
            answer = await self._call(method, path, **parts)
        except SendError as error:
            raise NetworkError(error.message, hint=error.hint, details=error.details) from None
        if answer.code is None:
            raise _no_envelope(answer)
        if not answer.ok:
            refusal = self._table.refusal(answer)
            refused = self._table.error(refusal, language=self._language)
            refused.details["retry_after_s"] = refusal.retry_after_s
            # A fault while reading passes: "smaller settings" help a create only.
            refused.retryable = refused.retryable or refusal.retry == "degrade" or _is_busy(answer.status)
            raise refused
        return answer

    async def _call(  # noqa: PLR0913 - one keyword per part of an HTTP request
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        upload: bool = False,
        timeout_s: float = 30.0,
    ) -> Answer:
        base = self._settings.upload_base_url if upload else self._settings.base_url
        headers = {} if upload else self._headers()
        return await self._transport.call(
            method, base + path, headers=headers, query=query, body=body, timeout_s=timeout_s
        )

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._settings.key().reveal()}",
            "Content-Type": "application/json",
            "x-app-source": "ima_skills",
            "x_app_language": self._language,
        }


def _unknown(what: str) -> OutcomeUnknownError:
    return OutcomeUnknownError(
        f"the create was sent and its outcome is not known: {what}",
        hint="It may have been accepted and charged. It is not sent again by itself; check your records at"
        " https://imastudio.com/dashboard before you send it once more.",
        details={"why": what},
    )


def _is_busy(status: int) -> bool:
    """Whether the trouble is the service's own and passes, whatever code it came with."""
    return status >= 500 or status == 429  # noqa: PLR2004 - HTTP: server errors, too many requests


def _no_envelope(answer: Answer) -> NetworkError:
    from ima_skills.refusals import retry_after

    return NetworkError(
        f"HTTP {answer.status} without an answer of the service",
        hint="Try again in a moment.",
        details={"http_status": answer.status, "retry_after_s": retry_after(answer)},
    )
