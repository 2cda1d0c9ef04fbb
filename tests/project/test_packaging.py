"""The lists that must agree for packaging to work."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from ima_skills.plugin_set import FIRST_PARTY
from ima_skills.version import VERSION

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def packages() -> set[str]:
    return {path.name for path in (ROOT / "plugins").iterdir() if (path / "__init__.py").is_file()}


def test_first_party_lists_agree(project: dict[str, Any]) -> None:
    """Code, entry points, wheel contents and folders name the same plugins."""
    in_code = {name: module for name, module in FIRST_PARTY.items() if not module.startswith("ima_skills.")}
    points = project["project"]["entry-points"]["ima_skills.plugins"]
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    top = set(project["tool"]["check-wheel-contents"]["toplevel"])
    assert points == in_code
    assert {Path(entry).name for entry in included if entry.startswith("plugins/")} == packages()
    assert set(in_code.values()) == packages()
    assert top == packages() | {"ima_skills"}


def test_every_package_is_typed() -> None:
    """Type checkers of others see our types."""
    for package in (ROOT / "ima_skills", *(ROOT / "plugins" / name for name in packages())):
        assert (package / "py.typed").is_file(), package


def test_core_dependencies_are_the_six(project: dict[str, Any]) -> None:
    """The core installs with six dependencies; everything else is an extra."""
    names = {line.split(">")[0] for line in project["project"]["dependencies"]}
    assert names == {"attrs", "cattrs", "click", "httpx", "jsonschema", "pluggy"}


def test_version_is_stated_once(project: dict[str, Any]) -> None:
    """The build reads the version from the module that the program reads."""
    assert project["project"]["dynamic"] == ["version"]
    assert f'VERSION = "{VERSION}"' in (ROOT / "ima_skills" / "version.py").read_text(encoding="utf-8")


def test_nothing_names_a_registry_host_or_the_workplace() -> None:
    """The project stands alone: no package registry host, no path of the machine it was made on."""
    words = ["pypi" + ".org", "python" + "hosted", "npm" + "js", "/work/" + "shared", ".." + "/shared"]
    for path in filter(is_ours, ROOT.rglob("*")):
        text = path.read_text(encoding="utf-8", errors="ignore")
        assert not [word for word in words if word in text], path


def is_ours(path: Path) -> bool:
    """Whether a file belongs to the project, and is text."""
    made = (
        ".git",
        ".venv",
        ".mypy",
        ".ruff",
        ".pytest",
        ".hypo",
        "demo-out",
        "dist",
        "build",
        "site",
        ".cache",
    )
    ours = not path.relative_to(ROOT).parts[0].startswith(made)
    text = path.suffix in {".py", ".md", ".toml", ".json", ".sh", ""}
    return ours and text and path.is_file() and path.stat().st_size < 1_000_000
