"""Nothing that people read tells how it works inside: every event, platform, language, error and kind of media."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve, frozen

from ima_skills.cli.error_texts import ERROR_TEXTS
from ima_skills.cli.sentences import merged
from ima_skills.domain.event import (
    Created,
    Finished,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
)
from ima_skills.domain.problem import Change, Problem
from ima_skills.domain.product import CreditRule
from ima_skills.domain.request import Quote
from ima_skills.domain.task import SavedFile
from ima_skills.domain.task_type import Text
from ima_skills.errors import (
    CredentialError,
    FaultError,
    ImaError,
    InvalidRequestError,
    JobFailedError,
    NetworkError,
    OutcomeUnknownError,
    PointsError,
    UsageError,
)  # fmt: skip
from ima_skills.messages.delivery import length
from ima_skills.messages.job import Job
from ima_skills.messages.platform import Platform
from ima_skills.messages.scribe import Scribe
from ima_skills.messages.voice import Voice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.messages.counsel import Counsel
    from ima_skills.messages.manner import Manner
    from ima_skills.registry import Registry

# The words that the service's skill documents forbid, what they stand for, and the same in other words.
ENGLISH = (
    "script", "automation", "automated", "automatically", "poll", "polls", "polling", "product list", "product",
    "catalogue", "attribute", "attribute id", "model version", "form", "form config", "config", "api", "http", "https",
    "json", "yaml", "toml", "cli", "sdk", "url", "uri", "endpoint", "payload", "parameter", "parameters", "param",
    "params", "request", "requests", "response", "server", "backend", "client", "cache", "registry", "plugin", "quirk",
    "task id", "task", "status code", "error code", "error", "exit code", "exception", "traceback", "stack",
    "bad request", "unauthorized", "forbidden", "resource status", "status", "timeout", "timed out", "connection refused",
    "rate limit", "too many requests", "invalid product attribute", "content policy", "service unavailable", "internal",
    "null", "none", "boolean", "integer", "string", "enum", "schema", "sandbox", "journal", "database", "python",
    "command", "terminal", "upload", "download", "token", "stdout", "stderr",
)  # fmt: skip
CHINESE = (
    "脚本", "自动化", "自动处理", "自动解析", "产品列表", "商品列表", "产品", "商品", "列表", "查询", "接口", "轮询", "调用",
    "请求", "参数", "属性", "字段", "表单", "配置项", "编号", "任务", "端点", "服务端", "服务器", "后端", "客户端", "缓存",
    "返回码", "错误码", "状态码", "退出码", "错误", "异常代码", "报错", "超时", "令牌", "命令", "终端", "注册表", "插件", "沙盒",
    "日志", "数据库", "上传", "下载", "布尔", "字符串", "枚举", "空值", "失败码",
)  # fmt: skip
# Figures of the wire: they are codes wherever they stand alone, as no test here uses them for points or seconds.
CODES = re.compile(
    r"(?<![\d.])(401|4008|4014|4004|6006|6009|6010|400|400017|403|404|429|500|502|503)(?![\d.])"
)
SNAKE = re.compile(r"[A-Za-z0-9]+_[A-Za-z0-9_]+")
ADDRESS = re.compile(r"https?://\S+")
CJK = re.compile(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
LATIN = re.compile(r"[A-Za-z]{2,}")
# One task type of each kind that has words of its own, and one that nobody knows.
KINDS = ("text_to_image", "image_to_video", "text_to_music", "text_to_speech", "text_to_hologram")
LANGUAGES, PLATFORMS = ("en", "zh"), ("feishu", "discord", "telegram", "plain")
MODEL, OTHER = "Kling O1", "Wan 2.6"
REASON = {"en": "it likes moving water", "zh": "擅长流动的水"}
# Values from the inside: none of them may come through, whatever it was that changed.
INSIDE = (
    "std",
    "zh_male_m191_uranus_bigtts",
    "doubao-seedream-4-5-251128",
    "duration 5",
    {"a": 1},
    [1],
    "V5.5-x",
)


@frozen
class Heard:
    """Something that a user would read, and on what occasion."""

    occasion: str
    language: str
    platform: Platform
    args: dict[str, Any]

    @property
    def text(self) -> str:
        """The words."""
        return str(self.args.get("message") or self.args.get("text") or "")


BROKEN = {
    "/inputs": ("minItems", "maxItems", "missing-file", "address", "compliance"),
    "/params/form_config": ("unknown", "twice", "type", "unpriced"),
}
CHEAP = Quote(CreditRule(attribute_id=1, points=77, attributes={}), 1)
VOICE = Text("Vivi (female voice)", "薇薇（女声）")


def changes(params: list[str]) -> tuple[Change, ...]:
    """Return a change of every parameter that any model has, to and from values of all sorts."""
    return (
        tuple(
            Change(param, before, after, "the form_config says so")
            for param in params
            for before, after in zip(
                (*INSIDE, 5, "16:9", True), (*INSIDE[::-1], 10, "1:1", False), strict=True
            )
        )
        + tuple(Change(param, "5", None, "polling") for param in params)
        + (Change("voice", "female", "speaker zh_female_vv_uranus_bigtts", "", "", VOICE),)
    )


def events(task_type: str, language: str, quote: Any, result: Any, told: tuple[Change, ...]) -> list[Any]:
    """Return every event that is told, in its fullest form."""
    chosen = ModelChosen(
        task_type, "kling-video-o1", MODEL, "saved", OTHER, REASON[language], previous=OTHER, stale=OTHER
    )
    made = result(task_type, n=3, model_name=MODEL, changes=told, sandbox=True)
    hidden = tuple(evolve(media, url=f"http://127.0.0.1/{i}.png") for i, media in enumerate(made.medias))
    big = (SavedFile("/out/1.png", 10**9, ""), None, None)
    return [
        [chosen, Quoted(task_type, MODEL, "kling-video-o1", quote(77), (30, 600), told), Reattached("task_1")],
        [chosen, Reflected(1, "service-fault", "the API said 500", told)],
        [Quoted(task_type, MODEL, "v", quote(77), (30, 600), ()), Created("task_1", 1),
         Progressed("task_1", 300, 50, 1, 3), Progressed("task_1", 900, 95, 1, 3)],
        [Quoted(task_type, MODEL, "v", quote(77), (30, 600), ()), Created("task_1", 1),
         PollTrouble("task_1", "HTTP 502", "service-fault", 2, 90.0), Progressed("task_1", 900, 95, 1, 3, 3)],
        [chosen, Finished(made)],
        *([evolve(chosen, source=source), Quoted(task_type, MODEL, "v", quote(77), (30, 600), ())]
          for source in ("explicit", "knowledge", "default")),
        [Finished(evolve(made, medias=hidden))],
        [Finished(evolve(made, files=big))],
    ]  # fmt: skip


def errors(registry: Registry) -> Iterator[ImaError]:
    """Yield an error of every code, ours and the service's, with all that an error may carry."""
    details = {
        "quoted": 77, "cap": 33, "points": 77, "service_code": 6010, "service_message": "Attribute ID does not match",
        "usable": 1, "total": 3, "files": ["/out/1.png"],
    }  # fmt: skip
    settings = {"duration": 5, "resolution": "720P", "mode": "std", "form_config": 1, "sound": False}
    others = [{"model": name, "name": name, "points": 33, "differs": settings} for name in (MODEL, OTHER)]
    named = "duration must be one of 5, 10; resolution is no attribute of the payload"
    problems = [
        Problem(f"/params/{name}", "must be one of 5, 10", value, "enum", (5, 10), close)
        for name in ("duration", "attribute_id", "form_config", "resolution")
        for value, close in ((7, 5), ("std", "pro"), ("zh_male_m191_uranus_bigtts", None))
    ]
    own = {**ERROR_TEXTS, **merged("ERROR_TEXTS")}
    message = "HTTP 400: Invalid product attribute attribute_id=0"
    for code in (*own, *(row.code for row in registry.errors)):
        yield ImaError(message, code=code, hint="Run: ima-skills tasks wait task_1", details=details)
        more = {
            **details,
            "service_message": named,
            "alternatives": others,
            "nearest": [OTHER],
            "successor": "wan-2.6",
        }
        yield ImaError(message, code=code, details=more)
    for kind in (
        CredentialError,
        PointsError,
        NetworkError,
        OutcomeUnknownError,
        FaultError,
        UsageError,
        ImaError,
    ):
        yield kind(message, code="a-code-that-nobody-knows", details=details)
    yield InvalidRequestError(message, problems=problems, details=details)
    for place in ("/prompt", "/inputs/0", "/task_type"):
        yield InvalidRequestError(message, problems=[Problem(place, "minLength")])
    for place, rules in BROKEN.items():
        for rule in rules:
            yield InvalidRequestError(message, problems=[Problem(place, "minLength", "form_config", rule)])
    yield JobFailedError(message, details={**details, "outstanding": 1})


