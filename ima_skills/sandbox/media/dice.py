"""Deterministic choices: every draw follows from the job, on every machine and Python version."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import define

from ima_skills.renderers import RenderJob

T = TypeVar("T")

_WORD = (1 << 64) - 1
# Addresses change with the sandbox's port and points with the price list; neither may change a picture.
_NOT_CONTENT = frozenset({"cast", "input_images", "n", "prompt"})


@define
class Dice:
    """A small splitmix64 generator.

    ``random`` is not used because its derived draws (choice, shuffle, gauss) have changed between Python
    versions before, and a render has to stay the same.
    """

    _state: int

    def word(self) -> int:
        """Return the next 64 random bits."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        z = self._state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _WORD
        return z ^ (z >> 31)

    def below(self, limit: int) -> int:
        """Return an integer from 0 to ``limit - 1``."""
        return self.word() % limit

    def between(self, low: float, high: float) -> float:
        """Return a number from ``low`` up to ``high``."""
        return low + (high - low) * (self.word() >> 11) / (1 << 53)

    def pick(self, options: Sequence[T]) -> T:
        """Return one of ``options``, which must not be empty."""
        return options[self.below(len(options))]

    def chance(self, probability: float) -> bool:
        """Return True with the given ``probability``."""
        return self.between(0.0, 1.0) < probability

    def noise(self, count: int) -> bytes:
        """Return ``count`` random bytes, quickly."""
        return hashlib.shake_128(self.word().to_bytes(8, "big")).digest(count)


def dice_for(*parts: object) -> Dice:
    """Return dice seeded by ``parts``: JSON values and mappings; anything else counts as its text."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=True, default=_plain)
    return Dice(int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big"))


def job_dice(job: RenderJob, purpose: str) -> Dice:
    """Return the dice of one job; ``purpose`` separates independent uses (scene, soundtrack, ...)."""
    content = {key: value for key, value in job.parameters.items() if key not in _NOT_CONTENT}
    return dice_for(
        purpose,
        [job.task_type, job.kind, job.prompt, job.model_name, job.index, job.duration_s],
        content,
        [_digest(path) for path in job.inputs],
    )


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
