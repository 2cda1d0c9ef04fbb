"""The options about files on the command line: --on-exists, --input-root and its variable."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ima_skills.cli import main
from ima_skills.sandbox.media import Rendered, RenderJob

Run = Callable[..., tuple[int, Any]]


def _render(job: RenderJob, folder: Path, stem: str) -> Rendered:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{stem}.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500) + b"IEND\xaeB`\x82")
    return Rendered(path, "png", 640, 360, None, None)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command on a quick sandbox: exit code, and the document or the text."""
    monkeypatch.setattr("ima_skills.sandbox.service._real_render", _render)
    monkeypatch.setenv("IMA_SANDBOX", "1")
    monkeypatch.setenv("IMA_SANDBOX_SPEED", "5000")
    monkeypatch.setenv("IMA_SKILLS_NO_THIRD_PARTY", "1")
    monkeypatch.setenv("IMA_LANGUAGE", "en")

    def over(*words: str, env: dict[str, str] | None = None) -> tuple[int, Any]:
        result = CliRunner().invoke(main, list(words), env=env)
        return result.exit_code, json.loads(result.stdout) if "--json" in words else result.stdout

    return over


def test_on_exists(run: Run, tmp_path: Path) -> None:
    """A second download of a task keeps, renames or replaces, as it was told, and says so in both forms."""
    out = tmp_path / "out"
    code, made = run("create", "a kite", "--download", str(out), "--on-exists", "rename", "--json")
    assert (code, made["medias"][0]["kept"]) == (0, None)
    task_id = made["task_id"]
    wait = ("tasks", "wait", task_id, "-t", "text_to_image", "--download", str(out))
    path = Path(made["medias"][0]["path"])

    code, again = run(*wait, "--on-exists", "skip", "--json")
    media = again["medias"][0]
    assert (code, media["kept"], media["path"], media["sha256"]) == (
        0,
        "same",
        str(path),
        made["medias"][0]["sha256"],
    )
    assert "was there already, same size" in run(*wait, "--on-exists", "skip")[1]
    assert "已存在，大小一致" in run(*wait, "--on-exists", "skip", "--language", "zh")[1]

    path.write_bytes(b"mine")
    assert run(*wait, "--on-exists", "skip", "--json")[1]["medias"][0]["kept"] == "other"
    assert path.read_bytes() == b"mine"
    renamed = run(*wait, "--on-exists", "rename", "--json")[1]["medias"][0]
    assert (Path(renamed["path"]).name, path.read_bytes()) == (f"{path.stem}-2.png", b"mine")
    assert run(*wait, "--json")[1]["medias"][0]["path"] == str(path)
    assert path.read_bytes() != b"mine"
    assert sorted(item.name for item in out.iterdir()) == [f"{path.stem}-2.png", path.name]


def test_unknown_rules_are_refused(run: Run) -> None:
    """Another word than the three is a usage error."""
    code, error = run("create", "a kite", "--on-exists", "merge", "--json")
    assert (code, error["code"]) == (2, "usage")


@pytest.mark.parametrize("by", ["option", "variable"])
def test_input_root(run: Run, tmp_path: Path, picture_bytes: bytes, by: str) -> None:
    """An agent that is bound to a folder cannot send what lies outside, nor learn whether it exists."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "kite.png").write_bytes(picture_bytes)
    (tmp_path / "private.png").write_bytes(picture_bytes)
    (root / "link.png").symlink_to(tmp_path / "private.png")
    option = ("--input-root", str(root)) if by == "option" else ()
    env = {} if by == "option" else {"IMA_INPUT_ROOT": str(root)}
    words = ("create", "a red kite", "-t", "image_to_image", "--dry-run", "--json", *option)

    assert run(*words, "-i", str(root / "kite.png"), env=env)[0] == 0
    for path in (
        tmp_path / "private.png",
        root / "link.png",
        root / ".." / "private.png",
        tmp_path / "missing.png",
    ):
        code, error = run(*words, "-i", str(path), env=env)
        assert (code, error["code"], error["problems"][0]["rule"]) == (2, "invalid-request", "input-root")
        assert str(tmp_path) not in json.dumps(error)


def test_a_root_that_is_not_there(run: Run, tmp_path: Path) -> None:
    """A misspelt root is said at once: it must not mean that everything is allowed."""
    code, error = run("create", "x", "--input-root", str(tmp_path / "nowhere"), "--json")
    assert (code, error["code"]) == (2, "usage")
    code, _ = run("create", "x", "--json", env={"IMA_INPUT_ROOT": str(tmp_path / "nowhere")})
    assert code == 2


def test_a_key_as_a_picture_stays_here(run: Run, tmp_path: Path) -> None:
    """A private key is refused whatever it is called, before anything is sent, by its file name alone."""
    (tmp_path / "cat.png").write_text("-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n")
    code, error = run("create", "a cat", "-t", "image_to_image", "-i", str(tmp_path / "cat.png"), "--json")
    assert (code, error["problems"][0]["rule"]) == (2, "unknown-kind")
    assert "cat.png is no picture, video or sound we know" in error["message"]
    assert str(tmp_path) not in json.dumps(error)
