"""``plugin certify``: a plugin that is fine at a usual wish, and at no other, has each of its faults named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SLY = Path(__file__).resolve().parents[1] / "third_party_bad" / "ima-skills-sly"

# Every fault that was built in: area, code, place, and what is said of it.
FAULTS = [
    ("import", "import-depends", "", "os.environ['SLY_DEBUG'] at ima_skills_sly/__init__.py:"),
    ("hooks", "hook-raises", "ima_check_request", "(a model that only the live list knows)"),
    ("hooks", "hook-quotes", "ima_check_request", "the usual wish"),
    ("hooks", "hook-raises", "ima_observe", "IndexError"),
    ("hooks", "hook-raises", "ima_observe", "(Finished)"),
    ("hooks", "hook-changes", "ima_observe", "core"),
    ("hooks", "hook-depends", "ima_recommend", "random.random at"),
    ("hooks", "hook-depends", "ima_recommend", "date.today at"),
    *(
        ("hooks", "hook-changes", "ima_recommend", name)
        for name in (
            "environment",
            "folder",
            "threads",
            "descriptors",
            "limits",
            "signals",
            "randomness",
            "atexit",
        )
    ),
    ("hooks", "hook-raises", "ima_reflect", "(a refusal "),
    ("hooks", "hook-changes", "ima_reflect", "logging"),
    ("hooks", "hook-prints", "ima_route", "prints"),
    ("hooks", "hook-unsteady", "ima_route", "hash seed"),
    ("hooks", "modality-fails", "modality scent", "(a media without facts)"),
    ("registry", "registry-fault", "/aliases/en/1", "U+200B ZERO WIDTH SPACE"),
    ("registry", "registry-clash", "/aliases/en/2", "seedream-4.5.toml"),
    ("quirks", "quirk-raises", "sly-prompt (request)", "(emoji)"),
    ("quirks", "quirk-raises", "sly-number (request)", "(n = 4)"),
    ("quirks", "quirk-raises", "sly-measuring (inputs)", "(inputs: 1, an address)"),
    ("quirks", "quirk-raises", "sly-placing (inputs)", "inputs: 1"),
    ("quirks", "quirk-prints", "sly-choosy (parameters)", "prints"),
    ("quirks", "quirk-depends", "sly-choosy (parameters)", "os.environ['SLY_DETAIL'] at"),
    ("quirks", "quirk-changes", "sly-choosy (parameters)", "warnings"),
    ("quirks", "quirk-unsteady", "sly-1 image_to_image sly-shuffled (parameters)", "hash seed"),
    ("start-up", "hook-heavy", "ima_registry_roots", "sqlite3"),
    ("examples", "renderer-breaks", "ima_sandbox_renderers", "UnicodeEncodeError"),
]
# What follows from those: nothing can be priced or made with quirks that fail.
CONSEQUENCES = {("prices", "price-refused"), ("examples", "example-fails")}


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The scorecard of the sly plugin."""
    home = tmp_path_factory.mktemp("sly")
    ran = subprocess.run(
        [sys.executable, "-m", "ima_skills", "plugin", "certify", str(SLY), "--json"],
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
        env={**os.environ, "IMA_HOME": str(home), "LANG": "C.UTF-8"},
    )  # fmt: skip
    assert ran.returncode == 1
    document: dict[str, Any] = json.loads(ran.stdout)
    return document


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not tell what is open")
@pytest.mark.parametrize(
    ("area", "code", "place", "said"), FAULTS, ids=[f"{f[1]}-{f[3][:20]}" for f in FAULTS]
)
def test_each_fault_is_named(card: dict[str, Any], area: str, code: str, place: str, said: str) -> None:
    """With its hook or quirk, what it failed at, where, and the next step."""
    rows = [
        row for row in card["checks"] if (row["area"], row["code"], row["place"] or "") == (area, code, place)
    ]
    assert any(said in row["why"] and row["next"] for row in rows), rows


def test_nothing_else_is_blamed(card: dict[str, Any]) -> None:
    """What one hook leaves behind is not found at the next: one cause is told once."""
    found = {(row["area"], row["code"]) for row in card["checks"] if row["code"]}
    assert found - {(area, code) for area, code, _, _ in FAULTS} == CONSEQUENCES
    assert card["areas"]["containment"]["failed"] == 0
    assert card["score"] < 95
