"""Packs are written as copies, again and again, and never over what is somebody else's."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from ima_skills.errors import UsageError
from ima_skills.packs.contents import is_script, pack_files, skills_of
from ima_skills.packs.hosts import HOSTS
from ima_skills.packs.writing import MANIFEST, plan, write

FILES = {"a.md": b"one\n", "deep/scripts/run.py": b"print()\n", "deep/b.md": b"two\n"}


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def states(steps: object) -> list[str]:
    return [step.state for step in steps]  # type: ignore[attr-defined]  # any sequence of steps


def test_what_is_written_is_what_was_given(tmp_path: Path) -> None:
    """Every file arrives as a copy with its mode, and one list of what is ours."""
    steps = write(tmp_path / "out", FILES)
    there = tree(tmp_path / "out")
    assert states(steps) == ["new"] * 3
    assert {path: there[path] for path in FILES} == FILES
    assert set(there) == {*FILES, MANIFEST}
    assert (tmp_path / "out" / "a.md").stat().st_mode & 0o777 == 0o644
    assert (tmp_path / "out" / "deep/scripts/run.py").stat().st_mode & stat.S_IXUSR


def test_twice_is_the_same(tmp_path: Path) -> None:
    """Writing again changes nothing, and two folders hold the same bytes."""
    write(tmp_path / "one", FILES)
    first = tree(tmp_path / "one")
    assert states(write(tmp_path / "one", FILES)) == ["same"] * 3
    write(tmp_path / "two", FILES)
    assert first == tree(tmp_path / "one") == tree(tmp_path / "two")


def test_a_newer_pack_replaces_and_removes_its_own(tmp_path: Path) -> None:
    """What a newer version no longer has is removed, with its folder; what a user added stays."""
    write(tmp_path, FILES)
    (tmp_path / "mine.md").write_bytes(b"mine\n")
    steps = write(tmp_path, {"a.md": b"newer\n"})
    assert sorted(states(steps)) == ["removed", "removed", "replaced"]
    assert set(tree(tmp_path)) == {"a.md", "mine.md", MANIFEST}
    assert not (tmp_path / "deep").exists()


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    """The plan names every file, and the folder is not even made."""
    assert states(plan(tmp_path / "out", FILES)) == ["new"] * 3
    assert not (tmp_path / "out").exists()


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    """A folder with anything in it that we did not write is left alone; an empty one is taken."""
    (tmp_path / "theirs.txt").write_bytes(b"x")
    with pytest.raises(UsageError) as caught:
        write(tmp_path, FILES)
    assert caught.value.name == "foreign-folder"
    assert set(tree(tmp_path)) == {"theirs.txt"}
    (tmp_path / "empty").mkdir()
    write(tmp_path / "empty", FILES)


@pytest.mark.parametrize("damage", ["edit", "link", "folder", "linked folder"])
def test_what_somebody_changed_is_not_overwritten(tmp_path: Path, damage: str) -> None:
    """An edit of the user's, or a link that leads away, stops everything before the first byte."""
    place, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    write(place, FILES)
    elsewhere.mkdir()
    victim = elsewhere / "b.md"
    victim.write_bytes(b"two\n")
    target = place / "deep" / "b.md"
    if damage == "edit":
        target.write_bytes(b"edited\n")
    elif damage == "linked folder":
        (place / "deep" / "scripts" / "run.py").rename(elsewhere / "run.py")
        (place / "deep" / "scripts").rmdir()
        (place / "deep" / "scripts").symlink_to(elsewhere)
    else:
        target.unlink()
        if damage == "link":
            target.symlink_to(victim)
        else:
            target.mkdir()
    with pytest.raises(UsageError) as caught:
        write(place, {**FILES, "a.md": b"newer\n"})
    assert caught.value.name == "pack-changed"
    assert (place / "a.md").read_bytes() == b"one\n"
    assert victim.read_bytes() == b"two\n"


def test_a_killed_run_is_run_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ended between two files, the folder is still known as ours, with old and new contents."""
    write(tmp_path, FILES)
    newer = {path: content + b"more\n" for path, content in FILES.items()}
    real, puts = os.replace, []

    def die_at_third(self: Path, target: Path) -> Path:
        puts.append(target)
        if len(puts) == 3:
            raise KeyboardInterrupt
        real(self, target)
        return target

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", die_at_third)
        with pytest.raises(KeyboardInterrupt):
            write(tmp_path, newer)
    write(tmp_path, newer)
    assert {path: content for path, content in tree(tmp_path).items() if path in newer} == newer


@pytest.mark.parametrize("path", ["../out.md", "/etc/x", "a/../../b", "..\\x"])
def test_a_forged_list_does_not_lead_out(tmp_path: Path, path: str) -> None:
    """A list that names files outside of its folder is not ours, so nothing is removed by it."""
    outside = tmp_path / "out.md"
    outside.write_bytes(b"keep\n")
    place = tmp_path / "place"
    place.mkdir()
    (place / MANIFEST).write_text(json.dumps({"files": {path: ["0"]}}))
    with pytest.raises(UsageError):
        write(place, FILES)
    assert outside.read_bytes() == b"keep\n"


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    """A folder that came with somebody's project, list and all, does not lead our bytes into another file."""
    folder, precious = tmp_path / "out", tmp_path / "precious"
    folder.mkdir()
    precious.write_bytes(b"mine")
    (folder / MANIFEST).write_text('{"files": {}}', encoding="utf-8")
    for name in ("a.md", MANIFEST):
        (folder / f".{name}.part").symlink_to(precious)
    write(folder, FILES)
    assert precious.read_bytes() == b"mine"
    assert (folder / "a.md").read_bytes() == FILES["a.md"]


@pytest.mark.parametrize("files", ['{"a.md": 5}', '{"a.md": null}', "[]"])
def test_a_list_of_another_shape_is_not_ours(tmp_path: Path, files: str) -> None:
    """It is refused as a foreign folder, with a code."""
    (tmp_path / MANIFEST).write_text(f'{{"files": {files}}}', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        write(tmp_path, FILES)
    assert caught.value.name == "foreign-folder"


def test_every_script_of_the_pack_may_be_run() -> None:
    """Launchers are recognised by where they are."""
    assert is_script("skills/x/scripts/y.py")
    assert not is_script("skills/x/references/y.md")


def test_every_skill_has_its_page() -> None:
    """A folder of the pack without a page would be skipped by hosts."""
    assert all("SKILL.md" in files for files in skills_of(pack_files()).values())
    assert "ima-skills" in skills_of(pack_files())


def test_where_hosts_look(tmp_path: Path) -> None:
    """The documented folders, for a user and for a project; OpenClaw's moves with its state."""
    home, here = tmp_path / "home", tmp_path / "here"
    found = {
        name: (host.folder("user", home, here, {}), host.folder("project", home, here, {}))
        for name, host in HOSTS.items()
    }
    assert found == {
        "openclaw": (home / ".openclaw/skills", here / "skills"),
        "claude": (home / ".claude/skills", here / ".claude/skills"),
        "codex": (home / ".agents/skills", here / ".agents/skills"),
        "agents": (home / ".agents/skills", here / ".agents/skills"),
    }
    moved = HOSTS["openclaw"].folder("user", home, here, {"OPENCLAW_STATE_DIR": str(tmp_path / "state")})
    assert moved == tmp_path / "state" / "skills"
