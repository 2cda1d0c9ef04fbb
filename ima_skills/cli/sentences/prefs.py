"""Sentences about saved models."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "prefs.task-type": ("task type", "任务类型"),
    "prefs.model": ("model", "模型"),
    "prefs.points": ("points", "积分"),
    "prefs.offered": ("still offered", "仍可使用"),
    "prefs.yes": ("yes", "是"),
    "prefs.no": ("no", "否"),
    "prefs.none": ("No model is saved.", "没有保存常用模型。"),
    "prefs.saved": ("{model} is now the usual model for {task_type}.", "已记住：{task_type} 今后默认用 {model}。"),
    "prefs.previous": ("Before it was {model}.", "之前保存的是 {model}。"),
    "prefs.newest": (
        "Only the family {model} is saved: its newest version will be taken.",
        "只会记住模型系列 {model}，今后使用其最新版本。",
    ),
    "prefs.not-saved": (
        "The model could not be saved: the state folder cannot be written.",
        "常用模型未能保存：状态目录不可写。",
    ),
    "prefs.cleared": ("The saved model for {task_type} is forgotten.", "已清除 {task_type} 的常用模型。"),
    "prefs.unreadable": (
        "The file of saved models cannot be understood and is not used: {path}. The next save puts it aside.",
        "无法读取已保存的模型设置，本次不使用：{path}。下次保存时会将其另存。",
    ),
    "prefs.aside": (
        "The file of saved models could not be read; it was put aside as {path}.",
        "常用模型文件无法读取，已另存为 {path}。",
    ),
    "prefs.and": ("; ", "；"),
    "prefs.changed": ("so far it was {model}", "之前常用的是 {model}"),
    "prefs.stale": (
        "your saved model {model} is no longer offered and was left out",
        "你保存的常用模型 {model} 已不再提供，本次未使用",
    ),
    "prefs.hint": ("{model} might suit this as well", "此任务也可以试试 {model}"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Show, save or forget the models you usually take.": "查看、保存或清除常用模型。",
    "Show the saved models.": "查看已保存的常用模型。",
    "Save the model NAME for a task type.": "把模型 NAME 设为某一任务类型的常用模型。",
    "Forget the saved models, or the one of a task type.": "清除全部常用模型，或某一任务类型的常用模型。",
    "Whose; else IMA_USER_ID, else default. Never sent anywhere.": (
        "用户标识；默认读取 IMA_USER_ID，否则为 default。只保存在本机，不会发送。"
    ),
    "For this task type; may be repeated. Not needed where the model has only one.": (
        "任务类型，可重复；模型只支持一种任务时可省略。"
    ),
    "Save the model that --model names as your usual one.": "把 --model 指定的模型保存为常用模型。",
    "Forget the saved model and take the recommended one.": "清除常用模型，改用推荐的模型。",
    "Leave the saved model out this once.": "仅这一次不使用常用模型。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "which-task-type": (
        ("The model does several task types, and none was named.", "该模型支持多种任务类型，需要说明是哪一种。"),
        ("Add -t TYPE.", "请加上 -t TYPE。"),
    ),
    "no-model-named": (
        ("A model is to be saved, and none was named.", "要保存常用模型，但没有指定模型。"),
        ("Add --model NAME.", "请加上 --model NAME。"),
    ),
    "preferences-unwritable": (
        ("The saved models cannot be written.", "常用模型文件无法写入。"),
        ("Set IMA_HOME to a folder that can be written.", "请把 IMA_HOME 设为可写的目录。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "which-task-type": (Row("{model} 支持多种任务类型：{task_types}。", ("请用 -t 指定，可重复。",)),),
})  # fmt: skip
