"""``ima-skills plugins``: what was found, what became of it, and what each plugin supplies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options, plugin_options

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.plugin_set import PluginInfo, PluginSet


@click.group("plugins", cls=Group, help="List plugins and what became of them.")
def command() -> None:
    """Group the commands about plugins."""


@command.command("list", cls=Command, help="List plugins with their state, hooks and faults.")
@click.option(
    "--timing", is_flag=True, help="Show how long importing each plugin and asking its declaring hooks took."
)
@plugin_options
@output_options
def list_plugins(output: Output, plugin_choice: PluginChoice, *, timing: bool) -> None:
    """List plugins; see the help text."""
    plugins = plugin_choice.load()
    document = plugins_document(plugins)
    if timing:
        document["timing"] = _timing(plugins)
    output.document(document, _lines(document, output))


def plugins_document(plugins: PluginSet) -> dict[str, Any]:
    """Return the document of ``plugins list``.

    Every declaring hook is asked, so that a plugin which breaks in one of them is caught here.
    """
    plugins.registry_roots()
    plugins.schema_roots()
    plugins.renderers()
    commands = _commands(plugins)
    quirks = _supplied(plugins, "ima_quirks", plugins.quirks)
    modalities = _supplied(plugins, "ima_modalities", plugins.modalities)
    rows = [_plugin(name, info, quirks, modalities) for name, info in plugins.infos.items()]
    return {"plugins": [{**row, "commands": commands.get(row["name"], [])} for row in rows]}


def _commands(plugins: PluginSet) -> dict[str, list[str]]:
    """Return plugin to the commands of its distribution; one whose name is taken is named with the owner."""
    from ima_skills.cli import COMMANDS
    from ima_skills.cli.plugged import clashes, find_commands

    found = find_commands()
    taken = clashes(found, COMMANDS)
    brought: dict[str, list[str]] = {}
    for name, info in plugins.infos.items():
        own = [one for one in found if one.origin == info.origin and info.state == "active"]
        brought[name] = [one.name for one in own if one not in taken]
        faults = [
            f"the command {one.name!r} already belongs to {taken[one]}, which keeps it"
            for one in own
            if one in taken
        ]
        if faults:
            plugins.blame(name, "; ".join(dict.fromkeys((*filter(None, [info.fault]), *faults))))
    return brought


def _supplied(plugins: PluginSet, hook: str, kept: dict[str, Any]) -> dict[str, list[str]]:
    """Return plugin to the names of what it supplies; a name that belongs to another is left out."""
    found: dict[str, list[str]] = {}
    for plugin, items in plugins.ask_each(hook):
        names = [getattr(item, "name", "") for item in items or ()]
        found[plugin] = [name for name in names if name in kept]
    return found


def _plugin(
    name: str, info: PluginInfo, quirks: dict[str, list[str]], modalities: dict[str, list[str]]
) -> dict[str, Any]:
    return {
        "name": info.name,
        "origin": info.origin,
        "version": info.version,
        "state": info.state,
        "hooks": list(info.hooks),
        "quirks": quirks.get(name, []),
        "modalities": modalities.get(name, []),
        "fault": info.fault or None,
        "notice": info.notice or None,
    }


def _timing(plugins: PluginSet) -> list[dict[str, Any]]:
    """Return the time of every plugin and hook, the slowest first."""
    rows = sorted(plugins.stopwatch.spent.items(), key=lambda row: -row[1].seconds)
    return [
        {
            "plugin": plugin,
            "hook": hook,
            "calls": spent.calls,
            "total_ms": round(spent.seconds * 1000, 3),
            "longest_ms": round(spent.longest * 1000, 3),
        }
        for (plugin, hook), spent in rows
    ]


def _as_typed(commands: Iterable[str]) -> list[str]:
    return [f"ima-skills {name}" for name in commands]


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    columns = ("name", "origin", "state", "supplies", "hooks")
    rows = [
        (
            plugin["name"],
            f"{plugin['origin']} {plugin['version']}",
            plugin["state"],
            ", ".join([*plugin["modalities"], *plugin["quirks"], *_as_typed(plugin["commands"])]) or "-",
            ", ".join(plugin["hooks"]) or "-",
        )
        for plugin in document["plugins"]
    ]
    yield from table([output.say(f"plugins.{column}") for column in columns], rows)
    for plugin in document["plugins"]:
        if plugin["fault"]:
            yield output.say("plugins.fault", name=plugin["name"], fault=plugin["fault"])
        if plugin["notice"]:
            yield output.say("plugins.notice", name=plugin["name"], notice=plugin["notice"])
    if "timing" in document:
        heads = ("name", "hook", "calls", "total-ms", "longest-ms")
        times = [tuple(str(value) for value in row.values()) for row in document["timing"]]
        yield ""
        yield from table([output.say(f"plugins.{head}") for head in heads], times)
