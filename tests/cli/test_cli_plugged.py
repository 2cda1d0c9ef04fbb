"""Commands that plugins bring: found without importing anything, contained, and never in the place of ours."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.plugged import Plugged, clashes, find_commands, kept
from ima_skills.cli.shortcuts import Flag, create_shortcut
from ima_skills.domain.task_type import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Install = Callable[..., None]

PLUGIN = "from ima_skills import hookimpl\n"
HELLO = """
import click
from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options
from ima_skills.errors import PointsError

@click.command("hello", cls=Command, help="Greets.", chinese={"Greets.": "问好。"})
@click.argument("whom")
@output_options
def command(output, whom):
    if whom == "nobody":
        raise PointsError("nobody has points", code="over-cap")
    if whom == "everybody":
        raise ZeroDivisionError("a secret prompt")
    if whom == "twelve":
        raise SystemExit(12)
    output.document({"hello": whom}, [f"Hello, {whom}!"])
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Return a function that installs a distribution with a plugin and commands, as an installer leaves it."""
    monkeypatch.delenv("IMA_SKILLS_NO_THIRD_PARTY")
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)

    def put(name: str, commands: dict[str, str], source: str = HELLO, *, plugin: bool = True) -> None:
        info = tmp_path / f"ima_{name}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: ima-{name}\nVersion: 1.2\n\nName: no\n")
        points = "[ima_skills.commands]\n" + "".join(f"{key} = {value}\n" for key, value in commands.items())
        if plugin:
            points += f"\n[ima_skills.plugins]\n{name} = ima_{name}_plugin\n"
        (info / "entry_points.txt").write_text(points)
        (tmp_path / f"ima_{name}_plugin.py").write_text(PLUGIN, encoding="utf-8")
        (tmp_path / f"ima_{name}_command.py").write_text(source, encoding="utf-8")

    yield put
    for name in set(sys.modules) - before:
        if name.endswith(("_plugin", "_command")) and name.startswith("ima_"):
            del sys.modules[name]


@pytest.fixture
def hello(install: Install) -> None:
    """Install a plugin with the command ``hello``."""
    install("greeter", {"hello": "ima_greeter_command:command"})


def test_it_runs_like_one_of_ours(hello: None, ima: Ima) -> None:
    """The command gets its words, answers as text and as JSON, and has help in both languages."""
    assert ima("hello", "world").out == "Hello, world!\n"
    assert ima("hello", "world", "--json").document == {"hello": "world"}
    assert "Greets." in ima("hello", "--help").out
    assert "问好。" in ima("--language", "zh", "hello", "--help").out


def test_help_lists_it_with_its_origin(hello: None, ima: Ima) -> None:
    """Help names the command and who brought it, after ours, in both languages, and imports nothing of it."""
    english = ima("--help").out
    assert "Commands of plugins:\n  hello  From ima-greeter 1.2.\n" in english
    assert english.index("completion") < english.index("hello")
    assert "插件命令:\n  hello  来自 ima-greeter 1.2。\n" in ima("--language", "zh", "--help").out
    assert not [name for name in sys.modules if name.startswith("ima_greeter")]


def test_without_plugins_help_has_no_such_section(ima: Ima) -> None:
    """Nothing is said where there is nothing."""
    assert "Commands of plugins" not in ima("--help").out


def test_nothing_heavy_is_loaded_for_the_list(install: Install, tmp_path: Path) -> None:
    """Help with commands of plugins still imports click and nothing else."""
    install("greeter", {"hello": "ima_greeter_command:command"})
    code = (
        f"import sys\nsys.path.insert(0, {str(tmp_path)!r})\nfrom ima_skills.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'attrs', 'attr', 'cattrs', 'pluggy', 'importlib.metadata', 'email', 'ima_greeter_command'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "hello" in ran.stdout
    assert ran.stderr.strip() == "[]"


def test_our_names_are_never_looked_up(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command of ours, and the version, do not search for plugins at all."""

    def never(*_: Any) -> None:
        raise AssertionError("nobody may look")

    monkeypatch.setattr("ima_skills.cli.plugged.find_commands", never)
    assert ima("--version").code == 0
    assert ima("completion", "bash").code == 0


