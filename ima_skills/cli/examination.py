"""What ``doctor`` looks at, one function per check; a check never raises, it finds."""

from __future__ import annotations

import os
import platform
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ima_skills.cli import state_checks
from ima_skills.cli.findings import Finding, Said, fact, of_an_error, sentence
from ima_skills.errors import ImaError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.plugin_set import PluginSet

_DEPENDENCIES = ("attrs", "cattrs", "click", "httpx", "jsonschema", "pluggy")
# Import name to what it is for; all of them belong to the extra "sandbox", rich to "pretty", mcp to "mcp".
_EXTRAS = {"PIL": "pillow", "av": "av", "espeakng_loader": "espeakng-loader", "uvicorn": "uvicorn"}
_OLDEST = (3, 11)
_SELF_CHECK_SPEED = 100_000.0
_CHINESE = "中文"
_COMMAND = "ima-skills"
# What service managers give to a daemon (OpenClaw's documents).
_SERVICE_PATH = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))
_FONT_PIXELS = 16
_KEY = "IMA_API_KEY"


def examine(
    connection: Connection, choice: PluginChoice, output: Output, *, online: bool
) -> tuple[Finding, ...]:
    """Return what every check found.

    Args:
        connection: Where the service is.
        choice: Which plugins take part.
        output: Language.
        online: Whether the service may be asked.
    """
    plugins, refused = state_checks.usable_plugins(choice)
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("python", _python),
        ("versions", _versions),
        ("command", _command),
        ("key", lambda: _key(connection)),
        ("base-url", lambda: _base_url(connection)),
        ("config", lambda: state_checks.config(refused, output)),
        ("extras", _extras),
        ("plugins", lambda: _plugins(plugins, partial=refused is not None)),
        ("registry", lambda: _registry(plugins)),
        ("cjk-font", _font),
        ("state-folder", state_checks.state_folder),
        ("saved-models", state_checks.saved_models),
        ("journal", state_checks.journal),
        ("sandbox-state", state_checks.sandbox_state),
        ("logs", state_checks.logs),
        ("courier", _courier),
        ("sandbox", lambda: _sandbox(plugins)),
    ]
    if online:
        checks.append(("service", lambda: _service(connection, choice, output)))
    return tuple(_contained(name, check) for name, check in checks)


