"""What is wrong with a command line is said where it comes from, in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli.boundary import InterruptedByUserError, TerminatedError, translate
from ima_skills.cli.documents import error_document
from ima_skills.cli.output import Output
from ima_skills.cli.usage_texts import say_usage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]

# Two English words in a row are a sentence that nobody has translated.
ENGLISH = re.compile(r"\b[A-Za-z]?[a-z]+ [a-z]+\b")


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("IMA_MAX_POINTS", "x", ("create", "a kite", "--dry-run")),
        ("IMA_MAX_POINTS", "-3", ("batch", "run", "JOBS", "--out", "o")),
        ("IMA_SANDBOX_SPEED", "0", ("models", "list")),
        ("IMA_SANDBOX_SPEED", "nan", ("models", "list")),
        ("IMA_INPUT_ROOT", "nowhere", ("create", "a kite")),
        ("IMA_SANDBOX", "maybe", ("spend",)),
    ],
)
def test_a_value_of_the_environment_is_put_down_to_its_variable(
    variable: str, value: str, words: tuple[str, ...], ima: Ima, tmp_path: Path
) -> None:
    """Nobody looks for an option that was never written; the document names the variable too."""
    (tmp_path / "jobs").touch()
    given = [str(tmp_path / "jobs") if word == "JOBS" else word for word in words]
    ran = ima(*given, "--json", env={variable: value})
    assert ran.code == 2
    assert f"the environment variable {variable}:" in ran.document["message"]
    assert ran.document["hint"].startswith(f"Correct or unset {variable}.")
    assert ran.document["details"] == {"variable": variable}
    assert f"--{variable[4:].lower().replace('_', '-')}" not in ran.out
    chinese = ima(*given, "--language", "zh", env={variable: value}).err
    assert f"环境变量 {variable}" in chinese
    assert not ENGLISH.search(chinese.partition("用法见")[0]), chinese


def test_a_value_of_the_command_line_stays_with_its_option(ima: Ima) -> None:
    """A variable that the option overrules is not blamed, wrong or not."""
    ran = ima("create", "x", "--max-points", "y", "--json", env={"IMA_MAX_POINTS": "z"})
    assert "--max-points" in ran.document["message"]
    assert "IMA_MAX_POINTS" not in ran.out


def test_a_host_of_the_environment_is_put_down_to_its_variable(ima: Ima) -> None:
    """An address comes from an option or from a variable; the hint names the right one."""
    for name in ("IMA_BASE_URL", "IMA_UPLOAD_BASE_URL"):
        ran = ima("create", "x", "--dry-run", "--json", env={name: "nowhere"})
        assert (ran.document["code"], ran.document["hint"]) == ("bad-base-url", f"Check {name}.")
        assert f"请检查 {name}。" in ima("create", "x", "--dry-run", "--language", "zh", env={name: "no"}).err
    told = ima("create", "x", "--dry-run", "--base-url", "nowhere", "--json", env={"IMA_BASE_URL": "x"})
    assert told.document["hint"] == "Check --base-url."


def test_a_whole_number_is_called_so(ima: Ima) -> None:
    """Click's name of the type, "integer range", is no word for people."""
    assert "'x' is not a valid integer\n" in ima("create", "x", "-n", "x").err


