"""The journal by itself: states, one transaction for the same wish and the caps, what it remembers."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.clock import FakeClock
from ima_skills.domain.task import Media, SavedFile
from ima_skills.errors import FaultError, OutcomeUnknownError, PointsError
from ima_skills.journal.caps import Caps
from ima_skills.journal.owner import Owner, this_process
from ima_skills.journal.router import Books
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Attached, Busy, Terms

if TYPE_CHECKING:
    from pathlib import Path

DEAD = Owner(999_999_999, "1", "another boot")
ONCE, NEW, AGAIN = Terms(), Terms(new=True), Terms(resubmit=True)


def test_the_way_of_a_job(bench: Any) -> None:
    """Each step is in the file at once, for any process to read."""
    journal, reader = bench.open(), bench.open()
    record = bench.begin(journal)
    assert bench.entry(reader).state == "intent"
    record.sending(1, 8)
    assert (bench.entry(reader).state, bench.entry(reader).points, bench.entry(reader).attempts) == (
        "sending",
        8,
        1,
    )
    record.accepted("t1")
    assert (bench.entry(reader).state, bench.entry(reader).task_id) == ("accepted", "t1")
    journal.ended("t1", "success", (Media(url="https://signed?x", format="png"),))
    assert bench.entry(reader).is_outstanding
    journal.saved("t1", (SavedFile("/a.png", 3, "0" * 64), None))
    journal.delivered("t1")
    done = bench.entry(reader)
    assert (done.state, done.files, done.is_outstanding) == ("success", ("/a.png",), False)
    assert b"signed" not in bench.path.read_bytes()


def test_a_refused_job_costs_nothing_and_leaves_no_trace_in_the_caps(bench: Any) -> None:
    """Reflection keeps the place; a final refusal frees it."""
    journal = bench.open(per_day=10)
    record = bench.begin(journal)
    record.sending(1, 10)
    record.again("6010")
    assert isinstance(bench.begin(bench.open(per_day=10)), Busy)
    record.sending(2, 10)
    record.again("400")
    record.refused("not-sent")
    assert (bench.entry(journal).state, bench.entry(journal).code) == ("refused", "400")
    assert not isinstance(bench.begin(journal), Busy)


def test_refused_does_not_undo_what_was_sent(bench: Any) -> None:
    """Whatever ends a block: an unknown or accepted create stays what it is."""
    journal = bench.open()
    record = bench.begin(journal)
    record.sending(1, 10)
    record.unknown("the line broke")
    record.refused("not-sent")
    assert bench.entry(journal).state == "unknown"


def test_the_same_wish_attaches_until_it_is_delivered(bench: Any) -> None:
    """While a task runs, and while its result has not arrived, there is no second one, unless it is wanted."""
    journal = bench.open()
    record = bench.begin(journal)
    record.sending(1, 10)
    record.accepted("t1")
    assert bench.begin(bench.open()) == Attached("t1")
    assert journal.under_way(bench.job(), Terms()) == "t1"
    assert not isinstance(bench.begin(journal, terms=NEW), Attached | Busy)
    assert not isinstance(bench.begin(journal, "another"), Attached | Busy)
    journal.ended("t1", "success", ())
    assert bench.begin(journal) == Attached("t1")
    journal.delivered("t1")
    assert journal.under_way(bench.job(), Terms()) is None


def test_a_failed_task_is_not_attached_to(bench: Any) -> None:
    """There is nothing to wait for any more."""
    journal = bench.open()
    record = bench.begin(journal)
    record.sending(1, 10)
    record.accepted("t1")
    journal.ended("t1", "failed", ())
    assert not isinstance(bench.begin(journal), Attached | Busy)
    assert bench.entry(journal, 1).state == "failed"


def test_an_unknown_outcome_is_not_sent_again_by_itself(bench: Any) -> None:
    """It says when, how many points, and how; --new is not enough, --resubmit is."""
    journal = bench.open()
    record = bench.begin(journal, total=30)
    record.sending(1, 30)
    record.unknown("timeout")
    for terms in (ONCE, NEW):
        with pytest.raises(OutcomeUnknownError, match="30 points may have been charged") as caught:
            bench.begin(journal, terms=terms)
        assert "--resubmit" in caught.value.hint
        assert caught.value.details["jobs"] == ["job_1"]
        assert caught.value.exit_code == 7
    bench.begin(journal, terms=AGAIN).sending(1, 30)
    assert [item.state for item in journal.entries()] == ["sending", "forgotten"]


@pytest.mark.parametrize(("sent", "state"), [(False, "refused"), (True, "unknown")])
def test_a_process_that_died(bench: Any, state: str, *, sent: bool) -> None:
    """What it had not sent is free; what it had sent is unknown."""
    record = bench.begin(bench.open(DEAD))
    if sent:
        record.sending(1, 10)
    journal = bench.open()
    assert bench.entry(journal).state == state
    if sent:
        with pytest.raises(OutcomeUnknownError):
            bench.begin(journal)
    else:
        assert not isinstance(bench.begin(journal), Attached | Busy)


def test_who_was_taken_for_dead_sends_nothing(bench: Any) -> None:
    """A process of another container looks dead; when it wants to send after all, its row is gone."""
    record = bench.begin(bench.open(DEAD))
    bench.begin(bench.open())
    with pytest.raises(FaultError) as caught:
        record.sending(1, 10)
    assert caught.value.name == "journal-lost"


def test_processes_are_told_apart() -> None:
    """By number, start and boot; this one lives."""
    here = this_process()
    assert here.lives()
    assert not evolve(here, started="1").lives() or not here.started
    assert not evolve(here, boot="x").lives()
    assert not evolve(here, pid=999_999_999).lives()


def test_processes_where_the_system_tells_less() -> None:
    """Without start times a process is told by its number alone."""
    here = evolve(this_process(), started="")
    assert here.lives()
    ended = subprocess.Popen((sys.executable, "-c", "pass"))
    ended.wait()
    assert not evolve(here, pid=ended.pid).lives()


def test_caps_count_what_is_under_way_and_unknown(bench: Any) -> None:
    """What may be spent is reserved; the refusal says what is left."""
    journal = bench.open(per_day=50)
    bench.begin(journal, "a", 20).sending(1, 20)
    lost = bench.begin(journal, "b", 20)
    lost.sending(1, 20)
    lost.unknown("timeout")
    with pytest.raises(PointsError) as caught:
        bench.begin(journal, "c", 11)
    assert (caught.value.name, caught.value.details["left"]) == ("over-daily-cap", 10)
    assert "10 of today's 50" in caught.value.message
    bench.begin(journal, "d", 10)
    with pytest.raises(PointsError):
        bench.begin(journal, "e", 1)


def test_caps_of_users_and_of_days(bench: Any) -> None:
    """Each user has a purse of its own, and tomorrow is another day."""
    journal = bench.open(per_user_per_day=10)
    bench.begin(journal, "a", 10, user_id="ann")
    bench.begin(journal, "b", 10, user_id="bob")
    with pytest.raises(PointsError, match="of this user"):
        bench.begin(journal, "c", 1, user_id="ann")
    bench.clock.jump(86_400)
    bench.begin(journal, "d", 10, user_id="ann")


def test_the_user_whom_nobody_names_is_one(bench: Any) -> None:
    """Leaving the name out opens no second purse beside that of ``default``."""
    journal = bench.open(per_user_per_day=10)
    bench.begin(journal, "a", 10)
    with pytest.raises(PointsError, match="of this user"):
        bench.begin(journal, "b", 1, user_id="default")
    with pytest.raises(PointsError, match="of this user"):
        journal.afford(1, "default", sandbox=False)
    bench.begin(journal, "c", 10, user_id="ann")
    with pytest.raises(PointsError, match="of this user"):
        journal.afford(1, "", sandbox=False)


def test_a_clock_that_goes_back_opens_no_second_purse(bench: Any) -> None:
    """Rows of days to come count as today's, order comes from numbers, and nothing breaks."""
    journal = bench.open(per_day=10)
    record = bench.begin(journal, "a", 10)
    record.sending(1, 10)
    record.accepted("t1")
    past = evolve(bench, clock=FakeClock(bench.clock.now() - 10 * 86_400))
    earlier = past.open(per_day=10)
    with pytest.raises(PointsError):
        bench.begin(earlier, "b", 1)
    earlier.ended("t1", "success", ())
    assert earlier.history("m", "v", "text_to_image") == ()
    assert bench.entry(earlier).state == "success"


