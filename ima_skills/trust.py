"""Which plugins may take part: what the user allows and denies, in the environment and in a small file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.config_file import CONFIG, read_table
from ima_skills.errors import UsageError
from ima_skills.settings import state_home

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

ALLOW_VARIABLE = "IMA_SKILLS_ALLOW_PLUGINS"
DENY_VARIABLE = "IMA_SKILLS_DISABLE_PLUGINS"
NO_THIRD_PARTY_VARIABLE = "IMA_SKILLS_NO_THIRD_PARTY"
_NAMES = ("allow", "deny")


@frozen
class Trust:
    """Who may join; a plugin goes by its own name or by that of its distribution.

    Attributes:
        allow: Third parties that may join; None for all. The first party needs no permission.
        deny: Plugins that may not, whoever made them.
        third_party: Whether third parties may join at all.
    """

    allow: frozenset[str] | None = None
    deny: frozenset[str] = frozenset()
    third_party: bool = True

    def objection(self, name: str, origin: str, *, own: bool) -> str:
        """Return why a plugin may not take part; empty when it may.

        Args:
            name: The plugin.
            origin: Its distribution.
            own: Whether it is of the first party.
        """
        names = {name} if own else {name, origin}
        if names & self.deny:
            return "left out on purpose"
        if not own and self.allow is not None and not names & self.allow:
            return "not on the list of allowed plugins"
        return ""


def read_trust(
    environ: Mapping[str, str] | None = None, home: Path | None = None, *, deny: Iterable[str] = ()
) -> Trust:
    """Return who may join, from ``[plugins]`` in ``ima_config.toml`` and from the environment.

    What is denied in any place is denied. Where both places have a list of allowed plugins, a plugin
    has to be on both.

    Args:
        environ: The environment; the process's own by default.
        home: The state folder; the one that the environment names by default.
        deny: Further names to leave out.

    Raises:
        UsageError: A list cannot be read; no plugin is let in on a guess.
    """
    env = os.environ if environ is None else environ
    rows = read_table(state_home(env) if home is None else home, "plugins", _NAMES, _bad)
    lists = [_listed(rows["allow"], "allow")] if "allow" in rows else []
    if ALLOW_VARIABLE in env:
        lists.append(_split(env[ALLOW_VARIABLE]))
    denied = _listed(rows.get("deny", []), "deny") | _split(env.get(DENY_VARIABLE, "")) | set(deny)
    return Trust(
        frozenset.intersection(*lists) if lists else None,
        denied,
        env.get(NO_THIRD_PARTY_VARIABLE, "") in ("", "0"),
    )


def _split(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.split(",") if name.strip())


def _listed(value: Any, key: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _bad(f"{CONFIG}: [plugins] {key} must be a list of names")
    return frozenset(value)


def _bad(message: str) -> UsageError:
    return UsageError(
        message,
        code="bad-trust",
        hint='For instance: [plugins] and allow = ["my-plugin"] below it.',
    )
