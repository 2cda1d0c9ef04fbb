"""Sentences about batches: what people would not expect of a line, and who is in the way of a run."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "batch.reduced": (
        "  line {line} ({id}) was refused as it was, and made in another form: {changes}",
        "  第 {line} 行（{id}）未能按原样提交，调整后已生成：{changes}",
    ),
    "batch.more-reduced": ("  and {count} more lines in another form", "  另有 {count} 行经调整后生成"),
    "batch.stale": (
        "  {count} made from an earlier text of theirs ({names}); a new id has them made anew",
        "  {count} 行的成品来自修改前的内容（{names}）；换一个 id 即可重新生成",
    ),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Send lines once more whose outcome is unknown; they may be paid twice.": (
        "重新提交结果未知的行，可能重复扣积分。"
    ),
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "batch-running": (
        ("Another process is running a batch in this folder.", "另一个进程正在该目录中运行批量任务。"),
        (
            "Wait for it, or end it and run the same command again; nothing is paid twice.",
            "请等待其结束；或结束它后重新运行同一命令，不会重复扣积分。",
        ),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "batch-running": (Row("进程 {process} 正在 {folder} 中运行批量任务，未发送。"), Row("另一个进程正在 {folder} 中运行批量任务，未发送。")),
})  # fmt: skip
