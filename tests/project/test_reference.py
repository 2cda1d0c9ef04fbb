"""The generated pages of docs/ are as their sources are; ``make reference`` writes them anew."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools.reference import DOCS, errors_page, pages
from tools.schema_tables import Page, table, takes

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def written() -> dict[Path, str]:
    """Every page as the generator writes it now."""
    return pages()


@pytest.mark.parametrize("name", ["registry-reference.md", "output-reference.md", "errors.md", "design.md"])
def test_the_page_is_up_to_date(name: str, written: dict[Path, str]) -> None:
    """What is on disk is what the generator writes; else run: make reference."""
    assert (DOCS / name).read_text(encoding="utf-8") == written[DOCS / name], "run: make reference"


@pytest.mark.parametrize(
    ("page", "folder"), [("registry-reference.md", ""), ("output-reference.md", "output/")]
)
def test_every_schema_and_field_is_on_the_page(page: str, folder: str) -> None:
    """Each schema has its section, and each field at its top a row."""
    text = (DOCS / page).read_text(encoding="utf-8")
    files = sorted((ROOT / "schemas" / folder).glob("*.schema.json"))
    assert len(files) > 10
    for file in files:
        name = file.name.removesuffix(".schema.json")
        section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for field in json.loads(file.read_text(encoding="utf-8")).get("properties", {}):
            assert re.search(rf"^\| `{re.escape(field)}`", section, re.MULTILINE), f"{name}: {field}"


def test_a_schema_becomes_a_table() -> None:
    """Types, bounds, allowed values, nesting and shapes are told; what has no column is told below."""
    schema = {
        "type": "object",
        "required": ["kind"],
        "properties": {
            "kind": {"enum": ["a", "b"], "description": "Which one."},
            "rows": {"type": "array", "minItems": 1, "items": {
                "type": "object", "properties": {"n": {"type": ["integer", "null"], "minimum": 2, "description": "A | B."}},
            }},
            "word": {"type": "string", "pattern": "^(a|b)$"},
            "same": {"$ref": "https://ima-skills.invalid/schemas/common.schema.json#/$defs/text"},
        },
        "dependentRequired": {"word": ["same"]},
    }  # fmt: skip
    page = Page("mine", {"common#/$defs/text": "#common-text"})
    assert list(table(schema, page)) == [
        "| field | takes | meaning |",
        "|---|---|---|",
        "| `kind` **required** | `a` · `b` | Which one. |",
        "| `rows` | list of table, not empty |  |",
        "| `rows[].n` | whole number or null, at least 2 | A \\| B. |",
        "| `word` | text |  |",
        "| `same` | [text](#common-text) |  |",
        "",
        '- The whole also keeps to `{"dependentRequired": {"word": ["same"]}}`',
        "- `word` matches `^(a|b)$`",
        "",
    ]
    assert takes({"anyOf": [{"type": "string"}, {"type": "null"}]}, page) == "text or null"


def test_a_stale_table_is_mended_and_the_prose_stays(written: dict[Path, str]) -> None:
    """The generator puts back what somebody took out of a table, and touches nothing else."""
    text = written[DOCS / "errors.md"].replace("Nothing was charged.\n", "Nothing was charged!\n")
    lines = text.splitlines(keepends=True)
    torn = "".join(line for line in lines if not line.startswith(("| `usage`", "| `rate-limited`")))
    assert len(torn) < len(text)
    assert errors_page(torn) == text != written[DOCS / "errors.md"]


def test_the_road_leads_through_real_modules() -> None:
    """Every module that docs/design.md names at a station is there."""
    text = (DOCS / "design.md").read_text(encoding="utf-8")
    section = text.partition("## The road\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([\w/]+(?:\.py|/))`", section))
    assert len(named) > 25
    assert [name for name in sorted(named) if not (ROOT / "ima_skills" / name).exists()] == []
