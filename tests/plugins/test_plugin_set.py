"""Plugin sets: first party, third parties, and what each kind of broken plugin costs."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills import hookimpl
from ima_skills.domain.event import Created, Quoted
from ima_skills.domain.problem import Problem
from ima_skills.domain.reflection import Attempt, Refusal
from ima_skills.domain.request import Quote, Request
from ima_skills.domain.route import Route
from ima_skills.entry_points import Candidate, third_party_candidates
from ima_skills.plugin_set import FIRST_PARTY, load_plugins
from ima_skills.registry import load_registry
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.plugin_set import PluginSet

FOLDER = Path(__file__).parents[1] / "third_party"
HARMFUL = sorted(folder.name for folder in FOLDER.iterdir() if folder.is_dir() and folder.name != "good")


def _states(plugins: PluginSet) -> dict[str, str]:
    return {name: info.state for name, info in plugins.infos.items()}


def test_first_party() -> None:
    """The built-in answer and the four modalities are there, with version, origin and hooks."""
    plugins = load_plugins(third_party=False)
    assert (
        list(plugins.infos)
        == list(FIRST_PARTY)
        == ["reflection", "image", "video", "music", "tts", "knowledge"]
    )
    assert set(plugins.modalities) == {"image", "video", "music", "tts"}
    assert {"seedance-references", "tts-native", "suno-model-version"} <= set(plugins.quirks)
    assert plugins.infos["reflection"].hooks == ("ima_reflect",)
    assert {info.origin for info in plugins.infos.values()} == {"ima-skills"}
    assert {(info.state, info.fault) for info in plugins.infos.values()} == {("active", "")}


def test_third_party_joins(installed: Callable[..., None]) -> None:
    """An installed distribution joins with everything it brings, and is listed with its origin."""
    installed("good")
    plugins = load_plugins()
    info = plugins.infos["good"]
    assert (info.origin, info.version, info.state, info.fault) == ("ima-good", "1.0", "active", "")
    assert info.hooks == (
        "ima_check_request", "ima_modalities", "ima_observe", "ima_quirks", "ima_reflect", "ima_registry_roots", "ima_schema_roots",
    )  # fmt: skip
    assert "sketch" in plugins.modalities
    assert "pencil" in plugins.quirks
    registry = load_registry(plugins.registry_roots())
    assert registry.models["sketch-one"].quirks == ("pencil",)
    assert registry.task_types["text_to_sketch"].prompt_max == 100
    assert open_schemas(plugins.schema_roots()).problems("request/text_to_sketch", {"prompt": "x"})


def test_no_third_party(installed: Callable[..., None]) -> None:
    """Third parties stay out by argument and by variable; their modules are not even imported."""
    installed("good")
    for plugins in (
        load_plugins(third_party=False),
        load_plugins(environ={"IMA_SKILLS_NO_THIRD_PARTY": "1"}),
    ):
        assert "good" not in plugins.infos
    assert "ima_good" not in sys.modules
    assert "good" in load_plugins(environ={"IMA_SKILLS_NO_THIRD_PARTY": "0"}).infos


@pytest.mark.parametrize("way", ["argument", "variable", "process"])
def test_disabling(installed: Callable[..., None], monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Plugins are disabled by argument and by variable, are listed as such, and are not imported."""
    installed("good")
    if way == "process":
        monkeypatch.setenv("IMA_SKILLS_DISABLE_PLUGINS", "good, video,,")
    plugins = load_plugins(
        disable=["good", "video"] if way == "argument" else (),
        environ={"IMA_SKILLS_DISABLE_PLUGINS": " video ,good"} if way == "variable" else None,
    )
    assert (_states(plugins)["good"], _states(plugins)["video"]) == ("disabled", "disabled")
    assert "ima_good" not in sys.modules
    assert set(plugins.modalities) == {"image", "music", "tts"}
    assert "seedance-references" not in plugins.quirks
    assert plugins.registry_roots() == ()


