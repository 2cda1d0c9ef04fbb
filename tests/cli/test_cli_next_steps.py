"""Next steps in Chinese: commands that end where they end, and the right thing to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.documents import error_document
from ima_skills.cli.error_speech import Said, speak
from ima_skills.errors import DeadlineError, ImaError, MediaError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Served = Callable[..., SandboxService]

ENGLISH = re.compile(r"[A-Za-z]+ [a-z]+ [a-z]+")
NEVER = '[[fault]]\non = "create"\nkind = "media"\nshape = "never"'


@pytest.mark.parametrize(
    ("hint", "whole"),
    [
        ("", "Then this."),
        ("Run: ima-skills tasks list", "Run: ima-skills tasks list. Then this."),
        ("Wait. ", "Wait. Then this."),
        ("请稍候。", "请稍候。 Then this."),
    ],
)
def test_a_hint_ends_before_the_next_sentence(hint: str, whole: str) -> None:
    """Whoever adds to a hint never makes a word of the sentence part of the command before it."""
    error = ImaError("x", hint=hint)
    error.advise("Then this.")
    assert error.hint == whole


def spoken(error: ImaError) -> Said:
    """Return an error in Chinese."""
    return speak(error_document(error), "zh")


def test_a_job_of_an_earlier_run_is_told_in_chinese() -> None:
    """What is added to the hint of any error has its own sentence, and drags no English in."""
    error = DeadlineError("x", task_id="task_1", details={"deadline_s": 5})
    error.hint = "Continue with: ima-skills tasks wait task_1 --sandbox"
    error.advise("The task is of an earlier run; --new makes another one.")
    said = spoken(error)
    assert said.advice == (
        "请继续等待：ima-skills tasks wait task_1 --sandbox；该任务由先前的命令创建，加上 --new 可另做一个。"
    )
    assert (said.below, said.advice_below) == ("", "")


def test_waiting_for_the_same_job_once_more_is_advised_as_such(served: Served, ima: Ima) -> None:
    """The second create joins the first; at its deadline the command to go on is one that can be pasted."""
    served(NEVER)
    words = ("create", "a cat", "--deadline", "0.2", "--language", "zh")
    first, again = ima(*words), ima(*words)
    assert (first.code, again.code) == (5, 5)
    advice = again.err.splitlines()[-1]
    task = advice.partition("tasks wait ")[2].partition("；")[0]
    assert (
        advice
        == f"建议: 请继续等待：ima-skills tasks wait {task}；该任务由先前的命令创建，加上 --new 可另做一个。"
    )


@pytest.mark.parametrize("code", ["media-empty", "media-truncated"])
def test_a_paid_job_whose_file_is_wrong_is_fetched_again(code: str) -> None:
    """Nobody is told to try the paid command once more, and the hint does not begin with a blank."""
    error = MediaError("the media is odd", code=code, task_id="task_1")
    error.advise("The task is done; fetch it with: ima-skills tasks wait task_1 --download DIR")
    assert error.hint.startswith("The task is done")
    said = spoken(error)
    assert said.advice == "任务已完成，积分已支付，请稍后再取：ima-skills tasks wait task_1 --download DIR"
    assert said.advice_below == ""


def test_a_damaged_state_is_not_called_unwritable(ima: Ima, own_home: Path) -> None:
    """The right step is said in Chinese: the sandbox begins afresh, and IMA_HOME is left alone."""
    folder = own_home / "state" / "ima_sandbox"
    folder.mkdir(parents=True)
    (folder / "sandbox.sqlite3").write_bytes(b"no database" * 400)
    ran = ima("create", "a cat", "--sandbox", "--language", "zh")
    assert ran.code == 2
    assert "sandbox.sqlite3 已损坏。" in ran.err
    assert ran.err.splitlines()[-1] == "建议: 请清空沙盒，重新开始：ima-skills sandbox reset"
    assert "IMA_HOME" not in ran.err
    assert ima("sandbox", "reset").code == 0
    assert ima("models", "list", "--sandbox").code == 0


@pytest.mark.usefixtures("quick_sandbox")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--max-points", "1"), "请提高上限。 列表中没有不超过 1 积分的选择。"),
        (("-t", "text_to_video", "-p", "duration=7"), "最接近的可用设置：duration 5，需 40 积分"),
    ],
)
def test_a_hint_is_in_one_language(ima: Ima, words: tuple[str, ...], said: str) -> None:
    """Where Chinese advice is added to a hint, no English sentence stands before it."""
    hint = ima("create", "a cat", "--json", "--language", "zh", *words).document["hint"]
    assert hint.startswith(said)
    assert not ENGLISH.search(hint.replace("Seedance 1.5 Pro", ""))


def test_no_command_is_lost_for_a_hint_in_one_language() -> None:
    """What the Chinese advice of the code does not name stays, in whatever language."""
    hint = "Add --resubmit. 可选：Wan 2.6 (5积分)。"
    assert error_document(ImaError("x", code="over-cap", hint=hint))["hint"] == hint


@pytest.mark.usefixtures("quick_sandbox")
@pytest.mark.parametrize(
    ("words", "reason"),
    [(("-p", "foo=1"), "没有模型支持这样的设置：foo"), (("-p", "foo=1", "-p", "bar=2"), "没有模型支持这样的设置：bar、foo")],
)  # fmt: skip
def test_the_reason_of_advice_is_chinese(ima: Ima, words: tuple[str, ...], reason: str) -> None:
    """The settings are named; what is wrong with each is said in English only, and so left to the problems."""
    ran = ima("create", "a cat", "--json", "--language", "zh", *words)
    assert ran.document["details"]["advice"]["reason"] == reason


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("plan",), '建议: 例如：ima-skills plan "一部狐狸短片" --targets image,video,music'),
        (
            ("plugin", "certify", "nofile"),
            "建议: 请指定项目目录或已安装的插件，插件见：ima-skills plugins list",
        ),
    ],
)
def test_no_english_sentence_says_it_again(ima: Ima, words: tuple[str, ...], advice: str) -> None:
    """What happened and what to do are two lines, in Chinese."""
    ran = ima(*words, "--language", "zh")
    assert ran.code == 2
    first, last = ran.err.splitlines()
    assert last == advice
    assert not ENGLISH.search(first + last.replace("ima-skills plugins list", ""))


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("create", "a cat", "--n"), "create"),
        (("gallery", "--out"), "gallery"),
        (("tasks", "wait", "x", "--deadline"), "tasks wait"),
        (("tasks", "--nothing"), "tasks"),
    ],
)
def test_an_option_without_its_value_leads_to_its_own_command(
    ima: Ima, words: tuple[str, ...], place: str
) -> None:
    """The help that is named is the help that has the option."""
    ran = ima(*words, env={"IMA_LANGUAGE": "zh"})
    assert (ran.code, ran.err.splitlines()[-1]) == (2, f"建议: 用法见：ima-skills {place} --help")
