"""``plugin new``: every kind of project installs, passes its own tests at once, and is certified."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from ima_skills.errors import UsageError
from ima_skills.plugin_set import PluginSet
from ima_skills.registry import Registry
from ima_skills.scaffold.names import Names, must_be_free, read_names
from ima_skills.scaffold.writing import KINDS, Kind, project_files
from ima_skills.schemas import open_schemas


def run(
    folder: Path, *words: str, python_path: Path | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "IMA_HOME": str(folder / ".home"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "LANG": "C.UTF-8",
    }
    if python_path is not None:
        environ["PYTHONPATH"] = str(python_path)
    ran = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder, env=environ, capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
    )  # fmt: skip
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran


def begun(folder: Path, kind: Kind) -> tuple[dict[str, Any], Path]:
    out = run(
        folder, "ima_skills", "plugin", "new", f"paper-{kind}", f"--{kind}", "--out", ".", "--json"
    ).stdout
    document = json.loads(out)
    return document, folder / document["folder"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_project_passes_its_own_tests_and_is_certified(kind: Kind, tmp_path: Path) -> None:
    """As it was written, each kind is green, gets 100 %, and what its command says fits the schema."""
    document, project = begun(tmp_path, kind)
    assert open_schemas().problems("output/plugin_new", document) == ()
    assert sorted(document["files"]) == sorted(
        path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()
    )
    assert " passed" in run(project, "pytest", "-q", "-W", "error", "-p", "no:cacheprovider").stdout
    card = json.loads(run(project, "ima_skills", "plugin", "certify", ".", "--json").stdout)
    assert [row for row in card["checks"] if row["state"] == "failed"] == []
    assert card["score"] == 100
    assert card["passed"] > (60 if kind == "messages" else 100)


def test_a_new_project_installs(tmp_path: Path) -> None:
    """The wheel carries the data, and the installed plugin takes part, is found by its name, and is certified."""
    _, project = begun(tmp_path, "quirk")
    site = tmp_path / "site"
    run(
        project,
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
        "--target",
        str(site),
        ".",
    )
    assert (site / "ima_skills_paper_quirk" / "registry" / "image" / "paper-quirk-1.toml").is_file()
    assert (site / "ima_skills_paper_quirk" / "py.typed").is_file()
    listed = json.loads(run(tmp_path, "ima_skills", "plugins", "list", "--json", python_path=site).stdout)
    mine = next(plugin for plugin in listed["plugins"] if plugin["name"] == "paper-quirk")
    assert (mine["origin"], mine["state"], mine["quirks"]) == (
        "ima-skills-paper-quirk",
        "active",
        ["paper-quirk-strokes"],
    )
    card = json.loads(
        run(tmp_path, "ima_skills", "plugin", "certify", "paper-quirk", "--json", python_path=site).stdout
    )
    assert (card["score"], card["plugin"]["origin"]) == (100, "ima-skills-paper-quirk")


def test_nothing_is_written_over(tmp_path: Path) -> None:
    """A folder that is there is left alone."""
    _, project = begun(tmp_path, "model")
    (project / "README.md").write_text("mine", encoding="utf-8")
    ran = run(tmp_path, "ima_skills", "plugin", "new", "paper-model", "--json", code=2)
    assert json.loads(ran.stdout)["code"] == "not-empty"
    assert (project / "README.md").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "text", ["", "Kite", "kite_1", "1kite", "kite--red", "-kite", "kite-", "风筝", "k" * 41, "a/b", "kite\n"]
)
def test_bad_names_are_refused(text: str) -> None:
    """What is no name of a distribution, a module and a file at once is refused with a name that would do."""
    with pytest.raises(UsageError) as caught:
        read_names(text)
    assert caught.value.name == "bad-plugin-name"
    suggestion = caught.value.hint.rpartition(" ")[2]
    assert read_names(suggestion).plugin == suggestion


def test_a_name_is_refused_by_a_rule_that_it_breaks() -> None:
    """What begins with a figure is told to begin with a letter."""
    with pytest.raises(UsageError, match="begins with a letter"):
        read_names("9lives")


def test_one_kind_at_a_time(tmp_path: Path) -> None:
    """Two kinds are refused, and nothing is written."""
    ran = run(tmp_path, "ima_skills", "plugin", "new", "kite", "--model", "--quirk", "--json", code=2)
    document = json.loads(ran.stdout)
    assert document["code"] == "several-kinds"
    assert "--model and --quirk" in document["message"]
    assert not (tmp_path / "ima-skills-kite").exists()


def test_one_name_gives_all() -> None:
    """The prefix may be there or not; every part has the form that it needs."""
    names = read_names("ima-skills-red-kite")
    assert names == read_names("red-kite") == Names("red-kite")
    assert (names.project, names.module, names.word) == (
        "ima-skills-red-kite",
        "ima_skills_red_kite",
        "red_kite",
    )
    assert (names.title, names.model) == ("Red Kite", "red-kite-1")


@pytest.mark.parametrize(
    "name",
    ["image", "knowledge", "suno", "seedream", "midjourney", "testing", "discord", "telegram", "speech"],
)
def test_names_of_others_are_refused(
    name: str, plugins: PluginSet, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plugin, a modality, a model, a module, a platform or a task type that is there keeps its name."""
    (tmp_path / "ima_skills_testing.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(UsageError) as caught:
        must_be_free(read_names(name), plugins, registry)
    assert caught.value.name == "plugin-name-taken"


@pytest.mark.parametrize("kind", KINDS)
def test_templates_are_filled(kind: Kind) -> None:
    """No place of a template is left, a model's file is short, and every TOML file can be read."""
    for path, text in project_files(read_names("red-kite"), kind).items():
        assert "__" not in path.replace("__init__", "")
        assert "$plugin" not in text
        assert "${" not in text
        if path.endswith(".toml"):
            tomllib.loads(text)
        if path.endswith("red-kite-1.toml"):
            assert len(text.splitlines()) <= 42
