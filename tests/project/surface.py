"""What others build on, written down: a change of it is a decision, not an accident.

    python tests/project/surface.py           # compare with surface.json; exit code 1 when they differ
    python tests/project/surface.py --write   # write it anew; needs a new line under "Unreleased" in CHANGELOG.md

The surface is the public Python names with their signatures and fields, those that the documents import, the
hooks, the commands with their options, the codes, the settings, and a digest of every schema. It is the same
under every Python that we support.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import re
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import attrs
    import click

ROOT = Path(__file__).resolve().parents[2]
FILE = Path(__file__).with_name("surface.json")
# The modules whose public names plugins and embedders may import; the facade is `ima_skills`.
MODULES = (
    "ima_skills",
    "ima_skills.errors",
    "ima_skills.hookspecs",
    "ima_skills.modality",
    "ima_skills.offline",
    "ima_skills.quirk_tools",
    "ima_skills.testing",
)


def surface() -> dict[str, Any]:
    """Return everything that others build on."""
    from tools.settings_found import config_keys, variables

    return {
        "python": {name: _module(name) for name in MODULES if find_spec(name)},
        "documented": dict(_documented()),
        "hooks": dict(_hooks()),
        "commands": dict(_commands()),
        "settings": {"variables": sorted(variables()), "ima_config.toml": sorted(config_keys())},
        "exit codes": _exit_codes(),
        "error codes": _error_codes(),
        "schemas": dict(_schemas()),
    }


def _module(name: str) -> dict[str, Any]:
    module = import_module(name)
    names = getattr(module, "__all__", None) or [
        label
        for label, value in vars(module).items()
        if not label.startswith("_")
        and (getattr(value, "__module__", "") == name or (label.isupper() and label != "TYPE_CHECKING"))
    ]
    return {label: _thing(getattr(module, label)) for label in sorted(names) if label != "__version__"}


def _documented() -> Iterator[tuple[str, Any]]:
    """Yield the names that the examples in the documents import from elsewhere."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    found = {
        (str(node.module), alias.name)
        for block in re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("ima_skills.")
        for alias in node.names
    }
    for module, name in sorted(found):
        if module not in MODULES:
            yield f"{module}.{name}", _thing(getattr(import_module(module), name))


def _thing(value: Any) -> Any:
    if inspect.isclass(value):
        return {
            "bases": [base.__name__ for base in value.__bases__],
            "fields": _fields(value),
            "members": {name: _thing(member) for name, member in sorted(_members(value).items())},
        }
    if isinstance(value, property):
        return "property"
    if callable(value):
        return _signature(value)
    return repr(value) if isinstance(value, str | int | float) else type(value).__name__


def _members(cls: type) -> dict[str, Any]:
    """Return the public methods and properties of a class, those of its ancestors in our house included."""
    found: dict[str, Any] = {}
    for ancestor in reversed(cls.__mro__):
        if ancestor.__module__.partition(".")[0] == "ima_skills":
            found.update(
                (name, getattr(member, "__func__", member))
                for name, member in vars(ancestor).items()
                if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property))
            )
    return found


def _fields(cls: type) -> list[str]:
    import attrs

    if not attrs.has(cls):
        start = inspect.getattr_static(cls, "__init__")
        ours = inspect.isfunction(start) and start.__module__.startswith("ima_skills")
        return [f"__init__{_signature(start)}"] if ours else []
    return [_field(field) for field in attrs.fields(cls) if field.init]


def _field(field: attrs.Attribute[Any]) -> str:
    import attrs

    kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", field.type)
    default = "" if field.default is attrs.NOTHING else " = …"
    return f"{'*' if field.kw_only else ''}{field.alias}: {kind}{default}"


def _signature(value: Any) -> str:
    """Return a signature as text; what differs from one run or Python to another stands as an ellipsis."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):  # a few callables of the interpreter have none
        return type(value).__name__
    plain = [
        parameter.replace(default=_Default(parameter.default))
        if parameter.default is not inspect.Parameter.empty
        else parameter
        for parameter in signature.parameters.values()
    ]
    return str(signature.replace(parameters=plain))


class _Default:
    """A default value; of anything but plain values only its being there counts."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        if isinstance(self.value, frozenset):  # which comes in another order each time
            return f"frozenset({sorted(self.value)})"
        plain = self.value is None or isinstance(self.value, bool | int | float | str | tuple)
        return repr(self.value) if plain and " at 0x" not in repr(self.value) else "…"


