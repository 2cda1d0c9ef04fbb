"""The shape of the house: layers, sizes, and what may be done where."""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.checkout

ROOT = Path(__file__).resolve().parents[2]
# From the ground up, a blank line between two floors; a module may import from its own floor and below.
PLAN = """
domain version

errors odd_letters clock resources installed converter nearest values sendable file_lock settings schemas snapshot offered toml_files registry registry_cache
media_kinds media_structure network_guard file_rules key_store preferences logs
config_file trust stopwatch write_ahead lean_httpx

modality quirks quirk_tools renderers declared batch batch_results lending hookspecs plugin_terms plugin_faults well_formed entry_points root_claims plugin_set hearing

catalogue shelf choosing virtual leaf_schema leaf_files pricing parameters fixing searching differing advice drift
inputs media_probe payload ladders past cadence recording unrecorded preferring messages routing

transport pinned refusals task_reading delivering service

uploading downloading polling reflection references preparing submitting engine journal courier staging booking job_failure telling remembering

assembly bringing client

batch_run workflows

sandbox

offline

drop_in gallery packs scaffold certify conformance mcp_server testing

cli __main__
"""
RANK = {name: rank for rank, floor in enumerate(PLAN.strip().split("\n\n")) for name in floor.split()}
# The facade loads everything lazily and stands outside the house; nobody inside may go through it.
FACADE = "ima_skills"
PLUGINS = (
    "ima_skills_image",
    "ima_skills_knowledge",
    "ima_skills_video",
    "ima_skills_music",
    "ima_skills_tts",
)
# The sandbox is the other side: it must not share the client's own choices.
NOT_FOR_THE_SANDBOX = {
    "engine",
    "client",
    "cli",
    "parameters",
    "pricing",
    "reflection",
    "submitting",
    "preparing",
    "virtual",
    "leaf_schema",
}


def _files() -> Iterator[Path]:
    for folder in (ROOT / "ima_skills", *(ROOT / "plugins" / name for name in PLUGINS)):
        yield from sorted(folder.rglob("*.py"))


FILES = list(_files())
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in FILES}


def _name(path: Path) -> str:
    parts = list(path.relative_to(ROOT).with_suffix("").parts)
    if parts[0] == "plugins":
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.AST, *, running: bool = False) -> Iterator[str]:
    """Yield the modules that a file imports; ``running`` leaves out those for type checkers and inside functions."""
    for node in _statements(tree) if running else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if node.module == FACADE and find_spec(inner) else str(node.module)


def _statements(tree: ast.AST) -> Iterator[ast.stmt]:
    for node in getattr(tree, "body", []):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        yield node
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _statements(node)


