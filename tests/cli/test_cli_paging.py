"""Listings come a page at a time, so that no host cuts a document in two."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.output import Output
from ima_skills.cli.paging import Page
from ima_skills.cli.session import sandbox_state
from ima_skills.clock import FakeClock
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Job, Terms

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

MOST = 10_000


@pytest.fixture
def many_jobs() -> int:
    """A journal of the sandbox with many jobs that wait to be collected; returns how many."""
    book = FileJournal(
        sandbox_state() / "journal.db", clock=FakeClock(), caps=Caps(), warn=print, sandbox=True
    )
    for number in range(70):
        job = Job(
            f"mark-{number}", "text_to_video", "wan2.6-t2v", "wan2.6-t2v", "Wan 2.6", 1, 25, 1, 25,
            sandbox=True, base="http://127.0.0.1:1", folder="/somewhere/else/out",
        )  # fmt: skip
        record: Any = book.open(job, Terms())
        record.sending(1, 25)
        record.accepted(f"task_{number:032x}")
    book.close()
    return 70


LISTINGS = {
    "models": ("models", "list", "--offline", "--all"),
    "search": ("models", "search", "--offline"),
    "tasks": ("tasks", "list", "--all", "--sandbox"),
}


@pytest.mark.parametrize("name", LISTINGS)
def test_pages_are_small_and_complete(ima: Ima, fits: Fits, many_jobs: int, name: str) -> None:
    """Each page fits, says where the next begins, and together they are everything, each row once."""
    words, rows, offset, pages = LISTINGS[name], [], 0, 0
    while offset is not None:
        ran = ima(*words, "--offset", str(offset), "--json")
        assert ran.code == 0, ran.out
        assert len(ran.out.encode()) <= MOST
        fits(name, ran.document)
        rows += next(iter(ran.document.values()))
        assert ran.document["offset"] == offset
        offset, pages = ran.document["next_offset"], pages + 1
    everything = ima(*words, "--limit", "0", "--json").document
    assert rows == next(iter(everything.values()))
    assert (everything["total"], everything["next_offset"]) == (len(rows), None)
    assert pages > 1


@pytest.mark.parametrize("name", LISTINGS)
def test_tables_are_small_too(ima: Ima, many_jobs: int, name: str) -> None:
    """A table is cut as well, and its last lines name the option that goes on."""
    text = ima(*LISTINGS[name]).out
    assert len(text.encode()) <= MOST
    more = ima(*LISTINGS[name], "--limit", "2", "--language", "zh").out
    assert re.search(r"还有 \d+ 项：加 --offset 2 继续查看", more)
    assert "--offset" not in ima(*LISTINGS[name], "--limit", "0").out


def test_limit_and_offset(ima: Ima) -> None:
    """The two cut exactly; an offset behind the end is an empty page."""
    words = LISTINGS["models"]
    first = ima(*words, "--limit", "5", "--json").document
    second = ima(*words, "--limit", "3", "--offset", "2", "--json").document
    assert second["models"] == first["models"][2:5]
    assert second["next_offset"] == 5
    beyond = ima(*words, "--offset", "9999", "--json").document
    assert (beyond["models"], beyond["next_offset"]) == ([], None)
    assert ima(*words, "--limit", "-1", "--json").code == 2


def test_one_row_is_always_shown() -> None:
    """A row that is larger than a page comes alone, so that a reader always gets on."""
    rows = [{"text": "x" * 20_000}, {"text": "y"}]
    shown, place = Page().cut(rows, Output(as_json=True))
    assert (shown, place) == (rows[:1], {"total": 2, "offset": 0, "next_offset": 1})


def test_no_page_of_a_model_is_large(ima: Ima, registry: Registry) -> None:
    """The first page of every model, as JSON and as text, is one that agent hosts show in full."""
    booked = [entry.id for entry in registry.models.values() if entry.status == "production"]
    assert len(booked) > 15
    for name in booked:
        for words in (("--json",), ("--language", "zh"), ()):
            assert len(ima("models", "show", name, "--offline", *words).out.encode()) <= MOST, (name, words)


def test_the_versions_of_a_model_come_in_pages(ima: Ima, fits: Fits) -> None:
    """Walking all pages gives every version once, in order; what else is known stands on each."""
    words = ("models", "show", "Pixverse", "--offline")
    whole = ima(*words, "--limit", "0", "--json").document
    assert (whole["total"], whole["next_offset"]) == (len(whole["versions"]), None)
    found, offset = [], 0
    while offset is not None:
        page = ima(*words, "--offset", str(offset), "--json").document
        fits("model", page)
        assert page["evidence"] == whole["evidence"]
        found += page["versions"]
        offset = page["next_offset"]
    assert found == whole["versions"]
    text = ima(*words).out
    assert f"{whole['total'] - 10} more: --offset 10, or --limit 0 for all" in text
    assert "more: --offset" not in ima(*words, "--limit", "0").out


def test_other_documents_are_small(ima: Ima, quick_sandbox: None) -> None:
    """Commands that list without pages stay below the limit."""
    for words in (
        ("models", "defaults"), ("plugins", "list"), ("doctor",), ("spend",), ("pack", "build", "--out", "x", "--dry-run"),
        ("models", "show", "Kling O1", "-t", "text_to_video", "--offline"), ("create", "x", "--dry-run"),
    ):  # fmt: skip
        assert len(ima(*words, "--json").out.encode()) <= MOST, words
