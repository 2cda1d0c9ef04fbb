"""What others' validators say about the pack; they are in the dependency group ``pack``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ima_skills.packs.contents import pack_files, skills_of
from ima_skills.packs.writing import MANIFEST, write

pytestmark = pytest.mark.checkout


def tool(name: str) -> str:
    """Return a validator beside this interpreter; its absence is a skip that says so."""
    path = Path(sys.executable).with_name(name)
    if not path.is_file():
        pytest.skip(f"{name} is not installed; the dependency group pack has it")
    return str(path)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """The pack as pack build writes it, without our own list of files."""
    write(tmp_path / "pack", pack_files())
    (tmp_path / "pack" / MANIFEST).unlink()
    return tmp_path / "pack"


@pytest.mark.parametrize("name", skills_of(pack_files()))
def test_agentskills_validate(built: Path, name: str) -> None:
    """The reference validator of the Agent Skills specification accepts each skill."""
    command = [tool("agentskills"), "validate", str(built / "skills" / name)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_skillsaw_strict(built: Path) -> None:
    """Skills, plugin.json, mcp.json, secrets, links and evals: no error and no warning."""
    command = [tool("skillsaw"), "lint", str(built), "--strict", "--no-plugins", "--no-progress"]
    env = {**os.environ, "NO_COLOR": "1"}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Skills:    4" in ran.stdout


def test_skillsaw_would_see_a_fault(built: Path) -> None:
    """The guard guards: a field that the closed schema lacks is an error."""
    plugin = built / "plugin.json"
    plugin.write_text(plugin.read_text(encoding="utf-8").replace('"license"', '"licence"'), encoding="utf-8")
    command = [tool("skillsaw"), "lint", str(built), "--strict", "--no-plugins", "--no-progress"]
    assert subprocess.run(command, capture_output=True, check=False).returncode != 0
