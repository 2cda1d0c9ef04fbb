"""Sentences about serving agents over MCP."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

HELP: Mapping[str, str] = MappingProxyType({
    "Serve agents over the Model Context Protocol on stdin and stdout.": "通过标准输入输出以 MCP 协议为智能体提供服务。",
    "Serve agents over MCP on stdin and stdout.": "通过标准输入输出以 MCP 协议为智能体提供服务。",
    "Folder for the files; else ima-out in the current folder.": "保存文件的目录；默认为当前目录下的 ima-out。",
})  # fmt: skip

ERROR_TEXTS: Mapping[str, tuple[tuple[str, str], tuple[str, str]]] = MappingProxyType({
    "client-token-reused": (
        ("The client_token stands for another wish (MCP only); nothing was sent.", "该 client_token 已用于另一个请求（仅 MCP）；未发送任何内容。"),
        ("Repeat the first call as it was, or take a new token.", "请原样重复第一次调用，或换一个新的 token。"),
    ),
    "no-such-output": (
        ("The task has no such output (MCP only).", "任务没有这个序号的结果（仅 MCP）。"),
        ("Wait until it is done, or take a smaller index.", "请等任务完成，或换一个较小的序号。"),
    ),
})  # fmt: skip
