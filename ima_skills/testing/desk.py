"""A sandbox that only takes creates, and says what each one cost: for pricing everything that a model offers."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.clock import FakeClock
from ima_skills.sandbox.call import Answer, Call
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.service import SandboxService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ima_skills.sandbox.knowledge import Knowledge
    from ima_skills.sandbox.media import Rendered, RenderJob

_RICH = 1_000_000_000
_ACCEPTED = 0


@frozen
class Receipt:
    """What became of a create.

    Attributes:
        code: The service's code; 0 when it was accepted.
        message: The service's words.
        points: What was deducted.
    """

    code: int
    message: str
    points: int

    @property
    def accepted(self) -> bool:
        """Whether the create was accepted."""
        return self.code == _ACCEPTED


class Desk:
    """Takes creates and charges them.

    Args:
        registry: What the sandbox serves.
        state: Folder of its account and tasks.
    """

    def __init__(self, registry: Knowledge, state: Path) -> None:
        options = Options(points=_RICH, require_verify=False)
        self._service = SandboxService(
            registry, state=state, clock=FakeClock(), render=_never, options=options
        )

    def create(self, payload: dict[str, Any]) -> Receipt:
        """Send the body of a create; :meth:`ima_skills.preparing.Prepared.payload` makes it."""
        before = self._service.balance()
        answer = asyncio.run(self._asked(payload))
        document = json.loads(answer.body if isinstance(answer.body, bytes) else b"")
        return Receipt(document["code"], document["message"], before - self._service.balance())

    def close(self) -> None:
        """Close the state folder."""
        self._service.close()

    async def _asked(self, payload: dict[str, Any]) -> Answer:
        async def body() -> AsyncIterator[bytes]:
            yield json.dumps(payload).encode()

        call = Call(
            method="POST",
            path="/open/v1/tasks/create",
            query={},
            headers={"authorization": f"Bearer {self._service.options.api_key}"},
            body=body(),
        )
        reply = await self._service.answer(call)
        if not isinstance(reply, Answer):
            raise TypeError(f"a sandbox in good health answers with a {type(reply).__name__}")
        return reply


def _never(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Refuse to render: the clock of a desk stands still, so nothing is ever due."""
    from ima_skills.sandbox.media import RenderError

    raise RenderError(f"nothing is rendered at a desk: {job.task_type}, {folder.name}, {stem}")