def _contained(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except ImaError as error:
        return Finding(name, "failed", *of_an_error(error))
    except Exception as error:  # noqa: BLE001 - a check that breaks is itself what the doctor found
        return Finding(name, "failed", fact(type(error).__name__), sentence("debug"))


def _python() -> Finding:
    found = fact(f"{platform.python_version()} ({platform.system()} {platform.machine()})")
    if sys.version_info < _OLDEST:
        return Finding("python", "failed", found, sentence("python"))
    return Finding("python", "ok", found)


def _versions() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    from ima_skills.version import VERSION

    found, missing = [f"ima-skills {VERSION}"], []
    for name in _DEPENDENCIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    there = fact(", ".join(found))
    if missing:
        return Finding("versions", "failed", there, sentence("install", names=", ".join(missing)))
    return Finding("versions", "ok", there)


def _command() -> Finding:
    """Find the command the way an agent host does, also one that a service manager starts with a short PATH."""
    from pathlib import Path
    from shutil import which

    found, hosts = which(_COMMAND), sentence("open-claw")
    if found is None:
        folders = (Path(sys.executable).parent, Path.home() / ".local" / "bin")
        place = next((str(folder) for folder in folders if which(_COMMAND, path=str(folder))), "")
        told = (
            sentence("add-path", folder=place, hosts=hosts)
            if place
            else sentence("install-command", hosts=hosts)
        )
        return Finding("command", "warning", sentence("no-command"), told)
    if which(_COMMAND, path=_SERVICE_PATH) is None:
        hint = sentence("service-path", folder=str(Path(found).parent), hosts=hosts)
        return Finding("command", "ok", fact(found), hint)
    return Finding("command", "ok", fact(found))


def _only(*names: str) -> dict[str, str]:
    """Return these variables of the environment, and no others."""
    return {name: os.environ[name] for name in names if name in os.environ}


def _key(connection: Connection) -> Finding:
    from ima_skills.settings import KEY_PAGE, read_settings

    # Addresses are another check's, as the key is none of theirs.
    if read_settings(connection.api_key, environ=_only(_KEY)).api_key is None:
        return Finding("key", "warning", sentence("no-key"), sentence("make-key", page=KEY_PAGE))
    return Finding("key", "ok", sentence("key"))


def _base_url(connection: Connection) -> Finding:
    from ima_skills.settings import read_settings

    given = connection.base_url, connection.upload_base_url
    settings = read_settings(None, *given, environ=_only("IMA_BASE_URL", "IMA_UPLOAD_BASE_URL"))
    hosts = sentence("hosts", service=settings.base_url, uploads=settings.upload_base_url)
    return Finding("base-url", "ok", hosts)


def _extras() -> Finding:
    lacking = [package for module, package in _EXTRAS.items() if find_spec(module) is None]
    if lacking:
        return Finding(
            "extras", "warning", sentence("no-extras", missing=", ".join(lacking)), sentence("pip-sandbox")
        )
    others = {name: find_spec(name) is not None for name in ("rich", "mcp")}
    there = ", ".join((*_EXTRAS.values(), *(name for name in others if others[name])))
    missing = ", ".join(name for name in others if not others[name])
    return Finding(
        "extras", "ok", sentence("extras", there=there, missing=missing) if missing else fact(there)
    )


def _plugins(plugins: PluginSet, *, partial: bool) -> Finding:
    from ima_skills.cli.plugins import plugins_document

    listed = plugins_document(plugins)["plugins"]
    faults = [f"{plugin['name']}: {plugin['fault']}" for plugin in listed if plugin["fault"]]
    if faults:
        return Finding("plugins", "failed", fact("; ".join(faults)), sentence("leave-out"))
    active = [plugin["name"] for plugin in listed if plugin["state"] == "active"]
    there = ", ".join(active)
    if partial:
        return Finding("plugins", "warning", sentence("without-others", there=there))
    return Finding("plugins", "ok", fact(there))


def _registry(plugins: PluginSet) -> Finding:
    from ima_skills.cli.registry import check_document

    document = check_document(plugins)
    if not document["ok"]:
        faults = sentence("registry-faults", count=len(document["faults"]))
        return Finding("registry", "failed", faults, sentence("check-registry"))
    found = sentence("registry", models=document["models"], files=document["files"])
    return Finding("registry", "ok", found)


def _font() -> Finding:
    if find_spec("PIL") is None:
        return Finding("cjk-font", "warning", sentence("no-pictures"), sentence("pip-sandbox"))
    from ima_skills.sandbox.media.painting.fonts import find_font, font_folders, pen_for

    chosen = os.environ.get("IMA_SANDBOX_FONT")
    found = chosen or find_font(font_folders())
    # A file name promises; only drawing tells.
    if found is None or pen_for(_CHINESE, _FONT_PIXELS).clean(_CHINESE) != _CHINESE:
        return Finding("cjk-font", "warning", sentence("no-font"), sentence("font"))
    return Finding("cjk-font", "ok", fact(str(found)))


def _courier() -> Finding:
    """Start the process that carries creates, and let it go again."""
    import asyncio

    from ima_skills.cli.bookkeeping import writes_nothing
    from ima_skills.courier.sender import Courier
    from ima_skills.delivering import Direct
    from ima_skills.transport import Transport

    async def comes_up() -> bool:
        async with Transport() as transport:
            courier = Courier(Direct(transport))
            try:
                return await courier.comes_up()
            finally:
                await courier.close()

    if writes_nothing():
        return Finding("courier", "ok", sentence("no-write"))
    if asyncio.run(comes_up()):
        return Finding("courier", "ok", sentence("courier"))
    return Finding("courier", "warning", sentence("no-courier"), sentence("careful"))


def _sandbox(plugins: PluginSet) -> Finding:
    """Make a picture on a sandbox that is thrown away, through the whole road."""
    if find_spec("PIL") is None:
        return Finding("sandbox", "warning", sentence("no-sandbox"), sentence("pip-sandbox"))
    import asyncio
    import tempfile

    from ima_skills.domain.request import Request
    from ima_skills.offline import sandbox_client

    async def make(folder: str) -> Said:
        async with sandbox_client(f"{folder}/state", speed=_SELF_CHECK_SPEED, plugins=plugins) as client:
            result = await client.create(Request("text_to_image", "doctor"), download=f"{folder}/out")
            size = result.files[0].bytes if result.files[0] else 0
            return sentence("sandbox", model=result.model_name, size=size)

    with tempfile.TemporaryDirectory(prefix="ima-doctor-") as folder:
        return Finding("sandbox", "ok", asyncio.run(make(folder)))


def _service(connection: Connection, choice: PluginChoice, output: Output) -> Finding:
    from ima_skills.cli.product_lists import live_lists

    lists = live_lists(connection, choice, output, "text_to_image")
    return Finding("service", "ok", sentence("service", count=len(lists.pages[0].leaves)))
