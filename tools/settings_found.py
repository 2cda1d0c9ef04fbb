"""Which settings there are: every ``IMA_*`` variable that the source reads, and every key of ima_config.toml."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
# What the trials hand to the client under test, which may be anybody's, is no setting of ours.
NOT_OURS = ("ima_skills/conformance/",)
_VARIABLE = re.compile(r"IMA_[A-Z][A-Z0-9_]*[A-Z0-9]")


def variables() -> set[str]:
    """Return the variables: names that stand alone in a string of the source."""
    return {value for value in _strings() if _VARIABLE.fullmatch(value)}


def config_keys() -> set[str]:
    """Return the keys of ima_config.toml as ``table.key``: what is handed to ``read_table``."""
    return {f"{table}.{key}" for table, keys in _tables() for key in keys}


def _tables() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in source_files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and _is_plain(node.value)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "read_table":
                table, keys = node.args[1], node.args[2]
                names = constants[keys.id] if isinstance(keys, ast.Name) else ast.literal_eval(keys)
                yield ast.literal_eval(table), tuple(names)


def _is_plain(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except ValueError:
        return False
    return True


def _strings() -> Iterator[str]:
    for path in source_files():
        if path.relative_to(ROOT).as_posix().startswith(NOT_OURS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def source_files() -> Iterator[Path]:
    """Yield the files of the package and of the first-party plugins."""
    for folder in ("ima_skills", "plugins"):
        yield from sorted((ROOT / folder).rglob("*.py"))
