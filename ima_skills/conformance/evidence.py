"""What was seen during a trial: at the service, from the command, and on disk."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from ima_skills.conformance.trial import Trial


@frozen
class Seen:
    """One call at the service.

    Attributes:
        endpoint: ``list``, ``create``, ``detail``, ``verify``, ``token``, ``put``, ``cdn`` or ``other``.
        at: Seconds of the service since the start.
        secrets: Everything that travelled apart from the body: address, query and headers.
        headers: Headers by lower-case name.
        document: The JSON object that was sent, or None.
        answer: The JSON object that was answered, or None.
    """

    endpoint: str
    at: float
    secrets: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    document: Mapping[str, Any] | None = field(default=None, repr=False)
    answer: Mapping[str, Any] | None = field(default=None, repr=False)


@frozen
class Evidence:
    """Everything that was seen.

    Attributes:
        trial: The trial.
        key: The API key.
        prompt: The prompt.
        calls: Every call, in order.
        charges: Points of every accepted task, in order.
        exit_code: The command's exit code; None when it was ended because it took too long.
        stdout: What it printed.
        stderr: What it said.
        home: Its home folder.
        out: The folder for files.
        site: Folder of the service's files; names in it are those in the addresses.
    """

    trial: Trial
    key: str = field(repr=False)
    prompt: str = field(repr=False)
    calls: tuple[Seen, ...] = field(repr=False)
    charges: tuple[int, ...]
    exit_code: int | None
    stdout: str = field(repr=False)
    stderr: str = field(repr=False)
    home: Path
    out: Path
    site: Path

    def to(self, endpoint: str) -> tuple[Seen, ...]:
        """Return the calls to an endpoint."""
        return tuple(call for call in self.calls if call.endpoint == endpoint)

    def medias(self) -> tuple[Mapping[str, Any], ...]:
        """Return the medias of the last look that showed any."""
        for call in reversed(self.to("detail")):
            data = (call.answer or {}).get("data")
            found = data.get("medias") if isinstance(data, dict) else None
            if found:
                return tuple(found)
        return ()
