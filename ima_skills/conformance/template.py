"""The client's command line: a template whose gaps are filled for each trial."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from attrs import field, frozen

from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ima_skills.conformance.trial import Trial

_GAP = re.compile(r"\{([a-z_]+)\}")
_NEEDED = ("prompt", "task_type", "model")
_EXAMPLE = "my-client --prompt {prompt} --type {task_type} --model {model} --url {base_url}"
# Which gap a client has to offer for which part of a wish.
GAPS = ("prompt", "task_type", "model", "params", "n", "input", "inputs", "out", "base_url", "key")


@frozen
class Filling:
    """What goes into the gaps.

    Attributes:
        prompt: The prompt.
        base_url: Where the sandbox is.
        key: The API key.
        inputs: Paths of local pictures.
        out: Folder for files.
    """

    prompt: str = field(repr=False)
    base_url: str
    key: str = field(repr=False)
    inputs: tuple[str, ...]
    out: str


def check_template(words: Sequence[str]) -> None:
    """Refuse a template that cannot carry a wish.

    Raises:
        UsageError: It is empty, lacks a gap, or has one that nobody fills.
    """
    hint, facts = f"For instance: {_EXAMPLE}", {"example": _EXAMPLE}
    if not words:
        raise UsageError(
            "there is no command to try", code="bad-template", hint=hint, details={**facts, "empty": True}
        )
    gaps = {gap for word in words for gap in _GAP.findall(word)}
    missing = [name for name in _NEEDED if name not in gaps]
    if missing:
        raise UsageError(
            f"the command lacks {', '.join(_gaps(missing))}",
            code="bad-template",
            hint=hint,
            details={**facts, "missing": _gaps(missing)},
        )
    strange = sorted(gaps - set(GAPS))
    if strange:
        raise UsageError(
            f"nothing fills {', '.join(_gaps(strange))}",
            code="bad-template",
            hint=f"There are: {', '.join(_gaps(GAPS))}.",
            details={"unfilled": _gaps(strange), "available": _gaps(GAPS)},
        )


def _gaps(names: Iterable[str]) -> list[str]:
    return [f"{{{name}}}" for name in names]


def lacking(words: Sequence[str], trial: Trial) -> str:
    """Return the gap that a trial needs and the template does not have; empty when it has all."""
    gaps = {gap for word in words for gap in _GAP.findall(word)}
    if trial.wish.params and "params" not in gaps:
        return "params"
    if trial.wish.n > 1 and "n" not in gaps:
        return "n"
    if trial.wish.inputs and not gaps & {"input", "inputs"}:
        return "input"
    return "out" if trial.expect.files is not None and "out" not in gaps else ""


def filled(words: Sequence[str], trial: Trial, filling: Filling) -> list[str]:
    """Return the command line of a trial.

    A word with ``{input}`` stands once for each input, together with the option before it; ``{inputs}``
    alone becomes one word for each. Without inputs both go, with their option.
    """
    values = {
        "prompt": filling.prompt,
        "task_type": trial.wish.task_type,
        "model": trial.wish.model,
        "params": json.dumps(dict(trial.wish.params)),
        "n": str(trial.wish.n),
        "out": filling.out,
        "base_url": filling.base_url,
        "key": filling.key,
    }
    found: list[str] = []
    for word in words:
        if word == "{inputs}":
            option = _option(found)
            found += [*option, *filling.inputs] if filling.inputs else []
        elif "{input}" in word:
            option = _option(found)
            for path in filling.inputs:
                found += [*option, word.replace("{input}", path)]
        else:
            found.append(_GAP.sub(lambda gap: values.get(gap[1], gap[0]), word))
    return found


def _option(found: list[str]) -> list[str]:
    """Take the option off the end, if there is one."""
    return [found.pop()] if found and found[-1].startswith("-") and "=" not in found[-1] else []
