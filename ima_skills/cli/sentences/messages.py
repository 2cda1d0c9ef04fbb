"""Sentences about messages for people in a chat."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "messages.broken": (
        "The messages for the user end here because of a fault ({fault}); the job itself is not touched by it.",
        "面向用户的消息因故障（{fault}）中止，任务本身不受影响。",
    ),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Print messages for the user as JSON lines of actions that this agent host can take as they are.": "以 JSON 行输出给用户的消息，每行都是该智能体宿主可直接执行的操作。",
    "Where the user reads them: feishu, discord, telegram, plain (the default), or one of a plugin.": "用户在哪里阅读：feishu、discord、telegram、plain（默认），或插件提供的平台。",
    "Language of these messages; else that of --language.": "这些消息的语言，默认与 --language 相同。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "unknown-message-form": (
        ("There are no messages in this language or for this platform.", "没有这种语言或平台的消息。"),
        ("Take one of those that are named.", "请使用列出的语言或平台。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "unknown-message-form": (Row("没有名为“{name}”的语言或平台。", ("是否想写 {nearest}？可用的有：{available}。", "可用的有：{available}。")),),
})  # fmt: skip
