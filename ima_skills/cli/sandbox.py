"""``ima-skills sandbox``: serve the offline sandbox in a process of its own, and look after its state."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import Positive, output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.sandbox.service import SandboxService

_MARKS = ("sandbox.sqlite3", "journal.db")


@click.group("sandbox", cls=Group, help="Serve the offline sandbox, or look after it.")
def command() -> None:
    """Group the commands about the sandbox."""


def _state_option(function: Callable[..., Any]) -> Callable[..., Any]:
    state = click.option(
        "--state",
        type=Place(file_okay=False, path_type=Path),
        metavar="DIR",
        help="Folder of its account, tasks and files; else the one of --sandbox.",
    )
    return state(function)


@command.command(
    "serve",
    cls=Command,
    help="Serve the sandbox on this machine until stopped; prints one JSON line when it is ready.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port; 0 takes a free one.")
@click.option(
    "--speed",
    type=Positive(),
    envvar="IMA_SANDBOX_SPEED",
    default=60.0,
    metavar="N",
    show_default=True,
    help="Seconds of the sandbox that pass in one second.",
)
@click.option(
    "--scenario",
    type=Place(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A TOML file that says what goes wrong.",
)
@click.option("--points", type=click.IntRange(min=0), default=100_000, help="Balance of a new account.")
@click.option("--api-key", metavar="KEY", help="The one key that is accepted; else ima_sandbox.")
@click.option("--allow-remote", is_flag=True, help="Let other machines in; needs --confirm-remote too.")
@click.option("--confirm-remote", is_flag=True, help="Say it the second time.")
@_state_option
@plugin_options
@output_options
def serve_sandbox(output: Output, plugin_choice: PluginChoice, **given: Any) -> None:
    """Serve the sandbox; see the help text."""
    import asyncio

    from ima_skills.sandbox.server import serve

    service = _opened(plugin_choice, given)

    def ready(base_url: str) -> None:
        document = {
            "base_url": base_url,
            "upload_base_url": base_url,
            "api_key": service.options.api_key,
            "speed": service.options.speed,
            "state": str(_folder(given["state"])),
            "sandbox": True,
        }
        output.json(document, indent=None)

    doors = {name: given[name] for name in ("host", "port", "allow_remote", "confirm_remote")}
    try:
        asyncio.run(serve(service, on_ready=ready, **doors))
    finally:
        service.close()


@command.command("balance", cls=Command, help="Show how many points the sandbox's account has left.")
@_state_option
@plugin_options
@output_options
def show_balance(output: Output, plugin_choice: PluginChoice, *, state: Path | None) -> None:
    """Show the balance; see the help text."""
    service = _opened(plugin_choice, {"state": state})
    try:
        document = {"points": service.balance(), "state": str(_folder(state)), "sandbox": True}
    finally:
        service.close()
    output.document(document, [output.say("sandbox.balance", points=document["points"])])


@command.command("reset", cls=Command, help="Forget the sandbox's account, tasks and files.")
@_state_option
@output_options
def reset_sandbox(output: Output, *, state: Path | None) -> None:
    """Forget the state; see the help text."""
    import shutil

    from ima_skills.errors import UsageError

    folder = _folder(state)
    was_there = folder.is_dir() and any(folder.iterdir())
    if was_there:
        # Only what is ours: --state may name any folder.
        if not any((folder / name).is_file() for name in _MARKS):
            raise UsageError(
                f"{folder} holds no state of a sandbox",
                code="no-sandbox-state",
                hint="Nothing was deleted; check the path.",
                details={"folder": str(folder)},
            )
        shutil.rmtree(folder)
    key = "sandbox.reset" if was_there else "sandbox.reset-nothing"
    document = {"reset": was_there, "state": str(folder), "sandbox": True}
    output.document(document, [output.say(key, state=folder)])


def _opened(choice: PluginChoice, given: dict[str, Any]) -> SandboxService:
    from ima_skills.cli.session import load_known
    from ima_skills.errors import UsageError
    from ima_skills.sandbox.knowledge import Options
    from ima_skills.sandbox.service import open_sandbox

    switches: dict[str, Any] = {
        name: given[name] for name in ("speed", "points", "api_key") if given.get(name) is not None
    }
    folder = _folder(given["state"])
    plugins = choice.load()
    try:
        return open_sandbox(
            load_known(plugins),
            folder,
            renderers=plugins.renderers(),
            scenario=given.get("scenario"),
            options=Options(**switches),
        )
    except OSError as error:
        raise UsageError(
            f"the sandbox cannot keep its state in {folder}: {error.strerror or type(error).__name__}",
            code="state-folder",
            hint="Name another folder with --state, or set IMA_HOME.",
            details={"folder": str(folder), "why": error.strerror or type(error).__name__},
        ) from error


def _folder(state: Path | None) -> Path:
    from ima_skills.cli.session import sandbox_state

    return sandbox_state() if state is None else state
