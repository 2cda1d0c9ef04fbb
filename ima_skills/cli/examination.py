"""What ``doctor`` looks at, one function per check; a check never raises, it finds."""

from __future__ import annotations

import os
import platform
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from attrs import frozen

from ima_skills.errors import ImaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.plugin_set import PluginSet

State = Literal["ok", "warning", "failed"]

_DEPENDENCIES = ("attrs", "cattrs", "click", "httpx", "jsonschema", "pluggy")
# Import name to what it is for; all of them belong to the extra "sandbox", rich to "pretty", mcp to "mcp".
_EXTRAS = {"PIL": "pillow", "av": "av", "espeakng_loader": "espeakng-loader", "uvicorn": "uvicorn"}
_OLDEST = (3, 11)
_SELF_CHECK_SPEED = 100_000.0
_CHINESE = "中文"
_COMMAND = "ima-skills"
# What service managers give to a daemon (OpenClaw's documents).
_SERVICE_PATH = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin"))
_HOSTS = "In OpenClaw, name the folder in tools.exec.pathPrepend."
_WRITABLE = "Set IMA_HOME to a folder that can be written."
_FONT_PIXELS = 16


@frozen
class Finding:
    """What one check found.

    Attributes:
        name: Name of the check.
        state: ``ok``, ``warning`` (something optional is missing) or ``failed``.
        detail: What was found.
        hint: What to do about it.
    """

    name: str
    state: State
    detail: str
    hint: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        return {"name": self.name, "state": self.state, "detail": self.detail, "hint": self.hint}


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
    plugins = choice.load()
    checks: list[tuple[str, Callable[[], Finding]]] = [
        ("python", _python),
        ("versions", _versions),
        ("command", _command),
        ("key", lambda: _key(connection)),
        ("base-url", lambda: _base_url(connection)),
        ("extras", _extras),
        ("plugins", lambda: _plugins(plugins)),
        ("registry", lambda: _registry(plugins)),
        ("cjk-font", _font),
        ("state-folder", _state_folder),
        ("logs", _logs),
        ("sandbox", lambda: _sandbox(plugins)),
    ]
    if online:
        checks.append(("service", lambda: _service(connection, choice, output)))
    return tuple(_contained(name, check) for name, check in checks)


