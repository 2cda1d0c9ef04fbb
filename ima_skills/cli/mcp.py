"""``ima-skills mcp``: serve agents over the Model Context Protocol on stdin and stdout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import (
    bound_options,
    output_options,
    plugin_options,
    preference_options,
    service_options,
)
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.mcp_server.desk import Desk, Understand
    from ima_skills.routing.understanding import Router

# Where files go when nobody says: below the folder that the host works in.
_FOLDER = "ima-out"


@click.command("mcp", cls=Command, help="Serve agents over the Model Context Protocol on stdin and stdout.")
@click.option(
    "--download",
    metavar="DIR",
    type=Place(file_okay=False),
    help="Folder for the files; else ima-out in the current folder.",
)
@click.option(
    "--input-root",
    metavar="DIR",
    type=Place(file_okay=False, exists=True),
    envvar="IMA_INPUT_ROOT",
    help="Take input files from this folder only; else IMA_INPUT_ROOT.",
)
@bound_options
@preference_options()
@service_options
@plugin_options
@output_options
def command(output: Output, connection: Connection, plugin_choice: PluginChoice, **given: Any) -> None:
    """Serve agents; see the help text."""
    must_have_sdk()
    from ima_skills.cli.running import Journal, run
    from ima_skills.mcp_server.server import make_server

    desk = _desk(output, connection, plugin_choice, given)

    async def serve() -> None:
        async with desk.client:
            await make_server(desk, output.language).run_stdio_async()

    run(serve, Journal(flags=connection.flags()))


def must_have_sdk() -> None:
    """Refuse to serve without the SDK.

    Raises:
        MissingExtraError: It is not installed.
    """
    from importlib.util import find_spec

    if find_spec("mcp") is None:
        from ima_skills.errors import MissingExtraError

        raise MissingExtraError(
            "serving agents over MCP needs the MCP SDK",
            hint="pip install 'ima-skills[mcp]', or: uv tool install 'ima-skills[mcp]'",
        )


def _desk(output: Output, connection: Connection, choice: PluginChoice, given: dict[str, Any]) -> Desk:
    from pathlib import Path

    from ima_skills.cli.bookkeeping import caps, open_books
    from ima_skills.cli.preference_book import usual_models
    from ima_skills.cli.session import open_client
    from ima_skills.file_rules import FileRules, user_path
    from ima_skills.mcp_server.desk import Desk

    books = open_books(output, plays=connection.sandbox)
    root = Path(given["input_root"]) if given["input_root"] else None
    client = open_client(
        connection,
        choice,
        output,
        journal=books,
        files=FileRules("skip", root),
        preferences=usual_models(given, output),
    )
    return Desk(
        client,
        books,
        user_path(given["download"] or _FOLDER),
        understander(client, output),
        caps(),
        given["max_points"],
        (given["user_id"] or "").strip(),
    )


def understander(client: ImaClient, output: Output) -> Understand:
    """Return what understands wishes; the words are read when the first one comes.

    Args:
        client: For models and plugins.
        output: Language of a question about a wish without any letter; tells of faulty files on stderr.
    """
    routers: list[Router] = []

    def understand(text: str, inputs: tuple[str, ...]) -> dict[str, Any]:
        from ima_skills.cli.route import load_words, route_document
        from ima_skills.routing import open_router, reconsidered

        if not routers:
            routers.append(open_router(client.registry, load_words(client.plugins, output)))
        language = None if any(letter.isalpha() for letter in text) else output.language
        found = routers[0].route(text, inputs, (), language)
        better = reconsidered(client.plugins, text, found, client.registry)
        return _for_tools(route_document(better, client.registry))

    return understand


# The tool that answers what a command answers on a terminal.
_TOOLS = {("tasks", "list"): "list_tasks", ("models", "list"): "list_models"}


def _for_tools(document: dict[str, Any]) -> dict[str, Any]:
    """Return a route as tools need it: the cap among the arguments of ``generate``, tools instead of commands."""
    command = document.pop("command") or []
    request = document["request"]
    if request is not None and document["max_points"] is not None:
        request = {**request, "max_points": document["max_points"]}
    return {
        **document,
        "request": request,
        "tool": "generate" if request else _TOOLS.get(tuple(command[1:3])),
    }
