"""Renderers of plugins: who renders what, and what a broken one costs."""

from __future__ import annotations

import asyncio
import re
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.domain.request import Request
from ima_skills.errors import JobFailedError
from ima_skills.hookspecs import hookimpl
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import load_plugins
from ima_skills.registry import load_registry
from ima_skills.renderers import Rendered, Renderer, RenderError, RenderJob
from ima_skills.sandbox.desk import _kind
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import render
from ima_skills.sandbox.service import open_sandbox

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.plugin_set import PluginSet

PROMPT = "a secret cat"
JOB = RenderJob("text_to_sketch", "image", PROMPT, "Sketch One", {}, 0, (), None)


def _draw(_job: RenderJob, folder: Path, stem: str) -> Rendered:
    path = folder / f"{stem}.txt"
    path.write_text("drawn", encoding="utf-8")
    return Rendered(path, "txt", 8, 8, None, None)


def _plugins(**makers: Callable[[], Any]) -> PluginSet:
    """Return the first party and plugins with a renderer hook each."""
    plugins = load_plugins(third_party=False)
    for name, maker in makers.items():
        module = ModuleType(name)
        module.ima_sandbox_renderers = hookimpl(maker)  # type: ignore[attr-defined]  # a module like any other
        plugins.admit(name, module)
    return plugins


def _of(function: Any, *task_types: str) -> Callable[[], Any]:
    return lambda: (Renderer(task_types or ("text_to_sketch",), function),)


def _raises(_job: RenderJob, _folder: Path, _stem: str) -> Rendered:
    raise ZeroDivisionError(f"no {PROMPT}")


def _exits(_job: RenderJob, _folder: Path, _stem: str) -> Rendered:
    raise SystemExit(3)


def _empty(_job: RenderJob, folder: Path, stem: str) -> Rendered:
    path = folder / stem
    path.touch()
    return Rendered(path, "txt", None, None, None, None)


def _elsewhere(_job: RenderJob, folder: Path, stem: str) -> Rendered:
    path = folder.parents[1] / stem
    path.write_text("drawn", encoding="utf-8")
    return Rendered(path, "txt", None, None, None, None)


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        (_raises, "raised a ZeroDivisionError"),
        (_exits, "raised a SystemExit"),
        (lambda *_: "nonsense", "returned a str"),
        (lambda _job, folder, stem: Rendered(folder / stem, "txt", None, None, None, None), "left no file"),
        (_empty, "left no file"),
        (_elsewhere, "left no file"),
    ],
    ids=["raises", "exits", "returns nonsense", "no file", "an empty file", "a file elsewhere"],
)
def test_a_broken_renderer_fails_its_media_only(tmp_path: Path, broken: Any, fault: str) -> None:
    """Whatever it does, the media fails with its name, the plugin is blamed, and no word of the prompt is told."""
    plugins = _plugins(bad=_of(broken))
    with pytest.raises(RenderError, match="renderer of the plugin 'bad' is broken") as caught:
        render(JOB, tmp_path / "out", "x", plugins.renderers())
    assert fault in str(caught.value)
    assert fault in plugins.infos["bad"].fault
    assert PROMPT not in str(caught.value) + plugins.infos["bad"].fault
    assert plugins.infos["bad"].state == "active"
    assert list((tmp_path / "out").iterdir()) == []


def test_a_renderer_may_refuse(tmp_path: Path) -> None:
    """A job out of reach is refused in the plugin's own words, which is no fault of it."""

    def refuse(_job: RenderJob, _folder: Path, _stem: str) -> Rendered:
        raise RenderError("That is too long.")

    plugins = _plugins(short=_of(refuse))
    with pytest.raises(RenderError, match=r"^That is too long\.$"):
        render(JOB, tmp_path, "x", plugins.renderers())
    assert plugins.infos["short"].fault == ""


