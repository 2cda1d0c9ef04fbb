"""The example plugin, installed from its folder, adds a model and a quirk without touching the core."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ima_skills import Request, load_plugins, load_registry
from ima_skills.domain.task import Result
from ima_skills.errors import PluginError
from ima_skills.offline import sandbox_client

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "ima-skills-example"


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Install the example the way an installer leaves it: package and metadata in one folder."""
    site = tmp_path / "site"
    info = site / "ima_skills_example-0.1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ima-skills-example\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[ima_skills.plugins]\nexample = ima_skills_example\n")
    (site / "ima_skills_example").symlink_to(EXAMPLE / "ima_skills_example")
    monkeypatch.syspath_prepend(str(site))
    yield site
    sys.modules.pop("ima_skills_example", None)


def make(tmp_path: Path, request: Request) -> Result:
    async def work() -> Result:
        async with sandbox_client(tmp_path / "state", speed=600) as ima:
            return await ima.create(request, download=tmp_path / "out")

    return asyncio.run(work())


def test_model_and_quirk_work(installed: Path, tmp_path: Path) -> None:
    """The sandbox serves the plugin's model at its price, and its quirk shapes the parameters."""
    result = make(tmp_path, Request("text_to_image", "a lighthouse", model="速写", params={"lines": "fine"}))
    assert (result.model_name, result.credit) == ("Sketch One", 3)
    assert result.params["strokes"] == 400
    assert [change.param for change in result.changes] == ["strokes"]
    assert result.files[0] is not None
    assert Path(result.files[0].path).stat().st_size > 1000


def test_plugin_is_listed_with_its_origin(installed: Path) -> None:
    """The plugin list names the distribution, its version and its hooks."""
    info = load_plugins().infos["example"]
    assert (info.origin, info.version, info.state) == ("ima-skills-example", "0.1.0", "active")
    assert info.hooks == ("ima_quirks", "ima_registry_roots")


def test_without_the_plugin_its_model_is_unknown() -> None:
    """Nothing of the model is in the core."""
    assert load_registry(load_plugins(third_party=False).registry_roots()).find("sketch") is None


def test_a_model_without_its_quirk_is_refused(installed: Path, tmp_path: Path) -> None:
    """Going on without a quirk that a registry file names could cost points for nothing."""
    from ima_skills.quirks import chain_for

    entry = load_registry(load_plugins().registry_roots()).models["sketch-one"]
    with pytest.raises(PluginError, match="needs the quirk 'example-strokes'"):
        chain_for(entry, load_plugins(third_party=False).quirks)
