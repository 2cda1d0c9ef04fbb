"""How errors read, in both languages, and that click's own are among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.boundary import report
from ima_skills.cli.groups import Tone
from ima_skills.cli.output import ReaderGoneError
from ima_skills.domain.problem import Problem
from ima_skills.errors import InvalidRequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]


def test_people_read_code_message_and_next_step(ima: Ima) -> None:
    """Errors go to stderr, stdout stays empty."""
    ran = ima("create", "a kite")
    assert ran.out == ""
    first, second = ran.err.splitlines()
    assert first == "Error (no-api-key): no API key is set"
    assert second.startswith("Next: Create one at https://www.imaclaw.ai/imaclaw/apikey")


def test_people_read_chinese(ima: Ima) -> None:
    """What happened and what to do come in Chinese, and only in Chinese where that says it all."""
    lines = ima("create", "风筝", "--language=zh").err.splitlines()
    assert lines[0] == "错误 (no-api-key): 没有设置密钥。"
    assert lines[1].startswith("建议: 请到 https://www.imaclaw.ai/imaclaw/apikey 生成密钥并设置 IMA_API_KEY")
    assert len(lines) == 2


def test_every_problem_has_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Several problems are listed with their places; one stands in the message already."""
    many = InvalidRequestError(
        "two things", problems=(Problem("/n", "too many"), Problem("/params/x", "unknown"))
    )
    assert report(many, Tone()) == 2
    assert "  - n: too many\n  - x: unknown\n" in capsys.readouterr().err
    assert report(InvalidRequestError("one", problems=(Problem("/n", "too many"),)), Tone()) == 2
    assert "/n" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("creat",), "create"),
        (("models", "lst"), "list"),
        (("create", "x", "--promt-file", "y"), "--prompt-file"),
        (("create", "x", "-t", "text_to_vidoe", "--sandbox"), "text_to_video"),
        (("models", "show", "seadream", "--offline"), "SeeDream 4.5"),
    ],
)
def test_the_nearest_name_is_suggested(words: tuple[str, ...], meant: str, ima: Ima) -> None:
    """Commands, options, task types and models: a slip of the finger is recognised."""
    ran = ima(*words, "--json")
    assert ran.code == 2
    assert meant in ran.document["message"] + ran.document["hint"]


def test_usage_errors_are_json_wherever_the_flag_stands(ima: Ima) -> None:
    """``--json`` counts before and after the mistake, but not behind ``--``."""
    assert ima("--json", "create", "--nonsense").document["code"] == "usage"
    assert ima("create", "--nonsense", "--json").document["code"] == "usage"
    assert ima("create", "--nonsense", "--", "--json").out == ""


def test_too_many_words_are_not_repeated(ima: Ima) -> None:
    """An unquoted prompt is still a prompt."""
    ran = ima("create", "a", "very", "private", "kite")
    assert "private" not in ran.err
    assert "in quotes" in ran.err


def test_a_reader_who_has_gone_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said and the exit code is 0 when stdout was closed early."""
    silenced = []
    monkeypatch.setattr("ima_skills.cli.boundary.silence", lambda: silenced.append(True))
    assert report(ReaderGoneError(), Tone()) == 0
    assert silenced == [True]


def test_hints_carry_the_flags_of_the_service(ima: Ima, quick_sandbox: None) -> None:
    """The command that is advised leads to the same service."""
    ran = ima("create", "a kite", "--sandbox-speed", "1", "--deadline", "0.1", "--sandbox")
    assert ran.code == 5
    task_id = next(word for word in ran.err.split() if word.startswith("task_"))
    assert f"ima-skills tasks wait {task_id} --sandbox" in ran.err


def test_a_prompt_that_begins_with_a_dash(ima: Ima) -> None:
    """Whoever writes one is told how, and only where a text can be given."""
    ran = ima("create", "-weird prompt", "--json")
    assert (ran.code, "goes behind --" in ran.document["hint"]) == (2, True)
    assert "goes behind" not in ima("doctor", "-w", "--json").document["hint"]


def test_a_damaged_sandbox_is_named(ima: Ima, own_home: Path) -> None:
    """With the command that mends it."""
    state = own_home / "state" / "ima_sandbox"
    state.mkdir(parents=True)
    (state / "sandbox.sqlite3").write_text("this is no database" * 100)
    ran = ima("sandbox", "balance", "--json")
    assert (ran.code, ran.document["code"]) == (2, "state-folder"), ran.out
    assert "sandbox reset" in ran.document["hint"]
    assert ima("sandbox", "reset").code == 0
    assert ima("sandbox", "balance", "--json").code == 0


@pytest.mark.parametrize("command", [("models", "list", "--offline"), ("create", "x")])
def test_a_state_folder_of_nobody(ima: Ima, command: tuple[str, ...]) -> None:
    """``IMA_HOME`` may name a home that nobody has: said in the usual form, by whatever command."""
    ran = ima(*command, "--json", env={"IMA_HOME": "~nobody-of-that-name/x"})
    assert (ran.code, ran.document["code"]) == (2, "no-home"), ran.out


def test_doctor_finds_a_state_folder_of_nobody(ima: Ima, quick_sandbox: None) -> None:
    """What needs the folder fails, each check for itself, and says which variable it is; the others are made."""
    ran = ima("doctor", "--json", env={"IMA_HOME": "~nobody-of-that-name/x"})
    found = {check["name"]: check for check in ran.document["checks"]}
    assert (ran.code, found["state-folder"]["state"], found["config"]["state"]) == (6, "failed", "failed")
    assert found["state-folder"]["detail"].startswith("no-home: IMA_HOME")
    assert found["python"]["state"] == found["sandbox"]["state"] == "ok"
