"""Commands of plugins: entry points in the group ``ima_skills.commands``, imported only when one is run.

Finding them looks at files only, so that help can list them. A command of ours is never looked up here: its name is
taken, and ``plugins list`` names whoever wanted it.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ima_skills.installed import identity, mentioning, points

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

GROUP = "ima_skills.commands"
_NO_THIRD_PARTY = "IMA_SKILLS_NO_THIRD_PARTY"


class Plugged(NamedTuple):
    """One command of a plugin.

    Attributes:
        name: What it is called by.
        origin: Its distribution.
        version: Version of that.
        target: Module and attribute, for instance ``my_plugin.command:command``.
    """

    name: str
    origin: str
    version: str
    target: str


def find_commands(folders: Iterable[str] | None = None) -> list[Plugged]:
    """Return the commands that installed plugins declare, whoever may keep the name; sorted by name and origin.

    Args:
        folders: Where to look; ``sys.path`` by default.
    """
    found: dict[tuple[str, str], Plugged] = {}
    for entry in mentioning(GROUP, sys.path if folders is None else folders):
        origin, version = identity(entry)
        for name, target in points(entry, GROUP):
            # As with imports, the first folder of the path wins.
            found.setdefault((name, origin), Plugged(name, origin, version, target))
    return [found[key] for key in sorted(found)]


def kept(commands: Iterable[Plugged], ours: Collection[str]) -> dict[str, Plugged]:
    """Return name to command: ours keep their names, and of two plugins the first one does."""
    taken: dict[str, Plugged] = {}
    for command in commands:
        if command.name not in ours:
            taken.setdefault(command.name, command)
    return taken


def clashes(commands: Iterable[Plugged], ours: Collection[str]) -> dict[Plugged, str]:
    """Return each command that does not get its name, with the owner of it."""
    found = list(commands)
    owners = kept(found, ours)
    return {
        command: owners[command.name].origin if command.name in owners else "ima-skills"
        for command in found
        if owners.get(command.name) != command
    }


def plugged_commands(ours: Collection[str], environ: Mapping[str, str] | None = None) -> dict[str, Plugged]:
    """Return the commands that plugins add; none where third parties are left out altogether.

    Args:
        ours: The names of our own commands.
        environ: The environment; the process's own by default.
    """
    env = os.environ if environ is None else environ
    return kept(find_commands(), ours) if env.get(_NO_THIRD_PARTY, "") in ("", "0") else {}


def write_commands(ours: Collection[str], context: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the commands of plugins, each with its origin, into the help; nothing when there are none."""
    plugged = plugged_commands(ours)
    if not plugged:
        return
    from ima_skills.cli.groups import tone_of
    from ima_skills.cli.texts import say

    language = tone_of(context).language
    rows = [
        (name, say(language, "plugged.from", origin=row.origin, version=row.version))
        for name, row in plugged.items()
    ]
    with formatter.section(say(language, "plugged.heading")):
        formatter.write_dl(rows)


def load_command(plugged: Plugged, *, quietly: bool = False) -> click.Command | None:
    """Return a plugin's command, imported now.

    Args:
        plugged: Which one.
        quietly: Return None instead of raising.

    Raises:
        UsageError: Its plugin may not take part.
        PluginError: It belongs to no plugin, cannot be imported, or is no command.
    """
    from ima_skills.errors import ImaError

    try:
        return _loaded(plugged)
    except ImaError:
        if quietly:
            return None
        raise


def _loaded(plugged: Plugged) -> click.Command:
    from ima_skills.plugin_faults import Fence, kind_of, told

    _must_take_part(plugged)
    with Fence() as fence:
        command = _imported(plugged.target)
    if fence.error is not None:
        raise _broken(plugged, f"cannot be loaded: {told(fence.error)}") from fence.error
    if not isinstance(command, click.Command):
        raise _broken(plugged, f"is a {kind_of(command)}, not a click command")
    return command


def is_meant(error: BaseException) -> bool:
    """Tell whether an error of a command is one that it means to end with."""
    from ima_skills.cli.output import ReaderGoneError
    from ima_skills.errors import ImaError

    # SystemExit is how a command ends with a code of its own, and KeyboardInterrupt is a person's.
    ends = (SystemExit, KeyboardInterrupt)
    meant = (ImaError, click.ClickException, click.Abort, click.exceptions.Exit, ReaderGoneError, *ends)
    return isinstance(error, meant)


def failure(plugged: Plugged, error: BaseException) -> Exception:
    """Return the error that tells of an unexpected one; its words may hold a prompt, so only its kind is told."""
    from ima_skills.plugin_faults import kind_of

    return _broken(plugged, f"failed: {kind_of(error)}")


def _imported(target: str) -> Any:
    from importlib import import_module

    module, _, path = target.partition(":")
    found: Any = import_module(module.strip())
    for name in path.strip().split("."):
        found = getattr(found, name)
    return found


def _must_take_part(plugged: Plugged) -> None:
    """Let a command run only where its distribution brings a plugin that may take part."""
    from ima_skills.entry_points import third_party_candidates
    from ima_skills.errors import UsageError
    from ima_skills.trust import read_trust

    trust = read_trust()
    beside = [candidate.name for candidate in third_party_candidates() if candidate.origin == plugged.origin]
    if not beside:
        raise _broken(plugged, "has no plugin beside it")
    objections = [trust.objection(name, plugged.origin, own=False) for name in beside]
    if all(objections) or not trust.third_party:
        raise UsageError(
            f"the command {plugged.name!r} is of {plugged.origin}, which is {objections[0] or 'left out on purpose'}",
            code="command-left-out",
            hint="Look at: ima-skills plugins list",
        )


def _broken(plugged: Plugged, what: str) -> Exception:
    from ima_skills.errors import PluginError

    return PluginError(
        f"the command {plugged.name!r} of {plugged.origin} {plugged.version} {what}",
        code="command-broken",
        hint="Look at: ima-skills plugins list. Set IMA_DEBUG=1 to see where it happened.",
    )
