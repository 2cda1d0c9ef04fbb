"""Help, version, suggestions and completion; and what they cost to load."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli import COMMANDS, main
from ima_skills.cli.groups import read_tone, translated
from ima_skills.cli.help_zh import HELP as SHARED
from ima_skills.cli.sentences import merged
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ima = Callable[..., Any]


def walk(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command with its path."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from walk(child, (*path, name))


ALL = tuple(walk(main))
HELP = {**SHARED, **merged("HELP")}


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) or "ima-skills" for path, _ in ALL])
def test_every_command_has_help_in_both_languages(
    path: tuple[str, ...], command: click.Command, ima: Ima
) -> None:
    """Each command and each option says what it is for, in English and in Chinese."""
    english, chinese = ima(*path, "--help"), ima("--language", "zh", *path, "--help")
    assert ima(*path, "--help", env={"IMA_LANGUAGE": "zh"}).out == chinese.out
    assert (english.code, chinese.code) == (0, 0)
    assert english.out.startswith("Usage: ima-skills")
    assert chinese.out.startswith("用法：")
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{path} {parameter.name}"
            assert " ".join(parameter.help.split()) in HELP, f"{path} {parameter.name}"
    assert " ".join(command.help.split()) in HELP


def test_no_translation_is_left_over() -> None:
    """Every key of the Chinese help belongs to some text."""
    used = {" ".join((command.help or "").split()) for _, command in ALL}
    used |= {" ".join((getattr(p, "help", "") or "").split()) for _, command in ALL for p in command.params}
    used |= {short for _, short in COMMANDS.values()}
    used |= {"Usage:", "Options", "Commands", "Show this message and exit."}
    assert set(HELP) - used == set()


def test_the_version(ima: Ima) -> None:
    """One line with name and version."""
    assert ima("--version").out == f"ima-skills, version {VERSION}\n"


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["--language", "zh", "-h"]])
def test_help_loads_click_and_nothing_else(words: list[str]) -> None:
    """Start-up is a feature: no attrs, no httpx, no asyncio, no registry for a help text."""
    code = (
        "import sys\nfrom ima_skills.cli import main\n"
        f"try:\n    main({words!r})\nexcept SystemExit:\n    pass\n"
        "heavy = {'attr', 'attrs', 'cattrs', 'httpx', 'asyncio', 'jsonschema', 'pluggy', 'tomllib', 'rich'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"


def test_listing_offline_loads_no_network_and_no_validator(ima: Ima) -> None:
    """Once it is remembered, a listing needs neither client nor registry reader."""
    ima("models", "list", "--offline")
    code = (
        "import sys\nfrom ima_skills.cli import main\n"
        "try:\n    main(['models', 'list', '--offline'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'cattrs', 'httpx', 'asyncio', 'jsonschema', 'pluggy', 'tomllib', 'rich'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "environ", "language", "as_json"),
    [
        ([], {}, "en", False),
        (["--language", "zh"], {"IMA_LANGUAGE": "en"}, "zh", False),
        (["--language=zh", "--json"], {}, "zh", True),
        (["--language", "fr"], {"LANG": "zh_CN.UTF-8"}, "zh", False),
        (["--language"], {}, "en", False),
        (["create", "--", "--json", "--language=zh"], {}, "en", False),
        ([], {"IMA_LANGUAGE": "en", "LANG": "zh_CN.UTF-8"}, "en", False),
        ([], {"LC_ALL": "zh_TW", "LANG": "en_US"}, "zh", False),
        ([], {"LANG": "de_DE.UTF-8"}, "en", False),
    ],
)
def test_how_to_speak_is_read_from_words_and_environment(
    words: list[str], environ: dict[str, str], language: str, *, as_json: bool
) -> None:
    """Option, then IMA_LANGUAGE, then the locale; a command line that is wrong is read all the same."""
    assert read_tone(words, environ) == (language, as_json)


def test_a_text_without_translation_stays_english() -> None:
    """Better English than nothing."""
    context = click.Context(main, obj=read_tone(["--language", "zh"]))
    assert translated("never translated", context) == "never translated"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(shell: str, ima: Ima) -> None:
    """The script calls our command back through click's own variable."""
    script = ima("completion", shell).out
    assert "_IMA_SKILLS_COMPLETE" in script
    assert ima("completion", shell, "--json").document == {"shell": shell, "script": script.strip()}


def test_completion_answers() -> None:
    """Commands, options, task types and models are completed."""

    def complete(*words: str) -> list[str]:
        from click.shell_completion import ShellComplete

        found = ShellComplete(main, {}, "ima-skills", "_IMA_SKILLS_COMPLETE").get_completions(
            list(words[:-1]), words[-1]
        )
        return [item.value for item in found]

    assert complete("mod") == ["models"]
    assert complete("create", "--dry") == ["--dry-run"]
    assert complete("create", "-t", "text_to_v") == ["text_to_video"]
    assert "seedream-4.5" in complete("create", "-m", "seed")
    assert complete("create", "-t", "text_to_music", "-m", "su") == ["suno"]
    assert complete("models", "show", "kling-o") == ["kling-o1"]