@pytest.fixture(scope="module")
def heard(  # noqa: PLR0913, PLR0917 - one fixture per part of what is said
    manner: Callable[..., Manner], registry: Registry, catalogue: Any, quote: Any, result: Any, counsel: Any
) -> list[Heard]:
    """Everything that can be said, on every occasion."""
    params = sorted(
        {item.name for name in registry.task_types for leaf in catalogue(name).leaves for item in leaf.form}
        | {
            name
            for leaf in catalogue("text_to_video").leaves
            for rule in leaf.rules
            for name in rule.attributes
        }
        | {"attribute_id", "voice_id", "points", "n"}
    )
    told = changes(params)
    dear = evolve(counsel(MODEL, "image_to_video", total=96, duration=10), changes=told)
    said: list[Heard] = []
    for language in LANGUAGES:
        for platform in PLATFORMS:
            how = manner(language, platform)
            for task_type in KINDS:
                said += _of_events(how, task_type, events(task_type, language, quote, result, told))
                said += _of_errors(how, task_type, registry, dear)
    return said


def _of_events(how: Manner, task_type: str, walks: list[Any]) -> Iterator[Heard]:
    for walk in walks:
        scribe = Scribe(how)
        for at, event in enumerate(walk):
            for action in scribe.hear(event, at * 300.0):
                yield _heard(how, f"{task_type} {type(event).__name__}", action)


