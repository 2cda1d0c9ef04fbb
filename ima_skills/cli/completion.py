"""``ima-skills completion``: print the script that makes a shell complete our commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options

if TYPE_CHECKING:
    from ima_skills.cli.output import Output

SHELLS = ("bash", "zsh", "fish")


@click.command(
    "completion",
    cls=Command,
    help='Print a completion script for SHELL. For instance: eval "$(ima-skills completion bash)"',
)
@click.argument("shell", type=click.Choice(SHELLS))
@output_options
def command(output: Output, *, shell: str) -> None:
    """Print the script; see the help text."""
    from click.shell_completion import get_completion_class

    from ima_skills.cli import PROGRAM, main

    variable = f"_{PROGRAM.replace('-', '_').upper()}_COMPLETE"
    completer = get_completion_class(shell)
    if completer is None:
        raise click.UsageError(f"There is no completion for {shell}.")
    # The class checks the version of an installed bash when it is asked for the source; the template needs no bash.
    made = completer(main, {}, PROGRAM, variable)
    script = (made.source_template % made.source_vars()).strip()
    output.document({"shell": shell, "script": script}, [script])
