"""``ima-skills logout``: drop the key from the system's keyring."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options

if TYPE_CHECKING:
    from ima_skills.cli.output import Output


@click.command("logout", cls=Command, help="Drop the API key from the system's keyring.")
@output_options
def command(output: Output) -> None:
    """Log out; see the help text."""
    from ima_skills.key_store import forget_key

    there = forget_key()
    output.document({"ok": True, "was_there": there}, [output.say("logout.done" if there else "logout.none")])
