"""``ima-skills plugin``: begin a plugin, and certify one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import Positive, output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.certify.checks import Check
    from ima_skills.certify.scorecard import Scorecard
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice

_KINDS = ("model", "quirk", "modality", "messages")
# What the tests of a new project import, and what to install for it; the sandbox renders for them.
_TESTS_NEED = {"pytest": "pytest", "PIL": "ima-skills[sandbox]", "av": "ima-skills[sandbox]"}
# Codes of checks that came to nothing because of a fault that may be told in another area already.
_BROKEN = ("breaks", "quirk-raises", "price-refused", "example-fails")
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
        function = click.option(f"--{kind}", kind, is_flag=True, help=_BRINGS[kind])(function)
    return function


def _kind(asked: Mapping[str, bool]) -> str:
    """Return the one kind that was asked for, or the usual one.

    Raises:
        UsageError: There are several.
    """
    from ima_skills.errors import UsageError

    wanted = [kind for kind in _KINDS if asked[kind]]
    if len(wanted) > 1:
        named = " and ".join(f"--{kind}" for kind in wanted)
        raise UsageError(
            f"{named} do not go together",
            code="several-kinds",
            hint="Name one; --quirk and --modality bring a model as well.",
        )
    return wanted[0] if wanted else _KINDS[0]


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
def new_plugin(output: Output, plugin_choice: PluginChoice, name: str, *, out: Path, **asked: bool) -> None:
    """Write a project; see the help text."""
    brings: Any = _kind(asked)
    from ima_skills.cli.session import load_known
    from ima_skills.scaffold.names import must_be_free, read_names
    from ima_skills.scaffold.writing import project_files, write_project

    names = read_names(name)
    plugins = plugin_choice.load()
    must_be_free(names, plugins, load_known(plugins))
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
        "next": _next_step(folder),
    }
    output.document(document, _written(document, output))


def _next_step(folder: Path) -> str:
    """Return the command that tries the project; what its tests need and is not here is installed first."""
    from importlib.util import find_spec
    from shlex import join, quote

    lacking = [package for module, package in _TESTS_NEED.items() if find_spec(module) is None]
    install = join(("python", "-m", "pip", "install", *dict.fromkeys(lacking))) if lacking else ""
    steps = (f"cd {quote(str(folder))}", install, "python -m pytest", "ima-skills plugin certify .")
    return " && ".join(filter(None, steps))


def _written(document: dict[str, Any], output: Output) -> Iterator[str]:
    yield output.say("plugin.written", plugin=document["plugin"], folder=document["folder"])
    yield from (f"  {name}" for name in document["files"])
    yield output.say("plugin.next", command=document["next"])


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
        cause = _cause(check, output)
        if cause not in said:
            said.add(cause)
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


def _cause(check: Check, output: Output) -> str:
    """Return what two faults with one cause have in common: what broke, wherever it did; else area and reason."""
    broken = str(check.words.get("fault", "")) if check.code in _BROKEN else ""
    return re.sub(r"^\w+(Error|Exception): ", "", broken) or f"{check.area} {_why(check, output)}"


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
