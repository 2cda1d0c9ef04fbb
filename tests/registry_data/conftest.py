"""What the tests of the registry's data share: its files, parsed once."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.registry import OTHER_FOLDERS
from ima_skills.resources import data_root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from importlib.resources.abc import Traversable

Faults = list[str]


def _walk(root: Traversable, suffix: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    for item in sorted(root.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            yield from _walk(item, suffix, f"{prefix}{item.name}/")
        elif item.name.endswith(suffix):
            yield f"{prefix}{item.name}", item.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def registry_files() -> dict[str, str]:
    """Every TOML file of the registry by its path below ``registry/``."""
    return dict(_walk(data_root("registry"), ".toml"))


@pytest.fixture(scope="session")
def models(registry_files: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Every model file, parsed, by its path below ``registry/``."""
    return {
        path: tomllib.loads(text)
        for path, text in registry_files.items()
        if "/" in path and path.partition("/")[0] not in OTHER_FOLDERS
    }


@pytest.fixture(scope="session")
def entries(models: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every model by its registry id."""
    return {entry["id"]: entry for entry in models.values()}


@pytest.fixture(scope="session")
def task_types(registry_files: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Every task type by its name."""
    found: dict[str, dict[str, Any]] = tomllib.loads(registry_files["task_types.toml"])["task_types"]
    return found


@pytest.fixture(scope="session")
def catalogue() -> dict[str, dict[str, Any]]:
    """Every catalogue file, parsed, by its path below ``registry/catalogue/``."""
    files = _walk(data_root("registry").joinpath("catalogue"), ".json")
    return {path: json.loads(text) for path, text in files}


@pytest.fixture(scope="session")
def leaves(catalogue: dict[str, dict[str, Any]]) -> dict[tuple[str, str], dict[str, Any]]:
    """Every leaf of the catalogue by task type and version id."""
    return {
        (document["task_type"], leaf["id"]): leaf
        for document in catalogue.values()
        for group in document["groups"]
        for leaf in group["children"]
    }


@pytest.fixture(scope="session")
def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its name: path below ``schemas/`` without ``.schema.json``."""
    files = _walk(data_root("schemas"), ".schema.json")
    return {path.removesuffix(".schema.json"): json.loads(text) for path, text in files}


@pytest.fixture(scope="session")
def faults_of(schemas: dict[str, dict[str, Any]]) -> Callable[[str, Any], Faults]:
    """Return a function that checks a document against a named schema, offline."""
    from jsonschema import Draft202012Validator
    from referencing import Registry, Resource

    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in schemas.values()]
    registry: Registry[Any] = Registry().with_resources(resources)

    def check(name: str, document: Any) -> Faults:
        validator = Draft202012Validator(schemas[name], registry=registry)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(document)]

    return check
