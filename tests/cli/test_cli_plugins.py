"""``ima-skills plugins list`` and plugins that are wrong."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

GOOD = """
from ima_skills import Quirk, Text, hookimpl

@hookimpl
def ima_quirks():
    return (Quirk("kite-quirk", Text("Cures kites.", "治风筝")),)
"""
BROKEN = "raise RuntimeError('no kites today')\n"


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Return a function that installs a plugin the way an installer leaves it."""
    monkeypatch.delenv("IMA_SKILLS_NO_THIRD_PARTY")
    monkeypatch.syspath_prepend(str(tmp_path))
    names: list[str] = []

    def put(name: str, source: str) -> None:
        info = tmp_path / f"ima_{name}-1.2.3.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ima-{name}\nVersion: 1.2.3\n")
        (info / "entry_points.txt").write_text(f"[ima_skills.plugins]\n{name} = ima_{name}_module\n")
        (tmp_path / f"ima_{name}_module.py").write_text(source, encoding="utf-8")
        names.append(f"ima_{name}_module")

    yield put
    for name in names:
        sys.modules.pop(name, None)


def test_the_first_party(ima: Ima, fits: Fits) -> None:
    """Four modalities, their quirks and the reflection, all active."""
    document = ima("plugins", "list", "--json").document
    fits("plugins", document)
    listed = {plugin["name"]: plugin for plugin in document["plugins"]}
    assert {"image", "video", "music", "tts", "reflection"} <= listed.keys()
    assert all(plugin["state"] == "active" and plugin["fault"] is None for plugin in listed.values())
    assert "seedance-references" in listed["video"]["quirks"]
    assert listed["tts"]["modalities"] == ["tts"]


def test_third_parties_good_and_broken(ima: Ima, fits: Fits, install: Callable[[str, str], None]) -> None:
    """A plugin that fails costs only itself, and is named with its distribution and its fault."""
    install("good", GOOD)
    install("broken", BROKEN)
    document = ima("plugins", "list", "--json").document
    fits("plugins", document)
    listed = {plugin["name"]: plugin for plugin in document["plugins"]}
    assert (listed["good"]["origin"], listed["good"]["version"]) == ("ima-good", "1.2.3")
    assert listed["good"]["quirks"] == ["kite-quirk"]
    assert listed["broken"]["state"] == "failed"
    assert "no kites today" in listed["broken"]["fault"]
    text = ima("plugins", "list").out
    assert "broken: RuntimeError at ima_broken_module.py:1: no kites today" in text
    assert ima("models", "list", "--offline").code == 0
    doctor = ima("doctor", "--json")
    assert doctor.code == 6
    assert "broken" in next(
        check["detail"] for check in doctor.document["checks"] if check["name"] == "plugins"
    )


def test_leaving_plugins_out(ima: Ima, install: Callable[[str, str], None]) -> None:
    """By name, or all third parties at once."""
    install("good", GOOD)
    listed = ima("plugins", "list", "--disable-plugin", "good", "--json").document["plugins"]
    assert {plugin["name"]: plugin["state"] for plugin in listed}["good"] == "disabled"
    listed = ima("plugins", "list", "--no-third-party", "--json").document["plugins"]
    assert "good" not in {plugin["name"] for plugin in listed}


def test_a_model_without_its_plugin_is_refused(ima: Ima, quick_sandbox: None) -> None:
    """Going on without a quirk could cost points for nothing."""
    ran = ima("create", "a kite", "-m", "seedream-4.5", "--disable-plugin", "image", "--json")
    assert (ran.code, ran.document["code"]) == (6, "missing-modality")


def test_a_deprecated_hook_is_shown(
    ima: Ima, fits: Fits, install: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin with a deprecated hook works, and the list says what it should change, in both languages."""
    from ima_skills import hookspecs

    def ima_quirks() -> None:
        """Declare."""

    warning = DeprecationWarning("ima_quirks goes in 2.0")
    monkeypatch.setattr(hookspecs, "ima_quirks", hookspecs.hookspec(warn_on_impl=warning)(ima_quirks))
    install("good", GOOD)
    document = ima("plugins", "list", "--json").document
    fits("plugins", document)
    listed = {plugin["name"]: plugin for plugin in document["plugins"]}
    assert (listed["good"]["state"], listed["good"]["quirks"]) == ("active", ["kite-quirk"])
    assert listed["good"]["notice"] == "ima_quirks goes in 2.0"
    assert listed["reflection"]["notice"] is None
    assert "good works, but: ima_quirks goes in 2.0" in ima("plugins", "list").out
    assert "good 可用，但请注意：ima_quirks goes in 2.0" in ima("plugins", "list", "--language", "zh").out