def _of_errors(how: Manner, task_type: str, registry: Registry, counsel: Counsel) -> Iterator[Heard]:
    job = Job(task_type, MODEL, "kling-video-o1", points=77)
    begun = Quoted(task_type, MODEL, "kling-video-o1", CHEAP, (30, 600), ())
    stages = (job, evolve(job, quoted=begun, is_demo=True), evolve(job, is_created=True))
    for error in errors(registry):
        scribes = [Scribe(how, job=stage) for stage in stages]
        if task_type == counsel.leaf.task_type:
            scribes.append(Scribe(how))
            scribes[-1].consult(counsel)
        for scribe in scribes:
            actions = scribe.end(error)
            assert actions, error.name
            for action in actions:
                yield _heard(how, f"{task_type} {error.name} {error.exit_code}", action)
    for entry in registry.models.values():
        for name, task in entry.task_types.items() if entry.limits else ():
            strict = Job(name, entry.name, task.model_id)
            for action in Scribe(how, job=strict).end(ImaError("moderation", code="content-refused")):
                yield _heard(how, f"limits of {entry.id}", action)


def _heard(how: Manner, occasion: str, action: Any) -> Heard:
    args = dict(action.args) if action.args else {"text": action.text}
    return Heard(occasion, how.lines.language, how.platform, args)


@pytest.fixture(scope="module")
def texts(heard: list[Heard]) -> dict[tuple[str, str], str]:
    """Every different text with its language, and one occasion of it; addresses are left out."""
    return {(item.language, ADDRESS.sub("", item.text)): item.occasion for item in heard}


def test_the_sweep_is_a_sweep(
    heard: list[Heard], texts: dict[tuple[str, str], str], registry: Registry, manner: Callable[..., Manner]
) -> None:
    """All of it is there, for each kind of media that has words: a sweep of nothing would prove nothing."""
    kinds = {Voice(manner(), name).kind for name in registry.task_types}
    assert {Voice(manner(), name).kind for name in KINDS} == {*kinds, "other"}
    assert len(heard) > 40_000
    assert len(texts) > 400


def test_no_forbidden_word_is_said(texts: dict[tuple[str, str], str]) -> None:
    """None of the words of the lists, in either language; English ones as whole words."""
    english = re.compile(rf"(?<![A-Za-z])({'|'.join(map(re.escape, ENGLISH))})(?![A-Za-z])", re.IGNORECASE)
    for (_, text), occasion in texts.items():
        assert english.findall(text) == [], (occasion, text)
        assert [word for word in CHINESE if word in text] == [], (occasion, text)


def test_no_code_and_no_technical_name_is_said(texts: dict[tuple[str, str], str], registry: Registry) -> None:
    """No wire code, no error code, no snake_case name, no file name, no id of a model or a task."""
    names = {entry.name for entry in registry.models.values()}
    ids = {task.model_id for entry in registry.models.values() for task in entry.task_types.values()} - names
    own = {**ERROR_TEXTS, **merged("ERROR_TEXTS")}
    codes = {code for code in (*own, *(row.code for row in registry.errors)) if "-" in code}
    for (_, text), occasion in texts.items():
        assert CODES.findall(text) == [], (occasion, text)
        assert SNAKE.findall(text) == [], (occasion, text)
        assert [word for word in (*codes, *ids, ".py", "std", "uranus", "V5.5-x") if word in text] == [], (
            occasion
        )


def test_each_language_keeps_to_itself(texts: dict[tuple[str, str], str], registry: Registry) -> None:
    """No Chinese in English, and nothing but names of models in Latin letters in Chinese."""
    names = sorted(
        {name for entry in registry.models.values() for name in entry.names()}, key=len, reverse=True
    )
    for (language, text), occasion in texts.items():
        if language == "en":
            assert CJK.findall(text) == [], (occasion, text)
        else:
            bare = text
            for name in names:
                bare = bare.replace(name, "")
            assert LATIN.findall(bare) == [], (occasion, text)


def test_everything_fits_its_platform(heard: list[Heard]) -> None:
    """No message and no caption is longer than its platform takes, and none is empty."""
    for item in heard:
        has_media = bool({"media", "attachments"} & item.args.keys())
        longest = item.platform.caption.longest if has_media else item.platform.text.longest
        assert length(item.text) <= longest, item.occasion
        assert item.text or has_media, item.occasion


def test_no_place_is_left_open(texts: dict[tuple[str, str], str]) -> None:
    """Every {place} was filled, and no value came out as a word of Python."""
    for (_, text), occasion in texts.items():
        assert not re.search(r"[{}]|\bNone\b|\bTrue\b|\bFalse\b", text), (occasion, text)
