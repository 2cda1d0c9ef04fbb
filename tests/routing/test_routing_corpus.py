"""How well wishes are understood: a labelled corpus, its accuracy by field, and what must never happen."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.route import Route
    from ima_skills.registry import Registry

    Rows = Callable[[str], list[dict[str, Any]]]
    Understood = Callable[[dict[str, Any]], Route]

ROOT = Path(__file__).resolve().parents[2]
PARTS = (
    "development",
    "held-out",
    "blind",
    "blind-2",
    "blind-3",
    "blind-4",
    "blind-5",
    "blind-6",
    "blind-7",
    "blind-8",
    "blind-9",
    "blind-10",
)
FIELDS = (
    "media",
    "task_type",
    "model_id",
    "params",
    "n",
    "preference",
    "budget",
    "consistency",
    "steps",
    "ask",
    "max_points",
    "inquiry",
)
# What a label calls a question, and the questions that are one.
QUESTIONS = {
    "role": {"image_role", "other_frame"},
    "target": {"target", "target_of_file"},
    "model": {"model", "unknown_model"},
}
NEEDED = {"task_type": 97.0, "model_id": 97.0}
CONFIDENT = 0.5
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def told(route: Route) -> dict[str, Any]:
    """Return a route as labels spell it."""
    asked = next((note.removeprefix("ask-") for note in route.notes if note.startswith("ask-")), None)
    return {
        "media": list(route.media),
        "task_type": route.task_type,
        "model_id": route.model_id,
        "params": {name: str(value).casefold() for name, value in route.params.items()},
        "n": route.n,
        "preference": route.preference.action,
        "budget": route.budget,
        "consistency": route.consistency,
        "steps": [step.task_type for step in route.steps],
        "ask": next((name for name, those in QUESTIONS.items() if asked in those), asked),
        "max_points": route.max_points,
        "inquiry": route.inquiry.about if route.inquiry else None,
    }


def wanted(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row's label; fields that it leaves free or that belong to its steps are not in it."""
    blank = {"params": {}, "n": 1, "preference": "none", "budget": "none", "consistency": False, "steps": []}
    label = {name: row.get(name, blank.get(name)) for name in FIELDS}
    label["params"] = {name: str(value).casefold() for name, value in row.get("params", {}).items()}
    free = {*row.get("free", ()), *(("model_id", "params", "consistency") if row.get("steps") else ())}
    return {name: value for name, value in label.items() if name not in free}


def score(rows: list[dict[str, Any]], understood: Understood) -> tuple[dict[str, float], list[str]]:
    """Return accuracy in percent by field, and a line for each field that went wrong."""
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong: list[str] = []
    for row in rows:
        got = told(understood(row))
        for name, value in wanted(row).items():
            total[name] += 1
            right[name] += got[name] == value
            if got[name] != value:
                wrong.append(f"{row['text']} [{row.get('images', 0)}]: {name} {got[name]!r}, not {value!r}")
    return {name: 100 * right[name] / total[name] for name in FIELDS}, wrong


@pytest.mark.parametrize("part", PARTS)
def test_accuracy(part: str, corpus: Rows, understood: Understood) -> None:
    """Task type and model are right in at least 97 of 100 wishes, in every part of the corpus."""
    accuracy, wrong = score(corpus(part), understood)
    low = {name: accuracy[name] for name, least in NEEDED.items() if accuracy[name] < least}
    assert low == {}, "\n".join(wrong)


def test_no_wrong_and_confident_role(corpus: Rows, understood: Understood) -> None:
    """A wish whose pictures have other roles than understood is always asked about, never acted on."""
    wrong = []
    for row in corpus("*"):
        route = understood(row)
        kinds = [route.task_type] if not route.steps else [step.task_type for step in route.steps]
        meant = [row.get("task_type")] if not row.get("steps") else row["steps"]
        free = "task_type" in row.get("free", ())
        if row.get("images") and not free and kinds != meant and route.clarify is None:
            wrong.append((row["text"], kinds, route.confidence))
    assert wrong == []


def test_an_open_question_is_never_sure(corpus: Rows, understood: Understood) -> None:
    """Whoever asks is not confident; whoever does not ask for a role is."""
    for row in corpus("*"):
        route = understood(row)
        assert 0 <= route.confidence <= 1
        assert (route.confidence < CONFIDENT) == (route.clarify is not None), row["text"]


def test_size_and_balance(corpus: Rows) -> None:
    """At least 400 wishes, at least 120 held out, half of them Chinese, none twice."""
    rows = corpus("*")
    assert len(rows) >= 400
    assert len(corpus("held-out")) >= 120
    chinese = sum(bool(CHINESE.search(row["text"])) for row in rows)
    assert 0.4 <= chinese / len(rows) <= 0.6
    keys = Counter((row["text"], row.get("images", 0)) for row in rows)
    assert [key for key, count in keys.items() if count > 1] == []


def test_coverage(corpus: Rows, registry: Registry) -> None:
    """Every model on offer, task type, parameter, preference, choice and question occurs in the corpus."""
    rows = corpus("*")
    named = {row.get("model_id") for row in rows}
    missing = [
        entry.id
        for entry in registry.models.values()
        if entry.status == "production" and not {task.model_id for task in entry.task_types.values()} & named
    ]
    assert missing == []
    kinds = {kind for row in rows for kind in (row.get("task_type"), *row.get("steps", ()))}
    assert set(registry.task_types) <= kinds
    assert {"save", "once", "clear"} <= {row.get("preference") for row in rows}
    assert {"cheapest", "best", "another"} <= {row.get("budget") for row in rows}
    assert {"role", "target", "audio", "input", "subject", "model"} <= {row.get("ask") for row in rows}
    params = {name for row in rows for name in row.get("params", {})}
    assert {
        "duration",
        "aspect_ratio",
        "resolution",
        "size",
        "audio",
        "voice",
        "speed",
        "pitch",
        "volume",
    } <= params
    assert {"make_instrumental", "vocal_gender", "lyrics", "auto_lyrics", "tags"} <= params


@pytest.mark.checkout
def test_documented_accuracy(corpus: Rows, understood: Understood) -> None:
    """The table in docs/routing.md is what this test measures."""
    text = (ROOT / "docs" / "routing.md").read_text(encoding="utf-8")
    for part in PARTS:
        rows = corpus(part)
        accuracy, _ = score(rows, understood)
        cells = " | ".join(f"{accuracy[name]:.1f}" for name in FIELDS)
        assert f"| {part} ({len(rows)}) | {cells} |" in text
