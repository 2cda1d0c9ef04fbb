"""What is wrong with an input, and the nearest right thing."""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from ima_skills.domain.task_type import Text


def pointer_to(*parts: object) -> str:
    """Return the JSON Pointer (RFC 6901) of a place: its steps, with ``~`` and ``/`` escaped."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in parts)


@frozen
class Problem:
    """One fault in a request, a registry file or a schema-checked document.

    Attributes:
        pointer: JSON Pointer to the offending place, for instance ``/params/duration``.
        message: What is wrong, as one sentence for people.
        value: The offending value; never a prompt or a key.
        rule: Short stable name of the broken rule, for instance ``enum`` or ``disabled``.
        allowed: The values that would have been accepted, when they can be listed.
        nearest: The accepted value closest to ``value``, when there is one.
        related: Other parameters that the fault depends on.
        message_zh: The message in Chinese, where the rule alone does not say it; empty where nobody said it.
    """

    pointer: str
    message: str
    value: Any = None
    rule: str = "invalid"
    allowed: tuple[Any, ...] = ()
    nearest: Any = None
    related: tuple[str, ...] = ()
    message_zh: str = ""

    @property
    def place(self) -> str:
        """The last step of the pointer as people write it, for instance ``duration``."""
        return self.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form used by ``--json`` output."""
        return {
            "pointer": self.pointer,
            "message": self.message,
            "value": self.value,
            "rule": self.rule,
            "allowed": list(self.allowed),
            "nearest": self.nearest,
            "related": list(self.related),
            **({"message_zh": self.message_zh} if self.message_zh else {}),
        }


@frozen
class Change:
    """A value that was changed on the way: requested, applied, why.

    Attributes:
        param: Name of the parameter.
        requested: What the user asked for; None when the user said nothing.
        applied: What is sent instead; None when nothing is sent.
        reason: Why, as one sentence.
        reason_zh: The same in Chinese; empty where nobody said it.
        plain: What is applied, in words for people; the wish itself where it only has another form now. None
            where the value speaks for itself.
    """

    param: str
    requested: Any
    applied: Any
    reason: str
    reason_zh: str = ""
    plain: Text | None = field(default=None, eq=False)

    def why(self, language: str) -> str:
        """Return the reason in ``language`` (``"zh"``, otherwise English), as far as it is known."""
        return (language == "zh" and self.reason_zh) or self.reason

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form used by ``--json`` output."""
        return {
            "param": self.param,
            "requested": self.requested,
            "applied": self.applied,
            "reason": self.reason,
            **({"reason_zh": self.reason_zh} if self.reason_zh else {}),
        }