def test_errors_end_at_our_boundary(hello: None, ima: Ima) -> None:
    """Errors of ours keep their code, unexpected ones are the plugin's, usage errors are 2, exits pass."""
    ours = ima("hello", "nobody", "--json")
    assert (ours.code, ours.document["code"]) == (4, "over-cap")
    broken = ima("hello", "everybody", "--json")
    assert (broken.code, broken.document["code"]) == (6, "command-broken")
    assert broken.document["message"] == "the command 'hello' of ima-greeter 1.2 failed: ZeroDivisionError"
    assert "secret" not in broken.out + broken.err
    assert ima("hello").code == 2
    assert ima("hello", "twelve").code == 12


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import nowhere_at_all", "cannot be loaded: ModuleNotFoundError"),
        ("raise SystemExit(5)", "cannot be loaded: SystemExit"),
        ("", "cannot be loaded: AttributeError"),
        ("command = 3", "is a int, not a click command"),
    ],
)
def test_one_that_cannot_be_loaded(install: Install, ima: Ima, source: str, told: str) -> None:
    """It costs only itself: it is named with its distribution, and ours go on."""
    install("bad", {"hello": "ima_bad_command:command"}, source)
    ran = ima("hello", "--json")
    assert (ran.code, ran.document["code"]) == (6, "command-broken")
    assert f"the command 'hello' of ima-bad 1.2 {told}" in ran.document["message"]
    assert ima("--help").code == 0
    assert ima("completion", "bash").code == 0


def test_completion_goes_on(install: Install, hello: None) -> None:
    """Names of commands are completed, and one that is broken does not break completion."""
    from click.shell_completion import ShellComplete

    from ima_skills.cli import main

    def complete(*words: str) -> list[str]:
        found = ShellComplete(main, {}, "ima-skills", "_IMA_SKILLS_COMPLETE").get_completions(
            list(words[:-1]), words[-1]
        )
        return [item.value for item in found]

    install("bad", {"broken": "ima_bad_command:command"}, "import nowhere_at_all")
    assert complete("hel") == ["hello"]
    assert "--json" in complete("hello", "--")
    assert complete("broken", "--") is not None


def test_the_nearest_name(hello: None, ima: Ima) -> None:
    """A misspelt command leads to one of a plugin too."""
    assert "Did you mean 'hello'?" in ima("hallo").err


def test_a_name_that_is_taken(install: Install, hello: None, ima: Ima, fits: Fits) -> None:
    """Ours stay ours, the first plugin keeps its name, and the list names whoever wanted it with the owner."""
    install("later", {"create": "ima_later_command:command", "hello": "ima_later_command:command"})
    assert "Make images" in ima("create", "--help").out
    assert "From ima-greeter 1.2." in ima("--help").out
    document = ima("plugins", "list", "--json").document
    fits("plugins", document)
    rows = {row["name"]: row for row in document["plugins"]}
    assert (rows["greeter"]["commands"], rows["greeter"]["fault"]) == (["hello"], None)
    assert rows["later"]["commands"] == []
    assert rows["later"]["fault"] == (
        "the command 'create' already belongs to ima-skills, which keeps it; "
        "the command 'hello' already belongs to ima-greeter, which keeps it"
    )
    assert "ima-skills hello" in ima("plugins", "list").out


@pytest.mark.parametrize(
    "environ",
    [
        {"IMA_SKILLS_DISABLE_PLUGINS": "greeter"},
        {"IMA_SKILLS_DISABLE_PLUGINS": "ima-greeter"},
        {"IMA_SKILLS_ALLOW_PLUGINS": "another"},
    ],
)
def test_one_that_may_not_take_part(hello: None, ima: Ima, environ: dict[str, str]) -> None:
    """Whoever may not join brings no command either; nothing of it is imported."""
    ran = ima("hello", "world", "--json", env=environ)
    assert (ran.code, ran.document["code"]) == (2, "command-left-out")
    assert "ima_greeter_command" not in sys.modules
    assert ima("hello", "world", env={"IMA_SKILLS_ALLOW_PLUGINS": "greeter"}).code == 0


