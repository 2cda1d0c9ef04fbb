"""Whatever a plugin lets out, of whatever class, costs only the plugin; Ctrl-C and our own cancellation still work."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ima_skills import Text
from ima_skills.domain.event import Created
from ima_skills.domain.problem import Problem
from ima_skills.domain.request import Request
from ima_skills.domain.route import Route
from ima_skills.domain.task import Media
from ima_skills.entry_points import Candidate
from ima_skills.errors import (
    FaultError,
    ImaError,
    InvalidRequestError,
    PluginError,
    PointsError,
    RegistryError,
)
from ima_skills.hookspecs import hookimpl
from ima_skills.modality import Modality
from ima_skills.plugin_faults import Fence, is_ctrl_c
from ima_skills.plugin_set import PluginInfo, PluginSet, load_plugins
from ima_skills.quirks import Quirk, QuirkChain
from ima_skills.registry import load_registry
from ima_skills.renderers import Contained, RenderError, RenderJob
from ima_skills.routing import reconsidered

ANY: Any = object()
PROMPT = "canary zebra seventeen"
WISH = Request("text_to_image", PROMPT)
FOUND = Route(("image",), "text_to_image", PROMPT)
ESCAPES = (
    asyncio.CancelledError(),
    GeneratorExit(),
    SystemExit(3),
    BaseException("anything"),
    BaseExceptionGroup("some", [GeneratorExit()]),
)
ASKED: dict[str, Callable[[PluginSet], Any]] = {
    "ima_check_request": lambda plugins: plugins.opinions(WISH, None, ANY),
    "ima_recommend": lambda plugins: plugins.recommendation(WISH, ()),
    "ima_route": lambda plugins: reconsidered(plugins, PROMPT, FOUND),
    "ima_reflect": lambda plugins: plugins.decide(ANY, ANY),
    "ima_batch_executor": lambda plugins: plugins.batch_executor(2),
    "ima_observe": lambda plugins: plugins.tell(Created("t1", 1)),
    "ima_sandbox_renderers": lambda plugins: plugins.renderers(),
    "ima_registry_roots": lambda plugins: plugins.registry_roots(),
    "ima_schema_roots": lambda plugins: plugins.schema_roots(),
    "ima_quirks": lambda plugins: plugins.collect(),
    "ima_modalities": lambda plugins: plugins.collect(),
}


def joined(hook: str, asked: Callable[[], Any]) -> PluginSet:
    """Return the knowledge-free first party with one plugin of somebody else."""
    plugins = load_plugins(third_party=False, environ={}, disable=["reflection", "knowledge"])
    module = ModuleType("odd")

    def implementation() -> Any:
        return asked()

    setattr(module, hook, hookimpl(implementation))
    plugins.manager.register(module, name="odd")
    plugins.infos["odd"] = PluginInfo("odd", "somebody-else", "1", "active")
    return plugins


def raising(error: BaseException) -> Callable[[], Any]:
    """Return a hook that raises."""

    def hook() -> Any:
        raise error

    return hook


@pytest.mark.parametrize("error", ESCAPES, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("hook", ASKED)
def test_nothing_escapes_a_hook(hook: str, error: BaseException) -> None:
    """A class that few handlers catch is blamed on the plugin like any other."""
    plugins = joined(hook, raising(error))
    ASKED[hook](plugins)
    assert plugins.infos["odd"].fault.startswith(f"{hook}: {type(error).__name__} at ")


@pytest.mark.parametrize("hook", ASKED)
def test_ctrl_c_goes_on(hook: str) -> None:
    """A person who presses Ctrl-C while a hook runs means the command, not the hook."""
    with pytest.raises(KeyboardInterrupt):
        ASKED[hook](joined(hook, raising(KeyboardInterrupt())))


def test_only_the_main_thread_hears_ctrl_c() -> None:
    """What goes by that name in another thread is a plugin's own; a renderer works in one."""
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(is_ctrl_c(KeyboardInterrupt())))
    thread.start()
    thread.join()
    assert found == [False]
    assert is_ctrl_c(KeyboardInterrupt())


