"""Where agent hosts look for skills, and how each is told about the MCP server.

Source of the folders: the documents of OpenClaw, Claude Code and Codex, and the Agent Skills convention.
"""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

Scope = Literal["user", "project"]


@frozen
class Host:
    """One kind of agent host.

    Attributes:
        name: What ``--target`` calls it.
        user: Its folder of skills for one user, below the home folder.
        project: Its folder of skills for one project, below the project.
        state_variable: Environment variable that moves the user's folder; empty when there is none.
        mcp: The command that makes our MCP server known to it; empty where there is no common one.
    """

    name: str
    user: str
    project: str
    state_variable: str = ""
    mcp: str = ""

    def folder(self, scope: Scope, home: Path, here: Path, environ: Mapping[str, str]) -> Path:
        """Return the folder of skills.

        Args:
            scope: For whom.
            home: The user's home folder.
            here: The project.
            environ: The environment.
        """
        if scope == "project":
            return here / self.project
        moved = environ.get(self.state_variable, "") if self.state_variable else ""
        return Path(moved) / "skills" if moved else home / self.user


HOSTS: Mapping[str, Host] = MappingProxyType({
    host.name: host
    for host in (
        Host(
            "openclaw",
            ".openclaw/skills",
            "skills",
            "OPENCLAW_STATE_DIR",
            "openclaw mcp add ima --command ima-skills --arg mcp --timeout 55",
        ),
        Host(
            "claude", ".claude/skills", ".claude/skills", mcp="claude mcp add ima -- ima-skills mcp"
        ),
        Host("codex", ".agents/skills", ".agents/skills", mcp="codex mcp add ima -- ima-skills mcp"),
        Host("agents", ".agents/skills", ".agents/skills"),
    )
})  # fmt: skip
