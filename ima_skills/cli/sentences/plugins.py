"""Sentences about plugins: how long they take, and whether they may take part."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "plugins.notice": ("{name} works, but: {notice}", "{name} 可用，但请注意：{notice}"),
    "plugins.broke": (
        "Plugin {name} did not work and was passed over: {fault}",
        "插件 {name} 出错，已跳过：{fault}",
    ),
    "plugins.hook": ("hook", "钩子"),
    "plugins.calls": ("calls", "次数"),
    "plugins.total-ms": ("total ms", "合计毫秒"),
    "plugins.longest-ms": ("longest ms", "最长毫秒"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Show how long importing each plugin and asking its declaring hooks took.": (
        "显示导入各插件及调用其声明类钩子所用的时间。"
    ),
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-trust": (
        ("The list of allowed or denied plugins cannot be read; no plugin was let in.", "插件的允许或禁止列表无法读取，未加载任何插件。"),
        ("Correct [plugins] in ima_config.toml.", "请修正 ima_config.toml 中的 [plugins]。"),
    ),
})  # fmt: skip
