"""The tutorial, followed word for word in an empty folder: it ends with a certified plugin and a picture."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from attrs import frozen

PAGE = Path(__file__).resolve().parents[2] / "docs" / "tutorial.md"
_STEP = re.compile(r"(?:<!-- file: (?P<file>[^ ]+) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
_MODEL = "ima_skills_paper_kite/registry/image/paper-kite-1.toml"


@frozen
class Step:
    """One block of the page: a file to write, commands to type, or what they print."""

    kind: str
    text: str
    file: str


def steps() -> list[Step]:
    found = _STEP.finditer(PAGE.read_text(encoding="utf-8"))
    return [Step(match["kind"], match["text"], match["file"] or "") for match in found]


@pytest.fixture
def python_home(tmp_path: Path) -> Path:
    """Make an environment of its own that sees what is installed here, and installs for itself."""
    place = tmp_path / "venv"
    venv.create(place, with_pip=False)
    inner = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    (inner / "here.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    command = place / "bin" / "ima-skills"
    command.write_text(f"#!{place}/bin/python\nfrom ima_skills.cli import main\nmain()\n")
    command.chmod(0o755)
    return place


def environ(python_home: Path, tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": f"{python_home / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "LANG": "C.UTF-8",
        "PIP_NO_INDEX": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's own way to say yes to it in a variable
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONUTF8": "1",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="the page speaks to a POSIX shell")
def test_the_tutorial_word_for_word(tmp_path: Path, python_home: Path) -> None:
    """Every file is written, every command runs, and prints what the page shows."""
    folder, told = tmp_path / "empty", ""
    folder.mkdir()
    for step in steps():
        if step.file:
            (folder / step.file).write_text(step.text, encoding="utf-8")
        elif step.kind == "sh":
            ran = subprocess.run(
                ["bash", "-euc", f"{step.text}\npwd > {tmp_path}/place"],
                cwd=folder, env=environ(python_home, tmp_path), capture_output=True, text=True, check=False, timeout=300,
            )  # fmt: skip
            told = ran.stdout + ran.stderr
            assert ran.returncode == 0, (step.text, told)
            folder = Path((tmp_path / "place").read_text(encoding="utf-8").strip())
        elif step.kind == "text":
            missing = [line for line in step.text.strip().splitlines() if line.strip() not in told]
            assert missing == [], told
    pictures = list((folder / "out").glob("*.jpg"))
    assert len(pictures) == 1
    assert pictures[0].stat().st_size > 1000


def test_the_model_is_one_short_file() -> None:
    """Names, prices and quirks of a model are at most forty lines, and the page counts them right."""
    model = next(step for step in steps() if step.file == _MODEL)
    lines = len(model.text.splitlines())
    page = PAGE.read_text(encoding="utf-8")
    assert lines <= 40
    assert {int(count) for count in re.findall(r"(\d+) lines", page)} == {lines}
    assert model.text.count("[[rules]]") >= 1
    assert model.text.count("attribute_id") >= 2
