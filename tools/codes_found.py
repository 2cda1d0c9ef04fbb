"""Which error codes there are: every ``SomeError(code="…")`` of the source, with the exit code that it leads to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tools.settings_found import source_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def exit_codes() -> dict[str, int]:
    """Return each error code of ours with its exit code; a class that owns the code wins over a call that uses it."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in source_files()]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    classes = {node.name: node for node in nodes if isinstance(node, ast.ClassDef)}
    numbers = {name: value for tree in trees for name, value in _numbers(tree)}
    found: dict[str, int] = {}
    for name, made in classes.items():
        code = _own(made, "code") if name.endswith("Error") else None
        if isinstance(code, ast.Constant):
            found[str(code.value)] = _exit_code(name, classes, numbers)
    for node in nodes:
        for name, given in _calls(node):
            found.setdefault(given, _exit_code(name, classes, numbers))
    return found


def _numbers(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the whole numbers that a module names."""
    for node in tree.body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, int)
        ):
            yield from (
                (target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name)
            )


def _calls(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield the class and the code of a call that makes an error."""
    if isinstance(node, ast.Call):
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        for word in node.keywords if name.endswith("Error") else ():
            if (
                word.arg == "code"
                and isinstance(word.value, ast.Constant)
                and isinstance(word.value.value, str)
            ):
                yield name, word.value.value


def _exit_code(name: str, classes: Mapping[str, ast.ClassDef], numbers: Mapping[str, int]) -> int:
    """Return the exit code of a class, its own or that of the nearest ancestor with one."""
    node = classes[name]
    own = _own(node, "exit_code")
    if isinstance(own, ast.Name):
        return numbers[own.id]
    if isinstance(own, ast.Constant) and isinstance(own.value, int):
        return own.value
    bases = [base.id for base in node.bases if isinstance(base, ast.Name) and base.id in classes]
    return _exit_code(bases[0], classes, numbers)


def _own(node: ast.ClassDef, attribute: str) -> ast.expr | None:
    for item in node.body:
        targets = item.targets if isinstance(item, ast.Assign) else [getattr(item, "target", None)]
        if getattr(targets[0], "id", "") == attribute:
            value: ast.expr | None = getattr(item, "value", None)
            return value
    return None
