"""The files: complete in every language, guarded by schemas, open to plugins."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ima_skills.cli.error_texts import ERROR_TEXTS
from ima_skills.cli.message_rules import message_faults
from ima_skills.cli.registry import check_document
from ima_skills.cli.registry_check import survey
from ima_skills.domain.event import Finished, Quoted
from ima_skills.errors import ImaError, RegistryError, UsageError
from ima_skills.hookspecs import hookimpl
from ima_skills.messages.failures import Failures
from ima_skills.messages.manner import Manner, languages, open_manner, platforms
from ima_skills.messages.scribe import Scribe
from ima_skills.messages.texts import Lines, flatten, unlike
from ima_skills.plugin_set import PluginSet, load_plugins
from ima_skills.registry import load_registry
from ima_skills.resources import data_root
from ima_skills.schemas import open_schemas

Make = Callable[..., Any]
REGISTRY = Path(str(data_root("registry")))
HOLOGRAM = """\
[task_types.text_to_hologram]
modality = "hologram"
media_kind = "hologram"
label = { en = "Hologram from text", zh = "文生全息图" }
inputs = { minimum = 0, maximum = 0, roles = [], kinds = [] }
prompt_max = 100
n_max = 1
poll_s = 5
deadline_s = 60
progress_s = 15
estimate = [20, 60]
"""
KIND = """\
language = "{language}"
[kinds.hologram]
emoji = "🌀"
noun = "{noun}"
acknowledge = "{ack} 🌀"
note = ""
"""


def parsed(name: str) -> dict[str, Any]:
    """Return a file of the registry."""
    return tomllib.loads((REGISTRY / name).read_text(encoding="utf-8"))


def with_root(root: Path) -> PluginSet:
    """Return the first-party plugins and one more that brings a registry root."""
    plugins = load_plugins(third_party=False, environ={})
    module = ModuleType("visitor")
    module.ima_registry_roots = hookimpl(lambda: (root,))  # type: ignore[attr-defined]  # a plugin is any namespace
    module.ima_registry_roots.__name__ = "ima_registry_roots"
    plugins.admit("visitor", module)
    return plugins


def write(root: Path, **files: str) -> Path:
    """Write files below a root; two underscores stand for a slash."""
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_every_file_obeys_its_schema() -> None:
    """Languages, platforms and failures are guarded."""
    schemas = open_schemas()
    found = {
        str(path): schemas.problems(schema, tomllib.loads(path.read_text(encoding="utf-8")))
        for schema, pattern in (("messages", "messages/*.toml"), ("platform", "platforms/*.toml"))
        for path in REGISTRY.glob(pattern)
    }
    assert len(found) == 6
    assert schemas.problems("failures", parsed("failures.toml")) == ()
    assert set(found.values()) == {()}


def test_both_languages_say_the_same() -> None:
    """Equal keys with equal places, in both directions."""
    english, chinese = (dict(flatten(parsed(f"messages/{name}.toml"))) for name in ("en", "zh"))
    assert [*unlike(english, chinese), *unlike(chinese, english)] == []


def test_every_code_that_we_know_has_its_row(manner: Callable[..., Manner], registry: Any) -> None:
    """No shared code, and none of the service, is left to its exit code."""
    rows = manner().failures.rows
    listed = [code for row in rows for code in row.codes]
    assert sorted(listed) == sorted(set(listed))
    assert {*ERROR_TEXTS, *(row.code for row in registry.errors)} - set(listed) == set()


@pytest.mark.parametrize(
    ("exit_code", "row"),
    [(1, "failed"), (2, "request"), (3, "key"), (4, "points"), (5, "network"), (6, "own"), (7, "unknown")],
)
def test_an_unknown_code_takes_the_row_of_its_exit_code(
    manner: Callable[..., Manner], exit_code: int, row: str
) -> None:
    """A plugin's error is told as what it amounts to."""
    error = ImaError("x", code="of-a-plugin")
    error.exit_code = exit_code  # type: ignore[misc]  # stands for a class of a plugin
    assert manner().failures.of(error).name == row


def test_without_rows_a_failure_still_has_words() -> None:
    """A failure that nothing places is told as one that just happened."""
    assert Failures(()).of(ImaError("x")).name == "failed"


