"""Sentences about the journal's file and what it remembers of jobs."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from ima_skills.cli.error_facts import Row

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "journal.damaged": (
        "The journal {path} is damaged, so nothing in it is shown here. Nothing is made until it is restored, or until: ima-skills tasks new-journal",
        "记录文件 {path} 已损坏，此处无法显示其中的内容；恢复完好的备份或运行 ima-skills tasks new-journal 之前，不会创建新任务。",
    ),
    "journal.kept-aside": (
        "Kept as {path}. The next job begins a new journal, and today's limits begin at 0 with it.",
        "已另存为 {path}。下一个任务会新建记录，今日限额随之从 0 算起。",
    ),
    "journal.held": (
        "Process {pid} is sending the same job; waited for its verdict {waited} s, at most {left} s more. If it is stopped: go on with it, or end it.",
        "进程 {pid} 正在提交同一任务；已等待其结果 {waited} 秒，最多再等 {left} 秒。如果它已被挂起，请恢复或结束它。",
    ),
    "journal.held-somewhere": (
        "Another process is sending the same job; waiting for its verdict for {waited} s, at most {left} s more.",
        "另一进程正在提交同一任务；已等待其结果 {waited} 秒，最多再等 {left} 秒。",
    ),
    "journal.coming": (
        "{count} more may still come: run it again later.",
        "还有 {count} 个作品可能仍会完成，请稍后再运行一次。",
    ),
    "journal.rest": (
        "Its other outputs are paid for. Bring them home with: ima-skills tasks wait {task_id}{flags}",
        "其余作品已付费，取回请运行：ima-skills tasks wait {task_id}{flags}",
    ),
    "journal.sound": (
        "The journal is in order; nothing was changed.",
        "记录文件完好，未作改动。",
    ),
})  # fmt: skip

HELP: Mapping[str, str] = MappingProxyType({
    "Save the files here; else in the folder that the job was given.": "将文件保存到这里；默认保存到该任务指定的目录。",
    "Where a sandbox is served, for its jobs; else IMA_BASE_URL.": "沙盒服务的地址（查看其任务）；默认取自 IMA_BASE_URL。",
    "Keep a damaged journal aside, and let the next job begin a new one.": "将损坏的记录文件另存，由下一个任务新建记录。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "bad-switch": (
        ("A variable is neither on nor off.", "环境变量既不是开也不是关。"),
        ("Write 1, true, yes or on; or 0, false, no or off; or leave it out.", "请写 1、true、yes、on，或 0、false、no、off，或取消设置。"),
    ),
    "journal-damaged": (
        ("The journal is damaged, so limits and unknown outcomes cannot be known; nothing was sent.", "记录文件已损坏，无法得知限额用量和结果未知的任务，未发送。"),
        (
            "Restore a sound copy; or check your records at the service, then run ima-skills tasks new-journal.",
            "请恢复完好的备份；或先到服务端核对记录，再运行 ima-skills tasks new-journal。",
        ),
    ),
})  # fmt: skip

ERROR_FACTS: Mapping[str, tuple[Row, ...]] = MappingProxyType({
    "bad-switch": (Row("环境变量 {variable} 的值既不是开也不是关。"),),
    "journal-damaged": (
        Row(
            "记录文件 {path} 已损坏（{why}）：今日已用积分、进行中和结果未知的任务都无法得知，未发送。",
            ("请恢复完好的备份；或先到 {url} 核对记录，再运行 ima-skills tasks new-journal 将其另存并新建记录。",),
        ),
    ),
})  # fmt: skip
