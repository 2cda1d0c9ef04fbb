"""Sentences about the page of what was made."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "gallery.done": ("{items} outputs, {points} points. Open {index}", "{items} 个作品，{points} 积分。请打开 {index}"),
    "gallery.more": ("The latest {items} of {total} are shown; --limit shows more.", "共 {total} 个，只显示最近 {items} 个；可用 --limit 显示更多。"),
    "gallery.missing": (
        "{count} of them have no file here: moved, deleted, replaced or never saved. The page says which.",
        "其中 {count} 个没有可显示的文件：已移动、删除、被替换或从未保存。页面中会注明。",
    ),
    "gallery.empty": (
        'Nothing to show yet. Make something: ima-skills create "a lighthouse at dusk" --download out{flag}',
        '还没有可展示的作品。先生成一个：ima-skills create "黄昏时分的灯塔" --download out{flag}',
    ),
    "gallery.not-opened": ("Not opened: there is no desktop here.", "未打开浏览器：当前没有桌面环境。"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Make a page of what was made.": "生成作品页面。",
    "Make a page that shows and plays what was made from this machine.": "生成一个页面，展示和播放在本机生成的作品。",
    "Folder of the page and its media.": "页面及作品文件所在的目录。",
    "Show the latest so many outputs.": "只显示最近这么多个作品。",
    "Open the page in the browser, where there is a desktop.": "在有桌面环境时用浏览器打开页面。",
})  # fmt: skip