# Every sentence of click 8 that a command line can bring about.
SENTENCES = [
    ("Missing command.", "缺少命令。"),
    ("Missing argument 'JOBS'", "缺少参数 JOBS。"),
    ("Missing option '--out'", "缺少选项 --out。"),
    ("Missing option '--out'. Choose from:\n\ta,\n\tb", "缺少选项 --out，可选的有：a、b。"),
    ("Missing parameter: name", "缺少参数 name。"),
    ("No such option '--x'", "没有选项 --x。"),
    ("No such option '--x'. Did you mean '--y'?", "没有选项 --x，是否想写 --y？"),
    (
        "No such option '--x'. (Did you mean one of: '--y', '--z'?)",
        "没有选项 --x，是否想写其中之一：--y、--z？",
    ),
    ("No such option: --x (Possible options: --y, --z)", "没有选项 --x，可用的有：--y、--z。"),
    ("No such command 'x'.", "没有命令 x。"),
    ("Option '--n' requires an argument", "选项 --n 需要一个值。"),
    ("Option '--n' requires 2 arguments", "选项 --n 需要 2 个值。"),
    ("Argument 'x' takes 2 values", "参数 x 需要 2 个值。"),
    ("Option '--yes' does not take a value", "选项 --yes 不带值。"),
    ("Invalid value for '-n' / '--n': 'x' is not a valid integer", "-n / --n 的值 x 不是整数。"),
    ("Invalid value for '-n': 'x' is not a valid integer range", "-n 的值 x 不是整数。"),
    ("Invalid value for '-n': 'x' is not a valid float range", "-n 的值 x 不是数字。"),
    (
        "Invalid value for '-b': 'x' is not a valid boolean. Recognized values: , 0, 1",
        "-b 的值 x 无效，只能是 1 或 0。",
    ),
    ("Invalid value for '-n': 0 is not in the range x>=1", "-n 的值 0 超出范围 x>=1。"),
    ("Invalid value for '-n': nan is not a finite number", "-n 的值 nan 不是有限的数字。"),
    ("Invalid value for '-k': 'x' is not one of 'a', 'b'", "-k 的值 x 无效，只能是 a、b。"),
    ("Invalid value for '-k': 'x' is not 'a'", "-k 的值 x 无效，只能是 a。"),
    ("Invalid value for 'JOBS': File 'a b' does not exist", "JOBS：找不到 a b。"),
    ("Invalid value for 'JOBS': Path 'x' does not exist", "JOBS：找不到 x。"),
    ("Invalid value for 'JOBS': File 'x' is a directory", "JOBS：x 是目录，需要文件。"),
    ("Invalid value for '--out': Directory 'x' is a file", "--out：x 是文件，需要目录。"),
    ("Invalid value for '--out': Directory 'x' is not readable", "--out：x 无法读取。"),
    ("Invalid value for '--out': Directory 'x' is not writable", "--out：x 无法写入。"),
    ("Invalid value for 'x': Takes 2 values but 1 was given", "x 需要 2 个值，给出了 1 个。"),
    ("Invalid value for 'x': 2 values are required, but 3 were given", "x 需要 2 个值，给出了 3 个。"),
    ("Invalid value: 'x' is not a valid integer", "该参数的值 x 不是整数。"),
    ("Invalid value for '-p': {x} is not in the range {y}", "-p 的值 {x} 超出范围 {y}。"),
]


@pytest.mark.parametrize(("english", "chinese"), SENTENCES, ids=[english for english, _ in SENTENCES])
def test_the_sentences_of_click_in_chinese(english: str, chinese: str) -> None:
    """Each has its Chinese sentence with the same names and values."""
    assert say_usage(english) == chinese


def test_a_sentence_that_nobody_knows_is_left_alone() -> None:
    """A plugin's command may say what it likes; its words are shown below ours."""
    assert say_usage("the moon is too far") == ""
    assert say_usage("Invalid value for '-x': the moon is too far") == ""


def test_words_that_are_too_many(ima: Ima) -> None:
    """Only a command that takes a prompt speaks of prompts; the words themselves are never quoted."""
    assert "put a prompt in quotes" in ima("create", "secret", "words").err
    ran = ima("gallery", "secret", "--language", "zh")
    assert (ran.code, "提示词" in ran.err, "secret" in ran.err) == (2, False, False)
    assert "多出了命令不接受的词。" in ran.err
    assert "提示词请加引号" in ima("create", "a", "b", "--language", "zh").err


@pytest.mark.parametrize("words", [(), ("tasks",), ("conformance",), ("plugin",)])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_bare_group_shows_its_help(words: tuple[str, ...], language: str, ima: Ima) -> None:
    """The help on stderr with exit code 2, as it stands: no error label, no further hint, nothing cut off."""
    env = {"IMA_LANGUAGE": language}
    ran, wanted = ima(*words, env=env), ima(*words, "--help", env=env)
    assert (ran.code, ran.out, ran.err) == (2, "", wanted.out)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "没有写明要检验的命令。"),
        (("my-client", "{prompt}"), "要检验的命令缺少占位符：{task_type}、{model}。"),
        (("my-client", "{prompt}{task_type}{model}{moon}"), "命令中的占位符无从填写：{moon}。"),
        (("/no/client", "{prompt}{task_type}{model}"), "无法启动 /no/client：找不到文件或目录。"),
    ],
)
def test_a_command_that_cannot_be_tried(words: tuple[str, ...], said: str, ima: Ima) -> None:
    """Each fault of a command to be tried has its own Chinese sentence, and no English below it."""
    ran = ima("conformance", "run", "--language", "zh", "--only", "picture", "--", *words)
    assert ran.code == 2
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 2, ran.err


def test_an_error_of_click_without_context_is_told() -> None:
    """Errors that name neither option nor command are read too."""
    told = translate(click.BadParameter("it is odd"), Output("en"))
    assert (told.name, told.message, told.hint) == (
        "usage",
        "Invalid value: it is odd",
        "Run: ima-skills --help",
    )


def test_the_end_by_order_is_a_document_of_the_schema(fits: Callable[[str, Any], None]) -> None:
    """Exit code 143 stands in the schema of errors like 130 does."""
    for error in (InterruptedByUserError("interrupted"), TerminatedError("interrupted")):
        fits("error", error_document(error))
