"""Groups and commands that speak both languages, and groups whose commands are loaded when used."""

from __future__ import annotations

import os
from importlib import import_module
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, NamedTuple

import click

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = ("en", "zh")


class Tone(NamedTuple):
    """How to speak to whoever called; a named tuple, because attrs costs start-up time here.

    Attributes:
        language: ``en`` or ``zh``.
        as_json: Whether exactly one JSON document is wanted.
    """

    language: str = "en"
    as_json: bool = False


def read_tone(words: Sequence[str], environ: Mapping[str, str] | None = None) -> Tone:
    """Return how to speak, read from a command line that may be wrong, and from the environment.

    The language is ``--language``, else ``IMA_LANGUAGE``, else Chinese where the locale is Chinese.

    Args:
        words: The words after the program's name.
        environ: The environment; the process's own by default.
    """
    env = os.environ if environ is None else environ
    known = list(words[: words.index("--")] if "--" in words else words)
    return Tone(_language(known, env), "--json" in known)


def _language(words: list[str], env: Mapping[str, str]) -> str:
    for index, word in enumerate(words):
        name, _, value = word.partition("=")
        if name == "--language":
            asked = value or (words[index + 1] if index + 1 < len(words) else "")
            if asked in LANGUAGES:
                return asked
    asked = env.get("IMA_LANGUAGE", "").lower()
    if asked:
        return "zh" if asked.startswith("zh") else "en"
    locale = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


def tone_of(context: click.Context) -> Tone:
    """Return how to speak in a running command."""
    return context.obj if isinstance(context.obj, Tone) else read_tone(())


def translated(text: str, context: click.Context) -> str:
    """Return a help text in the caller's language; English texts are their own keys."""
    if not text or tone_of(context).language != "zh":
        return text
    from ima_skills.cli.help_zh import HELP
    from ima_skills.cli.sentences import merged

    words = " ".join(text.split())
    own: Mapping[str, str] = getattr(context.command, "chinese", {})
    return own.get(words) or HELP.get(words) or str(merged("HELP").get(words, text))


class HelpContext(click.Context):
    """A context whose help is measured in terminal cells."""

    def make_formatter(self) -> click.HelpFormatter:
        """Return what help is written with; loaded when somebody asks for help."""
        from ima_skills.cli.help_format import CellFormatter

        return CellFormatter(width=self.terminal_width, max_width=self.max_content_width)


class Command(click.Command):
    """A command whose help comes in the caller's language.

    Args:
        chinese: English help texts to Chinese ones, where our own tables do not have them: those of a plugin.
    """

    context_class = HelpContext

    def __init__(self, *args: Any, chinese: Mapping[str, str] | None = None, **attributes: Any) -> None:
        super().__init__(*args, **attributes)
        self.chinese = dict(chinese or {})

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the words of the command line; what is wrong with them knows whose they are.

        Raises:
            click.UsageError: They cannot be understood.
        """
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            # Click's parser does not say so of an option without its value.
            error.ctx = error.ctx or ctx
            raise

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=f"{translated('Usage:', ctx)} ")

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command is for."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(translated(cleandoc(self.help or ""), ctx))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every option."""
        records = [_record(param, ctx) for param in self.get_params(ctx)]
        with formatter.section(translated("Options", ctx)):
            formatter.write_dl([record for record in records if record is not None])


def _record(param: click.Parameter, ctx: click.Context) -> tuple[str, str] | None:
    record = param.get_help_record(ctx)
    text = getattr(param, "help", None)
    if record is None or not text:
        return None  # an argument; the usage line has it
    tail = record[1].removeprefix(text)
    if tone_of(ctx).language == "zh":
        from ima_skills.cli.help_format import chinese_extras

        return record[0], translated(text, ctx) + chinese_extras(tail)
    return record[0], text + tail


class Group(Command, click.Group):
    """A group that lists its commands in the caller's language and suggests the nearest name."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every option, then every command."""
        Command.format_options(self, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with their short help."""
        rows = [(name, translated(self.short_help_of(name), ctx)) for name in self.own_commands(ctx)]
        with formatter.section(translated("Commands", ctx)):
            formatter.write_dl(rows)

    def own_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that help describes by itself."""
        return self.list_commands(ctx)

    def short_help_of(self, name: str) -> str:
        """Return the one line that describes a command."""
        return self.commands[name].short_help or self.commands[name].help or ""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is called.

        Raises:
            UsageError: There is none of that name; the nearest is given.
        """
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(_no_command(name, self.list_commands(ctx)), ctx)
        return super().resolve_command(ctx, args)


def _no_command(name: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, n=1)
    meant = f" Did you mean {close[0]!r}?" if close else f" There are: {', '.join(known)}."
    return f"There is no command called {name!r}.{meant}"


class LazyGroup(Group):
    """A group that knows its commands by a table and imports one only when it is used.

    Args:
        table: Name to module and short help, in the order of the help.
        package: Package of the modules.
    """

    def __init__(
        self, *args: Any, table: Mapping[str, tuple[str, str]], package: str, **attributes: Any
    ) -> None:
        super().__init__(*args, **attributes)
        self._table = table
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """Return the names of the commands, without importing them."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own signature
        """Return a command, imported now."""
        if cmd_name not in self._table:
            return None
        module = import_module(f"{self._package}.{self._table[cmd_name][0]}")
        command: click.Command = module.command
        return command

    def short_help_of(self, name: str) -> str:
        """Return the one line that describes a command, from the table."""
        return self._table[name][1]