def _floor(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def _inside(path: Path) -> bool:
    return _name(path).startswith(f"{FACADE}.") and _name(path) != FACADE


CORE = [path for path in FILES if _inside(path)]


def _inner(path: Path) -> set[str]:
    return {module for module in _imports(TREES[path]) if module.startswith(f"{FACADE}.")}


def test_every_module_has_a_floor() -> None:
    """No module is left out of the plan."""
    assert {_floor(_name(path)) for path in CORE} - set(RANK) == set()


def test_nothing_imports_upward() -> None:
    """A module imports from its own floor and from those below, even for type checkers."""
    upward = [
        f"{_name(path)} -> {module}"
        for path in CORE
        for module in _inner(path)
        if RANK[_floor(module)] > RANK[_floor(_name(path))]
    ]
    assert upward == []


def test_nobody_inside_goes_through_the_facade() -> None:
    """Names come from their own modules: the facade would load everything."""
    assert [_name(path) for path in CORE if FACADE in set(_imports(TREES[path]))] == []


def test_no_cycles() -> None:
    """What is imported when a module is loaded never leads back to it."""
    graph = {
        _name(path): {m for m in _imports(TREES[path], running=True) if m.startswith(FACADE)}
        for path in FILES
    }
    done: set[str] = set()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way, name))
        if name not in done:
            for inner in graph.get(name, ()):
                visit(inner, (*way, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_core_does_not_know_plugins() -> None:
    """First-party plugins join like any others: the core never imports one by statement."""
    assert [
        _name(path) for path in CORE if any(m.startswith("ima_skills_") for m in _imports(TREES[path]))
    ] == []


def test_plugins_use_the_public_floors() -> None:
    """Plugins need nothing above what third parties may use, and never each other."""
    offences = []
    for path in FILES:
        own = _name(path).partition(".")[0]
        if own in PLUGINS:
            high = [m for m in _inner(path) if RANK[_floor(m)] > RANK["parameters"]]
            others = [
                m for m in _imports(TREES[path]) if m.startswith("ima_skills_") and m.partition(".")[0] != own
            ]
            offences += [f"{_name(path)} -> {module}" for module in (*high, *others)]
    assert offences == []


def test_the_sandbox_is_the_other_side() -> None:
    """The sandbox checks the client; it would check nothing with the client's own code."""
    inside = [path for path in CORE if _floor(_name(path)) == "sandbox"]
    assert len(inside) > 10
    assert [_name(p) for p in inside if {_floor(m) for m in _inner(p)} & NOT_FOR_THE_SANDBOX] == []


def test_sizes() -> None:
    """Modules have at most 400 lines, functions at most 50."""
    large = [_name(path) for path in FILES if len(path.read_text(encoding="utf-8").splitlines()) > 400]
    long = [
        f"{_name(path)}.{node.name}"
        for path, node in _functions()
        if (node.end_lineno or 0) - node.lineno >= 50
    ]
    assert (large, long) == ([], [])


def _functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in FILES:
        for node in ast.walk(TREES[path]):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_everything_is_typed() -> None:
    """Every function states the types of its arguments and of its result."""
    untyped = []
    for path, node in _functions():
        given = node.args
        arguments = [
            *given.posonlyargs,
            *given.args,
            *given.kwonlyargs,
            *filter(None, (given.vararg, given.kwarg)),
        ]
        bare = [a.arg for a in arguments if a.annotation is None and a.arg not in ("self", "cls")]
        if bare or node.returns is None:
            untyped.append(f"{_name(path)}.{node.name}: {bare}")
    assert untyped == []


def test_one_place_speaks() -> None:
    """Only the command line's output module prints."""
    speakers = {
        _name(path)
        for path in FILES
        for node in ast.walk(TREES[path])
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    }
    assert speakers <= {"ima_skills.cli.output"}


def test_one_place_travels() -> None:
    """Only the transport and its pinned twin send; the downloader knows its errors, the sandbox its other end.

    ``lean_httpx`` only imports it, without its own command line, and uses nothing of it.
    """
    foreign = {"httpx", "requests", "aiohttp", "urllib3"}
    users = {_name(path) for path in FILES if foreign & {m.partition(".")[0] for m in _used(TREES[path])}}
    allowed = {"transport", "pinned", "downloading", "sandbox.transport", "lean_httpx"}
    assert users <= {f"ima_skills.{name}" for name in allowed}
    assert "ima_skills.transport" in users


def _used(tree: ast.AST) -> Iterator[str]:
    """Yield every imported module but those for type checkers."""
    hidden = {node for block in ast.walk(tree) if _is_for_checkers(block) for node in ast.walk(block)}
    for node in ast.walk(tree):
        if node not in hidden and isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif node not in hidden and isinstance(node, ast.ImportFrom):
            yield str(node.module)


def _is_for_checkers(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


MAKERS = {
    "Engine", "ImaClient", "load_registry", "load_registry_from", "load_plugins", "PluginManager", "PluginSet", "Transport", "Service",
    "assemble", "open_schemas", "SchemaStore", "open_sandbox", "Random", "FakeClock", "SystemClock", "AsyncClient",
}  # fmt: skip


def test_nothing_is_global() -> None:
    """No module makes an engine, client, registry or plugin manager for all; nothing is rebound or cached."""
    made = [
        f"{_name(path)}: {ast.unparse(node.value.func)}"
        for path in FILES
        for node in _statements(TREES[path])
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func).rpartition(".")[2] in MAKERS
    ]  # fmt: skip
    rebound = [
        _name(path) for path in FILES if any(isinstance(node, ast.Global) for node in ast.walk(TREES[path]))
    ]
    kept = [
        f"{_name(path)}.{node.name}"
        for path, node in _functions()
        if "cache" in str([ast.unparse(d) for d in node.decorator_list])
    ]
    assert (made, rebound, kept) == ([], [], [])


def test_exemptions_have_reasons() -> None:
    """Every silenced warning says why on the same line."""
    bare = [
        f"{_name(path)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for mark in ("# noqa", "# type: ignore")
        if mark in line and not re.search(r" - |  # ", line.partition(mark)[2])
    ]
    assert bare == []
