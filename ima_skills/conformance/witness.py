"""A sandbox whose calls are written down."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from attrs import evolve

from ima_skills.conformance.evidence import Seen
from ima_skills.sandbox.call import Answer
from ima_skills.sandbox.service import SandboxService
from ima_skills.sandbox.visit import endpoint_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from ima_skills.sandbox.call import Call, Reply

_WITH_BODY = {"create", "detail", "verify"}


class Witness(SandboxService):
    """The sandbox, with a memory of who asked for what."""

    def __init__(self, *args: Any, **parts: Any) -> None:
        super().__init__(*args, **parts)
        self._start = self.clock.now()
        self.calls: list[Seen] = []

    async def answer(self, call: Call) -> Reply:
        """Answer a call and write it down."""
        endpoint = endpoint_of(call) or "other"
        body = await call.read() if endpoint in _WITH_BODY else b""
        at = (self.clock.now() - self._start) * self.options.speed
        told = evolve(call, body=_again(body)) if endpoint in _WITH_BODY else call
        reply = await super().answer(told)
        self.calls.append(
            Seen(
                endpoint,
                at,
                "\n".join(
                    (call.path, urlencode(call.query), *(f"{k}: {v}" for k, v in call.headers.items()))
                ),
                call.headers,
                _object(body),
                _object(reply.body) if isinstance(reply, Answer) and isinstance(reply.body, bytes) else None,
            )
        )
        return reply


async def _again(body: bytes) -> AsyncIterator[bytes]:
    yield body


def _object(body: bytes) -> Mapping[str, Any] | None:
    try:
        document = json.loads(body)
    except ValueError:
        return None  # a file, a page of a proxy, or nothing at all
    return document if isinstance(document, dict) else None
