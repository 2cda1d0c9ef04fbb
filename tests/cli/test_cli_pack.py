"""``ima-skills pack``: the pack as a folder, and the skills where hosts look for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.packs.contents import pack_files, skills_of
from ima_skills.packs.writing import MANIFEST
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != MANIFEST
    }


def test_build(ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """The folder is the whole bundle, stating this version; building twice gives the same bytes."""
    ran = ima("pack", "build", "--out", str(tmp_path / "one"), "--json")
    assert ran.code == 0, ran.err
    fits("pack", ran.document)
    assert len(ran.out.encode()) <= 10_000
    assert (ran.document["version"], ran.document["dry_run"]) == (VERSION, False)
    assert tree(tmp_path / "one") == dict(pack_files())
    assert all(Path(item["path"]).is_file() for item in ran.document["files"])
    ima("pack", "build", "--out", str(tmp_path / "two"))
    assert tree(tmp_path / "one") == tree(tmp_path / "two")
    again = ima("pack", "build", "--out", str(tmp_path / "one"), "--json").document
    assert {item["state"] for item in again["files"]} == {"same"}


def test_build_fills_the_version_in(ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A newer program builds a pack of its own version, whatever the sources state."""
    monkeypatch.setattr("ima_skills.packs.contents.VERSION", "9.8.7")
    assert ima("pack", "build", "--out", str(tmp_path / "out")).code == 0
    assert json.loads((tmp_path / "out" / "plugin.json").read_text(encoding="utf-8"))["version"] == "9.8.7"
    for page in (tmp_path / "out" / "skills").glob("*/SKILL.md"):
        assert '  version: "9.8.7"\n' in page.read_text(encoding="utf-8")


def test_build_refuses_a_foreign_folder(ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """Nothing is written among somebody else's files."""
    (tmp_path / "theirs").write_text("x")
    ran = ima("pack", "build", "--out", str(tmp_path), "--json")
    assert (ran.code, ran.document["code"]) == (2, "foreign-folder")
    fits("error", ran.document)
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]


@pytest.mark.parametrize(
    ("target", "scope", "folder"),
    [
        ("openclaw", "user", "home/.openclaw/skills"),
        ("claude", "user", "home/.claude/skills"),
        ("codex", "user", "home/.agents/skills"),
        ("agents", "user", "home/.agents/skills"),
        ("openclaw", "project", "here/skills"),
        ("claude", "project", "here/.claude/skills"),
        ("codex", "project", "here/.agents/skills"),
    ],
)
def test_install(  # noqa: PLR0913, PLR0917 - one argument per column, and the fixtures
    ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, scope: str, folder: str
) -> None:
    """Each skill arrives as a copy where that host looks, beside what others have there."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("OPENCLAW_STATE_DIR", raising=False)
    home = {"HOME": str(tmp_path / "home")}
    other = tmp_path / folder / "their-skill" / "SKILL.md"
    other.parent.mkdir(parents=True)
    other.write_text("theirs")
    dry = ima("pack", "install", "--target", target, "--scope", scope, "--dry-run", "--json", env=home)
    assert (dry.document["dry_run"], len(tree(tmp_path))) == (True, 1)
    ran = ima("pack", "install", "--target", target, "--scope", scope, "--json", env=home)
    assert ran.code == 0, ran.out
    assert ran.document["folder"] == str(tmp_path / folder)
    assert [item["path"] for item in dry.document["files"]] == [
        item["path"] for item in ran.document["files"]
    ]
    for name, files in skills_of(pack_files()).items():
        assert tree(tmp_path / folder / name) == dict(files)
    assert not [path for path in tmp_path.rglob("*") if path.is_symlink()]
    assert other.read_text() == "theirs"
    assert ima("pack", "install", "--target", target, "--scope", scope, env=home).code == 0


def test_install_keeps_edits(ima: Ima, tmp_path: Path) -> None:
    """An edited skill stops the installation before anything is written."""
    words = ("pack", "install", "--target", "agents", "--dir", str(tmp_path / "skills"))
    assert ima(*words).code == 0
    page = tmp_path / "skills" / "ima-sound" / "SKILL.md"
    page.write_text("edited")
    (tmp_path / "skills" / "ima-film" / "SKILL.md").unlink()
    ran = ima(*words, "--json")
    assert (ran.code, ran.document["code"]) == (2, "pack-changed")
    assert ran.document["details"]["changed"] == ["SKILL.md"]
    assert page.read_text() == "edited"
    assert not (tmp_path / "skills" / "ima-film" / "SKILL.md").exists()
    page.unlink()
    assert ima(*words).code == 0


def test_what_it_says(ima: Ima, tmp_path: Path) -> None:
    """It shows what it wrote and what to run next, in both languages."""
    english = ima("pack", "install", "--target", "claude", "--dir", str(tmp_path / "a"))
    assert "To use MCP as well: claude mcp add ima -- ima-skills mcp" in english.out
    assert str(tmp_path / "a" / "ima-skills" / "SKILL.md") in english.out
    chinese = ima("pack", "build", "--out", str(tmp_path / "b"), "--language", "zh")
    assert "在 OpenClaw 中加载" in chinese.out


def test_a_folder_that_cannot_be_written(ima: Ima, tmp_path: Path) -> None:
    """A file in the way is an error with a next step, not a traceback."""
    (tmp_path / "file").write_text("in the way")
    ran = ima("pack", "build", "--out", str(tmp_path / "file" / "pack"), "--json")
    assert (ran.code, ran.document["code"]) == (2, "pack-unwritable")