@pytest.mark.parametrize(
    ("name", "plugin", "fault"),
    [
        ("broken_import", "broken-import", "ZeroDivisionError at ima_broken_import.py:3: broken at import"),
        ("exits", "exits", "SystemExit at ima_exits.py:3: missing licence"),
        ("missing_module", "missing-module", "ModuleNotFoundError: No module named 'ima_missing_module'"),
        ("misspelt", "misspelt", "there is no hook called ima_obsrve"),
        (
            "wrong_argument",
            "wrong-argument",
            "PluginValidationError: Plugin 'wrong-argument' for hook 'ima_observe'",
        ),
        ("half", "half", "ima_quirks: RuntimeError at ima_half.py:20: no quirks today"),
        ("broken_metadata", "ima_torn", "its installation is broken: "),
    ],
)
def test_a_failing_plugin_costs_only_itself(
    installed: Callable[..., None], name: str, plugin: str, fault: str
) -> None:
    """A plugin that cannot be loaded is named with its fault; everything else works as before."""
    installed("good", name)
    plugins = load_plugins()
    info = plugins.infos[plugin]
    assert info.state == "failed"
    assert info.fault.startswith(fault)
    assert not plugins.manager.has_plugin(plugin)
    assert "hologram" not in plugins.modalities
    assert {label for label, state in _states(plugins).items() if state == "active"} == {*FIRST_PARTY, "good"}


def test_a_distribution_without_a_name(installed: Callable[..., None]) -> None:
    """A distribution whose metadata says nothing is named as well as can be, and costs only itself."""
    installed("nameless")
    (failed,) = [info for info in load_plugins().infos.values() if info.state == "failed"]
    assert "nameless" in failed.name
    assert failed.fault


def test_clashing_names(installed: Callable[..., None]) -> None:
    """A name that two plugins claim stays with the first one; the fault names both."""
    installed("clashing")
    plugins = load_plugins()
    info = plugins.infos["clashing"]
    assert (info.state, info.fault) == (
        "active", "ima_quirks: 'seedance-references' already belongs to 'video', which keeps it",
    )  # fmt: skip
    assert plugins.modalities["video"].task_types
    assert plugins.quirks["seedance-references"].check_inputs is not None
    assert "harmless" in plugins.quirks


def test_an_impostor(installed: Callable[..., None]) -> None:
    """An entry point with the name of a first-party plugin is refused and named with its origin."""
    installed("impostor")
    plugins = load_plugins()
    assert plugins.infos["video"].origin == "ima-skills"
    refused = plugins.infos["video (ima-impostor)"]
    assert (refused.state, refused.fault) == ("failed", "the name 'video' already belongs to ima-skills")
    assert "ima_impostor" not in sys.modules


def test_two_third_parties_of_one_name() -> None:
    """Of two distributions with one entry-point name the first by name joins, the other is refused."""
    found = [Candidate("same", origin, "1", "json") for origin in ("a-first", "b-second")]
    plugins = load_plugins(find=lambda: found, environ={})
    assert plugins.infos["same"].origin == "a-first"
    assert plugins.infos["same (b-second)"].fault == "the name 'same' already belongs to a-first"


def _attempt(leaf: Callable[..., ProductLeaf]) -> Attempt:
    wan = leaf("Wan 2.6")
    return Attempt(1, wan, {"duration": 5, "resolution": "1080P"}, Quote(wan.rules[1], 1))


def test_raising_hooks(installed: Callable[..., None], leaf: Callable[..., ProductLeaf]) -> None:
    """A hook that raises, or tries to end the process, is skipped and named; the built-in answer follows."""
    installed("raising")
    plugins = load_plugins()
    assert plugins.opinions(Request("text_to_video", "x"), None, leaf("Wan 2.6")) == []
    assert plugins.infos["raising"].fault == "ima_check_request: KeyError at ima_raising.py:19: lazy"
    decision = plugins.decide(Refusal("service-fault", 500, "degrade", ""), _attempt(leaf))
    assert type(decision).__name__ == "Retry"
    assert plugins.infos["raising"].fault == "ima_reflect: SystemExit at ima_raising.py:25: 3"
    plugins.tell(Created("t1", 1))
    assert plugins.infos["raising"].fault == "ima_observe: ValueError at ima_raising.py:31: do not look at me"
    assert plugins.infos["raising"].state == "active"