def test_a_real_cancellation_passes() -> None:
    """It arrives where a task awaits, and that is never within a hook."""

    async def work() -> None:
        with Fence():
            pass
        await asyncio.sleep(60)

    async def cancelled() -> bool:
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        return task.cancelled()

    assert asyncio.run(cancelled())


@pytest.mark.parametrize("error", ESCAPES, ids=lambda error: type(error).__name__)
def test_nothing_escapes_an_import(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A module that cannot be imported is one failed plugin, however it fails."""
    (tmp_path / "ima_odd_import.py").write_text(
        f"import asyncio\nraise {'asyncio.' * isinstance(error, asyncio.CancelledError)}{error!r}\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    plugins = load_plugins(find=lambda: [Candidate("odd", "x", "1", "ima_odd_import")], environ={})
    assert plugins.infos["odd"].state == "failed"
    assert f"{type(error).__name__} at ima_odd_import.py:2" in plugins.infos["odd"].fault


@pytest.mark.parametrize("error", ESCAPES, ids=lambda error: type(error).__name__)
def test_nothing_escapes_the_other_parts(error: BaseException, tmp_path: Path) -> None:
    """Quirks, modalities and renderers fail with an error that names them."""
    raises = lambda *_: raising(error)()  # noqa: E731 - one function for three signatures
    quirk = Quirk("odd-quirk", Text("a", "b"), request=raises)
    with pytest.raises(PluginError, match="odd-quirk"):
        QuirkChain((quirk,)).on_request(WISH)
    modality = Modality("odd-kind", (), (), raises, raises, raises)
    with pytest.raises(PluginError, match="odd-kind"):
        modality.placed("text_to_odd", ())
    plugins = joined("ima_quirks", lambda: ())
    plugins.owners["odd-kind"] = "odd"
    media = Media(1, "success")
    assert plugins.shaped(modality, media) is media
    blamed: list[str] = []
    job = RenderJob("text_to_odd", "image", PROMPT, "Odd", {}, 0, (), None)
    with pytest.raises(RenderError, match="odd"):
        Contained("odd", raises, lambda _, fault: blamed.append(fault))(job, tmp_path, "x")
    assert type(error).__name__ in blamed[0]


class Brittle:
    """Breaks whoever looks at it."""

    def __getattribute__(self, name: str) -> Any:
        raise asyncio.CancelledError(name)


@pytest.mark.parametrize("hook", [hook for hook in ASKED if hook != "ima_observe"])
@pytest.mark.parametrize("answer", [Brittle, lambda: [Brittle()]], ids=["alone", "in a list"])
def test_an_answer_that_breaks_whoever_looks(hook: str, answer: Callable[[], Any]) -> None:
    """It costs the plugin a note, and nobody else anything."""
    plugins = joined(hook, answer)
    ASKED[hook](plugins)
    assert plugins.infos["odd"].fault.startswith(f"{hook}: ")


def _reads_a_folder() -> Any:
    load_registry((Path("/tmp") / PROMPT,))  # noqa: S108 - it is not there


@pytest.mark.parametrize("hook", ["ima_check_request", "ima_recommend", "ima_route", "ima_reflect"])
def test_an_error_of_ours_that_a_plugin_lets_out(hook: str) -> None:
    """What code that the plugin called raises is the plugin's fault, and quotes no prompt."""
    plugins = joined(hook, _reads_a_folder)
    ASKED[hook](plugins)
    assert plugins.infos["odd"].fault.startswith(f"{hook}: RegistryError at ")
    assert "zebra" not in plugins.infos["odd"].fault


@pytest.mark.parametrize("hook", ["ima_recommend", "ima_route", "ima_reflect", "ima_batch_executor"])
def test_only_a_check_refuses(hook: str) -> None:
    """An error that a plugin raises itself is an answer of ``ima_check_request`` and a fault of every other hook."""
    plugins = joined(hook, raising(PointsError("not today")))
    ASKED[hook](plugins)
    assert plugins.infos["odd"].fault.startswith(f"{hook}: PointsError at ")


def test_a_refusal_names_its_plugin() -> None:
    """With the class, the code, the hint and the problems that the plugin gave it."""
    problem = Problem("/prompt", "too blue")
    error = PointsError("not\ntoday", code="house", hint="Tomorrow.", problems=(problem,))
    with pytest.raises(PointsError) as caught:
        ASKED["ima_check_request"](joined("ima_check_request", raising(error)))
    told = caught.value.as_dict()
    assert (told["message"], told["code"], told["hint"]) == ("odd: not today", "house", "Tomorrow.")
    assert told["details"] == {"plugin": "odd"}
    assert str(caught.value) == "odd: not today"


def _bent(**facts: Any) -> ImaError:
    error = FaultError("no")
    for name, value in facts.items():
        setattr(error, name, value)
    return error


@pytest.mark.parametrize(
    "error",
    [
        _bent(message=ANY), _bent(message=" "), _bent(hint=5), _bent(name="a b"), _bent(exit_code=0),
        _bent(problems=(ANY,)), _bent(details={"a": ANY}), _bent(task_id=7), _bent(retryable="perhaps"),
        type(PROMPT, (ImaError,), {})("no"),
    ],
)  # fmt: skip
def test_a_refusal_that_cannot_be_told_still_refuses(error: ImaError) -> None:
    """Going on could cost points; the error is one that every caller can show."""
    with pytest.raises(InvalidRequestError, match="odd: this plugin objects without saying why") as caught:
        ASKED["ima_check_request"](joined("ima_check_request", raising(error)))
    json.dumps(caught.value.as_dict())
    assert caught.value.exit_code == 2


def test_a_quirk_refuses_with_errors_about_requests_only() -> None:
    """An error about files of ours, let out by a quirk, names the quirk instead of what it was handed."""

    def refuses(*_: Any) -> Any:
        raise InvalidRequestError("too blue")

    with pytest.raises(InvalidRequestError, match="too blue"):
        QuirkChain((Quirk("odd-quirk", Text("a", "b"), request=refuses),)).on_request(WISH)
    with pytest.raises(PluginError, match="odd-quirk") as caught:
        QuirkChain((Quirk("odd-quirk", Text("a", "b"), request=lambda *_: _reads_a_folder()),)).on_request(
            WISH
        )
    assert "zebra" not in str(caught.value)
    assert isinstance(caught.value.__cause__, RegistryError)


RUNAWAY = """
import asyncio
from ima_skills import Created, hookimpl

@hookimpl
def ima_observe(event):
    if isinstance(event, Created):
        raise asyncio.CancelledError
"""
RUNAWAY_IMPORT = "import asyncio\nraise asyncio.CancelledError\n"


def _ran(folder: Path, text: str, *words: str) -> subprocess.CompletedProcess[str]:
    site = folder / "site"
    info = site / "ima_runaway-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ima-runaway\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ima_skills.plugins]\nrunaway = ima_runaway\n")
    (site / "ima_runaway.py").write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "ima_skills", *words],
        env={**os.environ, "PYTHONPATH": str(site), "IMA_HOME": str(folder / "home"), "LANG": "C.UTF-8"},
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False, timeout=60,
    )  # fmt: skip


def test_a_paid_create_outlives_a_cancelling_watcher(tmp_path: Path) -> None:
    """The result is on stdout, the plugin is named on stderr, and nobody sees a traceback."""
    words = ("create", PROMPT, "--task-type", "text_to_image", "--sandbox", "--yes", "--json")
    ran = _ran(tmp_path, RUNAWAY, *words)
    assert (ran.returncode, json.loads(ran.stdout)["status"]) == (0, "success")
    assert "CancelledError at ima_runaway.py:8" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_commands_outlive_a_cancelling_import(tmp_path: Path) -> None:
    """The plugin is listed with its fault."""
    ran = _ran(tmp_path, RUNAWAY_IMPORT, "plugins", "list", "--json")
    assert ran.returncode == 0
    assert "CancelledError at ima_runaway.py:2" in ran.stdout