def test_the_first_text_whose_places_are_known_is_said() -> None:
    """Several texts go from the most exact to the plainest; a value that is empty counts as unknown."""
    lines = Lines("en", {"a": ("{x} and {y}", "{x} only", "nothing")})
    assert [lines.say("a", x=1, y=2), lines.say("a", x=1, y=None), lines.say("a", x="")] == [
        "1 and 2", "1 only", "nothing",
    ]  # fmt: skip
    with pytest.raises(KeyError):
        lines.say("b")


def test_a_plugin_brings_a_language_and_a_platform(registry: Any, tmp_path: Path) -> None:
    """Both can be asked for by name; what the language lacks is said in English."""
    platform = (
        (REGISTRY / "platforms" / "plain.toml").read_text(encoding="utf-8").replace('"plain"', '"matrix"')
    )
    texts = (
        'language = "eo"\n[kinds.image]\nemoji = "🎨"\nnoun = "bildo"\nacknowledge = "Jes 🎨"\nnote = ""\n'
    )
    plugins = with_root(write(tmp_path, messages__eo=texts, platforms__matrix=platform))
    assert "eo" in languages(plugins)
    assert "matrix" in platforms(plugins)
    scribe = Scribe(open_manner(registry, plugins, "eo", "matrix"))
    assert scribe.acknowledge("text_to_image")[0].text == "Jes 🎨"
    (start,) = scribe.end(ImaError("x"))
    assert start.args is not None
    assert start.args["message"].startswith("😥 Your bildo has not been started")


def test_a_new_kind_of_media_speaks_neutrally(tmp_path: Path, quote: Make, result: Make) -> None:
    """Without texts of its own it goes by the label of its task type, in both languages."""
    plugins = with_root(write(tmp_path, task_types=HOLOGRAM))
    registry = load_registry(plugins.registry_roots())
    said = {}
    for language in ("en", "zh"):
        scribe = Scribe(open_manner(registry, plugins, language, "discord"))
        events = (
            Quoted("text_to_hologram", "Holo", "h", quote(5), (20, 60), ()),
            Finished(result("text_to_hologram")),
        )
        said[language] = [action.as_dict() for event in events for action in scribe.hear(event, 0.0)]
    first = {
        language: [a["args"]["message"].splitlines()[0] for a in said[language][1:]] for language in said
    }
    assert first == {
        "en": ["✨ Starting your creation (Hologram from text), just a moment…",
               "✅ Your creation (Hologram from text) is ready!"],
        "zh": ["✨ 开始生成文生全息图作品，请稍候……", "✅ 文生全息图作品生成好了！"],
    }  # fmt: skip
    assert said["en"][2]["args"]["media"] == "https://cdn.example.com/1.png"


def test_a_plugin_brings_words_for_its_kind(tmp_path: Path) -> None:
    """A table named after its modality is all that it takes."""
    english = KIND.format(language="en", noun="hologram", ack="Bending light")
    chinese = KIND.format(language="zh", noun="全息图", ack="正在弯曲光线")
    root = write(tmp_path, task_types=HOLOGRAM, messages__en=english, messages__zh=chinese)
    plugins = with_root(root)
    registry = load_registry(plugins.registry_roots())
    replies = [
        Scribe(open_manner(registry, plugins, language)).acknowledge("text_to_hologram")[0].text
        for language in ("en", "zh")
    ]
    assert replies == ["Bending light 🌀", "正在弯曲光线 🌀"]


def test_a_plugins_error_has_its_own_words(registry: Any, tmp_path: Path) -> None:
    """By a row of its own, or by a table named after the code."""
    row = '[[failure]]\nname = "dark"\ncodes = ["too-dark"]\noffer = "retry"\n'
    texts = 'language = "en"\n[failures.dark]\nreason = "It is too dark."\n[failures.too-loud]\nreason = "It is too loud."\n'
    plugins = with_root(write(tmp_path, failures=row, messages__en=texts))
    how = open_manner(registry, plugins, "en")
    for code, reason in (("too-dark", "It is too dark."), ("too-loud", "It is too loud.")):
        (_, action) = Scribe(how).end(ImaError("x", code=code))
        assert action.args is not None
        assert f"• Why: {reason}" in action.args["message"]


