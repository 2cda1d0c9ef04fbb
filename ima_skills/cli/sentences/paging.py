"""Sentences about listings that come a page at a time."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "paging.more": ("{left} more: --offset {offset}, or --limit 0 for all", "还有 {left} 项：加 --offset {offset} 继续查看，或用 --limit 0 显示全部"),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Pass over this many rows.": "跳过前 N 行。",
    "At most this many rows, 0 for all; else as many as agent hosts show in full.": (
        "最多显示 N 行，0 表示全部；默认显示智能体宿主能完整呈现的行数。"
    ),
})  # fmt: skip
