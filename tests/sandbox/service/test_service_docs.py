"""The examples of the sandbox's page are true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ima_skills.resources import data_root
from ima_skills.sandbox.scenario import parse_scenario

PAGE = Path(__file__).parents[3] / "docs" / "sandbox.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(data_root("schemas").joinpath("scenario.schema.json").read_text(encoding="utf-8"))


def test_every_scenario_of_the_page_is_valid() -> None:
    """Each TOML block is a scenario that the sandbox takes."""
    found = [parse_scenario(text) for text in blocks("toml")]
    assert len(found) >= 8
    assert all(scenario.faults for scenario in found)


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("kind", ("fault", "properties", "kind")),
        ("on", ("endpoint",)),
        ("shape", ("media", "properties", "shape")),
        ("how", ("bytes", "properties", "how")),
        ("change", ("catalogue", "properties", "change")),
    ],
)
def test_every_fault_has_an_example(schema: Any, name: str, place: tuple[str, ...]) -> None:
    """Whatever the schema offers, the page shows."""
    offered = schema["$defs"]
    for step in place:
        offered = offered[step]
    shown = {getattr(fault, name) for text in blocks("toml") for fault in parse_scenario(text).faults}
    assert set(offered["enum"]) <= shown


def test_the_schema_is_a_schema(schema: Any) -> None:
    """It is valid JSON Schema 2020-12 under its own name."""
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == "https://ima-skills.invalid/schemas/scenario.schema.json"


def test_the_program_of_the_page_runs() -> None:
    """The Python example works as it stands."""
    (program,) = blocks("python")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PYTHONPATH": ":".join(filter(None, sys.path))},
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == "Nano Banana"
