"""Who may take part, and how long their hooks take."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ima_skills.entry_points import Candidate
from ima_skills.errors import UsageError
from ima_skills.hookspecs import hookimpl
from ima_skills.plugin_set import FIRST_PARTY, load_plugins
from ima_skills.resources import data_root
from ima_skills.stopwatch import IMPORT, Spent, Stopwatch
from ima_skills.trust import Trust, read_trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.plugin_set import PluginSet


def _state(plugins: PluginSet) -> tuple[str, str]:
    info = plugins.infos["good"]
    return info.state, info.fault


@pytest.mark.parametrize(
    ("lines", "environ", "state"),
    [
        ("", {}, "active"),
        ('allow = ["good"]', {}, "active"),
        ('allow = ["ima-good"]', {}, "active"),
        ("allow = []", {}, "disabled"),
        ('allow = ["other"]', {}, "disabled"),
        ("", {"IMA_SKILLS_ALLOW_PLUGINS": "other, good"}, "active"),
        ("", {"IMA_SKILLS_ALLOW_PLUGINS": ""}, "disabled"),
        ('allow = ["good"]', {"IMA_SKILLS_ALLOW_PLUGINS": "other"}, "disabled"),
        ('deny = ["ima-good"]', {}, "disabled"),
        ('allow = ["good"]\ndeny = ["good"]', {}, "disabled"),
        ("", {"IMA_SKILLS_DISABLE_PLUGINS": "good"}, "disabled"),
        ("", {"IMA_SKILLS_DISABLE_PLUGINS": "Ima_Good"}, "disabled"),
        ('deny = ["IMA.good"]', {}, "disabled"),
        ('allow = ["Ima-_Good"]', {"IMA_SKILLS_ALLOW_PLUGINS": "GOOD,ima_good"}, "active"),
        ('deny = ["of-another-machine"]', {}, "active"),
    ],
)
def test_lists_of_names(
    installed: Callable[..., None], tmp_path: Path, lines: str, environ: dict[str, str], state: str
) -> None:
    """Lists hold names of plugins or distributions; denied wins, and two lists of allowed ones both count."""
    installed("good")
    sys.modules.pop("ima_good", None)  # another test of this process may have kept it
    (tmp_path / "ima_config.toml").write_text(f"[plugins]\n{lines}\n", encoding="utf-8")
    plugins = load_plugins(environ={"IMA_HOME": str(tmp_path), **environ})
    assert _state(plugins)[0] == state
    assert bool(_state(plugins)[1]) == (state == "disabled")
    assert ("ima_good" in sys.modules) == (state == "active"), "who may not join is not even imported"
    assert {plugins.infos[name].state for name in FIRST_PARTY} == {"active"}


def test_the_first_party_needs_no_permission_but_can_be_denied() -> None:
    """A list of allowed plugins is about others; a denied one is left out, whoever made it."""
    plugins = load_plugins(trust=Trust(frozenset(), frozenset({"video"})), third_party=False)
    assert plugins.infos["video"].state == "disabled"
    assert plugins.infos["image"].state == "active"
    everything = load_plugins(trust=Trust(deny=frozenset({"ima-skills"})), third_party=False)
    assert {info.state for info in everything.infos.values()} == {"active"}


@pytest.mark.parametrize(
    "text",
    [
        "[plugins]\nallow = 'good'",
        "[plugins]\nalow = []",
        "plugins = 3",
        "[plugins",
        "\xff",
        "[pluginz]\ndeny = ['good']",
        "deny = ['good']",
        "[plugins]\ndeny = ['good;video']",
    ],
)
def test_a_list_that_cannot_be_read_lets_nobody_in(tmp_path: Path, text: str) -> None:
    """Nothing is guessed about who may join."""
    (tmp_path / "ima_config.toml").write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError) as caught:
        read_trust({}, tmp_path)
    assert caught.value.name == "bad-trust"


def test_times_add_up() -> None:
    """Calls, their sum and the longest one, also of a call that raises."""
    readings = iter((0.0, 1.0, 10.0, 13.0))
    watch = Stopwatch(lambda: next(readings))
    with watch.measure("p", "h"):
        pass
    with pytest.raises(RuntimeError), watch.measure("p", "h"):
        raise RuntimeError
    assert watch.spent == {("p", "h"): Spent(2, 4.0, 3.0)}


def test_hooks_and_imports_are_timed(installed: Callable[..., None]) -> None:
    """A slow plugin is found by its name."""
    installed("good")
    plugins = load_plugins()
    assert {(name, IMPORT) for name in (*FIRST_PARTY, "good")} <= plugins.stopwatch.spent.keys()
    assert plugins.stopwatch.spent["good", "ima_quirks"].calls == 1
    assert all(0 <= spent.longest <= spent.seconds for spent in plugins.stopwatch.spent.values())


def test_a_schema_of_a_taken_name_is_named_with_its_owner(tmp_path: Path) -> None:
    """Whose schema is used is never a secret: the second plugin is named, and so is the first."""
    for plugin in ("one", "two"):
        folder = tmp_path / plugin / "request"
        folder.mkdir(parents=True)
        for name in ("text_to_smell", *(("text_to_image",) if plugin == "one" else ())):
            (folder / f"{name}.schema.json").write_text(json.dumps({"type": "object"}), encoding="utf-8")

    class Maker:
        def __init__(self, root: Path) -> None:
            self.root = root

        @hookimpl
        def ima_schema_roots(self) -> tuple[Path, ...]:
            return (self.root,)

    plugins = load_plugins(third_party=False)
    for plugin in ("one", "two"):
        plugins.manager.register(Maker(tmp_path / plugin), name=plugin)
        plugins.infos[plugin] = plugins.infos["image"]
    plugins.schema_roots()
    assert "'request/text_to_image' already belongs to 'ima-skills'" in plugins.infos["one"].fault
    assert "'request/text_to_smell' already belongs to 'one'" in plugins.infos["two"].fault


def test_fifty_plugins_are_not_imported_by_a_help_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who asks for the version or help pays for no plugin: none is even looked for."""
    import subprocess

    for number in range(50):
        folder = tmp_path / f"bomb_{number}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: bomb-{number}\nVersion: 1.0\n", encoding="utf-8"
        )
        (folder / "entry_points.txt").write_text(
            f"[ima_skills.plugins]\nbomb{number} = bomb_{number}\n", encoding="utf-8"
        )
        (tmp_path / f"bomb_{number}.py").write_text(
            f"import pathlib\npathlib.Path({str(tmp_path / 'imported')!r}).touch()\n", encoding="utf-8"
        )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for words in (["--version"], ["--help"]):
        ran = subprocess.run(
            [sys.executable, "-m", "ima_skills", *words], capture_output=True, text=True, check=False
        )
        assert ran.returncode == 0, ran.stderr
        assert not (tmp_path / "imported").exists()
    listed = subprocess.run(
        [sys.executable, "-m", "ima_skills", "plugins", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert sum(plugin["name"].startswith("bomb") for plugin in json.loads(listed.stdout)["plugins"]) == 50
    assert (tmp_path / "imported").exists(), "the bombs are real"


def test_a_candidate_goes_by_both_names() -> None:
    """The plugin's own name and that of its distribution mean the same plugin."""
    trust = Trust(deny=frozenset({"dist"}))
    candidate = Candidate("plug", "dist", "1", "module")
    assert trust.objection(candidate.name, candidate.origin, own=False)
    assert not Trust().objection(candidate.name, candidate.origin, own=False)


def test_a_name_for_this_run_must_be_known(installed: Callable[..., None]) -> None:
    """Whoever leaves a plugin out by hand is told when there is none of that name, with the nearest one."""
    installed("good")
    with pytest.raises(UsageError) as caught:
        load_plugins(disable=["vidio"])
    assert (caught.value.name, "Did you mean video?" in caught.value.hint) == ("bad-trust", True)
    assert load_plugins(disable=["Ima_Good"]).infos["good"].state == "disabled"


def test_a_config_file_of_an_editor_of_windows(tmp_path: Path) -> None:
    """A byte-order mark is no fault."""
    (tmp_path / "ima_config.toml").write_bytes(b"\xef\xbb\xbf[plugins]\ndeny = ['video']\n")
    assert (
        load_plugins(environ={"IMA_HOME": str(tmp_path)}, third_party=False).infos["video"].state
        == "disabled"
    )


@pytest.mark.parametrize("line", ["deny = ['goood']", "allow = ['ima_goods']"])
def test_a_slip_of_the_pen_is_no_list(installed: Callable[..., None], tmp_path: Path, line: str) -> None:
    """A name that is nearly that of a plugin stops the command: a ban that bans nothing must not look like one."""
    installed("good")
    (tmp_path / "ima_config.toml").write_text(f"[plugins]\n{line}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="no plugin is called") as caught:
        load_plugins(environ={"IMA_HOME": str(tmp_path)})
    assert (caught.value.name, "Did you mean" in caught.value.hint) == ("bad-trust", True)


def test_a_platform_of_a_taken_name_is_named_with_its_owner(tmp_path: Path) -> None:
    """A messenger that we know keeps our rules; whoever wanted its name is named with us."""
    folder = tmp_path / "root" / "platforms"
    folder.mkdir(parents=True)
    ours = data_root("registry").joinpath("platforms/discord.toml").read_text(encoding="utf-8")
    (folder / "discord.toml").write_text(ours, encoding="utf-8")

    class Maker:
        """Brings a folder."""

        @hookimpl
        def ima_registry_roots(self) -> tuple[Path, ...]:
            """Return it."""
            return (tmp_path / "root",)

    plugins = load_plugins(third_party=False)
    plugins.admit("second", Maker())
    assert plugins.owned_registry_roots() == (("second", tmp_path / "root"),)
    assert plugins.infos["second"].fault == (
        "ima_registry_roots: 'platform discord' already belongs to 'ima-skills', which keeps it"
    )


@pytest.mark.parametrize(
    ("listed", "there", "is_slip"),
    [
        ("paper-kit", "paper-kite", True),
        ("vidio", "video", True),
        ("ima-skills-papr", "ima-skills-paper", True),
        ("ima-skills-suno", "ima-skills-luma", False),
        ("ima-skills-hello", "ima-skills-hailuo", False),
        ("acme-images-pro", "acme-images", False),
        ("sora", "veo", False),
    ],
)
def test_what_counts_as_a_slip(listed: str, there: str, is_slip: bool) -> None:  # noqa: FBT001 - a column
    """Names of other plugins are none, however alike their beginnings are: a list serves several machines."""
    trust = Trust(deny=frozenset({listed}))
    if is_slip:
        with pytest.raises(UsageError, match="no plugin is called"):
            trust.must_mean([there])
    else:
        trust.must_mean([there])


def test_slips_are_found_without_third_parties() -> None:
    """Leaving all others out does not make a mistyped name of ours right."""
    with pytest.raises(UsageError):
        load_plugins(disable=["imagee"], third_party=False)