def test_who_renders_what() -> None:
    """Task types of the first party are ours, the first of two plugins renders, and the owner is named."""
    plugins = _plugins(
        one=_of(_draw),
        two=_of(_draw, "text_to_image", "text_to_sketch", "text_to_smell"),
        three=lambda: ("x",),
    )
    assert sorted(plugins.renderers()) == ["text_to_sketch", "text_to_smell"]
    assert plugins.renderers()["text_to_sketch"].plugin == "one"  # type: ignore[attr-defined]  # it is contained
    assert plugins.infos["one"].fault == ""
    assert plugins.infos["two"].fault == (
        "ima_sandbox_renderers: 'text_to_sketch' already belongs to 'one', which keeps it"
    )
    assert plugins.infos["three"].fault == "ima_sandbox_renderers: returned a str, not a Renderer"
    taking = _plugins(thief=_of(_draw, "text_to_image"))
    assert taking.renderers() == {}
    assert "'text_to_image' already belongs to 'image'" in taking.infos["thief"].fault


def test_a_hook_that_breaks_costs_its_renderers_only() -> None:
    """The plugin stays active and the others render."""

    def half() -> Any:
        yield Renderer(("text_to_smell",), _draw)
        raise KeyError("gone")

    plugins = _plugins(half=half, good=_of(_draw))
    assert list(plugins.renderers()) == ["text_to_sketch"]
    assert plugins.infos["half"].state == "active"
    assert re.fullmatch(
        r"ima_sandbox_renderers: KeyError at \S*test_renderers\.py:\d+: gone", plugins.infos["half"].fault
    )


def test_points_come_back_when_a_renderer_breaks(tmp_path: Path) -> None:
    """On the sandbox a broken renderer is a failed media: the job ends, is paid back, and the error names the plugin."""
    plugins = _plugins(bad=_of(_raises))
    brought = {"text_to_image": plugins.renderers()["text_to_sketch"]}
    options = Options(speed=6000, points=50, wait_for_render=True)

    async def go() -> None:
        async with sandbox_client(
            tmp_path / "state",
            plugins=plugins,
            options=options,
            render=lambda job, folder, stem: render(job, folder, stem, brought),
        ) as ima:
            await ima.create(Request("text_to_image", PROMPT, model="seedream-4.5"))

    with pytest.raises(JobFailedError, match="renderer of the plugin 'bad' is broken"):
        asyncio.run(go())
    assert "ZeroDivisionError" in plugins.infos["bad"].fault
    service = open_sandbox(load_registry(), tmp_path / "state")
    assert service.balance() == 50
    service.close()


def test_a_sandbox_asks_the_plugins_of_its_client(tmp_path: Path) -> None:
    """Every sandbox of a client renders with what its plugins bring, and ours where they bring nothing."""
    jobs: list[str] = []

    def note(job: RenderJob, folder: Path, stem: str) -> Rendered:
        jobs.append(job.task_type)
        return _draw(job, folder, stem)

    service = open_sandbox(load_registry(), tmp_path / "s", renderers=_plugins(own=_of(note)).renderers())
    workshop = service._workshop
    made = workshop._render(JOB, tmp_path / "out", "x")
    drawn = workshop._render(
        evolve(JOB, task_type="text_to_image", parameters={"size": "64x64"}), tmp_path / "out", "y"
    )
    service.close()
    assert (jobs, made.format, drawn.format) == (["text_to_sketch"], "txt", "jpg")


@pytest.mark.parametrize(
    ("media_kind", "modality", "kind"),
    [
        ("audio", "sound", "music"),
        ("audio", "tts", "speech"),
        ("video", "film", "video"),
        ("image", "sketch", "image"),
    ],
)
def test_without_a_renderer_the_nearest_of_ours_is_taken(media_kind: str, modality: str, kind: str) -> None:
    """A plugin's task type that nobody renders still comes back as something of its media kind."""
    known = load_registry().task_types["text_to_music"]
    assert _kind(evolve(known, name="text_to_x", media_kind=media_kind, modality=modality)) == kind