def test_strange_answers(installed: Callable[..., None], leaf: Callable[..., ProductLeaf]) -> None:
    """Answers of the wrong type are left out and named; good ones of the same plugin count."""
    installed("strange")
    plugins = load_plugins()
    assert "fake" not in plugins.modalities
    assert "decent" in plugins.quirks
    assert "" not in plugins.quirks
    assert plugins.infos["strange"].fault == "ima_quirks: returned a Quirk without a name"
    assert plugins.opinions(Request("text_to_video", "x"), None, leaf("Wan 2.6")) == []
    assert plugins.infos["strange"].fault == "ima_check_request: returned a str"
    decision = plugins.decide(Refusal("service-fault", 500, "degrade", ""), _attempt(leaf))
    assert type(decision).__name__ == "Retry"
    assert plugins.infos["strange"].fault == "ima_reflect: returned a str, not a decision"
    plugins.tell(Created("t1", 1))


def test_bad_roots(installed: Callable[..., None]) -> None:
    """Folders that are missing or broken are left out and named; the good ones of others stay."""
    installed("good", "bad_roots")
    plugins = load_plugins()
    roots = plugins.registry_roots()
    assert roots == (FOLDER / "good" / "registry",)
    assert plugins.infos["bad-roots"].fault.startswith("ima_registry_roots: ")
    assert "sketch-one" in load_registry(roots).models
    assert plugins.schema_roots() == (FOLDER / "good" / "schemas",)
    assert plugins.infos["bad-roots"].fault == "ima_schema_roots: 5 is no folder"


def test_a_root_that_repeats_a_model(installed: Callable[..., None], tmp_path: Path) -> None:
    """A root whose model is already defined costs its own plugin only."""
    installed("good")
    plugins = load_plugins()
    again = importlib.import_module("ima_good")
    plugins.manager.unregister(name="good")
    (tmp_path / "image").mkdir()
    text = 'id = "suno"\nname = "S"\nmodality = "music"\nstatus = "production"\n'
    (tmp_path / "image" / "suno.toml").write_text(text)
    again.HERE = tmp_path  # type: ignore[attr-defined]  # the fake plugin's own folder
    (tmp_path / "registry").symlink_to(tmp_path, target_is_directory=True)
    plugins.manager.register(again, name="good")
    assert plugins.registry_roots() == ()
    assert "model 'suno' is already defined" in plugins.infos["good"].fault


def test_everything_harmful_at_once(installed: Callable[..., None], leaf: Callable[..., ProductLeaf]) -> None:
    """All broken plugins together cost only themselves; the first party and the good one do everything."""
    installed(*HARMFUL, "good")
    plugins = load_plugins()
    active = {name for name, state in _states(plugins).items() if state == "active"}
    assert {*FIRST_PARTY, "good"} <= active
    assert load_registry(plugins.registry_roots()).models["sketch-one"]
    assert plugins.opinions(Request("text_to_video", "x"), None, leaf("Wan 2.6")) == []
    plugins.tell(Created("t1", 1))
    assert len([info for info in plugins.infos.values() if info.fault]) >= 10


def test_two_sets_never_meet(installed: Callable[..., None]) -> None:
    """Two plugin sets share neither manager nor tables nor faults."""
    installed("raising")
    first, second = load_plugins(), load_plugins(disable=["tts"])
    first.tell(Created("t1", 1))
    assert first.infos["raising"].fault
    assert second.infos["raising"].fault == ""
    assert "tts" in first.modalities
    assert "tts" not in second.modalities
    assert first.manager is not second.manager


