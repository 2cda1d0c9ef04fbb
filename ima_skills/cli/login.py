"""``ima-skills login``: check a key and keep it in the system's keyring."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options

if TYPE_CHECKING:
    from ima_skills.cli.output import Output


@click.command(
    "login",
    cls=Command,
    help="Keep an API key in the system's keyring; it is asked for, or read from standard input.",
)
@click.option("--base-url", metavar="URL", help="Where the service is; else IMA_BASE_URL.")
@click.option("--no-check", is_flag=True, help="Keep it without asking the service whether it is good.")
@output_options
def command(output: Output, *, base_url: str | None, no_check: bool) -> None:
    """Log in; see the help text."""
    from ima_skills.key_store import store_key
    from ima_skills.settings import read_settings

    typed = (
        click.prompt(output.say("login.prompt"), hide_input=True, err=True)
        if output.asks()
        else sys.stdin.readline()
    )
    settings = read_settings(typed, base_url, environ={})
    key = settings.key().reveal()
    if not no_check:
        _check(key, base_url, output)
    store_key(key)
    output.document({"ok": True, "checked": not no_check}, [output.say("login.done")])


def _check(key: str, base_url: str | None, output: Output) -> None:
    """Fetch a product list, which costs nothing.

    Raises:
        CredentialError: The service does not accept the key; it is not kept.
        NetworkError: The service cannot be asked.
    """
    from ima_skills.cli.running import Journal, run
    from ima_skills.client import ImaClient
    from ima_skills.settings import read_settings

    async def ask() -> None:
        async with ImaClient(read_settings(key, base_url), language=output.language) as client:
            await client.catalogue("text_to_image")

    run(ask, Journal())
