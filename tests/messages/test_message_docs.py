"""docs/messages.md says what is so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ima_skills.messages.manner import Manner
from ima_skills.schemas import open_schemas

pytestmark = pytest.mark.checkout
PAGE = Path(__file__).resolve().parents[2] / "docs" / "messages.md"


def test_the_sample_runs() -> None:
    """The program of the page prints actions that fit the schema: a reply, a start, an end."""
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    said = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [said[0]["step"], said[1]["step"], said[-1]["step"]] == [0, 1, 3]
    schemas = open_schemas()
    assert [problem for line in said for problem in schemas.problems("output/action", line)] == []


def test_the_lines_of_the_page_fit_the_schema() -> None:
    """The sample of the lines is no invention."""
    block = re.search(r"```json\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert block
    lines = [json.loads(line) for line in block[1].splitlines()]
    problems = [open_schemas().problems("output/action", line) for line in lines if line["kind"] != "result"]
    assert problems == [()] * 4


def test_the_table_of_platforms_is_that_of_the_files(manner: Callable[..., Manner]) -> None:
    """Limits in the page are those that are kept."""
    text = PAGE.read_text(encoding="utf-8")
    for name in ("feishu", "discord", "telegram", "plain"):
        platform = manner("en", name).platform
        row = re.search(rf"^\| {name} \|.*$", text, re.MULTILINE)
        assert row
        assert f"| {platform.text.longest:,} |" in row[0]
        assert platform.caption.longest == 0 or f"| {platform.caption.longest:,} |" in row[0]
        assert ("apart" in row[0]) is (platform.caption.place == "apart")
        assert f"| {platform.most_together('image')} |" in row[0] or "album of 10" in row[0]
