"""The wheel of a plugin: built by its own backend, and it holds the data or certify says what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest

from ima_skills.certify.checks import Check
from ima_skills.certify.packaging import wheel_checks
from ima_skills.certify.process import Place
from ima_skills.certify.subject import find_subject

HATCH = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
OWN = '[build-system]\nbuild-backend = "backend:Backend"\nbackend-path = ["tools"]\n'
# A backend in the project itself, as PEP 517 allows; whether it packs data is written in the metadata.
BACKEND = """
import pathlib, zipfile
class Backend:
    def get_requires_for_build_wheel():
        return ["{needs}>=1"]
    def build_wheel(out):
        files = ["ima_skills_kite/__init__.py"]
        if "all of it" in pathlib.Path("pyproject.toml").read_text():
            files.append("ima_skills_kite/registry/image/kite-1.toml")
        with zipfile.ZipFile(pathlib.Path(out, "x.whl"), "w") as wheel:
            for name in files:
                wheel.write(name)
        return "x.whl"
"""
PROJECT = (
    '[project]\nname = "ima-skills-kite"\nversion = "{version}"\n'
    '[project.entry-points."ima_skills.plugins"]\nkite = "ima_skills_kite"\n'
)


def judged(folder: Path, build: str, more: str = "", version: str = "1", needs: str = "hatchling") -> Check:
    """Write a project with a model, and return what is said of its wheel."""
    package = folder / "project" / "ima_skills_kite"
    (package / "registry" / "image").mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "registry" / "image" / "kite-1.toml").write_text("", encoding="utf-8")
    text = build + PROJECT.format(version=version) + more
    (package.parent / "pyproject.toml").write_text(text, encoding="utf-8")
    (package.parent / "tools").mkdir()
    (package.parent / "tools" / "backend.py").write_text(BACKEND.format(needs=needs), encoding="utf-8")
    before = sorted(package.parent.rglob("*"))
    place = Place(find_subject(str(package.parent)), folder / "room", "ima_x", 5.0)
    place.prepare()
    (check,) = wheel_checks(place)
    assert sorted(package.parent.rglob("*")) == before
    return check


@pytest.mark.parametrize(
    ("build", "more", "code"),
    [
        (HATCH, "", ""),
        (HATCH, '[tool.hatch.build.targets.wheel]\nexclude = ["*.toml"]\n', "wheel-lacks"),
        (HATCH, '[tool.hatch.build.targets.wheel]\npackages = ["somewhere"]\n', "wheel-lacks"),
        (OWN + "requires = []\n", "", "wheel-lacks"),
        (OWN + 'requires = ["hatchling"]\n', "# pack all of it\n", ""),
        (HATCH, "[tool.hatch.metadata]\nunheard-of = 1\n[tool.hatch.version]\n", ""),
        (HATCH.replace("hatchling.build", "hatchling.nowhere"), "", "wheel-fails"),
    ],
    ids=["hatch", "excluded", "elsewhere", "forgetful", "own", "strange", "backend"],
)
def test_the_wheel_is_looked_into(build: str, more: str, code: str, tmp_path: Path) -> None:
    """A wheel that lacks the model is found whatever the backend; the project's own folder stays as it is."""
    pytest.importorskip("hatchling")
    check = judged(tmp_path, build, more)
    assert (check.applies, check.code) == (True, code), check.words
    if code == "wheel-lacks":
        assert check.words["what"] == "ima_skills_kite/registry/image/kite-1.toml"


@pytest.mark.parametrize(
    ("build", "version", "needs"),
    [
        ('[build-system]\nrequires = ["no-such-backend"]\nbuild-backend = "nowhere"\n', "1", "hatchling"),
        (OWN + "requires = []\n", "1", "no-such-helper"),
        (HATCH, "abc", "hatchling"),
    ],
    ids=["not installed", "needs more", "no version"],
)
def test_what_cannot_be_built_here_is_not_judged(
    build: str, version: str, needs: str, tmp_path: Path
) -> None:
    """A backend that is not installed is no fault, and a version that is none is told elsewhere."""
    assert judged(tmp_path, build, version=version, needs=needs).state == "not-applicable"
