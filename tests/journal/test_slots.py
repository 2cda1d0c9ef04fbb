"""A slot has one job, whatever the wish is by then, until it cost nothing or its user lets it go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ima_skills.clock import FakeClock
from ima_skills.errors import OutcomeUnknownError
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Attached, Busy, Job, Terms

MINE = Terms(slot="batch:line", alias="batch:line:text")
Make = Callable[[str], Job]


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FileJournal]:
    book = FileJournal(tmp_path / "journal.db", clock=FakeClock(), caps=Caps(), warn=lambda _: None)
    yield book
    book.close()


@pytest.fixture
def a_job() -> Make:
    def make(mark: str) -> Job:
        return Job(
            mark, "text_to_image", "m", "v", "Model", 1, 5, 1, 5, sandbox=False, base="https://example.org"
        )

    return make


def sent(journal: FileJournal, job: Job, terms: Terms = MINE) -> Any:
    record: Any = journal.open(job, terms)
    record.sending(1, 5)
    return record


def state(journal: FileJournal, slot: str = MINE.slot) -> tuple[str, str] | None:
    found = journal.standing(slot, sandbox=False)
    return (found.state, found.task_id) if found else None


@pytest.mark.parametrize("ending", ["accepted", "success", "failed"])
def test_whatever_the_wish_is_by_then(journal: FileJournal, a_job: Make, ending: str) -> None:
    """Under way, handed over or failed: another wish of the slot is the same task, and no new one is made."""
    sent(journal, a_job("a")).accepted("t1")
    if ending != "accepted":
        journal.ended("t1", ending, ())
        journal.delivered("t1")
    assert journal.under_way(a_job("b"), MINE) == "t1"
    assert journal.open(a_job("b"), MINE) == Attached("t1")
    assert state(journal) == (ending, "t1")
    assert journal.open(a_job("b"), Terms(slot="batch:another line")) != Attached("t1")


def test_one_that_is_known_to_be_over_may_be_followed(journal: FileJournal, a_job: Make) -> None:
    """Only by whoever names it; then the slot has the new one."""
    sent(journal, a_job("a")).accepted("t1")
    journal.ended("t1", "failed", ())
    after = Terms(slot=MINE.slot, over="t1")
    sent(journal, a_job("a"), after).accepted("t2")
    assert journal.open(a_job("a"), after) == Attached("t2")


@pytest.mark.parametrize("way", ["refused", "forgotten", "forgotten task"])
def test_what_leaves_a_slot(journal: FileJournal, a_job: Make, way: str) -> None:
    """What cost nothing, and what the user lets go."""
    record = sent(journal, a_job("a"))
    if way == "refused":
        record.again("500")
        record.refused("500")
    elif way == "forgotten":
        record.unknown("no answer")
    else:
        record.accepted("t1")
    if way != "refused":
        journal.forget(journal.entries()[0])
    assert state(journal) == (way.split(maxsplit=1)[0], "t1" if way.endswith("task") else "")
    sent(journal, a_job("b")).accepted("t2")
    assert state(journal) == ("accepted", "t2")


def test_an_unknown_one_blocks_every_wish(journal: FileJournal, a_job: Make) -> None:
    """Until the user has it sent once more; then the slot is the new one's alone."""
    sent(journal, a_job("a")).unknown("no answer")
    for mark in ("a", "b"):
        with pytest.raises(OutcomeUnknownError, match="5 points may have been charged") as caught:
            journal.open(a_job(mark), MINE)
        assert "ima-skills tasks forget job_1" in caught.value.hint
    again = Terms(slot=MINE.slot, resubmit=True)
    sent(journal, a_job("b"), again).accepted("t2")
    assert journal.open(a_job("b"), again) == Attached("t2")
    assert [entry.state for entry in journal.entries()] == ["accepted", "forgotten"]


def test_one_that_is_being_sent_is_waited_for(journal: FileJournal, a_job: Make) -> None:
    """By another wish of the slot too."""
    sent(journal, a_job("a"))
    assert journal.open(a_job("b"), MINE) == Busy()


def test_an_alias_stays_with_the_job_that_it_came_with(journal: FileJournal, a_job: Make) -> None:
    """Whoever comes back with another wish finds that out."""
    assert state(journal) is None
    sent(journal, a_job("a")).accepted("t1")
    other = Terms(slot=MINE.slot, alias="batch:line:another text")
    assert journal.open(a_job("b"), other) == Attached("t1")
    assert (state(journal, MINE.alias), state(journal, other.alias)) == (("accepted", "t1"), None)


def test_a_place_finds_what_is_under_way_there(journal: FileJournal, a_job: Make) -> None:
    """The slot's name was lost: the same wish finds its job by its fingerprint, which then goes by the new name."""
    sent(journal, a_job("a")).accepted("t1")
    assert journal.open(a_job("a"), Terms(slot="a new name")) == Attached("t1")
    journal.ended("t1", "success", ())
    journal.delivered("t1")
    assert journal.open(a_job("b"), Terms(slot="a new name")) == Attached("t1")
