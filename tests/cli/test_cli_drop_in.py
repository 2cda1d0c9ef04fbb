"""The command lines of the older skills: every kind that their documents print, and what may not go wrong."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.drop_in.words import read_words
from ima_skills.errors import JobFailedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "pack" / "skills" / "ima-skills" / "scripts"
LINES = tomllib.loads(Path(__file__).with_name("old_command_lines.toml").read_text(encoding="utf-8"))["line"]
KEYS = ["task_id", "url", "cover_url", "model_id", "model_name", "credit"]
PROMPT = "a very private otter"
SIMPLE = ("--task-type", "text_to_image", "--model-id", "doubao-seedream-4.5", "--prompt", PROMPT)
checkout = pytest.mark.checkout


def words_of(line: dict[str, Any], service: SandboxService, picture: Path) -> list[str]:
    """Return a documented command line with what an agent fills in; pictures by address and by path."""
    real = {
        "KEY": service.options.api_key,
        "USER": "ou_17",
        "PICTURE-1": "https://example.com/photo.jpg",
        "PICTURE-2": str(picture),
    }
    return [real.get(word, word) for word in shlex.split(line["words"])]


@pytest.mark.parametrize("line", LINES, ids=[f"{number}" for number in range(len(LINES))])
def test_every_documented_command_line(
    line: dict[str, Any], served: Served, ima: Ima, fits: Fits, picture: Path
) -> None:
    """Each runs unchanged on a served sandbox, answers with the old keys, and takes the points that it says."""
    service = served()
    before = service.balance()
    ran = ima("drop-in", *words_of(line, service, picture))
    assert ran.code == 0, ran.err
    if "lists" in line:
        assert line["lists"] in ran.out
        assert before == service.balance()
        return
    assert before - service.balance() == line["credit"]
    if "--output-json" in line["words"]:
        fits("drop_in", ran.document)
        assert list(ran.document) == KEYS
        assert (ran.document["model_name"], ran.document["credit"]) == (line["model_name"], line["credit"])
        assert ran.document["url"].startswith(service.base_url)
    else:
        assert f"URL:   {service.base_url}" in ran.out


@checkout
@pytest.mark.parametrize("number", [0, 10, 15, 18])
def test_through_the_launcher(number: int, served: Served, picture: Path, own_home: Path) -> None:
    """The files of the pack hand words, answer and exit code through, in an interpreter that has ima-skills."""
    service = served()
    script, *words = words_of(LINES[number], service, picture)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "plugins")))}
    ran = subprocess.run(
        [sys.executable, SCRIPTS / script, *words], capture_output=True, text=True, env=env, check=False
    )
    assert ran.returncode == 0, ran.stderr
    if "--output-json" in words:
        assert list(json.loads(ran.stdout)) == KEYS
    else:
        assert service.base_url in ran.stdout or "seed-tts-2.0" in ran.stdout


@checkout
def test_a_launcher_finds_the_command_on_path(tmp_path: Path) -> None:
    """Without ima-skills in its own interpreter it runs the one on PATH, with the words as they are."""
    fake = tmp_path / "ima-skills"
    fake.write_text('#!/bin/sh\nprintf "%s|" "$@"\nexit 1\n')
    fake.chmod(0o755)
    ran = _bare("ima_video_create.py", "--prompt", "two words; $(id) '", path=f"{tmp_path}:/usr/bin:/bin")
    assert ran.stdout == "drop-in|ima_video_create|--prompt|two words; $(id) '|"
    assert ran.returncode == 1


@checkout
def test_a_launcher_says_how_to_install() -> None:
    """Nowhere to be found: exit code 1, and what to do in both languages."""
    ran = _bare("ima_create.py", "--list-models", path="/usr/bin:/bin")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "pip install ima-skills" in ran.stderr
    assert "尚未安装" in ran.stderr


def _bare(script: str, *words: str, path: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(SCRIPTS / script), *words]
    env = {"PATH": path, "PYTHONUTF8": "1", "LANG": "C.UTF-8"}
    return subprocess.run(command, capture_output=True, text=True, env=env, check=False)


@checkout
def test_launchers_are_thin() -> None:
    """Three equal files of at most 40 lines, without network code, keys or a shell."""
    texts = {path.read_text(encoding="utf-8") for path in SCRIPTS.iterdir() if path.suffix == ".py"}
    assert len(list(SCRIPTS.glob("*.py"))) == 3
    (text,) = texts
    assert len(text.splitlines()) <= 40
    assert not {"http", "socket", "urllib", "requests", "api_key", "API_KEY", "shell=True"} & set(
        text.split()
    )
    assert shutil.which("python3")


def test_models_as_json(served: Served, ima: Ima, fits: Fits) -> None:
    """With --output-json the list is an array with the old keys, priced as a create with defaults would be."""
    served()
    rows = json.loads(
        ima("drop-in", "ima_create.py", "--task-type", "text_to_video", "--list-models", "--output-json").out
    )
    fits("drop_in_models", rows)
    wan = next(row for row in rows if row["model_id"] == "wan2.6-t2v")
    assert (wan["name"], wan["credit"]) == ("Wan 2.6", 40)
    assert wan["attr_id"] > 0


def test_the_text_list_has_the_old_headings(served: Served, ima: Ima) -> None:
    """Whoever parses the table finds title and columns."""
    served()
    lines = ima(
        "drop-in", "ima_image_create", "--task-type", "text_to_image", "--list-models"
    ).out.splitlines()
    assert lines[0] == "Available models for 'text_to_image':"
    assert lines[1].split() == ["Name", "model_id", "version_id", "pts", "attr_id"]


def test_several_outputs_lose_none(served: Served, ima: Ima, fits: Fits) -> None:
    """n inside --extra-params is paid and answered in full."""
    served()
    ran = ima("drop-in", "ima_create", *SIMPLE, "--extra-params", '{"n": "2"}', "--output-json")
    fits("drop_in", ran.document)
    assert (len(set(ran.document["urls"])), ran.document["credit"]) == (2, 10)
    assert ran.document["url"] == ran.document["urls"][0]


def test_a_foreign_parameter_is_left_out_and_said(served: Served, ima: Ima) -> None:
    """As the older scripts did it; a slip of the pen or a wrong value is refused before anything is spent."""
    service = served()
    before = service.balance()
    ran = ima("drop-in", "ima_create", *SIMPLE, "--extra-params", '{"zzz": 1}', "--output-json")
    assert ran.code == 0
    assert "zzz: the model has no such parameter" in ran.err
    for extra, word in (('{"aspect_ratoi": "16:9"}', "aspect_ratio"), ('{"aspect_ratio": "7:3"}', "21:9")):
        refused = ima("drop-in", "ima_create", *SIMPLE, "--extra-params", extra, "--output-json")
        assert refused.code == 1
        assert word in json.dumps(refused.document)
    assert before - service.balance() == 5


def test_size_yields_to_extra_params(served: Served, ima: Ima) -> None:
    """Both at once: the JSON wins, as it always has."""
    served()
    words = ("--task-type", "text_to_image", "--model-id", "gemini-3-pro-image", "--prompt", PROMPT)
    ran = ima(
        "drop-in", "ima_create", *words, "--size", "1K", "--extra-params", '{"size":"4K"}', "--output-json"
    )
    assert ran.document["credit"] == 18


def test_an_unknown_outcome_is_never_sent_again(served: Served, ima: Ima) -> None:
    """Exit code 1 and a clear answer; the same line again refuses to pay twice."""
    service = served('title = "t"\n[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\n')
    for _ in range(2):
        ran = ima("drop-in", "ima_create", *SIMPLE, "--output-json")
        assert ran.code == 1
        assert ran.document["code"] == "outcome-unknown"
        assert "tasks forget" in ran.document["hint"]  # --resubmit is no option here
        assert "--" not in ran.document["hint"]
        assert PROMPT not in ran.out + ran.err
    assert service.balance() >= 100_000 - 5


def test_a_failed_task(served: Served, ima: Ima, fits: Fits) -> None:
    """Exit code 1; with --output-json the error is a document, with the task's name."""
    served('title = "t"\n[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmessage = "gave up"\n')
    ran = ima("drop-in", "ima_create", *SIMPLE, "--output-json")
    assert ran.code == 1
    fits("error", ran.document)
    assert ran.document["task_id"].startswith("task_")
    assert "gave up" in ran.err


