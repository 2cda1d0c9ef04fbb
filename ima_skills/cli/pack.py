"""``ima-skills pack``: the skills and manifests that agents load, built or installed as copies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ima_skills.cli.output import Output
    from ima_skills.packs.hosts import Scope
    from ima_skills.packs.writing import Step

TARGETS = ("openclaw", "claude", "codex", "agents")


@click.group("pack", cls=Group, help="Build or install the skill pack for agents.")
def command() -> None:
    """Group the commands about packs."""


_DRY_RUN = click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")


@command.command("build", cls=Command, help="Write the portable pack, an Agent Plugins bundle, as a folder.")
@click.option("--out", metavar="DIR", required=True, type=Place(file_okay=False), help="Folder of the pack.")
@_DRY_RUN
@output_options
def build_pack(output: Output, *, out: str, dry_run: bool) -> None:
    """Build the pack; see the help text."""
    from ima_skills.file_rules import user_path
    from ima_skills.packs.contents import pack_files
    from ima_skills.packs.writing import plan, write

    folder = user_path(out)
    steps = (plan if dry_run else write)(folder, pack_files())
    told = [f"openclaw plugins install {folder} --force --accept-capabilities"]
    document = _document("build", folder, steps, told, dry_run=dry_run)
    output.document(document, _lines(document, output))


@command.command("install", cls=Command, help="Copy the skills to where an agent host looks for them.")
@click.option("--target", type=click.Choice(TARGETS), required=True, help="The agent host.")
@click.option(
    "--dir",
    "folder",
    metavar="DIR",
    type=Place(file_okay=False),
    help="Another folder of skills than the host's usual one.",
)
@click.option(
    "--scope",
    type=click.Choice(["user", "project"]),
    default="user",
    show_default=True,
    help="For this user, or for the project in the current folder.",
)
@_DRY_RUN
@output_options
def install_pack(output: Output, *, target: str, folder: str | None, scope: Scope, dry_run: bool) -> None:
    """Install the skills; see the help text."""
    import os

    from ima_skills.file_rules import user_path
    from ima_skills.packs.contents import pack_files, skills_of
    from ima_skills.packs.hosts import HOSTS
    from ima_skills.packs.writing import plan, write

    host = HOSTS[target]
    usual = host.folder(scope, Path.home(), Path.cwd(), os.environ)
    root = user_path(folder) if folder else usual
    skills = skills_of(pack_files())
    # Every refusal comes before anything is written.
    planned = [step for name, files in skills.items() for step in plan(root / name, files)]
    if not dry_run:
        planned = [step for name, files in skills.items() for step in write(root / name, files)]
    document = _document("install", root, planned, [host.mcp] if host.mcp else [], dry_run=dry_run)
    output.document(document, _lines(document, output))


def _document(
    action: str, folder: Path, steps: Iterable[Step], commands: list[str], *, dry_run: bool
) -> dict[str, Any]:
    from ima_skills.version import VERSION

    return {
        "action": action,
        "version": VERSION,
        "folder": str(folder),
        "dry_run": dry_run,
        "files": [step.as_dict() for step in steps],
        "commands": commands,
    }


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    heads = [output.say(f"pack.{name}") for name in ("state", "file")]
    rows = [(output.say(f"pack.{step['state']}"), step["path"]) for step in document["files"]]
    yield from table(heads, rows)
    yield output.say("pack.dry" if document["dry_run"] else "pack.done", folder=document["folder"])
    for line in document["commands"]:
        yield output.say(f"pack.after-{document['action']}", command=line)
