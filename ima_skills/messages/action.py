"""One thing an agent does for the user: reply, or call its message tool."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen


@frozen
class Action:
    """One ready action.

    Attributes:
        step: 0 acknowledgement, 1 start, 2 progress, 3 success, 4 failure.
        kind: ``reply``: say ``text`` as the normal reply; ``message``: call the message tool with ``args``.
        text: The words of a reply.
        args: The exact arguments of the message tool; they may hold addresses that are not for logs.
    """

    step: int
    kind: Literal["reply", "message"]
    text: str | None = None
    args: Mapping[str, Any] | None = field(default=None, repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form: one line of ``--emit``."""
        said = {"text": self.text} if self.kind == "reply" else {"args": dict(self.args or {})}
        return {"step": self.step, "kind": self.kind, **said}
