"""Sentences for authors of plugins: a new project, and the scorecard; its faults are in ``plugin_faults``."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row
from ima_skills.cli.sentences.plugin_faults import FAULTS

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "plugin.written": ("The plugin {plugin} is in {folder}:", "插件 {plugin} 已写入 {folder}："),
    "plugin.next": (
        "Next: {command}",
        "下一步：{command}",
    ),
    "plugin.area": ("area", "领域"),
    "plugin.passed": ("passed", "通过"),
    "plugin.failed": ("failed", "未通过"),
    "plugin.absent": ("not applicable", "不适用"),
    "plugin.score": (
        "Score of {name}: {score:g} % ({failed} faults)",
        "{name} 得分：{score:g} %（{failed} 处问题）",
    ),
    "plugin.alike": (
        "{count} faults have the same cause as one above; --json lists each of them.",
        "另有 {count} 处问题与上面的原因相同，--json 会逐一列出。",
    ),
    "plugin.line": ("[{area}] {where}: {why} {next}", "[{area}] {where}：{why}{next}"),
    "plugin.nearest": ("Nearest: {nearest}.", "最接近的是：{nearest}。"),
    "plugin.area.project": ("project", "项目"),
    "plugin.area.import": ("import", "导入"),
    "plugin.area.hooks": ("hooks", "钩子"),
    "plugin.area.registry": ("registry", "注册表"),
    "plugin.area.words": ("words", "文字"),
    "plugin.area.quirks": ("quirks", "适配"),
    "plugin.area.prices": ("prices", "价格"),
    "plugin.area.start-up": ("start-up", "启动"),
    "plugin.area.containment": ("containment", "隔离"),
    "plugin.area.examples": ("examples", "示例"),
    **{f"plugin.{code}": why for code, (why, _) in FAULTS.items()},
    **{f"plugin.{code}.next": step for code, (_, step) in FAULTS.items()},
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Begin a plugin, or certify one.": "新建插件，或检验插件。",
    "Write a project for a plugin called NAME; it passes its own tests at once.": (
        "为名为 NAME 的插件写出一个项目，写好即可通过自带的测试。"
    ),
    "A model that is only data (the default).": "纯数据的模型（默认）。",
    "A model, and a quirk in code.": "一个模型，外加代码写的适配。",
    "A modality of its own: task type, schema, model, words, messages.": "全新的模态：任务类型、schema、模型、词语和消息。",
    "A chat platform, and words for a failure.": "一个聊天平台，外加失败时的说法。",
    "Folder for the project's own folder; the current one by default.": "项目目录所在的目录，默认为当前目录。",
    "Try everything that the plugin at PATH promises, and score it. PATH is a project's folder, or the name of an"
    " installed plugin. Its code is run.": (
        "逐项检验 PATH 处插件的承诺并评分。PATH 是项目目录，或已安装插件的名称。插件的代码会被运行。"
    ),
    "Time for one step of its code.": "插件代码每一步的时限。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-plugin-name": (
        ("The name cannot be that of a plugin.", "该名称不能用作插件名。"),
        ("Begin with a letter; use lower-case letters, digits and single dashes.", "请以字母开头，使用小写字母、数字和单个连字符。"),
    ),
    "several-kinds": (
        ("A project brings one kind of thing.", "一个项目只能选一种内容。"),
        ("Name one of --model, --quirk, --modality and --messages.", "请在 --model、--quirk、--modality、--messages 中选一个。"),
    ),
    "plugin-name-taken": (
        ("Somebody has that name already.", "该名称已被占用。"),
        ("Choose another name.", "请换一个名称。"),
    ),
    "folder-unusable": (
        ("The folder cannot be made.", "无法创建该目录。"),
        ("Name another folder.", "请换一个目录。"),
    ),
    "no-plugin": (
        ("There is no plugin to certify.", "没有可检验的插件。"),
        ("Name a project's folder or an installed plugin.", "请指定项目目录或已安装的插件。"),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "no-plugin": (
        Row(
            "“{name}”既不是项目目录，也不是已安装的插件。",
            ("是否想写 {nearest}？也可以指定项目目录；已安装的插件见：{command}", "请指定项目目录或已安装的插件，插件见：{command}"),
        ),
    ),
})  # fmt: skip
