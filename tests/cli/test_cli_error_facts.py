"""Errors in Chinese carry their facts, every error has a next step, and nothing gets lost on the way."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING, Any

import pytest

import ima_skills
from ima_skills.cli.documents import error_document
from ima_skills.cli.error_facts import FACTS as SHARED
from ima_skills.cli.error_facts import Row
from ima_skills.cli.error_speech import is_chinese, speak
from ima_skills.cli.error_texts import ERROR_TEXTS
from ima_skills.cli.output import Output
from ima_skills.cli.problem_texts import CHINESE, place_of, say_problem
from ima_skills.cli.sentences import merged
from ima_skills.cli.wording import error_lines
from ima_skills.domain.problem import Problem
from ima_skills.errors import FaultError, ImaError, InvalidRequestError, ServiceError, UsageError
from ima_skills.schemas import check

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.registry import Registry

    Ima = Callable[..., Any]

FACTS: dict[str, tuple[Row, ...]] = {**SHARED, **merged("ERROR_FACTS")}
ROWS = tuple((code, row) for code, rows in FACTS.items() for row in rows)
CODES = sorted({*ERROR_TEXTS, *merged("ERROR_TEXTS")})
# Three English words in a row are a sentence that nobody has translated.
ENGLISH = re.compile(r"(?:(?<=\s)|^)[A-Za-z]?[a-z]+ [a-z]+ [a-z]+(?=[\s,.;:]|$)")


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        (("create", "a kite", "--max-points=1"), ("SeeDream 4.5", "5 积分", "上限为 1 积分")),
        (("create", "x", "-i", "nope.png", "-t", "image_to_image"), ("素材 1", "nope.png")),
        (("create", "  "), ("提示词不能为空",)),
        (("create", "x", "-m", "seadream"), ("seadream", "text_to_image", "是否想用 SeeDream 4.5？")),
        (("create", "x", "-t", "text_to_vidoe"), ("text_to_vidoe", "text_to_video")),
        (("create", "x", "-m", "seedream", "-t", "text_to_video"), ("SeeDream 4.5", "text_to_image", "Wan 2.6")),
        (("create", "x", "-m", "wan@9"), ("Wan 2.6", "9")),
        (("create", "x", "-t", "text_to_video", "-p", "duration=7"), ("7", "5、10、15", "最接近的可用值：5")),
        (("create", "x", "-t", "text_to_speech", "-p", "speed=fast"), ("speed", "倍数", "1.2")),
        (("create", "x", "-p", "foo=1"), ("foo", "aspect_ratio", "models show 'SeeDream 4.5'")),
        (("create", "x", "-t", "text_to_video", "-m", "seedance 2.0", "-p", "audio=maybe"),
         ("maybe", "true 或 false", "models show 'Seedance 2.0' 也可以")),
        (("batch", "run", "none.jsonl", "--out", "o"), ("none.jsonl",)),
        (("plan", "x", "--targets", "image", "--step", "image-1.modle=z"), ("image-1", "modle", "model")),
        (("plan", "x", "--targets", "image", "--step", "foo.n=2"), ("foo", "image-1")),
        (("create", "x", "-n", "9"), ("不能大于 4，现为 9",)),
        (("create", "x", "-p", "foo"), ("--param", "key=value")),
        (("create", "x", "-p", "a=1", "-p", "a=2"), ("参数 a",)),
        (("create", "x", "--params-json", "{a"), ("第 1 行第 2 列",)),
        (("create", "--prompt-file", "nope.txt"), ("nope.txt", "找不到文件")),
        (("create", "x", "--base-url", "https://a.b"), ("--sandbox", "--base-url")),
        (("create", "x", "--download", "/dev/null/x"), ("/dev/null/x",)),
        (("models", "show", "seadream", "--offline"), ("seadream", "SeeDream 4.5")),
        (("workflows", "show", "nope"), ("nope", "ima-skills workflows list")),
        (("plan", "x", "--targets", "vidoe"), ("vidoe", "video")),
        (("create", "x", "--promt-file", "y"), ("--promt-file", "--prompt-file", "ima-skills create --help")),
        (("creat", "x"), ("creat", "是否想写 create？")),
    ],
    ids=lambda part: " ".join(part[:5]) if isinstance(part, tuple) else None,
)  # fmt: skip
def test_chinese_carries_the_facts(words: tuple[str, ...], facts: tuple[str, ...], ima: Ima) -> None:
    """Numbers, names, files and what would be right are said in Chinese, and not once more in English."""
    ran = ima(*words, env={"IMA_LANGUAGE": "zh", "IMA_SANDBOX": "1"})
    assert ran.code != 0
    for fact in facts:
        assert fact in ran.err
    assert not ENGLISH.search(ran.err), ran.err


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def _error(code: str, row: Row) -> ImaError:
    """Return an error that knows exactly what a row asks for."""
    conditions = dict(part.partition("=")[::2] for part in row.when)
    names = _fields(row.meaning) | set(conditions)
    details = {name: conditions.get(name) or f"<{name}>" for name in names}
    hint = "pip install 'ima-skills[x]'" if details.pop("install", None) else ""
    for name in ("task_id", "problems", "retryable", "usage"):
        details.pop(name, None)
    task = "<task_id>" if "task_id" in names else None
    problems = [Problem("/params/x", "is wrong")] if "problems" in names else []
    retryable = conditions.get("retryable") != "no"
    message = "Missing command." if "usage" in names else "it did not work"
    facts: dict[str, Any] = {
        "code": code,
        "task_id": task,
        "problems": problems,
        "retryable": retryable,
        "details": details,
    }
    return ImaError(message, hint=hint, **facts)


@pytest.mark.parametrize(("code", "row"), ROWS, ids=[f"{code}-{row.meaning[:12]}" for code, row in ROWS])
def test_every_sentence_can_be_reached_and_says_its_facts(code: str, row: Row, registry: Registry) -> None:
    """No sentence hides behind one above it, none belongs to a code that nobody knows, and each is Chinese."""
    assert code in {*CODES, *(known.code for known in registry.errors)}
    error = _error(code, row)
    said = speak(error_document(error), "zh")
    facts = {**error.details, "task_id": error.task_id, "problems": 1, "usage": "缺少命令。"}
    assert said.message == row.meaning.format_map(facts)
    assert said.below == ""
    assert not ENGLISH.search(row.meaning)
    for advice in row.advice:
        assert not ENGLISH.search(advice)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_error_has_a_next_step(code: str, language: str) -> None:
    """An error without a hint of its own gets that of the catalogue, in the document and in the text."""
    document = error_document(ImaError("it did not work", code=code))
    assert document["hint"]
    assert document["hint"].isascii()
    last = list(error_lines(document, Output(language)))[-1]
    assert re.fullmatch(r"(Next|建议): \S.*", last)


def test_a_code_that_nobody_knows_has_the_next_step_of_its_kind() -> None:
    """Codes of plugins: what is known of the class of the error holds."""
    assert error_document(ServiceError("no", code="mine"))["hint"].startswith("Read the service's words")
    assert error_document(FaultError("no", code="mine"))["hint"].startswith("Try IMA_SKILLS_NO_THIRD_PARTY=1")
    assert error_document(ImaError("no", code="mine", hint="Do this."))["hint"] == "Do this."


def test_an_error_without_facts_keeps_its_english_words() -> None:
    """Where nothing can be filled in, the general sentence stands above the precise words."""
    said = speak(error_document(UsageError("x.jsonl is odd", code="bad-batch")), "zh")
    assert (said.message, said.below) == ("批量任务文件无法运行。", "x.jsonl is odd")


def test_what_is_chinese_already_is_not_said_again() -> None:
    """The service's meanings come in the caller's language; a Chinese name does not make a sentence Chinese."""
    document = error_document(
        ImaError("积分不足以完成本次生成。", code="insufficient-points", hint="请充值。")
    )
    assert tuple(speak(document, "zh")) == ("积分不足以完成本次生成。", "", "请充值。", "")
    assert not is_chinese("风筝.png cannot be read")
    assert not is_chinese("")


def test_options_of_an_english_hint_do_not_get_lost() -> None:
    """An older script has other options than create: the advice follows the hint, or the hint is shown as well."""
    facts = {"model": "M", "quoted": 90, "ask_above": 50}
    hint = "Nothing was sent. Name the model with --model-id, or set a cap: IMA_MAX_POINTS."
    document = error_document(ImaError("no", code="needs-consent", hint=hint, details=facts))
    assert "--model-id" in speak(document, "zh").advice
    odd = error_document(ImaError("no", code="needs-consent", hint="Add --sure.", details=facts))
    assert speak(odd, "zh").advice_below == "Add --sure."


@pytest.mark.parametrize(
    ("facts", "task_id", "hint", "wanted"),
    [
        ({"tasks": 2, "points": 80}, None, "Run it again.", ("2 个任务（80 积分）", "重新运行")),
        ({"tasks": 1, "points": 5}, None, "Continue with: ima-skills tasks collect --sandbox",
         ("1 个任务", "ima-skills tasks collect --sandbox")),
        ({"tasks": 0, "points": 0}, None, "Run it again.", ("没有得到服务端确认",)),
        ({}, "t-9", "Continue with: ima-skills tasks wait t-9 --sandbox",
         ("t-9", "ima-skills tasks wait t-9 --sandbox")),
        ({}, "abc", "Continue with: ima-skills tasks wait abc --base-url http://127.0.0.1:9",
         ("ima-skills tasks wait abc --base-url http://127.0.0.1:9",)),
        ({}, None, "", ("没有发送会扣积分的请求",)),
    ],
)  # fmt: skip
def test_an_interrupt_says_what_goes_on(
    facts: dict[str, Any], task_id: str | None, hint: str, wanted: tuple[str, ...]
) -> None:
    """How many tasks for how many points, or which task, and the command that leads on; never an id that is not there."""
    error = ImaError(
        "interrupted", code="interrupted", hint=hint, task_id=task_id, retryable=True, details=facts
    )
    text = "\n".join(error_lines(error_document(error), Output("zh")))
    for part in wanted:
        assert part in text
    assert "任务编号" not in text


def _problem_calls() -> Iterator[tuple[str, ast.Call]]:
    package = Path(ima_skills.__file__).parent
    for file in (*package.rglob("*.py"), *package.parent.glob("plugins/ima_skills_*/*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem":
                yield f"{file.name}:{node.lineno}", node


def test_every_problem_of_a_wish_can_be_said_in_chinese() -> None:
    """Each rule that our code writes has its sentence, or the place that raises it brings one."""
    silent = []
    for place, call in _problem_calls():
        given = {word.arg: word.value for word in call.keywords}
        rule = given.get("rule", call.args[3] if len(call.args) > 3 else None)
        if not isinstance(rule, ast.Constant):
            continue  # taken over from somebody else's problem
        if rule.value not in CHINESE and "message_zh" not in given:
            silent.append((place.partition(":")[0], rule.value))
    # The rules of registry files are told by the commands of the people who write these files.
    assert {place for place, _ in silent} <= {"soundness.py"}


@pytest.mark.parametrize(
    ("schema", "value", "said"),
    [
        ({"type": "integer"}, "a", "需要整数，而不是文字"),
        ({"type": ["integer", "null"]}, [], "需要整数或空值，而不是列表"),
        ({"enum": ["a", "b"]}, "c", "不能是 c，只能是 a、b"),
        ({"const": 1}, 2, "不能是 2，只能是 1；最接近的可用值：1"),
        ({"minimum": 3}, 1, "不能小于 3，现为 1"),
        ({"maximum": 3}, 9, "不能大于 3，现为 9"),
        ({"exclusiveMinimum": 0}, 0, "必须大于 0"),
        ({"minLength": 1}, "", "不能为空"),
        ({"minLength": 3}, "a", "至少需要 3 个字符"),
        ({"maxLength": 2}, "abc", "最多 2 个字符，现有 3 个"),
        ({"minItems": 1}, [], "至少需要 1 个，现有 0 个"),
        ({"maxItems": 1}, [1, 2], "最多 1 个，现有 2 个"),
        ({"uniqueItems": True}, [1, 1], "有重复的内容"),
        ({"minProperties": 1}, {}, "至少需要 1 项，现有 0 项"),
        ({"pattern": r"\S"}, " ", "不能为空"),
        ({"pattern": "^a$"}, "!", "须符合格式 ^a$"),
        ({"required": ["a", "b"]}, {}, "缺少：a、b"),
        ({"not": {"required": ["a"]}}, {"a": 1}, "不能有 a"),
        ({"properties": {"size": {}}, "additionalProperties": False}, {"sise": 1},
         "没有名为 sise 的参数，可用的有：size；最接近的可用值：size"),
        ({"multipleOf": 2}, 3, "必须是 2 的倍数"),
        ({"exclusiveMaximum": 3}, 3, "必须小于 3"),
        ({"maxProperties": 1}, {"a": 1, "b": 2}, "最多 1 项，现有 2 项"),
        ({"oneOf": [{"type": "string"}]}, 3, "不符合规则 oneOf"),
    ],
)  # fmt: skip
def test_problems_of_a_schema_in_chinese(schema: dict[str, Any], value: Any, said: str) -> None:
    """Every rule that the schemas of a wish use names the value and what would be right."""
    (problem,) = check(value, schema)
    assert say_problem(problem.as_dict(), "zh") == said


def test_a_blank_prompt_is_called_blank() -> None:
    """In both languages: nobody has to read a regular expression."""
    schema = {"properties": {"prompt": {"type": "string", "pattern": r"\S", "writeOnly": True}}}
    (problem,) = check({"prompt": " "}, schema)
    assert problem.message == "must not be blank"
    assert say_problem(problem.as_dict(), "zh") == "提示词不能为空"


def test_places_in_chinese() -> None:
    """Inputs are counted from 1, parameters keep their names, and English output keeps the pointer."""
    places = ("/inputs/0", "/inputs", "/prompt", "/params/duration", "/n", "")
    assert [place_of({"pointer": place}, "zh") for place in places] == [
        "素材 1", "素材", "提示词", "duration", "数量 n", "请求",
    ]  # fmt: skip
    assert place_of({"pointer": "/inputs/0"}) == "inputs/0"


def test_the_hint_names_the_model(ima: Ima) -> None:
    """Nobody has to fill in MODEL when it is known which one it is."""
    ran = ima("create", "x", "-p", "foo=1", "--sandbox", "--json")
    assert ran.document["hint"].startswith("Run: ima-skills models show 'SeeDream 4.5'")
    assert "MODEL" not in ran.document["hint"]
    bare = error_document(InvalidRequestError("no", hint="Run: ima-skills models show MODEL"))
    assert bare["hint"].endswith("MODEL")
