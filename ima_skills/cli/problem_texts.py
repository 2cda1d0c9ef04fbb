"""Problems in Chinese, said by rule; the English message is the problem's own."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# Rule to sentence. A rule that is missing here is told in English, with its place and nearest value.
CHINESE: Mapping[str, str] = MappingProxyType(
    {
        "enum": "只能是 {allowed}",
        "const": "只能是 {allowed}",
        "combination": "这些取值不能组合使用",
        "disabled": "{value} 不能与 {related} 的当前取值同时使用",
        "unpriced": "该组合没有对应的价格",
        "unknown": "该模型没有这个参数，可用的有：{allowed}",
        "reserved": "这不是参数，请使用专门的选项",
        "twice": "与另一个参数含义相同，请只保留一个",
        "type": "类型不正确",
        "minimum": "不能小于 {nearest}",
        "maximum": "不能大于 {nearest}",
        "minLength": "不能为空或过短",
        "maxLength": "文字过长",
        "pattern": "内容不符合要求",
        "minItems": "素材数量不足",
        "maxItems": "素材数量过多",
        "missing-file": "找不到这个文件",
        "unreadable": "文件无法读取",
        "empty-file": "文件是空的",
        "unknown-kind": "不是可识别的图片、视频或音频",
        "damaged": "文件已损坏或不完整",
        "scheme": "需要本地文件或 https 地址",
        "address": "地址无法使用",
        "input-kind": "素材类型不符，可接受：{allowed}",
        "file-format": "文件格式不符，可接受：{allowed}",
        "limit": "超出该模型对素材的限制（当前为 {value}）",
        "compliance": "未通过服务端的素材审核",
        "required": "缺少必填内容",
    }
)


def say_problem(problem: Mapping[str, Any], language: str) -> str:
    """Return one problem as a sentence.

    Args:
        problem: A problem in its JSON form.
        language: ``en`` or ``zh``.
    """
    if language != "zh":
        return str(problem["message"])
    text = CHINESE.get(problem["rule"])
    if text is None:
        return str(problem["message"])
    said = text.format(
        value=problem["value"],
        allowed="、".join(map(str, problem["allowed"])),
        nearest=problem["nearest"],
        related="、".join(problem.get("related") or ()),
    )
    near = problem["nearest"]
    simple = near is not None and not isinstance(near, dict) and problem["rule"] not in ("minimum", "maximum")
    return f"{said}；最接近的可用值：{near}" if simple else said


def place_of(problem: Mapping[str, Any]) -> str:
    """Return the place of a problem for people: the parameter's name, or what else its pointer names."""
    return str(problem["pointer"]).removeprefix("/params").strip("/") or "/"
