"""Sentences about commands that plugins bring."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "plugged.heading": ("Commands of plugins", "插件命令"),
    "plugged.from": ("From {origin} {version}.", "来自 {origin} {version}。"),
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "command-broken": (
        ("A command that a plugin brings cannot be used.", "插件提供的命令无法使用。"),
        ("Update or remove the plugin; ima-skills plugins list names it.", "请更新或移除该插件；ima-skills plugins list 会列出它。"),
    ),
    "command-left-out": (
        ("The plugin of this command may not take part.", "该命令所属的插件已被停用。"),
        ("Allow it in ima_config.toml or the environment, see docs/cli.md.", "请在 ima_config.toml 或环境变量中允许它，见 docs/cli.md。"),
    ),
})  # fmt: skip
