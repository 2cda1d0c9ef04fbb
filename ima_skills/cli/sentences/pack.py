"""Sentences about packs for agents."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "pack.state": ("what", "状态"),
    "pack.file": ("file", "文件"),
    "pack.new": ("new", "新增"),
    "pack.replaced": ("replaced", "已替换"),
    "pack.same": ("unchanged", "无变化"),
    "pack.removed": ("removed", "已移除"),
    "pack.done": ("The files are in {folder}.", "文件已写入 {folder}。"),
    "pack.dry": ("Nothing was written; the files would go to {folder}.", "未写入任何文件；实际运行时将写入 {folder}。"),
    "pack.after-build": ("OpenClaw loads it with: {command}", "在 OpenClaw 中加载：{command}"),
    "pack.after-install": ("To use MCP as well: {command}", "如还要使用 MCP：{command}"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Build or install the skill pack for agents.": "构建或安装供智能体使用的技能包。",
    "Write the portable pack, an Agent Plugins bundle, as a folder.": "将通用技能包（Agent Plugins 格式）写入一个目录。",
    "Copy the skills to where an agent host looks for them.": "把技能复制到智能体宿主读取的目录。",
    "Show what would be written, and write nothing.": "只显示将要写入的内容，不实际写入。",
    "Folder of the pack.": "技能包的目录。",
    "The agent host.": "智能体宿主。",
    "Another folder of skills than the host's usual one.": "技能目录，代替该宿主的默认位置。",
    "For this user, or for the project in the current folder.": "供当前用户使用，或仅供当前目录中的项目使用。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "foreign-folder": (
        ("The folder holds files that this command did not write.", "该目录中有不是由本命令写入的文件。"),
        ("Name another folder, or empty this one.", "请指定其他目录，或先清空该目录。"),
    ),
    "pack-changed": (
        ("Files of the pack were changed by somebody else.", "技能包的文件已被他人修改。"),
        ("Move those files away and run it again.", "请先移走这些文件，再重新运行。"),
    ),
    "pack-unwritable": (
        ("The folder of the pack cannot be written.", "技能包的目录无法写入。"),
        ("Name a folder that can be written.", "请指定一个可以写入的目录。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "pack-changed": (Row("这些文件被他人写入或改动：{changed}；未写入任何内容。"),),
    "pack-unwritable": (Row("无法写入文件夹 {folder}：{why}。"),),
})  # fmt: skip
