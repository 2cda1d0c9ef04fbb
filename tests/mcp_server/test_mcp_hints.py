"""What an agent reads over MCP speaks of tools and their arguments; the command line is for people at the machine."""

from __future__ import annotations

import ast
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import ima_skills
from ima_skills.mcp_server.faults import as_tool

Call = Callable[..., Awaitable[Any]]
Talk = Callable[..., None]
# Code whose errors cannot reach a tool.
ELSEWHERE = {
    "cli", "gallery", "packs", "scaffold", "certify", "conformance", "drop_in", "testing", "workflows",
    "batch_run.py", "settings.py", "plugin_terms.py",
}  # fmt: skip
COMMAND_LINE = re.compile(r"(?<![\w-])--[a-z][a-z-]*|ima-skills [a-z]+(?: [a-z]+)?")
KEEPER = "Ask whoever keeps this machine to run: "


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
    return ""


def _hints() -> Iterator[tuple[str, str]]:
    """Yield the place and the text of every sentence in the core that names an option or a command of ours."""
    # Compared by the part below the package: the plugins have none of these.
    root = Path(ima_skills.__file__).parent
    for path in (*root.rglob("*.py"), *root.parent.glob("plugins/ima_skills_*/*.py")):
        parts = path.relative_to(root.parent).parts
        if (
            parts[1] in ELSEWHERE or path.name == "faults.py" or "pack" in parts
        ):  # a wheel holds the pack's scripts
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = _text(node)
            if " " in text.strip() and "\n" not in text and COMMAND_LINE.search(text) and "``" not in text:
                yield f"{path.name}:{getattr(node, 'lineno', 0)}", text


HINTS = sorted(_hints())


def test_there_are_hints_to_look_at() -> None:
    """The search finds what it is made for."""
    assert len(HINTS) > 15


@pytest.mark.parametrize("text", sorted({text for _, text in HINTS}))
def test_no_hint_names_the_command_line(text: str) -> None:
    """Every option and command in a sentence of the core becomes a tool or an argument, or is left to a person."""
    told = as_tool(text)
    left = [found for found in COMMAND_LINE.findall(told) if f"{KEEPER}{found}".lower() not in told.lower()]
    assert left == [], told


def test_an_argument_that_list_models_lacks(talk: Talk) -> None:
    """It is told what its own arguments are for; a model's settings are no business of a list."""

    async def conversation(call: Call, _client: Any) -> None:
        refused = (await call("list_models", query="kling")).error
        assert "a name or a use case goes into words" in refused["message"]
        assert "settings of the model go into" not in refused["message"]
        asked = (await call("estimate", task_type="text_to_image", resolution="4K")).error
        assert "settings of the model go into params" in asked["message"]
        plain = (await call("list_tasks", kind="image")).error
        assert "params" not in plain["message"] + plain["next"]

    talk(conversation)


def test_what_is_named_exists(talk: Talk) -> None:
    """Each tool that a refusal names is there and has the arguments that stand beside it."""

    async def conversation(call: Call, client: Any) -> None:
        tools = {tool.name: tool.input_schema["properties"] for tool in (await client.list_tools()).tools}
        wrong = (await call("estimate", task_type="text_to_image", params={"foo": 1})).error
        assert "list_models with the same task_type" in wrong["next"]
        assert "task_type" in tools["list_models"]
        lost = (await call("get_task", task_id=" ")).error
        assert "list_tasks" in lost["next"]
        assert not COMMAND_LINE.search(wrong["next"] + lost["next"])

    talk(conversation)
