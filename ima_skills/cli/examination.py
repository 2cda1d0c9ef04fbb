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
_FONT_PIXELS = 16


@frozen
class Said:
    """A sentence in both languages.

    Attributes:
        english: In English.
        chinese: In Chinese.
    """

    english: str
    chinese: str


def _say(key: str, **values: str | int | Said) -> Said:
    """Return a sentence of the table; sentences may be put into it."""
    from ima_skills.cli.texts import say

    def spoken(language: str) -> str:
        inner = {
            name: _in(value, language) if isinstance(value, Said) else value for name, value in values.items()
        }
        return say(language, f"doctor.{key}", **inner)

    return Said(spoken("en"), spoken("zh"))


def _in(said: Said, language: str) -> str:
    return said.chinese if language == "zh" else said.english


def _fact(text: str) -> Said:
    """Return what is the same in every language."""
    return Said(text, text)


@frozen
class Finding:
    """What one check found.

    Attributes:
        name: Name of the check.
        state: ``ok``, ``warning`` (something optional is missing) or ``failed``.
        detail: What was found.
        hint: What to do about it; None when nothing is to be done.
    """

    name: str
    state: State
    detail: Said
    hint: Said | None = None

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        hint = self.hint or Said("", "")
        return {
            "name": self.name,
            "state": self.state,
            "detail": self.detail.english,
            "detail_zh": self.detail.chinese,
            "hint": hint.english,
            "hint_zh": hint.chinese,
        }


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
        return Finding(name, "failed", *_of_an_error(error))
    except Exception as error:  # noqa: BLE001 - a check that breaks is itself what the doctor found
        return Finding(name, "failed", _fact(type(error).__name__), _say("debug"))


def _of_an_error(error: ImaError) -> tuple[Said, Said]:
    from ima_skills.cli.documents import error_document
    from ima_skills.cli.error_speech import speak

    document = error_document(error)
    chinese = speak(document, "zh")
    return (
        Said(f"{error.name}: {error.message}", f"{error.name}：{chinese.message}"),
        Said(str(document["hint"]), chinese.advice),
    )


def _python() -> Finding:
    found = _fact(f"{platform.python_version()} ({platform.system()} {platform.machine()})")
    if sys.version_info < _OLDEST:
        return Finding("python", "failed", found, _say("python"))
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
    there = _fact(", ".join(found))
    if missing:
        return Finding("versions", "failed", there, _say("install", names=", ".join(missing)))
    return Finding("versions", "ok", there)


def _command() -> Finding:
    """Find the command the way an agent host does, also one that a service manager starts with a short PATH."""
    from pathlib import Path
    from shutil import which

    found, hosts = which(_COMMAND), _say("open-claw")
    if found is None:
        folders = (Path(sys.executable).parent, Path.home() / ".local" / "bin")
        place = next((str(folder) for folder in folders if which(_COMMAND, path=str(folder))), "")
        told = _say("add-path", folder=place, hosts=hosts) if place else _say("install-command", hosts=hosts)
        return Finding("command", "warning", _say("no-command"), told)
    if which(_COMMAND, path=_SERVICE_PATH) is None:
        hint = _say("service-path", folder=str(Path(found).parent), hosts=hosts)
        return Finding("command", "ok", _fact(found), hint)
    return Finding("command", "ok", _fact(found))


def _key(connection: Connection) -> Finding:
    from ima_skills.settings import KEY_PAGE, read_settings

    if read_settings(connection.api_key, connection.base_url, connection.upload_base_url).api_key is None:
        return Finding("key", "warning", _say("no-key"), _say("make-key", page=KEY_PAGE))
    return Finding("key", "ok", _say("key"))


def _base_url(connection: Connection) -> Finding:
    from ima_skills.settings import read_settings

    settings = read_settings(connection.api_key, connection.base_url, connection.upload_base_url)
    hosts = _say("hosts", service=settings.base_url, uploads=settings.upload_base_url)
    return Finding("base-url", "ok", hosts)


