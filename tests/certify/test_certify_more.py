"""``plugin certify``: what looks fine until somebody installs it is found, and one cause is told once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ima_skills.scaffold.names import read_names
from ima_skills.scaffold.writing import project_files, write_project

META = (
    '[project]\nname = "ima-skills-odd"\nversion = "1"\n'
    '[project.entry-points."ima_skills.plugins"]\nodd = "ima_skills_odd"\n'
)


def certified(folder: Path) -> tuple[set[tuple[str, str, str]], dict[str, Any], list[str]]:
    """Certify a folder; return area, code and place of its faults, the document, and what was said meanwhile."""
    environ = {**os.environ, "IMA_HOME": str(folder / ".home"), "LANG": "C.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-m", "ima_skills", "plugin", "certify", str(folder), "--json"],
        capture_output=True, text=True, encoding="utf-8", env=environ, check=False, timeout=120,
    )  # fmt: skip
    document = json.loads(ran.stdout)
    faults = {(row["area"], row["code"], row["place"] or "") for row in document["checks"] if row["code"]}
    return faults, document, ran.stderr.splitlines()


def odd(folder: Path, text: str) -> Path:
    """Write a plugin that is one module."""
    folder.mkdir()
    (folder / "ima_skills_odd.py").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text(META, encoding="utf-8")
    return folder


ROOTS = """
from pathlib import Path
from ima_skills import hookimpl

@hookimpl
def ima_registry_roots():
    return {roots}
"""


def test_roots_that_bring_nothing(tmp_path: Path) -> None:
    """A folder that is not there, is a file, or holds nothing is a fault: none of the data would be there."""
    here = "Path(__file__)"
    roots = f'({here}.parent / "registri", {here}, {here}.parent / "empty")'
    folder = odd(tmp_path / "odd", ROOTS.format(roots=roots))
    (folder / "empty" / "image").mkdir(parents=True)
    faults, document, _ = certified(folder)
    of_roots = {fault for fault in faults if fault[0] == "registry"}
    assert of_roots == {
        ("registry", "root-missing", "ima_registry_roots"),
        ("registry", "root-empty", "ima_registry_roots"),
    }
    assert document["areas"]["registry"]["failed"] == 3
    assert document["score"] < 100


def test_a_hook_that_declares_no_root(tmp_path: Path) -> None:
    """To implement it and to answer with nothing is a fault as well: the data were forgotten."""
    faults, _, _ = certified(odd(tmp_path / "odd", ROOTS.format(roots="()")))
    assert ("registry", "root-none", "ima_registry_roots") in faults


ANSWERS = """
import threading
from ima_skills import Recommendation, Text, hookimpl
threading.Thread(target=lambda: None).start()

@hookimpl
def ima_route(text, route):
    return text

@hookimpl
def ima_recommend(request):
    return Recommendation("NoSuchModel", Text("it is good", "很好"), "odd")

@hookimpl
def ima_batch_executor(concurrency):
    return object()
"""
MORE_ANSWERS = """
from attrs import evolve
from ima_skills import hookimpl

class Lazy:
    async def run(self, lines, work):
        await work(lines[0])

@hookimpl
def ima_route(text, route):
    return evolve(route, task_type="text_to_smell")

@hookimpl
def ima_check_request(request):
    request.params["size"] = "9K"

@hookimpl
def ima_recommend(request, models):
    from ima_skills import Recommendation, Text
    assert request.model is None
    return Recommendation(models[-1].id, Text("it is good", "很好"), "odd")

@hookimpl
def ima_batch_executor(concurrency):
    return Lazy()
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            ANSWERS,
            {
                ("import", "import-changes", ""),
                ("hooks", "hook-returns", "ima_route"),
                ("hooks", "hook-names-nothing", "ima_recommend"),
                ("hooks", "hook-returns", "ima_batch_executor"),
            },
        ),
        (
            MORE_ANSWERS,
            {
                ("hooks", "hook-names-nothing", "ima_route"),
                ("hooks", "hook-executor", "ima_batch_executor"),
                ("hooks", "hook-mutates", "ima_check_request"),
            },
        ),
    ],
    ids=["kinds", "contents"],
)
def test_answers_are_looked_into(text: str, expected: set[tuple[str, str, str]], tmp_path: Path) -> None:
    """An answer of another kind, a model or task type that is not there, an executor that forgets lines; a thread too."""
    faults, document, _ = certified(odd(tmp_path / "odd", text))
    assert {fault for fault in faults if fault[0] != "project"} == expected
    changed = [row["why"] for row in document["checks"] if row["code"] == "import-changes"]
    assert all("threads" in why for why in changed)