def test_no_third_party_means_no_commands(hello: None, ima: Ima) -> None:
    """Where third parties are left out altogether their commands do not exist."""
    ran = ima("hello", "world", env={"IMA_SKILLS_NO_THIRD_PARTY": "1"})
    assert ran.code == 2
    assert "There is no command called 'hello'" in ran.err


def test_a_command_needs_a_plugin_beside_it(install: Install, ima: Ima) -> None:
    """A distribution that nobody can see in the list of plugins adds no command."""
    install("hidden", {"hello": "ima_hidden_command:command"}, plugin=False)
    ran = ima("hello", "world", "--json")
    assert (ran.code, ran.document["message"]) == (
        6,
        "the command 'hello' of ima-hidden 1.2 has no plugin beside it",
    )


def test_files_that_are_hardly_metadata(tmp_path: Path) -> None:
    """Folders that do not exist, odd lines and missing metadata are no error; the first folder wins."""
    for place, version in (("a", "1"), ("b", "2")):
        info = tmp_path / place / f"ima_odd-{version}.dist-info"
        info.mkdir(parents=True)
        text = "# note\n[other]\nx = y\n[ima_skills.commands]\n\nodd = m:c  # why\nnonsense\n[more]\nz = 1\n"
        (info / "entry_points.txt").write_text(text)
    found = find_commands([str(tmp_path / "nowhere"), str(tmp_path / "a"), str(tmp_path / "b")])
    assert found == [Plugged("odd", "ima_odd", "1", "m:c")]


def test_who_keeps_a_name() -> None:
    """Ours first, then the distribution that comes first; the others are told who has it."""
    one, two, three = (Plugged("x", name, "1", "m:c") for name in ("a", "b", "c"))
    own = Plugged("create", "a", "1", "m:c")
    assert kept([one, two, own], {"create"}) == {"x": one}
    assert clashes([one, two, three, own], {"create"}) == {two: "a", three: "a", own: "ima-skills"}


def test_a_shortcut_is_create(quick_sandbox: None, ima: Ima, install: Install) -> None:
    """A shortcut takes every option of create, adds its own as parameters, and makes what create would."""
    source = """
from ima_skills import Text
from ima_skills.cli.shortcuts import Flag, create_shortcut

command = create_shortcut(
    "clip", "text_to_video", Text("Makes a clip.", "生成短片。"),
    (Flag("--seconds", "duration", Text("Length.", "时长。"), metavar="N"),
     Flag("--multi", "shot_type", Text("Several shots.", "多镜头。"), switch=True)),
)
"""
    install("clips", {"clip": "ima_clips_command:command"}, source)
    words = ("a kite", "--model", "wan-2.6", "--sandbox", "--dry-run", "--json")
    short = ima("clip", *words, "--seconds", "10").document
    long = ima("create", *words, "-t", "text_to_video", "-p", "duration=10").document
    assert short == long
    assert short["quote"]["total"] > ima("clip", *words).document["quote"]["total"]
    refused = ima("clip", *words, "--seconds", "7")
    assert (refused.code, refused.document["problems"][0]["pointer"]) == (2, "/params/duration")
    assert ima("clip", *words, "-t", "text_to_image").code == 2
    assert ima("clip", *words, "-i", "a.png").code == 2
    english, chinese = ima("clip", "--help").out, ima("--language", "zh", "clip", "--help").out
    assert "--seconds N" in english
    assert "--max-points" in english
    for text in ("生成短片。", "时长。", "多镜头。", "积分上限"):
        assert text in chinese


def test_a_flag_cannot_hide_an_option_of_create() -> None:
    """Somebody who means --model must get what create means by it."""
    with pytest.raises(ValueError, match="--model: create has an option of that name"):
        create_shortcut("x", "text_to_video", Text("x", "x"), (Flag("--model", "mode", Text("x", "x")),))
