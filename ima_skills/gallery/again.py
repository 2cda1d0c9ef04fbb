"""The command line that makes something again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.leaf_schema import OUTPUTS
from ima_skills.telling import UNTOLD

_PROMPT = "PROMPT"
_INPUT = "FILE"


@frozen
class Recipe:
    """What a command line needs to know.

    Attributes:
        task_type: The category.
        model_id: Family id.
        version_id: Leaf id.
        prompt: The prompt; None when it was not kept.
        inputs: Where its inputs are; None where nobody knows.
        params: What was sent.
        n: Number of outputs.
        sandbox: Whether it was made on the sandbox.
    """

    task_type: str
    model_id: str
    version_id: str
    prompt: str | None = field(repr=False)
    inputs: tuple[str | None, ...]
    params: Mapping[str, Any] = field(repr=False)
    n: int = 1
    sandbox: bool = False

    def command(self) -> str:
        """Return a command for a POSIX shell.

        A prompt that was not kept, and inputs that nobody knows, stand as ``PROMPT`` and ``FILE``. What was
        set to a text that was not kept is left out.
        """
        # Behind dashes and last where it would be read as an option.
        prompt = self.prompt or _PROMPT
        is_plain = not prompt.startswith("-")
        words = ["ima-skills", "create", *([prompt] if is_plain else []), "-t", self.task_type]
        words += ["-m", self.model_id, "--version-id", self.version_id]
        for path in self.inputs:
            words += ["-i", path or _INPUT]
        kept = {name: value for name, value in settings_of(self.params).items() if not _is_untold(value)}
        if kept:
            words += ["--params-json", json.dumps(kept, ensure_ascii=False)]
        if self.n > 1:
            words += ["-n", str(self.n)]
        if self.sandbox:
            words.append("--sandbox")
        return shlex.join(words if is_plain else [*words, "--", prompt])


def settings_of(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters without the number of outputs, which is said elsewhere."""
    return {name: value for name, value in params.items() if name != OUTPUTS}


def _is_untold(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_is_untold, value.values()))
    return any(map(_is_untold, value)) if isinstance(value, list) else bool(value == UNTOLD)
