"""What the summary of a batch tells of lines that went otherwise than people expect, and what it refuses to begin."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from ima_skills.batch_results import ResultFile
from ima_skills.cli import main
from ima_skills.schemas import open_schemas
from ima_skills.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLIP = {
    "task_type": "text_to_video", "prompt": "waves", "model": "Wan 2.6",
    "params": {"duration": 10, "resolution": "1080p"},
}  # fmt: skip
BUSY = '[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\ncalls = [1, 2]\n'
DROP = '[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\ncalls = [1]\n'


@pytest.fixture
def batch(tmp_path: Path) -> Callable[..., Result]:
    """A function that runs lines with options."""

    def run(rows: list[dict[str, Any]], *words: str) -> Result:
        jobs = tmp_path / "jobs.jsonl"
        jobs.write_text("".join(json.dumps(row) + "\n" for row in rows))
        return CliRunner().invoke(main, ["batch", "run", str(jobs), "--out", str(tmp_path / "out"), *words])

    return run


@pytest.fixture
def at(
    tmp_path: Path, serve_process: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], None]:
    """A function that has commands meet a service with a scenario."""

    def serve(scenario: str) -> None:
        path = tmp_path / "scenario.toml"
        path.write_text(f'title = "a bad moment"\n{scenario}')
        told = serve_process(tmp_path / "service", "--speed", "3000", "--scenario", str(path))
        monkeypatch.setenv("IMA_BASE_URL", told["base_url"])
        monkeypatch.setenv("IMA_API_KEY", told["api_key"])

    return serve


def test_a_line_that_was_made_smaller_is_named(
    batch: Callable[..., Result], at: Callable[[str], None]
) -> None:
    """With what was changed and why; its points are those that were charged."""
    at(BUSY)
    document = json.loads(batch([CLIP], "--json", "--no-download").stdout)
    assert open_schemas().problems("output/batch", document) == ()
    (row,) = document["reduced"]
    assert (row["line"], document["reduced_lines"], document["points"]) == (1, 1, 25)
    assert {change["param"] for change in row["changes"]} == {"resolution", "duration", "points"}
    assert document["points_of_results"] == 25


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "made in another form: resolution: 1080P → 720P"),
        ("zh", "调整后已生成：resolution：1080P → 720P"),
    ],
)
def test_it_is_said_in_words(
    batch: Callable[..., Result], at: Callable[[str], None], language: str, said: str
) -> None:
    """In both languages."""
    at(BUSY)
    assert said in batch([CLIP], "--no-download", "--language", language).stdout


def test_nothing_is_made_smaller_against_the_users_word(
    batch: Callable[..., Result], at: Callable[[str], None]
) -> None:
    """``--no-degrade`` leaves the line undone, and the next run does it as it is."""
    at(BUSY)
    document = json.loads(batch([CLIP], "--json", "--no-download", "--no-degrade").stdout)
    assert (document["done"], document["points"], [row["code"] for row in document["held"]]) == (
        0, 0, ["service-fault"],
    )  # fmt: skip
    batch([CLIP], "--json", "--no-download", "--no-degrade")
    again = json.loads(batch([CLIP], "--json", "--no-download", "--no-degrade").stdout)
    assert (again["done"], again["points"], again["reduced"]) == (1, 80, [])


def test_the_way_out_of_an_unknown_line(batch: Callable[..., Result], at: Callable[[str], None]) -> None:
    """It is said why the line is left and what helps; what is advised works."""
    at(DROP)
    fox = {"task_type": "text_to_image", "prompt": "a fox"}
    assert "1 left undone (outcome-unknown)" in batch([fox]).stdout
    told = batch([fox])
    assert told.exit_code == 7
    assert "add --resubmit" in told.stdout
    command = told.stdout.partition("ima-skills tasks forget ")[2].split()[0]
    assert CliRunner().invoke(main, ["tasks", "forget", command]).exit_code == 0
    assert json.loads(batch([fox], "--json").stdout)["points"] == 5


def test_a_line_of_another_text_is_named(
    batch: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made under its id, and reading otherwise now: it is not made silently, and not passed over silently."""
    monkeypatch.setenv("IMA_SANDBOX", "1")
    monkeypatch.setenv("IMA_SANDBOX_SPEED", "3000")
    voice = {"id": "a", "task_type": "text_to_speech", "prompt": "hello"}
    batch([voice], "--no-download")
    other = [{**voice, "prompt": "good bye"}]
    assert "1 made from an earlier text of theirs (a)" in batch(other, "--no-download").stdout
    assert json.loads(batch(other, "--no-download", "--json").stdout)["stale"] == ["a"]


def test_one_run_at_a_time(
    batch: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is refused before anything is sent, and told who has the folder."""
    monkeypatch.setenv("IMA_SANDBOX", "1")
    with ResultFile.open(tmp_path / "out"):
        ran = batch([CLIP], "--json")
    error = json.loads(ran.stdout)
    assert (ran.exit_code, error["code"], error["details"]["folder"]) == (
        2,
        "batch-running",
        str(tmp_path / "out"),
    )


@pytest.mark.parametrize(("words", "code"), [(("--yes",), "journal-unwritable"), ((), "needs-consent")])
def test_a_service_that_turns_out_to_be_real(
    batch: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: str
) -> None:
    """The key was the sandbox's, the service is not: consent and the limit of the day hold all the same."""
    monkeypatch.setenv("IMA_SANDBOX", "1")
    monkeypatch.setattr(Service, "sandbox_speed", None)
    if words:
        monkeypatch.setenv("IMA_NO_WRITE", "1")
        monkeypatch.setenv("IMA_DAILY_POINTS", "5")
    document = json.loads(batch([CLIP, CLIP], "--json", *words).stdout)
    assert (document["stopped"]["code"], document["points"], document["left"]) == (code, 0, 2)
