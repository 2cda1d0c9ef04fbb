"""How many points may be spent: a small file of the user's, and an environment variable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.config_file import read_table
from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ASK_ABOVE = 50
_NAMES = ("per_day", "per_user_per_day", "ask_above")


@frozen
class Caps:
    """Limits in points.

    Attributes:
        per_day: Most that may be spent on one day of the local calendar; None for no limit.
        per_user_per_day: Likewise for each user.
        ask_above: Above this total a person is asked, and an agent must consent.
    """

    per_day: int | None = None
    per_user_per_day: int | None = None
    ask_above: int = ASK_ABOVE

    @property
    def any(self) -> bool:
        """Whether there is a daily limit."""
        return self.per_day is not None or self.per_user_per_day is not None


def read_caps(home: Path, environ: Mapping[str, str]) -> Caps:
    """Return the limits of ``ima_config.toml`` and of ``IMA_DAILY_POINTS``; the lower one counts.

    Args:
        home: The state folder.
        environ: The environment.

    Raises:
        UsageError: A limit cannot be read; nothing is spent on a guess.
    """
    table = read_table(home, "caps", _NAMES, _bad)
    found = {name: _number(table[name], f"[caps] {name}") for name in _NAMES if name in table}
    asked = environ.get("IMA_DAILY_POINTS", "").strip()
    if asked:
        day = _number(int(asked) if asked.isascii() and asked.isdigit() else asked, "IMA_DAILY_POINTS")
        found["per_day"] = min(day, found.get("per_day", day))
    return Caps(**found)


def _number(value: object, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise _bad(f"{name} must be a whole number of points")
    return value


def _bad(message: str) -> UsageError:
    return UsageError(
        message, code="bad-caps", hint="For instance: [caps] and per_day = 500 below it; nothing was sent."
    )
