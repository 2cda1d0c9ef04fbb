"""Which plugins may take part: what the user allows and denies, in the environment and in a small file."""

from __future__ import annotations

import os
import re
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
_KEYS = ("allow", "deny")
_RUNS = re.compile(r"[-_.]+")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
# Our choice: alike enough to be the same name mistyped, and not so alike that two plugins of one author are.
_NEAR, _SLIP = 0.8, 1
# What "plugin new" puts in front of names.
_OWN_PREFIX = "ima-skills-"


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
        names = {even(name)} if own else {even(name), even(origin)}
        if names & set(map(even, self.deny)):
            return "left out on purpose"
        if not own and self.allow is not None and not names & set(map(even, self.allow)):
            return "not on the list of allowed plugins"
        return ""

    def must_mean(self, known: Iterable[str], *, named: Iterable[str] = ()) -> None:
        """Refuse names that are slips of the pen: a ban that bans nothing must not look like one.

        A list may name what is not installed here; a name that was given for this very run may not.

        Args:
            known: Plugins and distributions that are there.
            named: Names that were given for this very run.

        Raises:
            UsageError: ``bad-trust``: a name is nearly that of a plugin, or ``named`` has one that is unknown.
        """
        there = {even(name): name for name in known}
        here = set(map(even, named))
        for name in sorted({*self.deny, *(self.allow or ()), *named}):
            if even(name) in there:
                continue
            close = next((other for other in there if _is_slip(even(name), other)), None)
            if close or even(name) in here:
                meant = f"Did you mean {there[close]}? " if close else ""
                raise UsageError(
                    f"no plugin is called {name!r}",
                    code="bad-trust",
                    hint=f"{meant}There are: {', '.join(sorted(there.values()))}.",
                    details={
                        "name": name,
                        "nearest": [there[close]] if close else [],
                        "available": sorted(there.values()),
                    },
                )


def _is_slip(name: str, other: str) -> bool:
    """Whether a name is another one mistyped: what makes them differ from their kind is nearly the same."""
    import difflib

    left, right = (part.removeprefix(_OWN_PREFIX) for part in (name, other))
    if abs(len(left) - len(right)) > _SLIP:
        return False
    return difflib.SequenceMatcher(None, left, right).ratio() >= _NEAR


def even(name: str) -> str:
    """Return a name as the packaging rules compare it: letter case, dashes, dots and underscores do not matter."""
    return _RUNS.sub("-", name).casefold()


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
    rows = read_table(state_home(env) if home is None else home, "plugins", _KEYS, _bad)
    lists = [_listed(rows["allow"], "allow")] if "allow" in rows else []
    if ALLOW_VARIABLE in env:
        lists.append(_split(env[ALLOW_VARIABLE], ALLOW_VARIABLE))
    denied = (
        _listed(rows.get("deny", []), "deny") | _split(env.get(DENY_VARIABLE, ""), DENY_VARIABLE) | set(deny)
    )
    return Trust(
        frozenset.intersection(*(frozenset(map(even, names)) for names in lists)) if lists else None,
        denied,
        env.get(NO_THIRD_PARTY_VARIABLE, "") in ("", "0"),
    )


def _split(text: str, variable: str) -> frozenset[str]:
    return _names([name.strip() for name in text.split(",") if name.strip()], variable)


def _listed(value: Any, key: str) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise _bad(f"{CONFIG}: [plugins] {key} must be a list of names")
    return _names(value, f"{CONFIG}: [plugins] {key}")


def _names(names: list[str], place: str) -> frozenset[str]:
    strange = [name for name in names if not _WORD.fullmatch(name)]
    if strange:
        raise _bad(f"{place}: {strange[0]!r} is no name of a plugin; names are set apart by commas")
    return frozenset(names)


def _bad(message: str) -> UsageError:
    return UsageError(
        message,
        code="bad-trust",
        hint='For instance: [plugins] and allow = ["my-plugin"] below it.',
    )