def _hooks() -> Iterator[tuple[str, Any]]:
    from ima_skills import hookspecs

    for name, hook in sorted(vars(hookspecs).items()):
        if name.startswith("ima_"):
            options = {key for key, value in hook.ima_skills_spec.items() if value}
            yield name, {"arguments": list(inspect.signature(hook).parameters), "options": sorted(options)}


def _commands() -> Iterator[tuple[str, Any]]:
    import click

    from ima_skills.cli import main

    def walk(command: click.Command, path: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(command, click.Group):
            yield path, sorted(_parameter(parameter) for parameter in command.params)
            return
        context = click.Context(command)
        for name in sorted(command.list_commands(context)):
            child = command.get_command(context, name)
            if child is not None:
                yield from walk(child, f"{path} {name}")

    yield from walk(main, "ima-skills")


def _parameter(parameter: click.Parameter) -> str:
    choices = getattr(parameter.type, "choices", ())
    text = "/".join([*parameter.opts, *parameter.secondary_opts])
    return f"{text} {'|'.join(map(str, choices))}" if choices else text


def _exit_codes() -> dict[str, int]:
    from ima_skills import errors
    from ima_skills.cli import boundary

    found = [*inspect.getmembers(errors, inspect.isclass), *inspect.getmembers(boundary, inspect.isclass)]
    return {name: cls.exit_code for name, cls in found if issubclass(cls, errors.ImaError)}


def _error_codes() -> list[str]:
    from ima_skills.cli.error_texts import ERROR_TEXTS
    from ima_skills.cli.sentences import merged
    from ima_skills.registry import load_registry

    return sorted({*ERROR_TEXTS, *merged("ERROR_TEXTS"), *(row.code for row in load_registry().errors)})


def _schemas() -> Iterator[tuple[str, str]]:
    folder = ROOT / "schemas"
    for file in sorted(folder.rglob("*.schema.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        plain = json.dumps(document, sort_keys=True, ensure_ascii=False).encode()
        yield file.relative_to(folder).as_posix(), hashlib.sha256(plain).hexdigest()[:16]


def _unreleased() -> list[str]:
    """Return a digest of every line under "Unreleased"."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    section = text.partition("## Unreleased")[2].partition("\n## ")[0]
    lines = {line.strip() for line in section.splitlines() if line.strip()}
    return sorted(hashlib.sha256(line.encode()).hexdigest()[:12] for line in lines)


def _differences(old: Any, new: Any, place: str = "") -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _differences(old.get(key), new.get(key), f"{place}/{key}")
    elif isinstance(old, list) and isinstance(new, list):
        yield from (f"{place}: gone: {item}" for item in old if item not in new)
        yield from (f"{place}: new: {item}" for item in new if item not in old)
        if old != new and sorted(map(str, old)) == sorted(map(str, new)):
            yield f"{place}: another order: {new}"
    elif old != new:
        yield f"{place}: {'new' if old is None else 'gone' if new is None else f'{old} -> {new}'}"


def main(words: Sequence[str]) -> int:
    """Compare or write; see the module's text.

    Args:
        words: ``--write``, or nothing.
    """
    known = (
        json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"surface": {}, "changelog": []}
    )
    now = json.loads(json.dumps(surface()))
    changes = list(_differences(known["surface"], now))
    print("\n".join(changes))
    if not changes:
        return 0
    if "--write" not in words:
        print(
            "\nThe public surface differs from tests/project/surface.json. If that is meant, say so in CHANGELOG.md"
        )
        print("under Unreleased and run: make surface")
        return 1
    if set(_unreleased()) <= set(known["changelog"]):
        print("\nCHANGELOG.md has no new line under Unreleased for this.")
        return 1
    document = {"changelog": _unreleased(), "surface": now}
    FILE.write_text(
        json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
    return 0


if __name__ == "__main__":
    # The checkout that this file lies in, whatever is installed.
    sys.path[:0] = [str(ROOT), str(ROOT / "plugins")]
    sys.exit(main(sys.argv[1:]))