def test_candidates_are_found_without_importing(installed: Callable[..., None]) -> None:
    """Finding third parties reads metadata only; the first folder of the path wins; our own name is left out."""
    installed("good", "exits")
    found = third_party_candidates()
    assert [(c.name, c.origin, c.module) for c in found if c.name in ("good", "exits")] == [
        ("exits", "ima-exits", "ima_exits"), ("good", "ima-good", "ima_good"),
    ]  # fmt: skip
    assert "ima_good" not in sys.modules
    assert third_party_candidates([str(FOLDER / "good"), "/nowhere", "", str(FOLDER / "README.md")]) == (
        Candidate("good", "ima-good", "1.0", "ima_good"),
    )


def test_our_own_distribution_is_no_third_party(tmp_path: Path) -> None:
    """Whatever its folder is called, our own distribution is not loaded a second time."""
    info: Any = tmp_path / "Ima_Skills-9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: Ima_Skills\nVersion: 9\n")
    (info / "entry_points.txt").write_text("[ima_skills.plugins]\nextra = json\n")
    assert third_party_candidates([str(tmp_path)]) == ()


class Meddler:
    """Changes whatever it is handed."""

    @hookimpl
    def ima_check_request(self, request: Request) -> tuple[Problem, ...]:
        """Slip in a parameter, and turn a list around."""
        request.params["aspect_ratio"] = "21:9"  # type: ignore[index]  # what a careless plugin does
        request.params["list"].append(3)
        return ()

    @hookimpl
    def ima_reflect(self, attempt: Attempt) -> None:
        """Empty the values."""
        attempt.values.clear()  # type: ignore[attr-defined]  # likewise


def test_what_is_handed_out_is_a_copy(leaf: Callable[..., ProductLeaf]) -> None:
    """A hook that changes its arguments changes nothing that is sent or priced."""
    plugins = load_plugins(third_party=False)
    plugins.admit("meddler", Meddler())
    request = Request("text_to_video", "x", params={"list": [1]})
    assert plugins.opinions(request, None, leaf("Wan 2.6")) == []
    attempt = _attempt(leaf)
    plugins.decide(Refusal("service-fault", 500, "degrade", ""), attempt)
    assert (dict(request.params), attempt.values["duration"]) == ({"list": [1]}, 5)
    assert plugins.infos["meddler"].fault == ""


def test_faults_are_told_once(installed: Callable[..., None], leaf: Callable[..., ProductLeaf]) -> None:
    """Whoever listens hears of a fault while it happens: "plugins list" is another process."""
    installed("raising")
    plugins = load_plugins()
    heard: list[tuple[str, str]] = []
    plugins.on_fault = lambda name, fault: heard.append((name, fault))
    for _ in range(2):
        plugins.opinions(Request("text_to_video", "x"), None, leaf("Wan 2.6"))
    assert heard == [("raising", "ima_check_request: KeyError at ima_raising.py:19: lazy")]


class Vandal:
    """Changes what it is told and what it is asked about."""

    @hookimpl
    def ima_observe(self, event: Any) -> None:
        """Make everything free."""
        event.quote.rule.attributes.clear()

    @hookimpl
    def ima_route(self, route: Any) -> None:
        """Slip in a size."""
        route.params["size"] = "1k"


def test_events_and_routes_are_copies(leaf: Callable[..., ProductLeaf]) -> None:
    """What goes on being used is not what a watcher holds: the price list, a result, a route."""
    plugins = load_plugins(third_party=False)
    plugins.admit("vandal", Vandal())
    plugins.infos["vandal"] = evolve(plugins.infos["vandal"], origin="somebody-else")
    quote = _attempt(leaf).quote
    before = dict(quote.rule.attributes)
    plugins.tell(Quoted("text_to_video", "Wan 2.6", "v", quote, (1.0, 2.0), ()))
    route = Route(("image",), "text_to_image", "a fox", params={})
    list(plugins.ask_each("ima_route", text="a fox", route=route))
    assert (dict(quote.rule.attributes), dict(route.params)) == (before, {})
    assert plugins.infos["vandal"].fault == ""
