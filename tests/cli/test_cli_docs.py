"""The documents name every command, option, exit code, schema and error code, and nothing that is not there."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

import ima_skills
from ima_skills import errors
from ima_skills.cli import main
from ima_skills.cli.boundary import InterruptedByUserError, TerminatedError
from ima_skills.cli.error_texts import ERROR_TEXTS as SHARED
from ima_skills.cli.error_texts import explain
from ima_skills.cli.sentences import merged
from ima_skills.resources import data_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
ERROR_TEXTS = {**SHARED, **merged("ERROR_TEXTS")}
checkout = pytest.mark.checkout


def commands(command: click.Command, path: str = "ima-skills") -> Iterator[tuple[str, click.Command]]:
    """Yield every command that does something, with its path."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from commands(child, f"{path} {name}")
    else:
        yield path, command


def codes_in_source() -> set[str]:
    """Return every error code that our code raises: ``code="..."`` and ``code = "..."`` of a class."""
    package = Path(ima_skills.__file__).parent
    files = [*package.rglob("*.py"), *package.parent.glob("plugins/ima_skills_*/**/*.py")]
    found: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            found |= set(_codes(node))
    return found


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        values = [word.value for word in node.keywords if word.arg == "code" and name.endswith("Error")]
    elif isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
        named = ((_target(item), getattr(item, "value", None)) for item in node.body)
        values = [value for target, value in named if target == "code" and value is not None]
    else:
        values = []
    yield from (v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str))


def _names(parameter: click.Parameter) -> list[str]:
    return [*parameter.opts, *parameter.secondary_opts]


def _target(node: ast.AST) -> str:
    if isinstance(node, ast.AnnAssign):
        return getattr(node.target, "id", "")
    return getattr(node.targets[0], "id", "") if isinstance(node, ast.Assign) else ""


@checkout
def test_every_command_and_option_is_documented() -> None:
    """docs/cli.md names each command; it or the page of the command shows each option."""
    index = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    text = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs").glob("*.md"))
    for path, command in commands(main):
        assert f"`{path}`" in index, path
        for parameter in command.params:
            for name in _names(parameter) if isinstance(parameter, click.Option) else ():
                assert re.search(rf"`{re.escape(name)}[`\s]", text), f"{path} {name}"


@checkout
def test_only_real_options_are_documented() -> None:
    """Nothing in docs/cli.md has been renamed away."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    known = {
        name for _, command in commands(main) for parameter in command.params for name in _names(parameter)
    }
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) <= known | {"--help", "--version"}


@checkout
def test_every_exit_code_is_documented() -> None:
    """Each exit code has its row, and there are no others."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    section = text.partition("## Exit codes")[2].partition("\n## ")[0]
    classes = [
        cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, errors.ImaError)
    ]
    used = {
        0,
        InterruptedByUserError.exit_code,
        TerminatedError.exit_code,
        *(cls.exit_code for cls in classes),
    }
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)} == used


@checkout
def test_every_schema_of_an_output_is_documented() -> None:
    """docs/cli.md names the schema of each document."""
    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    names = {
        entry.name.removesuffix(".schema.json") for entry in data_root("schemas").joinpath("output").iterdir()
    }
    for name in names - {"common"}:
        assert f"`{name}`" in text, name


@checkout
def test_every_error_code_is_documented(registry: Registry) -> None:
    """docs/errors.md has a row for each code that we or the service's table can give."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for code in codes_in_source() | {row.code for row in registry.errors}:
        assert f"`{code}`" in text, code


def test_every_error_code_is_explained_in_both_languages(registry: Registry) -> None:
    """Each code of ours has meaning and advice; none is explained that nobody raises."""
    rows = {row.code for row in registry.errors}
    assert codes_in_source() - rows <= ERROR_TEXTS.keys()
    assert ERROR_TEXTS.keys() <= codes_in_source()
    for code in ERROR_TEXTS:
        for english, chinese in zip(explain(code, "en"), explain(code, "zh"), strict=True):
            assert english
            assert english.isascii()
            assert any("\u4e00" <= character <= "\u9fff" for character in chinese), code
    assert explain("rate-limited", "zh") == ("", "")


@checkout
def test_the_documented_wording_is_ours() -> None:
    """docs/errors.md quotes the texts of the program, so the two cannot drift apart."""
    text = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
    for code in ERROR_TEXTS:
        meaning, advice = explain(code, "en")
        assert f"| `{code}` | {meaning} | {advice} |" in text, code
