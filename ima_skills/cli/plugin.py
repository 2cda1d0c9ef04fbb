"""``ima-skills plugin``: begin a plugin, and certify one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import Positive, output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.certify.checks import Check
    from ima_skills.certify.scorecard import Scorecard
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice

_KINDS = ("model", "quirk", "modality", "messages")
_BRINGS = {
    "model": "A model that is only data (the default).",
    "quirk": "A model, and a quirk in code.",
    "modality": "A modality of its own: task type, schema, model, words, messages.",
    "messages": "A chat platform, and words for a failure.",
}


@click.group("plugin", cls=Group, help="Begin a plugin, or certify one.")
def command() -> None:
    """Group the commands for authors of plugins."""


def _kind_options(function: Any) -> Any:
    for kind in reversed(_KINDS):
        function = click.option(f"--{kind}", "kind", flag_value=kind, help=_BRINGS[kind])(function)
    return function


@command.command(
    "new", cls=Command, help="Write a project for a plugin called NAME; it passes its own tests at once."
)
@click.argument("name")
@_kind_options
@click.option(
    "--out",
    type=Place(file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Folder for the project's own folder; the current one by default.",
)
@plugin_options
@output_options
def new_plugin(
    output: Output, plugin_choice: PluginChoice, name: str, *, kind: str | None, out: Path
) -> None:
    """Write a project; see the help text."""
    from ima_skills.cli.session import load_known
    from ima_skills.scaffold.names import must_be_free, read_names
    from ima_skills.scaffold.writing import project_files, write_project

    names = read_names(name)
    plugins = plugin_choice.load()
    must_be_free(names, plugins, load_known(plugins))
    brings: Any = kind or _KINDS[0]
    folder = out / names.project
    files = [
        path.relative_to(folder).as_posix() for path in write_project(folder, project_files(names, brings))
    ]
    document = {
        "plugin": names.plugin,
        "module": names.module,
        "kind": brings,
        "folder": str(folder),
        "files": files,
    }
    output.document(document, _written(document, output))


def _written(document: dict[str, Any], output: Output) -> Iterator[str]:
    yield output.say("plugin.written", plugin=document["plugin"], folder=document["folder"])
    yield from (f"  {name}" for name in document["files"])
    yield output.say("plugin.next", folder=document["folder"])


@command.command(
    "certify",
    cls=Command,
    help="Try everything that the plugin at PATH promises, and score it. PATH is a project's folder, or the name of"
    " an installed plugin. Its code is run.",
)
@click.argument("path")
@click.option(
    "--timeout",
    type=Positive(),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Time for one step of its code.",
)
@output_options
def certify_plugin(output: Output, path: str, *, timeout: float) -> int:
    """Certify a plugin; see the help text. Exits with 1 when something failed."""
    from ima_skills.certify.scorecard import certify
    from ima_skills.certify.subject import find_subject

    subject = find_subject(path)
    said: set[str] = set()

    def tell(check: Check) -> None:
        # One cause spoils many checks; the document has each of them.
        why = f"{check.area} {_why(check, output)}"
        if why not in said:
            said.add(why)
            output.aside(_fault_line(check, output))

    card = certify(subject, _taken(), timeout, tell)
    document = card_document(card, output)
    output.document(document, _card_lines(card, document, output))
    if len(card.faults) > len(said):
        output.note("plugin.alike", count=len(card.faults) - len(said))
    return 1 if card.faults else 0


def _taken() -> dict[str, str]:
    """Return the names of plugins to their distributions, without importing any plugin of others."""
    from ima_skills.entry_points import OWN_DISTRIBUTION, third_party_candidates
    from ima_skills.plugin_set import FIRST_PARTY

    others = {candidate.name: candidate.origin for candidate in third_party_candidates()}
    return {**others, **dict.fromkeys(FIRST_PARTY, OWN_DISTRIBUTION)}


def card_document(card: Scorecard, output: Output) -> dict[str, Any]:
    """Return the document of ``plugin certify``."""
    from ima_skills.certify.checks import AREAS

    subject = card.subject
    states = ("passed", "failed", "not-applicable")
    return {
        "plugin": {
            "name": subject.name, "origin": subject.origin, "version": subject.version, "module": subject.module,
        },
        "score": card.score,
        **{_key(state): card.count(state) for state in states},
        "areas": {area: {_key(state): card.count(state, area) for state in states} for area in AREAS},
        "checks": [_row(check, output) for check in card.checks],
        "sandbox": True,
    }  # fmt: skip


def _key(state: str) -> str:
    return state.replace("-", "_")


def _row(check: Check, output: Output) -> dict[str, Any]:
    failed = check.state == "failed"
    return {
        "area": check.area,
        "name": check.name,
        "state": check.state,
        "code": check.code or None,
        "file": check.file or None,
        "place": check.place or None,
        "why": _why(check, output) if failed else None,
        "next": _next(check, output) if failed else None,
    }


def _why(check: Check, output: Output) -> str:
    words = dict(check.words)
    if output.language == "zh" and words.get("message_zh"):
        words["message"] = words["message_zh"]
    return output.say(f"plugin.{check.code}", place=check.place or check.name, **words)


def _next(check: Check, output: Output) -> str:
    step = output.say(f"plugin.{check.code}.next", place=check.place or check.name, **check.words)
    near = check.words.get("nearest")
    return f"{step} {output.say('plugin.nearest', nearest=near)}" if near else step


def _fault_line(check: Check, output: Output) -> str:
    where = " ".join(filter(None, (check.file, check.place)))
    return output.say(
        "plugin.line", area=output.say(f"plugin.area.{check.area}"), where=where or check.name,
        why=_why(check, output), next=_next(check, output),
    )  # fmt: skip


def _card_lines(card: Scorecard, document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    heads = [output.say(f"plugin.{head}") for head in ("area", "passed", "failed", "absent")]
    rows = [
        (output.say(f"plugin.area.{area}"), *(str(count) for count in counts.values()))
        for area, counts in document["areas"].items()
    ]
    yield from table(heads, rows)
    yield output.say("plugin.score", name=card.subject.name, score=card.score, failed=document["failed"])
