"""Options that several commands share, handed to a command as one value each."""

from __future__ import annotations

from functools import wraps
from math import isfinite
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import LANGUAGES, tone_of
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., Any]


class Positive(click.FloatRange):
    """A number above 0 that is one: ``nan`` passes every comparison that is meant to refuse it."""

    def __init__(self) -> None:
        super().__init__(min=0, min_open=True)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the number.

        Raises:
            BadParameter: It is none, or not in the range.
        """
        found = super().convert(value, param, ctx)
        if not isfinite(found):
            self.fail(f"{value} is not a finite number.", param, ctx)
        return found


_SPEED_HELP = "Seconds of the sandbox that pass in one second."


def json_option(function: Function) -> Function:
    """Add ``--json``; how it is answered is read from the command line by the boundary."""
    flag = click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document on stdout.")
    return flag(function)


def output_options(function: Function) -> Function:
    """Add ``--json`` and ``--language``; the command receives an ``output``."""

    @wraps(function)
    def with_output(*args: Any, as_json: bool, language: str | None, **given: Any) -> Any:
        from ima_skills.cli.output import Output

        spoken = language or tone_of(click.get_current_context()).language
        return function(*args, output=Output(spoken, as_json=as_json), **given)

    language = click.option(
        "--language",
        type=click.Choice(LANGUAGES),
        help="Language of messages and labels; else IMA_LANGUAGE, else the locale's.",
    )
    return language(json_option(with_output))


def file_options(*, inputs: bool = False) -> Callable[[Function], Function]:
    """Add the options about files of this machine; the command receives ``files``.

    Args:
        inputs: Whether the command takes input files.
    """

    def decorate(function: Function) -> Function:
        @wraps(function)
        def with_files(*args: Any, on_exists: Any, input_root: str | None = None, **given: Any) -> Any:
            from pathlib import Path

            from ima_skills.file_rules import FileRules

            root = Path(input_root) if input_root else None
            return function(*args, files=FileRules(on_exists, root), **given)

        return _ON_EXISTS(INPUT_ROOT(with_files) if inputs else with_files)

    return decorate


_ON_EXISTS = click.option(
    "--on-exists",
    type=click.Choice(["skip", "rename", "overwrite"]),
    default="overwrite",
    show_default=True,
    help="What to do about a file that is there already.",
)
INPUT_ROOT = click.option(
    "--input-root",
    metavar="DIR",
    type=Place(file_okay=False, exists=True),
    envvar="IMA_INPUT_ROOT",
    help="Take input files from this folder only; else IMA_INPUT_ROOT.",
)


def plugin_options(function: Function) -> Function:
    """Add the options that leave plugins out; the command receives ``plugin_choice``."""

    @wraps(function)
    def with_plugins(*args: Any, disable_plugin: tuple[str, ...], no_third_party: bool, **given: Any) -> Any:
        from ima_skills.cli.session import PluginChoice

        choice = PluginChoice(disable_plugin, third_party=not no_third_party)
        return function(*args, plugin_choice=choice, **given)

    for add in (
        click.option("--no-third-party", is_flag=True, help="Leave out every plugin of others."),
        click.option(
            "--disable-plugin", multiple=True, metavar="NAME", help="Leave out a plugin; may be repeated."
        ),
    ):
        with_plugins = add(with_plugins)
    return with_plugins


def service_options(function: Function) -> Function:
    """Add the options that say where the service is; the command receives ``connection``."""

    @wraps(function)
    def with_connection(*args: Any, **given: Any) -> Any:
        from ima_skills.cli.session import Connection

        names = ("base_url", "upload_base_url", "api_key", "sandbox", "sandbox_speed")
        return function(*args, connection=Connection(**{name: given.pop(name) for name in names}), **given)

    for add in reversed(_SERVICE):
        with_connection = add(with_connection)
    return with_connection


_SERVICE = (
    click.option(
        "--sandbox",
        is_flag=True,
        envvar="IMA_SANDBOX",
        help="Work on the offline sandbox; spends nothing. Also IMA_SANDBOX=1.",
    ),
    click.option(
        "--sandbox-speed",
        type=Positive(),
        envvar="IMA_SANDBOX_SPEED",
        default=60.0,
        metavar="N",
        show_default=True,
        help=_SPEED_HELP,
    ),
    click.option("--base-url", metavar="URL", help="Where the service is; else IMA_BASE_URL."),
    click.option("--upload-base-url", metavar="URL", help="Where uploads go; else IMA_UPLOAD_BASE_URL."),
    click.option("--api-key", metavar="KEY", help="Discouraged: others can see it. Prefer IMA_API_KEY."),
)


def book_options(function: Function) -> Function:
    """Add the options that say of which service the journal's jobs are meant; the command receives ``connection``."""

    @wraps(function)
    def with_connection(*args: Any, sandbox: bool, base_url: str | None, **given: Any) -> Any:
        from ima_skills.cli.session import Connection

        connection = Connection(base_url=base_url, sandbox=sandbox)
        connection.must_agree()
        return function(*args, connection=connection, **given)

    for add in reversed((_BOOK, _SERVED)):
        with_connection = add(with_connection)
    return with_connection


_BOOK = click.option(
    "--sandbox", is_flag=True, envvar="IMA_SANDBOX", help="The sandbox's jobs instead of the real ones."
)
_SERVED = click.option(
    "--base-url", metavar="URL", help="Where a sandbox is served, for its jobs; else IMA_BASE_URL."
)


def purse_options(function: Function) -> Function:
    """Add what bounds and books the points that a command may spend, and how they are agreed to at once."""
    return _MAX_POINTS(_YES(_USER_ID(function)))


def bound_options(function: Function) -> Function:
    """Add what bounds and books the points, for a command to which points are agreed in another way."""
    return _MAX_POINTS(_USER_ID(function))


_MAX_POINTS = click.option(
    "--max-points",
    "--max-price",
    type=click.IntRange(min=0),
    envvar="IMA_MAX_POINTS",
    metavar="N",
    help="Refuse to spend more than this; else IMA_MAX_POINTS.",
)
_YES = click.option("--yes", is_flag=True, help="Agree to the price, whatever it is; caps still hold.")
_USER_ID = click.option(
    "--user-id",
    envvar="IMA_USER_ID",
    metavar="ID",
    help="On whose behalf, for receipts and caps; else IMA_USER_ID.",
)
WHOSE = click.option(
    "--user-id",
    envvar="IMA_USER_ID",
    metavar="ID",
    help="Whose; else IMA_USER_ID, else default. Never sent anywhere.",
)


def preference_options(*, wishes: bool = False) -> Callable[[Function], Function]:
    """Add the options about the models that a user has saved.

    Args:
        wishes: Whether the command may save and forget one.
    """

    def decorate(function: Function) -> Function:
        for add in reversed(_WISHES if wishes else ()):
            function = add(function)
        return _IGNORE_PREFERENCE(function)

    return decorate


_IGNORE_PREFERENCE = click.option(
    "--ignore-preference", is_flag=True, help="Leave the saved model out this once."
)
_WISHES = (
    click.option(
        "--remember-model", is_flag=True, help="Save the model that --model names as your usual one."
    ),
    click.option("--recommended", is_flag=True, help="Forget the saved model and take the recommended one."),
)