def muddle(
    folder: Path, change: tuple[str, str, str] | None = None, more: dict[str, bytes] | None = None
) -> Path:
    """Write a project with a model and a quirk, one thing of it changed."""
    names = read_names("muddle")
    write_project(folder, project_files(names, "quirk"))
    if change is not None:
        name, old, new = change
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")
    for name, data in (more or {}).items():
        (folder / name).write_bytes(data)
    return folder


MODEL = "ima_skills_muddle/registry/image/muddle-1.toml"


def test_a_broken_file_is_told_once(tmp_path: Path) -> None:
    """The quirk of a model that cannot be loaded is no fault of its own, on no other model either."""
    faults, document, lines = certified(
        muddle(tmp_path / "m", ("pyproject.toml", "0.1.0", "0.1.1"), {MODEL: b"[[oops"})
    )
    assert {(area, code) for area, code, _ in faults} == {("registry", "registry-fault")}
    assert document["areas"]["quirks"]["failed"] == 0
    assert len(lines) == 1


def test_a_number_that_is_none_is_told_once(tmp_path: Path) -> None:
    """nan equals nothing, itself included; no quirk, price or example is blamed for it."""
    faults, _, lines = certified(muddle(tmp_path / "m", (MODEL, "minimum = 10", "minimum = nan")))
    assert {(area, code) for area, code, _ in faults} == {("registry", "registry-fault")}
    assert len(lines) == 1
    assert "strokes/minimum: nan is no number" in lines[0]


def test_marks_pipes_and_names_of_ours(tmp_path: Path) -> None:
    """What an editor writes before the metadata, a pipe among the files, and the name of one of our plugins: one fault each."""
    folder = muddle(tmp_path / "m")
    meta = folder / "pyproject.toml"
    text = meta.read_text("utf-8").replace('muddle = "ima_skills_muddle"', 'image = "ima_skills_muddle"')
    meta.write_text("\ufeff" + text, encoding="utf-8")
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "ima_skills_muddle" / "registry" / "image" / "pipe.toml")
    faults, document, lines = certified(folder)
    assert {code for _, code, _ in faults} == {"byte-mark", "entry-point-taken", "registry-fault"}
    assert len(lines) == 3
    assert document["plugin"]["name"] == "image"


def test_one_cause_in_several_areas_is_told_once(tmp_path: Path) -> None:
    """A price that is no whole number spoils every area after it; people read of it twice, not eight times."""
    change = (MODEL, "points = 2,", "points = 2.5,")
    faults, document, lines = certified(muddle(tmp_path / "m", change))
    assert len({area for area, _, _ in faults}) >= 5
    assert len([line for line in lines if "expected int, got float" in line]) == 1
    assert str(document["failed"] - 2) in lines[-1]


def test_a_change_in_silence_and_a_version_that_is_none(tmp_path: Path) -> None:
    """Both were worth 100 % once."""
    quirk = (
        "ima_skills_muddle/__init__.py",
        '(*parameters.changes, Change("strokes", asked, fewest, reason))',
        "()",
    )
    folder = muddle(tmp_path / "m", quirk)
    meta = folder / "pyproject.toml"
    meta.write_text(
        meta.read_text("utf-8").replace('"0.1.0"', '"abc"').replace(">=3.11", ">=3.99"), encoding="utf-8"
    )
    faults, _, _ = certified(folder)
    assert faults == {
        ("project", "bad-version", "version"),
        ("project", "python-unmet", "requires-python"),
        ("quirks", "quirk-silent-change", "muddle-strokes (parameters)"),
    }


def test_a_platform_of_the_first_party_is_taken(tmp_path: Path) -> None:
    """A plugin that brings it again would not be heard; certify says so as registry check does."""
    folder = tmp_path / "m"
    write_project(folder, project_files(read_names("discord"), "messages"))
    faults, document, _ = certified(folder)
    assert ("registry", "registry-clash", "/name") in faults
    said = next(row["why"] for row in document["checks"] if row["place"] == "/name")
    assert "'discord' is a platform of" in said
