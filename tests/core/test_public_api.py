"""The names that embedders import."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

import ima_skills

# What a bare ``import ima_skills`` must not pay for.
HEAVY = [
    "httpx",
    "pluggy",
    "cattrs",
    "jsonschema",
    "click",
    "asyncio",
    "rich",
    "PIL",
    "av",
    "sqlite3",
    "importlib.metadata",
]


def test_all_is_sorted_and_unique() -> None:
    """The list of public names is in order and holds each once."""
    assert list(ima_skills.__all__) == sorted(set(ima_skills.__all__))


@pytest.mark.parametrize("name", ima_skills.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    """Each public name exists, and is the object of its own module."""
    value = getattr(ima_skills, name)
    assert value is not None
    if name != "__version__":
        home = importlib.import_module(f"ima_skills.{ima_skills._WHERE[name]}")
        assert value is getattr(home, name)
        assert not isinstance(value, ModuleType)


def test_lazy_names_match_the_typed_ones() -> None:
    """What is loaded lazily is exactly what type checkers see, from the same places."""
    tree = ast.parse(Path(ima_skills.__file__).read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    typed = {
        str(node.module).removeprefix("ima_skills."): tuple(alias.name for alias in node.names)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
    }
    assert {home: tuple(sorted(names)) for home, names in ima_skills._HOMES.items()} == {
        home: tuple(sorted(names)) for home, names in typed.items()
    }
    assert {*ima_skills._WHERE, "__version__"} == set(ima_skills.__all__)


def test_dir_and_unknown_names() -> None:
    """dir() shows the public names; anything else is an AttributeError as usual."""
    assert dir(ima_skills) == sorted(ima_skills.__all__)
    with pytest.raises(AttributeError, match="module 'ima_skills' has no attribute 'nonsense'"):
        _ = ima_skills.nonsense


def test_star_import() -> None:
    """A star import gives the public names and nothing else."""
    space: dict[str, object] = {}
    exec("from ima_skills import *", space)  # noqa: S102 - the statement under test
    assert set(space) - {"__builtins__"} == set(ima_skills.__all__)


def test_errors_are_public() -> None:
    """Whatever an embedder may want to catch has a public name and a documented place in the tree."""
    from ima_skills import errors

    text = errors.__doc__ or ""
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.ImaError):
            assert f"{name} " in text or text.startswith(name) or f"{name}\n" in text, name
            assert value.exit_code in range(1, 8)


def test_importing_is_cheap() -> None:
    """A bare import loads nothing heavy; a value object loads no network either."""
    code = "import sys, ima_skills; ima_skills.Request; print(*sorted(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert not loaded & set(HEAVY)
