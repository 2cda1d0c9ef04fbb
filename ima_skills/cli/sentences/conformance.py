"""Sentences about conformance."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "conformance.area": ("area", "领域"),
    "conformance.trial": ("trial", "试验"),
    "conformance.title": ("about", "内容"),
    "conformance.passed": ("passed", "通过"),
    "conformance.failed": ("failed", "未通过"),
    "conformance.skipped": ("not held", "未进行"),
    "conformance.gaps": (
        "Not held, because the command has no place for: {gaps}",
        "命令中没有以下占位，相应试验未进行：{gaps}",
    ),
    "conformance.score": ("Score: {score:g} %", "得分：{score:g} %"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Try any client of the service on the sandbox, and score it.": "在沙盒上检验任意客户端，并给出评分。",
    "Score any client of the service on the sandbox.": "在沙盒上为任意客户端评分。",
    "List the trials.": "列出全部试验。",
    "Run COMMAND once per trial, each on a sandbox of its own, and score what it did. COMMAND holds gaps:"
    " {prompt} {task_type} {model}, and where it can {params} {n} {input} {out} {base_url} {key}.": (
        "每个试验都在独立的沙盒中运行一次 COMMAND，并为其表现评分。COMMAND 中写占位符："
        "{prompt} {task_type} {model}，支持时再写 {params} {n} {input} {out} {base_url} {key}。"
    ),
    "A trial or an area, * allowed; may be repeated.": "试验或领域的名称，可用 *，可重复。",
    "Trials at a time.": "同时进行的试验数。",
    "Time for one command.": "每条命令的时限。",
    "Keep what the trials leave in this new folder.": "把试验留下的文件保存到这个新目录。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-template": (
        ("The command to try cannot carry a wish.", "要检验的命令无法传入生成要求。"),
        ("Put {prompt}, {task_type} and {model} into it.", "请在命令中写入 {prompt}、{task_type} 和 {model}。"),
    ),
    "unknown-trial": (
        ("No trial goes by that name.", "没有这个试验。"),
        ("Look at ima-skills conformance list.", "请查看 ima-skills conformance list。"),
    ),
    "not-empty": (
        ("The folder holds something already.", "该目录不是空的。"),
        ("Name a new folder.", "请指定一个新目录。"),
    ),
})  # fmt: skip

_EXAMPLE = ("请在 -- 之后写出命令，例如：{example}",)
ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "bad-template": (
        Row("没有写明要检验的命令。", _EXAMPLE, ("empty",)),
        Row("要检验的命令缺少占位符：{missing}。", _EXAMPLE),
        Row("命令中的占位符无从填写：{unfilled}。", ("可用的占位符：{available}。",)),
        Row("无法启动 {program}：{why}。", ("请像在终端里那样，在 -- 之后写出命令。",)),
    ),
    "unknown-trial": (Row("没有名为“{name}”的试验。"),),
})  # fmt: skip
