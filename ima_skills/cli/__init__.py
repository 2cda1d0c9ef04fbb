"""The command line. Asking for help or the version imports click and nothing else.

Commands live in modules of their own, named in a table here and loaded when they are used. This is
also the one error boundary: whatever a command raises ends here as a message and an exit code.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import LANGUAGES, LazyGroup, read_tone
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping, Sequence

    from ima_skills.cli.plugged import Plugged

PROGRAM = "ima-skills"

# Name to module and short help; the module's attribute ``command`` is the command.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "create": ("create", "Make images, videos, music or speech."),
    "batch": ("batch", "Run many requests from a file."),
    "plan": ("plan", "Plan and price several media that belong together."),
    "run": ("run", "Make a plan, every step once."),
    "workflows": ("workflows", "List plans and show how far they are."),
    "models": ("models", "List models and show what they offer."),
    "advise": ("advise", "Say who can grant a wish, and for how many points."),
    "prefs": ("prefs", "Show, save or forget the models you usually take."),
    "route": ("route", "Understand a wish: what to make, with which model and settings."),
    "tasks": ("tasks", "Look at a task or wait for it."),
    "drop-in": ("drop_in", "Run a command line of the older skills."),
    "spend": ("spend", "Add up the points that were spent."),
    "gallery": ("gallery", "Make a page of what was made."),
    "demo": ("demo", "Make a gallery on the sandbox; spends nothing."),
    "sandbox": ("sandbox", "Serve the offline sandbox, or look after it."),
    "conformance": ("conformance", "Score any client of the service on the sandbox."),
    "plugins": ("plugins", "List plugins and what became of them."),
    "plugin": ("plugin", "Begin a plugin, or certify one."),
    "registry": ("registry", "Check registry files, and compare them with the service."),
    "login": ("login", "Keep an API key in the system's keyring."),
    "logout": ("logout", "Drop the API key from the system's keyring."),
    "doctor": ("doctor", "Check this installation."),
    "pack": ("pack", "Build or install the skill pack for agents."),
    "mcp": ("mcp", "Serve agents over MCP on stdin and stdout."),
    "completion": ("completion", "Print a script for shell completion."),
}


def open_streams() -> None:
    """Put nothing where a standard stream was closed (``>&-``).

    Python has no stream then; and the next file that is opened, the journal for instance, would take its
    number, with whatever a library prints going into it.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - pathlib costs start-up, and it stays open


class Root(LazyGroup):
    """The command itself: runs a subcommand and turns errors into messages and exit codes."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        windows_expand_args: bool = True,  # noqa: FBT001, FBT002 - click's own signature
        **extra: Any,
    ) -> Any:
        """Run the command; in click's standalone mode, exit with the documented code."""
        parts: dict[str, Any] = {
            "prog_name": prog_name or PROGRAM,
            "complete_var": complete_var,
            "windows_expand_args": windows_expand_args,
            **extra,
        }
        open_streams()
        if not standalone_mode:
            return super().main(args, standalone_mode=False, **parts)
        try:
            answer = super().main(args, standalone_mode=False, **parts)
        except BaseException as error:
            if isinstance(error, SystemExit | KeyboardInterrupt):
                raise
            from ima_skills.cli.boundary import report

            sys.exit(report(error, read_tone(sys.argv[1:] if args is None else args)))
        sys.exit(answer if isinstance(answer, int) else 0)

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Give every command the language and the format that the command line asks for."""
        extra.setdefault("obj", read_tone(args))
        return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand; what breaks inside a plugin's command is put down to it.

        Raises:
            PluginError: The command of a plugin broke.
        """
        try:
            return super().invoke(ctx)
        except BaseException as error:
            plugged = self._plugged(ctx.invoked_subcommand)
            if plugged is None:
                raise
            from ima_skills.cli.plugged import failure, is_meant

            if is_meant(error):
                raise
            raise failure(plugged, error) from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of our commands and of those that plugins bring."""
        from ima_skills.cli.plugged import plugged_commands

        return [*super().list_commands(ctx), *plugged_commands(COMMANDS)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now; only a name that is not one of ours is looked for among plugins."""
        plugged = self._plugged(cmd_name)
        if plugged is None:
            return super().get_command(ctx, cmd_name)
        from ima_skills.cli.plugged import load_command

        # Completion must not end in an error.
        return load_command(plugged, quietly=ctx.resilient_parsing)

    def own_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of our own commands."""
        return super().list_commands(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write our commands, then those of plugins with their origin."""
        super().format_commands(ctx, formatter)
        from ima_skills.cli.plugged import write_commands

        write_commands(COMMANDS, ctx, formatter)

    def _plugged(self, name: str | None) -> Plugged | None:
        if name is None or name in COMMANDS or name.startswith("-"):
            return None
        from ima_skills.cli.plugged import plugged_commands

        return plugged_commands(COMMANDS).get(name)


def _settings() -> MutableMapping[str, Any]:
    return {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(PROGRAM, cls=Root, table=COMMANDS, package=__name__, context_settings=_settings())
@click.option(
    "--language",
    type=click.Choice(LANGUAGES),
    expose_value=False,
    help="Language of messages and labels; else IMA_LANGUAGE, else the locale's.",
)
@click.version_option(VERSION, prog_name=PROGRAM, help="Show the version and exit.")
def main() -> None:
    """Images, videos, music and speech through the IMA Open API.

    Try everything offline and for no points with --sandbox. Every command takes --json.
    """
