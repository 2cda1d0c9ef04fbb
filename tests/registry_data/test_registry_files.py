"""Every registry file obeys its schema, and the schemas refuse what is wrong."""

from __future__ import annotations

import copy
import json
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.registry import OTHER_FOLDERS, load_registry
from ima_skills.resources import data_root

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str, Any], list[str]]

MODEL = "image/seedream-4.5.toml"


def test_every_model_file_is_valid(models: dict[str, Any], faults_of: Check) -> None:
    """Each model file passes ``model.schema.json``."""
    assert {path: faults for path, model in models.items() if (faults := faults_of("model", model))} == {}


@pytest.mark.parametrize("name", ["task_types", "errors", "defaults"])
def test_every_table_is_valid(name: str, registry_files: dict[str, str], faults_of: Check) -> None:
    """Each of the single tables passes the schema of its own name."""
    assert faults_of(name, tomllib.loads(registry_files[f"{name}.toml"])) == []


def test_every_catalogue_file_is_valid(catalogue: dict[str, Any], faults_of: Check) -> None:
    """Each snapshot passes ``catalogue.schema.json``."""
    assert {path: f for path, doc in catalogue.items() if (f := faults_of("catalogue", doc))} == {}


def test_the_first_line_names_the_schema(registry_files: dict[str, str]) -> None:
    """Editors complete and check a file because its first line names its schema."""
    for path, text in registry_files.items():
        folder, _, _ = path.rpartition("/")
        name = OTHER_FOLDERS.get(folder, "model") if folder else path.removesuffix(".toml")
        up = "../../" if folder else "../"
        assert text.splitlines()[0] == f"#:schema {up}schemas/{name}.schema.json"


def test_the_registry_loads(models: dict[str, Any], task_types: dict[str, Any]) -> None:
    """The strict converter takes every file: no unknown field, no wrong type."""
    registry = load_registry()
    assert len(registry.models) == len(models)
    assert registry.task_types.keys() == registry.defaults.keys() == task_types.keys()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"colour": "red"}, "$"),
        ({"status": "retired"}, "$"),
        ({"successor": "wan-2.6"}, "$"),
        ({"tier": "cheap"}, "$.tier"),
        ({"evidence": []}, "$.evidence"),
        ({"facts": {"n_max": "4"}}, "$.facts.n_max"),
        ({"facts": {"audio": 1}}, "$.facts.audio"),
        ({"progress": {"poll_s": 0, "message_s": 5}}, "$.progress.poll_s"),
        ({"aliases": {"en": ["x"]}}, "$.aliases"),
        ({"task_types": {"text_to_image": {"model_id": "m", "version_ids": []}}}, "$.task_types"),
    ],
)
def test_the_model_schema_refuses(
    change: dict[str, Any], place: str, models: dict[str, Any], faults_of: Check
) -> None:
    """A wrong field, type or combination is found, at its place."""
    broken = {**copy.deepcopy(models[MODEL]), **change}
    faults = faults_of("model", broken)
    assert faults
    assert all(fault.startswith(place) for fault in faults)


def test_the_error_schema_refuses_an_unknown_retry_class(
    registry_files: dict[str, str], faults_of: Check
) -> None:
    """Reflection knows six classes; a seventh is a mistake."""
    table = tomllib.loads(registry_files["errors.toml"])
    table["error"][0]["retry"] = "again"
    assert len(faults_of("errors", table)) == 1


def test_advice_is_valid_and_an_unknown_field_is_refused(
    registry_files: dict[str, str], faults_of: Check
) -> None:
    """Tips obey their schema; a misspelt condition would never apply, so it is found."""
    table = tomllib.loads(registry_files["advice.toml"])
    assert faults_of("advice", table) == []
    table["tip"][0]["word"] = ["8k"]
    assert len(faults_of("advice", table)) == 1


def test_the_catalogue_schema_refuses_a_one_language_label(
    catalogue: dict[str, Any], faults_of: Check
) -> None:
    """A label that cannot be localised is found."""
    document = copy.deepcopy(catalogue["2026-04/text_to_image.json"])
    document["groups"][0]["children"][0]["form_config"][0]["label"] = "Aspect ratio"
    assert len(faults_of("catalogue", document)) == 1


def _block(kind: str, language: str) -> str:
    """Return the first code block of a README beside the data."""
    text = data_root(kind).joinpath("README.md").read_text(encoding="utf-8")
    return text.split(f"```{language}\n", 1)[1].split("```", 1)[0]


def test_the_documented_model_file_is_valid(faults_of: Check) -> None:
    """The annotated example of the README passes the schema."""
    example = tomllib.loads(_block("registry", "toml"))
    assert faults_of("model", example) == []


def test_the_documented_request_is_valid(faults_of: Check) -> None:
    """The request of the README passes its schema."""
    example = json.loads(_block("schemas", "json"))
    assert faults_of(f"request/{example['task_type']}", example) == []
