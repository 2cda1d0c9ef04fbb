"""A caller's token: one task for ever, and one wish from the moment that anything was sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ima_skills.clock import FakeClock
from ima_skills.errors import OutcomeUnknownError, UsageError
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Attached, Busy, Job, Terms

ONCE = Terms(token="t")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FileJournal]:
    book = FileJournal(tmp_path / "journal.db", clock=FakeClock(), caps=Caps(), warn=lambda _: None)
    yield book
    book.close()


@pytest.fixture
def a_job() -> Callable[[str], Job]:
    def make(mark: str) -> Job:
        return Job(
            mark, "text_to_image", "m", "v", "Model", 1, 5, 1, 5, sandbox=False, base="https://example.org"
        )

    return make


def sent(journal: FileJournal, job: Job) -> Any:
    record: Any = journal.open(job, ONCE)
    record.sending(1, 5)
    return record


@pytest.mark.parametrize("ending", ["under way", "delivered", "failed", "forgotten"])
def test_the_same_task_for_ever(journal: FileJournal, a_job: Callable[[str], Job], ending: str) -> None:
    """Whatever has become of it, a wish with a token leads to its first task; without one it may be a new wish."""
    sent(journal, a_job("a")).accepted("t1")
    if ending in ("delivered", "failed"):
        journal.ended("t1", "success" if ending == "delivered" else "failed", ())
        journal.delivered("t1")
    if ending == "forgotten":
        found = journal.find("t1")
        assert found
        journal.forget(found)
    assert journal.open(a_job("a"), ONCE) == Attached("t1")
    assert journal.under_way(a_job("a"), ONCE) == "t1"
    assert journal.under_way(a_job("a"), Terms()) == ("t1" if ending == "under way" else None)


def test_what_is_unknown_stays_unknown(journal: FileJournal, a_job: Callable[[str], Job]) -> None:
    """A token does not send again what may have been accepted."""
    sent(journal, a_job("a")).unknown("timeout")
    with pytest.raises(OutcomeUnknownError):
        journal.open(a_job("a"), ONCE)


def test_what_was_refused_may_be_sent_again(journal: FileJournal, a_job: Callable[[str], Job]) -> None:
    """Nothing was charged, so the same call tries once more."""
    record: Any = journal.open(a_job("a"), ONCE)
    record.refused("not-sent")
    assert not isinstance(journal.open(a_job("a"), ONCE), Attached)


def test_a_token_stands_for_what_was_sent(journal: FileJournal, a_job: Callable[[str], Job]) -> None:
    """Until then it may be given to another wish, for instance a cheaper one; afterwards it may not."""
    refused: Any = journal.open(a_job("dear"), ONCE)
    refused.refused("not-sent")
    sent(journal, a_job("cheap")).accepted("t1")
    with pytest.raises(UsageError) as caught:
        journal.open(a_job("dear"), ONCE)
    assert caught.value.name == "client-token-reused"
    assert journal.under_way(a_job("dear"), ONCE) is None
    assert journal.open(a_job("cheap"), ONCE) == Attached("t1")
    assert not isinstance(journal.open(a_job("dear"), Terms(token="u")), Attached)


def test_another_token_pays_nothing_twice(journal: FileJournal, a_job: Callable[[str], Job]) -> None:
    """Equal wishes are one while it is under way or lost, whatever they are called; ``new`` is for one more."""
    record = sent(journal, a_job("a"))
    assert journal.open(a_job("a"), Terms(token="u")) == Busy()
    record.accepted("t1")
    assert journal.open(a_job("a"), Terms(token="u")) == Attached("t1")
    journal.ended("t1", "success", ())
    journal.delivered("t1")
    assert journal.open(a_job("a"), Terms(token="u")) == Attached("t1"), "it was bound to that task"
    more: Any = journal.open(a_job("a"), Terms(token="v"))
    more.sending(1, 5)
    more.unknown("timeout")
    for terms in (Terms(token="w"), Terms(token="w", new=True), Terms(token="v", new=True)):
        with pytest.raises(OutcomeUnknownError):
            journal.open(a_job("a"), terms)
    assert not isinstance(journal.open(a_job("a"), Terms(token="w", new=True, resubmit=True)), Attached)


def test_a_token_given_to_a_task(journal: FileJournal, a_job: Callable[[str], Job]) -> None:
    """A token can be bound to a task that is there; one of a former layout of the file names nothing."""
    sent(journal, a_job("a")).accepted("t1")
    journal.bind("u", "t1")
    journal.ended("t1", "success", ())
    journal.delivered("t1")
    assert journal.under_way(a_job("a"), Terms(token="u")) == "t1"
    with journal._file().transaction() as connection:
        connection.execute("UPDATE meta SET value = '1ab' WHERE name LIKE 'token:%'")
    assert journal.under_way(a_job("a"), Terms(token="u")) is None


def test_tokens_are_not_written_down(journal: FileJournal, a_job: Callable[[str], Job]) -> None:
    """A token may say something about a person; the file holds its digest."""
    journal.open(a_job("a"), Terms(token="for Ada Lovelace"))
    journal.close()
    assert b"Ada" not in journal.path.read_bytes()
