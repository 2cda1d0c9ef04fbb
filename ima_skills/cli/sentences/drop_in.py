"""Sentences about command lines of the older skills."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "drop_in.models": ("Available models for '{task_type}':", "“{task_type}”可用的模型："),
    "drop_in.change": ("{param}: {because}", "{param}：{because}"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Run a command line of the older skills.": "运行旧版技能的命令行。",
    "Run the command line WORDS of the older script NAME, for instance ima_create.": (
        "运行旧版脚本 NAME（例如 ima_create）的命令行 WORDS。"
    ),
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "old-words": (
        ("A command line of the older skills cannot be read.", "无法识别旧版技能的命令行。"),
        ("Look at ima-skills drop-in NAME --help.", "请查看 ima-skills drop-in NAME --help。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "old-words": (
        Row("没有名为 {program} 的旧脚本。", ("可用的有：{available}。",)),
        Row("旧脚本没有选项 {option}。", ("是否想写 {nearest}？用法见：{command}", "用法见：{command}")),
    ),
})  # fmt: skip