def test_history_knows_what_one_process_watched(bench: Any) -> None:
    """The latest first; a task that another process collected days later teaches nothing."""
    journal = bench.open()
    for number, seconds in enumerate((20.0, 30.0)):
        record = bench.begin(journal, str(number))
        record.sending(1, 10)
        record.accepted(f"t{number}")
        bench.clock.jump(seconds)
        journal.ended(f"t{number}", "success", ())
    record = bench.begin(journal, "x")
    record.sending(1, 10)
    record.accepted("late")
    bench.open(DEAD).ended("late", "success", ())
    assert journal.history("m", "v", "text_to_image") == pytest.approx((30.0, 20.0))
    assert journal.history("m", "other", "text_to_image") == ()


def test_jobs_are_found_and_forgotten(bench: Any) -> None:
    """By the task's id, or by our own name where there is none; the receipt stays."""
    journal = bench.open()
    record = bench.begin(journal)
    record.sending(1, 10)
    record.unknown("timeout")
    found = journal.find("job_1")
    assert found is not None
    assert (found.id, found.was_sent) == ("job_1", True)
    journal.forget(found)
    assert not isinstance(bench.begin(journal), Attached | Busy)
    assert (bench.entry(journal, 1).state, bench.entry(journal, 1).was_sent) == ("forgotten", True)
    assert [journal.find(name) for name in ("job_x", "job_99", "job_" + "9" * 30, "")] == [None] * 4


def test_play_money_is_never_mixed_with_real(bench: Any, tmp_path: Path) -> None:
    """A sandbox's job goes into its own file and counts against no real cap."""
    clock, caps = FakeClock(), Caps(per_day=10)
    real = FileJournal(tmp_path / "real.db", clock=clock, caps=caps, warn=print)
    play = FileJournal(tmp_path / "play.db", clock=clock, caps=caps, warn=print, sandbox=True)
    books = Books(real, play)
    books.open(evolve(bench.job("a"), sandbox=True), ONCE)
    assert not real.exists
    books.open(bench.job("b"), ONCE)
    assert [item.sandbox for item in books.entries()] == [False, True]
    assert Books(real, play, plays=True).history("m", "v", "text_to_image") == ()
    with pytest.raises(PointsError):
        books.open(bench.job("c"), ONCE)
    books.close()
