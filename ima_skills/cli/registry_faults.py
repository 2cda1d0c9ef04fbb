"""One fault of a registry file: where, what, which rule, and the nearest right thing, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.cli.sentences.registry import RULES_ZH, TEXTS
from ima_skills.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.domain.problem import Problem

# What is shown of a value; some files hold long texts.
_MOST_SHOWN = 12


@frozen
class FileFault:
    """One fault of a registry file.

    Attributes:
        file: The file.
        pointer: JSON Pointer to the place.
        message: What is wrong, in English.
        message_zh: The same in Chinese.
        rule: Short name of the broken rule.
        value: What stands there, when it can be shown.
        allowed: What could stand there, when it can be listed.
        nearest: The one of these that is closest, or what to write instead.
    """

    file: str
    pointer: str
    message: str
    message_zh: str
    rule: str
    value: Any = None
    allowed: tuple[Any, ...] = ()
    nearest: Any = None

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "file": self.file,
            "pointer": self.pointer,
            "message": self.message,
            "message_zh": self.message_zh,
            "rule": self.rule,
            "value": self.value,
            "allowed": list(self.allowed),
            "nearest": self.nearest,
        }


def fault(  # noqa: PLR0913, PLR0917 - each is a part of what people read
    file: str,
    pointer: str,
    rule: str,
    text: str,
    value: Any = None,
    allowed: Iterable[Any] = (),
    instead: Any = None,
    **words: Any,
) -> FileFault:
    """Return a fault that is said by a text of the registry's sentences.

    Args:
        file: The file.
        pointer: JSON Pointer to the place.
        rule: Short name of the broken rule.
        text: Name of the text, below ``registry.``.
        value: What stands there.
        allowed: What could; the closest is named.
        instead: What to write, when it is known without looking.
        words: What the text needs beside ``value``, ``allowed`` and ``nearest``.
    """
    listed = tuple(allowed)
    close = nearest(value, listed) if instead is None and value is not None else instead
    shown = ", ".join(map(str, listed[:_MOST_SHOWN])) + (", …" if len(listed) > _MOST_SHOWN else "")
    en, zh = (
        said.format(value=value, allowed=shown or "-", nearest=close, **words)
        for said in TEXTS[f"registry.{text}"]
    )
    return FileFault(file, pointer, en, zh, rule, value, listed, close)


def of_problem(file: str, problem: Problem, prefix: str = "") -> FileFault:
    """Return a problem that was found elsewhere as a fault of a file.

    Args:
        file: The file.
        problem: What a schema or a rule's own check found.
        prefix: Where in the file the problem's pointer starts.
    """
    close = problem.nearest
    if close is None and problem.related:
        close = ", ".join(problem.related)
    said = RULES_ZH.get(problem.rule, "{message}").format(
        value=problem.value,
        nearest=close,
        allowed="、".join(map(str, problem.allowed)) or "-",
        message=problem.message,
    )
    return FileFault(
        file, prefix + problem.pointer, problem.message, said,
        problem.rule, problem.value, problem.allowed, close,
    )  # fmt: skip
