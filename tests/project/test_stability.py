"""The promise of docs/stability.md: what others build on changes only with a line in CHANGELOG.md."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ima_skills.hookspecs import HOOKS_VERSION
from ima_skills.journal.layout import VERSION as JOURNAL_VERSION
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).resolve().parents[2]
PARTS = ("ima_skills", "plugins", "registry", "schemas", "pack", "docs", "tools")
# File, what stands there, what somebody makes of it, and how the surface tells.
EDITS = {
    "a schema": ("schemas/output/logout.schema.json", '"type": "object"', '"type": ["object"]', "/schemas/output/logout"),
    "a hook": ("ima_skills/hookspecs.py", "def ima_observe(event: Event)", "def ima_observe(event: Event, more: int)", "/hooks/ima_observe/arguments: new: more"),
    "an option": ("ima_skills/cli/plugins.py", '"--timing"', '"--timings"', "/commands/ima-skills plugins list: gone: --timing"),
    "a signature": ("ima_skills/quirk_tools.py", "name: str, value: Any, reason: str", "name: str, value: Any, why: str", "/python/ima_skills.quirk_tools/with_value"),
    "a setting": ("ima_skills/cli/boundary.py", '"IMA_DEBUG"', '"IMA_DEBUGGING"', "/settings/variables: gone: IMA_DEBUG"),
}  # fmt: skip


def _run(root: Path, *words: str) -> tuple[int, str]:
    command = [sys.executable, "-B", str(root / "tests" / "project" / "surface.py"), *words]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert run.stderr == ""
    return run.returncode, run.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project whose surface is written down."""
    for name in PARTS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("README.md", "CHANGELOG.md", "pyproject.toml", "tests/project/surface.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    assert _run(tmp_path, "--write")[0] == 0
    assert _run(tmp_path) == (0, "\n")
    return tmp_path


def test_the_surface_is_as_written() -> None:
    """Nothing that others build on has changed since it was written down; else: CHANGELOG.md, make surface."""
    code, told = _run(ROOT)
    assert code == 0, told


def test_every_change_is_noticed_and_needs_a_line(copy: Path) -> None:
    """A changed schema, hook, option, signature or setting is named; it is written down only with a new line."""
    written = (copy / "tests/project/surface.json").read_text(encoding="utf-8")
    for file, old, new, _ in EDITS.values():
        text = (copy / file).read_text(encoding="utf-8")
        assert old in text
        (copy / file).write_text(text.replace(old, new), encoding="utf-8")
    code, told = _run(copy)
    assert code == 1
    assert [what for what, (*_, sign) in EDITS.items() if sign not in told] == []
    code, told = _run(copy, "--write")
    assert (code, "no new line under Unreleased" in told) == (1, True)
    assert (copy / "tests/project/surface.json").read_text(encoding="utf-8") == written
    changes = copy / "CHANGELOG.md"
    text = changes.read_text(encoding="utf-8")
    changes.write_text(text.replace("## Unreleased\n", "## Unreleased\n- Many things.\n"), encoding="utf-8")
    assert _run(copy, "--write")[0] == 0
    assert _run(copy)[0] == 0
    known = json.loads((copy / "tests/project/surface.json").read_text(encoding="utf-8"))
    assert "IMA_DEBUGGING" in known["surface"]["settings"]["variables"]


def _promise() -> str:
    return (ROOT / "docs" / "stability.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "fact",
    [
        lambda: f'`ima_api = "{HOOKS_VERSION}"`',
        lambda: f"is of version {JOURNAL_VERSION}",
        lambda: f"ima-skills {'.'.join(VERSION.split('.')[:2])}",
    ],
)
def test_the_promise_states_the_versions_there_are(fact: Callable[[], str]) -> None:
    """docs/stability.md speaks of the present versions."""
    assert fact() in _promise()


def test_the_promise_names_the_public_modules() -> None:
    """Every module whose names are public is in docs/stability.md, and no other."""
    source = (ROOT / "tests/project/surface.py").read_text(encoding="utf-8")
    modules = set(re.findall(r'^    "(ima_skills[\w.]*)",$', source, re.MULTILINE))
    section = _promise().partition("## What is public")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(ima_skills[\w.]*)`", section)) == modules