def test_a_key_on_the_command_line_warns(served: Served, ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """It works, and says that others can see it; the key itself is not repeated."""
    key = served().options.api_key
    monkeypatch.delenv("IMA_API_KEY")
    ran = ima("drop-in", "ima_create", "--api-key", key, *SIMPLE)
    assert ran.code == 0
    assert "IMA_API_KEY" in ran.err
    assert key not in ran.out + ran.err


def test_caps_hold(served: Served, ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naming a model agrees to its price, and no cap is loosened by it."""
    service = served()
    monkeypatch.setenv("IMA_MAX_POINTS", "4")
    ran = ima("drop-in", "ima_create", *SIMPLE, "--output-json")
    assert (ran.code, ran.document["code"]) == (1, "over-cap")
    assert service.balance() == 100_000


def test_naming_a_model_is_consent(
    served: Served, ima: Ima, monkeypatch: pytest.MonkeyPatch, own_home: Path
) -> None:
    """Above the threshold a line that names its model runs, as it always has; one that does not needs a yes."""
    monkeypatch.setattr("ima_skills.sandbox.service._MARK", "x-nothing")  # its points count as real
    service = served()
    (own_home / "state").mkdir(parents=True, exist_ok=True)
    (own_home / "state" / "ima_config.toml").write_text("[caps]\nask_above = 4\n", encoding="utf-8")
    unnamed = ("--task-type", "text_to_image", "--prompt", PROMPT, "--output-json")
    for blank in ((), ("--model-id", " "), ("--version-id", "")):
        ran = ima("drop-in", "ima_create", *unnamed, *blank)
        assert (ran.code, ran.document["code"]) == (1, "needs-consent")
        assert "--model-id" in ran.document["hint"]
    assert service.balance() == 100_000

    async def reached(*_arguments: Any, **_more: Any) -> None:
        raise JobFailedError("reached")  # the real pace of waiting is not what this is about

    monkeypatch.setattr("ima_skills.client.ImaClient.finish", reached)
    assert ima("drop-in", "ima_create", *SIMPLE, "--output-json").document["message"] == "reached"


def test_input_root_holds(served: Served, ima: Ima, picture: Path, tmp_path_factory: Any) -> None:
    """The folder that inputs are limited to counts here as well."""
    served()
    words = ("--task-type", "image_to_image", "--model-id", "doubao-seedream-4.5", "--prompt", PROMPT)
    elsewhere = str(tmp_path_factory.mktemp("elsewhere"))
    ran = ima(
        "drop-in", "ima_create", *words, "--input-images", str(picture), env={"IMA_INPUT_ROOT": elsewhere}
    )
    assert ran.code == 1


def test_the_usual_model(served: Served, ima: Ima) -> None:
    """--remember-model saves, and a line without --model-id takes what is saved for its user."""
    served()
    ima("drop-in", "ima_create", *SIMPLE, "--user-id", "u7", "--remember-model")
    unnamed = ("--task-type", "text_to_image", "--prompt", "another otter", "--output-json")
    assert ima("prefs", "set", "midjourney", "-t", "text_to_image", "--user-id", "u8").code == 0
    assert ima("drop-in", "ima_create", *unnamed, "--user-id", "u7").document["model_name"] == "SeeDream 4.5"
    assert ima("drop-in", "ima_create", *unnamed, "--user-id", "u8").document["model_name"] == "Midjourney"
    assert "sandbox" not in ima("prefs", "show", "--user-id", "u7").err


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ima_crate",), "ima_create"),
        (("ima_create", "--list-modles"), "--list-models"),
        (("ima_create", "--task-type"), "drop-in ima_create --help"),
        (("ima_create", "--prompt", "a", "private", "words"), ""),
    ],
)
def test_words_that_cannot_be_read(ima: Ima, words: tuple[str, ...], hint: str) -> None:
    """Exit code 2, as argparse had it, with the nearest; stray words may be a prompt and are not repeated."""
    ran = ima("drop-in", *words)
    assert ran.code == 2
    assert hint in ran.err
    assert "private" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("ima_video_create", "--task-type", "text_to_image", "--prompt", "x"), "unknown-task-type"),
        (("ima_create", "--prompt", "x"), "old-words"),
        (("ima_create", "--task-type", "text_to_image"), "no-prompt"),
        (("ima_create", *SIMPLE, "--extra-params", "[1]"), "bad-param"),
        (("ima_create", *SIMPLE, "--extra-params", '{"n": 1.5}'), "bad-param"),
        (("ima_create", *SIMPLE, "--remember-model", "--model-id", ""), "no-model-named"),
    ],
)
def test_wishes_that_cannot_be(quick_sandbox: None, ima: Ima, words: tuple[str, ...], code: str) -> None:
    """Exit code 1 and the code of what is wrong; nothing travels."""
    ran = ima("drop-in", *words, "--output-json")
    assert (ran.code, ran.document["code"]) == (1, code)


def test_help_of_a_script(ima: Ima) -> None:
    """--help lists the old options."""
    ran = ima("drop-in", "ima_create", "--help")
    assert ran.code == 0
    assert "--input-images" in ran.out


def test_reading_words() -> None:
    """Groups of inputs merge, abbreviations count, prompts stay out of reprs."""
    words = ("--input-images", "a", "b", "--input-images", "c", "--task", "t", "--prompt", PROMPT)
    line = read_words("somewhere/scripts/ima_create.py", words)
    assert (line.inputs, line.task_type, line.program) == (("a", "b", "c"), "t", "ima_create")
    assert PROMPT not in repr(line)
    with pytest.raises(UsageError, match="no older script"):
        read_words("ima_music_create", ())
