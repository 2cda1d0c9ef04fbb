"""Options of the commands that can tell a user in a chat what happens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]

HOSTS = ("openclaw",)


def emit_options(function: Function) -> Function:
    """Add ``--emit``, ``--platform`` and ``--message-language``."""
    for add in reversed(_OPTIONS):
        function = add(function)
    return function


_OPTIONS = (
    click.option(
        "--emit",
        type=click.Choice(HOSTS),
        help="Print messages for the user as JSON lines of actions that this agent host can take as they are.",
    ),
    click.option(
        "--platform",
        metavar="NAME",
        help="Where the user reads them: feishu, discord, telegram, plain (the default), or one of a plugin.",
    ),
    click.option(
        "--message-language",
        metavar="LANGUAGE",
        help="Language of these messages; else that of --language.",
    ),
)