def _extras() -> Finding:
    lacking = [package for module, package in _EXTRAS.items() if find_spec(module) is None]
    if lacking:
        return Finding(
            "extras", "warning", _say("no-extras", missing=", ".join(lacking)), _say("pip-sandbox")
        )
    others = {name: find_spec(name) is not None for name in ("rich", "mcp")}
    there = ", ".join((*_EXTRAS.values(), *(name for name in others if others[name])))
    missing = ", ".join(name for name in others if not others[name])
    return Finding("extras", "ok", _say("extras", there=there, missing=missing) if missing else _fact(there))


def _plugins(plugins: PluginSet) -> Finding:
    from ima_skills.cli.plugins import plugins_document

    listed = plugins_document(plugins)["plugins"]
    faults = [f"{plugin['name']}: {plugin['fault']}" for plugin in listed if plugin["fault"]]
    if faults:
        return Finding("plugins", "failed", _fact("; ".join(faults)), _say("leave-out"))
    active = [plugin["name"] for plugin in listed if plugin["state"] == "active"]
    return Finding("plugins", "ok", _fact(", ".join(active)))


def _registry(plugins: PluginSet) -> Finding:
    from ima_skills.cli.registry import check_document

    document = check_document(plugins)
    if not document["ok"]:
        faults = _say("registry-faults", count=len(document["faults"]))
        return Finding("registry", "failed", faults, _say("check-registry"))
    found = _say("registry", models=document["models"], files=document["files"])
    return Finding("registry", "ok", found)


def _font() -> Finding:
    if find_spec("PIL") is None:
        return Finding("cjk-font", "warning", _say("no-pictures"), _say("pip-sandbox"))
    from ima_skills.sandbox.media.painting.fonts import find_font, font_folders, pen_for

    chosen = os.environ.get("IMA_SANDBOX_FONT")
    found = chosen or find_font(font_folders())
    # A file name promises; only drawing tells.
    if found is None or pen_for(_CHINESE, _FONT_PIXELS).clean(_CHINESE) != _CHINESE:
        return Finding("cjk-font", "warning", _say("no-font"), _say("font"))
    return Finding("cjk-font", "ok", _fact(str(found)))


def _state_folder() -> Finding:
    from ima_skills.cli.bookkeeping import writes_nothing
    from ima_skills.settings import state_home

    folder = state_home()
    if writes_nothing():
        return Finding("state-folder", "ok", _say("no-write"))
    refused = _unwritable(folder, 0o777)
    if refused:
        return Finding("state-folder", "failed", _fact(f"{folder}: {refused}"), _say("writable"))
    return Finding("state-folder", "ok", _fact(str(folder)))


def _logs() -> Finding:
    from ima_skills.cli.log_keeping import open_log

    log = open_log()
    if log is None:
        return Finding("logs", "ok", _say("no-write"))
    refused = _unwritable(log.folder, 0o700)
    if refused:
        # Nothing needs a log; the work goes on without.
        return Finding("logs", "warning", _fact(f"{log.folder}: {refused}"), _say("writable"))
    return Finding("logs", "ok", _say("logs", folder=str(log.folder), level=log.least.name.lower()))


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
        return Finding("courier", "ok", _say("no-write"))
    if asyncio.run(comes_up()):
        return Finding("courier", "ok", _say("courier"))
    return Finding("courier", "warning", _say("no-courier"), _say("careful"))


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
        return Finding("sandbox", "warning", _say("no-sandbox"), _say("pip-sandbox"))
    import asyncio
    import tempfile

    from ima_skills.domain.request import Request
    from ima_skills.offline import sandbox_client

    async def make(folder: str) -> Said:
        async with sandbox_client(f"{folder}/state", speed=_SELF_CHECK_SPEED, plugins=plugins) as client:
            result = await client.create(Request("text_to_image", "doctor"), download=f"{folder}/out")
            size = result.files[0].bytes if result.files[0] else 0
            return _say("sandbox", model=result.model_name, size=size)

    with tempfile.TemporaryDirectory(prefix="ima-doctor-") as folder:
        return Finding("sandbox", "ok", asyncio.run(make(folder)))


def _service(connection: Connection, choice: PluginChoice, output: Output) -> Finding:
    from ima_skills.cli.product_lists import live_lists

    lists = live_lists(connection, choice, output, "text_to_image")
    return Finding("service", "ok", _say("service", count=len(lists.pages[0].leaves)))