def _contained(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except ImaError as error:
        return Finding(name, "failed", f"{error.name}: {error.message}", error.hint)
    except Exception as error:  # noqa: BLE001 - a check that breaks is itself what the doctor found
        return Finding(
            name, "failed", type(error).__name__, "Set IMA_DEBUG=1 and run the command that fails."
        )


def _python() -> Finding:
    found = f"{platform.python_version()} ({platform.system()} {platform.machine()})"
    if sys.version_info < _OLDEST:
        return Finding("python", "failed", found, "Install Python 3.11 or newer.")
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
    if missing:
        return Finding("versions", "failed", ", ".join(found), f"Install {', '.join(missing)}.")
    return Finding("versions", "ok", ", ".join(found))


def _command() -> Finding:
    """Find the command the way an agent host does, also one that a service manager starts with a short PATH."""
    from pathlib import Path
    from shutil import which

    found = which(_COMMAND)
    if found is None:
        folders = (Path(sys.executable).parent, Path.home() / ".local" / "bin")
        place = next((str(folder) for folder in folders if which(_COMMAND, path=str(folder))), "")
        told = f"Add {place} to PATH." if place else "Install it with: uv tool install ima-skills"
        return Finding("command", "warning", f"{_COMMAND} is not on PATH", f"{told} {_HOSTS}")
    if which(_COMMAND, path=_SERVICE_PATH) is None:
        folder = Path(found).parent
        hint = f"A host that runs as a service may not look in {folder}. {_HOSTS}"
        return Finding("command", "ok", found, hint)
    return Finding("command", "ok", found)


def _key(connection: Connection) -> Finding:
    from ima_skills.settings import KEY_PAGE, read_settings

    if read_settings(connection.api_key, connection.base_url, connection.upload_base_url).api_key is None:
        return Finding("key", "warning", "not set", f"Create one at {KEY_PAGE} and set IMA_API_KEY.")
    return Finding("key", "ok", "set")


def _base_url(connection: Connection) -> Finding:
    from ima_skills.settings import read_settings

    settings = read_settings(connection.api_key, connection.base_url, connection.upload_base_url)
    return Finding("base-url", "ok", f"{settings.base_url}, uploads {settings.upload_base_url}")


def _extras() -> Finding:
    missing = [package for module, package in _EXTRAS.items() if find_spec(module) is None]
    rich = ", ".join(name if find_spec(name) else f"no {name}" for name in ("rich", "mcp"))
    if missing:
        hint = "pip install 'ima-skills[sandbox]'"
        return Finding("extras", "warning", f"missing: {', '.join(missing)}; {rich}", hint)
    return Finding("extras", "ok", f"{', '.join(_EXTRAS.values())}, {rich}")


def _plugins(plugins: PluginSet) -> Finding:
    from ima_skills.cli.plugins import plugins_document

    listed = plugins_document(plugins)["plugins"]
    faults = [f"{plugin['name']}: {plugin['fault']}" for plugin in listed if plugin["fault"]]
    if faults:
        hint = "Leave it out with --disable-plugin, or set IMA_SKILLS_NO_THIRD_PARTY=1."
        return Finding("plugins", "failed", "; ".join(faults), hint)
    active = [plugin["name"] for plugin in listed if plugin["state"] == "active"]
    return Finding("plugins", "ok", ", ".join(active))


def _registry(plugins: PluginSet) -> Finding:
    from ima_skills.cli.registry import check_document

    document = check_document(plugins)
    if not document["ok"]:
        count = len(document["faults"])
        return Finding("registry", "failed", f"{count} faults", "Run: ima-skills registry check")
    return Finding("registry", "ok", f"{document['models']} models in {document['files']} files")


def _font() -> Finding:
    if find_spec("PIL") is None:
        return Finding("cjk-font", "warning", "pictures cannot be drawn", "pip install 'ima-skills[sandbox]'")
    from ima_skills.sandbox.media.painting.fonts import find_font, font_folders, pen_for

    chosen = os.environ.get("IMA_SANDBOX_FONT")
    found = chosen or find_font(font_folders())
    # A file name promises; only drawing tells.
    if found is None or pen_for(_CHINESE, _FONT_PIXELS).clean(_CHINESE) != _CHINESE:
        hint = "Install a CJK font (fonts-noto-cjk) to see Chinese text on sandbox pictures."
        return Finding("cjk-font", "warning", "none found", hint)
    return Finding("cjk-font", "ok", str(found))


def _state_folder() -> Finding:
    from ima_skills.cli.bookkeeping import writes_nothing
    from ima_skills.settings import state_home

    folder = state_home()
    if writes_nothing():
        return Finding("state-folder", "ok", "not used, because of IMA_NO_WRITE=1")
    refused = _unwritable(folder, 0o777)
    if refused:
        return Finding("state-folder", "failed", f"{folder}: {refused}", _WRITABLE)
    return Finding("state-folder", "ok", str(folder))


def _logs() -> Finding:
    from ima_skills.cli.log_keeping import open_log

    log = open_log()
    if log is None:
        return Finding("logs", "ok", "not used, because of IMA_NO_WRITE=1")
    refused = _unwritable(log.folder, 0o700)
    if refused:
        # Nothing needs a log; the work goes on without.
        return Finding("logs", "warning", f"{log.folder}: {refused}", _WRITABLE)
    return Finding("logs", "ok", f"{log.folder}, level {log.least.name.lower()}")


def _unwritable(folder: Path, mode: int) -> str | None:
    """Return why nothing can be written in a folder, which is made with a mode when missing; None if it can."""
    import tempfile

    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def _sandbox(plugins: PluginSet) -> Finding:
    """Make a picture on a sandbox that is thrown away, through the whole road."""
    if find_spec("PIL") is None:
        return Finding("sandbox", "warning", "cannot render", "pip install 'ima-skills[sandbox]'")
    import asyncio
    import tempfile

    from ima_skills.domain.request import Request
    from ima_skills.offline import sandbox_client

    async def make(folder: str) -> str:
        async with sandbox_client(f"{folder}/state", speed=_SELF_CHECK_SPEED, plugins=plugins) as client:
            result = await client.create(Request("text_to_image", "doctor"), download=f"{folder}/out")
            return f"{result.model_name} made a picture of {result.files[0].bytes if result.files[0] else 0} bytes"

    with tempfile.TemporaryDirectory(prefix="ima-doctor-") as folder:
        return Finding("sandbox", "ok", asyncio.run(make(folder)))


def _service(connection: Connection, choice: PluginChoice, output: Output) -> Finding:
    from ima_skills.cli.product_lists import live_lists

    lists = live_lists(connection, choice, output, "text_to_image")
    return Finding("service", "ok", f"answers, with {len(lists.pages[0].leaves)} models for text_to_image")