def test_a_broken_file_of_a_plugin_costs_only_its_plugin(registry: Any, tmp_path: Path) -> None:
    """The plugin is named with its file, and everybody is spoken to all the same."""
    plugins = with_root(write(tmp_path, messages__en="language = 1\n", failures="failure = [{}]\n"))
    assert Scribe(open_manner(registry, plugins)).acknowledge("text_to_image")
    assert "failures.toml" in plugins.infos["visitor"].fault


def test_unknown_names_are_refused_with_the_nearest(registry: Any, plugins: PluginSet) -> None:
    """A platform or language that does not exist is a clear error that names those that do."""
    with pytest.raises(UsageError, match="feishuu") as platform:
        open_manner(registry, plugins, "en", "feishuu")
    assert platform.value.hint == "Did you mean feishu? There are: discord, feishu, plain, telegram."
    with pytest.raises(UsageError) as language:
        open_manner(registry, plugins, "fr")
    assert language.value.name == "unknown-message-form"


def test_a_broken_platform_of_a_plugin_is_named(registry: Any, tmp_path: Path) -> None:
    """Who asks for it is told which file is wrong."""
    plugins = with_root(write(tmp_path, platforms__matrix='name = "matrix"\n'))
    with pytest.raises(RegistryError, match=r"matrix\.toml"):
        open_manner(registry, plugins, "en", "matrix")


FAULTS = {
    "missing": ({"messages__en": 'language = "en"\n[start]\nhello = "hi"\n', "messages__zh": 'language = "zh"\n'},
                "text-missing"),
    "places": ({"messages__en": 'language = "en"\n[start]\nhello = "hi {points}"\n',
                "messages__zh": 'language = "zh"\n[start]\nhello = "好 {model}"\n'}, "text-places"),
    "taken": ({"messages__en": 'language = "en"\n[start]\nmodel = "mine"\n'}, "twice"),
    "partial": ({"messages__eo": 'language = "eo"\n[start]\nmodel = "{model} ({because})"\n'}, "text-missing"),
    "file": ({"messages__fr": 'language = "en"\n'}, "file-name"),
    "reason": ({"failures": '[[failure]]\nname = "x"\ncodes = ["y"]\noffer = "retry"\n'}, "missing-text"),
    "link": ({"failures": '[[failure]]\nname = "key"\ncodes = ["y"]\noffer = "retry"\nlink_of = "z"\n'},
             "missing-error"),
    "code": ({"failures": '[[failure]]\nname = "key"\ncodes = ["deadline"]\noffer = "retry"\n'}, "twice"),
    "shape": ({"messages__en": 'language = "en"\n[kinds.x]\nnoun = "x"\n'}, "required"),
    "platform": ({"platforms__x": 'name = "x"\n'}, "required"),
}  # fmt: skip


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first party's files about messages, alone: a whole registry takes a second to check."""
    root = tmp_path_factory.mktemp("ours")
    for name in ("messages", "platforms"):
        shutil.copytree(REGISTRY / name, root / name)
    for name in ("errors.toml", "failures.toml"):
        shutil.copy(REGISTRY / name, root / name)
    return root


@pytest.mark.parametrize("name", FAULTS)
def test_registry_check_finds(tmp_path: Path, ours: Path, name: str) -> None:
    """Each way to write such a file wrongly is named with its place; the others' files stay without fault."""
    files, rule = FAULTS[name]
    found = survey((ours, write(tmp_path, **files)), open_schemas())
    faults = [*found.faults, *message_faults(found)]
    assert rule in {fault.rule for fault in faults}
    assert all(str(tmp_path) in fault.file for fault in faults)
    json.dumps([fault.as_dict() for fault in faults])


def test_our_own_files_have_no_faults(plugins: PluginSet) -> None:
    """What is shipped passes."""
    found = check_document(plugins)["faults"]
    assert [fault for fault in found if "messages" in fault["file"] or "platforms" in fault["file"]] == []
    assert [fault for fault in found if fault["file"].endswith("failures.toml")] == []
