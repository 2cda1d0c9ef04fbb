"""Problems in Chinese, said by rule; the English message is the problem's own."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Rule to sentences, the most telling first; the first whose placeholders are all known is taken.
# A problem that brings its own Chinese message needs none of them.
CHINESE: Mapping[str, tuple[str, ...]] = MappingProxyType({
    "enum": ("不能是 {value}，只能是 {allowed}", "只能是 {allowed}", "不能是 {value}"),
    "const": ("不能是 {value}，只能是 {allowed}", "只能是 {allowed}"),
    "combination": ("{value} 不能组合使用，可用的组合：{allowed}", "这些取值不能组合使用"),
    "disabled": ("{value} 不能与 {related} 的当前取值同时使用", "与其他参数的当前取值不能同时使用"),
    "unpriced": ("{value} 没有对应的价格", "该组合没有对应的价格"),
    "unknown": ("没有名为 {name} 的参数，可用的有：{allowed}", "没有名为 {name} 的参数"),
    "reserved": ("这不是参数，请使用专门的选项",),
    "twice": ("与另一个同样表示 {related} 的参数取值不同，请只保留一个", "与另一个参数含义相同，请只保留一个"),
    "type": ("{value} 的类型不正确", "类型不正确"),
    "structure": ("内容的结构不正确：{message}",),
    "minimum": ("不能小于 {nearest}，现为 {value}", "不能小于 {nearest}"),
    "maximum": ("不能大于 {nearest}，现为 {value}", "不能大于 {nearest}"),
    "minLength": ("不能为空或过短",),
    "maxLength": ("文字过长",),
    "pattern": ("{value} 不符合格式要求", "内容不符合格式要求"),
    "minItems": ("至少需要 {nearest} 个素材，现有 {value} 个", "素材数量不足"),
    "maxItems": ("最多接受 {nearest} 个素材，现有 {value} 个", "素材数量过多"),
    "missing-file": ("找不到文件 {value}", "找不到文件"),
    "input-root": ("{value} 不在允许读取素材的文件夹内",),
    "unreadable": ("文件 {value} 无法读取", "文件无法读取"),
    "empty-file": ("文件 {value} 是空的", "文件是空的"),
    "unknown-kind": ("{value} 不是可识别的图片、视频或音频", "不是可识别的图片、视频或音频"),
    "damaged": ("文件 {value} 已损坏或不完整", "文件已损坏或不完整"),
    "scheme": ("需要本地文件或 https 地址",),
    "address": ("不是可以使用的公网地址",),
    "input-kind": ("不接受 {value}，可接受：{allowed}", "素材类型不符"),
    "file-format": ("不接受 {value} 格式，可接受：{allowed}", "文件格式不符"),
    "limit": ("超出该模型对素材的限制（现为 {value}）", "超出该模型对素材的限制"),
    "compliance": ("未通过服务端的素材审核",),
    "required": ("缺少：{related}", "缺少必填内容"),
    "unsendable": ("含有无法发送的内容：{message}",),
    "quirk": ("{message}",),  # the rule's own reason, in the language of the request
})  # fmt: skip
# A rule that nobody foresaw, for instance of a plugin.
_OTHER = "不符合规则 {rule}：{message}"
# The sentence says itself what would be right.
_SAYS_NEAREST = ("minimum", "maximum", "minItems", "maxItems", "limit")
# Of several values that are listed, the nearest is worth its own words.
_LISTS = ("enum", "const", "unknown", "combination", "file-format")
_PLACES = MappingProxyType({"prompt": "提示词", "n": "数量 n", "task_type": "任务类型", "model": "模型"})


def say_problem(problem: Mapping[str, Any], language: str) -> str:
    """Return one problem as a sentence.

    Args:
        problem: A problem in its JSON form.
        language: ``en`` or ``zh``.
    """
    if language != "zh":
        return str(problem["message"])
    near = said_value(problem["nearest"])
    said = str(problem.get("message_zh") or next(_filled(problem)))
    told = problem["rule"] in _SAYS_NEAREST or (problem["rule"] not in _LISTS and _names(said, near))
    return said if not near or told else f"{said}；最接近的可用值：{near}"


def _names(text: str, value: str) -> bool:
    """Tell whether a text names a value as a whole: 10 does not name 1."""
    return re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", text, re.ASCII) is not None


def said_value(value: Any) -> str:
    """Return a value of a problem as Chinese text writes it; empty for what is not there."""
    if isinstance(value, dict):
        return " ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def place_of(problem: Mapping[str, Any], language: str = "en") -> str:
    """Return the place of a problem for people: the parameter's name, or what else its pointer names."""
    place = str(problem["pointer"]).removeprefix("/params").strip("/") or "/"
    if language != "zh":
        return place
    head, _, number = place.partition("/")
    if head == "inputs":
        return f"素材 {int(number) + 1}" if number.isdecimal() else "素材"
    return {**_PLACES, "/": "请求"}.get(place, place)


def _filled(problem: Mapping[str, Any]) -> Iterator[str]:
    facts = {
        "value": said_value(problem["value"]),
        "allowed": "、".join(map(said_value, problem["allowed"])),
        "nearest": said_value(problem["nearest"]),
        "related": "、".join(problem.get("related") or ()),
        "name": str(problem["pointer"]).rpartition("/")[2].replace("~1", "/").replace("~0", "~"),
        "message": str(problem["message"]),
        "rule": str(problem["rule"]),
    }
    for text in (*CHINESE.get(problem["rule"], ()), _OTHER):
        if all(value or f"{{{name}}}" not in text for name, value in facts.items()):
            yield text.format(**facts)
