"""Sentences of ``route``: how a wish was understood."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "route.task-type": ("makes", "任务"),
    "route.model": ("model", "模型"),
    "route.params": ("settings", "参数"),
    "route.n": ("number", "数量"),
    "route.inputs": ("files", "素材"),
    "route.prompt": ("prompt", "提示词"),
    "route.preference": ("preference", "偏好"),
    "route.budget": ("choice", "选择"),
    "route.cap": ("points", "积分"),
    "route.at-most": ("{points} at most", "最多 {points} 积分"),
    "route.inquiry": ("Nothing is to be made; this answers the question.", "没有要生成的内容，下面的命令可以回答这个问题。"),
    "route.chat": ("Nothing is to be made, and nothing has to be answered.", "没有要生成的内容，也不需要运行命令。"),
    "route.next": ("next", "下一步"),
    "route.save": ("use {model} from now on", "以后都用 {model}"),
    "route.once": ("use {model} this time only", "仅这次用 {model}"),
    "route.clear": ("forget the saved model", "清除已保存的模型"),
    "route.cheapest": ("the cheapest model", "最便宜的模型"),
    "route.best": ("the best model", "最好的模型"),
    "route.another": ("another model than before", "换一个模型"),
    "route.step": ("step {number}", "第 {number} 步"),
    "route.from": ("from {step}", "取自 {step}"),
    "route.consistency": ("The same subject as before is wanted; give the earlier picture.", "需要与之前保持一致，请提供之前的图片。"),
    "route.plan": ("Several media: ima-skills plan makes a plan of it.", "涉及多种媒体，可用 ima-skills plan 制定计划。"),
    "route.left-out": ("Left out: {fault}", "已忽略：{fault}"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Understand a wish: what to make, with which model and settings.": "理解一句话：做什么、用什么模型和参数。",
    "Understand WISH, in Chinese or English: what to make, with which model and settings, or the one question that"
    " is missing. Offline; spends nothing.": (
        "理解中文或英文的需求：做什么、用什么模型和参数，或还缺哪个问题的答案。离线运行，不消耗积分。"
    ),
    "Read the wish from a file or standard input.": "从文件或标准输入读取需求。",
    "A file or https address that came with the wish, in order; may be repeated.": (
        "随需求附带的文件或 https 地址，按顺序，可多次使用。"
    ),
    "Earlier results it may refer to: JSON lines of create, or the document of tasks list.": (
        "可被引用的先前结果：create 输出的 JSON 行，或 tasks list 的 JSON。"
    ),
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-history": (
        ("The file of earlier results cannot be read as JSON.", "先前结果的文件不是有效的 JSON。"),
        ("Give what create --json or tasks list --json printed, one document per line.", "请提供 create --json 或 tasks list --json 的输出，每行一个 JSON。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "bad-history": (Row("--history 的内容既不是一个 JSON 文档，也不是每行一个 JSON。"),),
})  # fmt: skip
