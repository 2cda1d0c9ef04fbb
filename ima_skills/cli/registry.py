"""``ima-skills registry check``: every fault of the registry's files, before any of them is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options, plugin_options
from ima_skills.cli.places import Place
from ima_skills.cli.registry_diff import diff_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from ima_skills.cli.output import Output
    from ima_skills.cli.registry_check import Survey
    from ima_skills.cli.session import PluginChoice
    from ima_skills.plugin_set import PluginSet

_FAULTY = 6
# Of a value in a line; the JSON document has all of it.
_WIDEST = 80


@click.group("registry", cls=Group, help="Check registry files, and compare them with the service.")
def command() -> None:
    """Group the commands about the registry."""


@command.command(
    "check",
    cls=Command,
    help="Check all registry files, or also those at PATH (a registry folder or one model file).",
)
@click.argument("path", required=False, type=Place(exists=True, path_type=Path))
@plugin_options
@output_options
def check_registry(output: Output, plugin_choice: PluginChoice, *, path: Path | None) -> int:
    """Check registry files; see the help text. Exits with 6 when something is wrong."""
    document = check_document(plugin_choice.load(), path)
    output.document(document, _lines(document, output))
    return 0 if document["ok"] else _FAULTY


command.add_command(diff_registry)


def check_document(plugins: PluginSet, path: Path | None = None) -> dict[str, Any]:
    """Return the document of ``registry check``.

    Args:
        plugins: Supply quirks, modalities and registry roots.
        path: A further registry root or model file; None checks what is installed.
    """
    from ima_skills.cli.message_rules import message_faults
    from ima_skills.cli.registry_rules import cross_check
    from ima_skills.cli.registry_unseen import told_apart
    from ima_skills.resources import data_root

    roots: list[Traversable] = [data_root("registry"), *plugins.registry_roots()]
    found = _survey(roots, path, plugins)
    modalities = {name: modality.task_types for name, modality in plugins.modalities.items()}
    all_faults = [*found.faults, *cross_check(found, set(plugins.quirks), modalities), *message_faults(found)]
    faults, unseen = told_apart(all_faults, path, plugins)
    return {
        "ok": not faults,
        "files": found.count,
        "models": sum(1 for _ in found.of("model")),
        "faults": [fault.as_dict() for fault in faults],
        "unseen": [
            {"file": fault.file, "pointer": fault.pointer, "value": fault.value, "plugin": plugin}
            for fault, plugin in unseen
        ],
    }


def _survey(roots: list[Traversable], path: Path | None, plugins: PluginSet) -> Survey:
    from ima_skills.cli.registry_check import add_file, schema_of, survey
    from ima_skills.schemas import open_schemas

    schemas = open_schemas(plugins.schema_roots())
    known = {Path(str(root)).resolve() for root in roots}
    if path is not None and path.is_dir() and path.resolve() not in known:
        roots = [*roots, path]
    found = survey(tuple(roots), schemas)
    if path is not None and path.is_file() and not any(path.resolve().is_relative_to(root) for root in known):
        place = path.resolve().parts
        # A lone file is taken for a model unless it has the name of a table.
        schema = schema_of((path.name,)) or "model"
        add_file(found, path, place, schema, schemas)
    return found


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    for fault in document["faults"]:
        yield _line(fault, output)
    for row in document["unseen"]:
        yield output.say("registry.unseen", **{**row, "place": row["pointer"] or "/"})
    if document["ok"]:
        yield output.say("check.clean", files=document["files"], models=document["models"])
    else:
        yield output.say("check.faults", count=len(document["faults"]), files=document["files"])


def _line(fault: dict[str, Any], output: Output) -> str:
    """Return one fault: file, place, what is wrong, and in brackets the value, the rule and the nearest right thing."""
    facts = [output.say("registry.rule", rule=fault["rule"])]
    if fault["value"] is not None:
        facts.insert(0, output.say("registry.found", value=_shown(fault["value"])))
    if fault["nearest"] is not None:
        facts.append(output.say("registry.nearest", nearest=_shown(fault["nearest"])))
    return output.say(
        "registry.line",
        file=fault["file"],
        place=fault["pointer"] or "/",
        message=fault["message_zh" if output.language == "zh" else "message"],
        facts=("；" if output.language == "zh" else "; ").join(facts),
    )


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
