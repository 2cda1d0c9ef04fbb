"""The journal by itself: states, one transaction for the same wish and the caps, files that are not ours."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen

from ima_skills.clock import FakeClock
from ima_skills.domain.task import Media, SavedFile
from ima_skills.errors import FaultError, OutcomeUnknownError, PointsError
from ima_skills.journal.caps import Caps
from ima_skills.journal.entry import Entry
from ima_skills.journal.owner import Owner, this_process
from ima_skills.journal.router import Books
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Attached, Busy, Job, Terms

DEAD = Owner(999_999_999, "1", "another boot")
ONCE, NEW, AGAIN = Terms(), Terms(new=True), Terms(resubmit=True)


def a_job(mark: str = "f", total: int = 10, **more: Any) -> Job:
    """Return a job."""
    given = {"model_id": "m", "version_id": "v", "task_type": "text_to_image", **more}
    return Job(
        fingerprint=mark, model_name="M", attribute_id=1, points_per_output=total, n=1, total=total,
        sandbox=False, base="https://service", **given,
    )  # fmt: skip


@frozen
class Bench:
    """A journal's file and a way to open it as any process."""

    path: Path
    clock: FakeClock
    aside: list[Path]
    opened: list[FileJournal]

    def open(self, owner: Owner | None = None, **caps: int) -> FileJournal:
        journal = FileJournal(
            self.path, clock=self.clock, caps=Caps(**caps), warn=self.aside.append, owner=owner
        )
        self.opened.append(journal)
        return journal


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A place for a journal that does not exist yet."""
    place = Bench(tmp_path / "state" / "ima_journal.db", FakeClock(), [], [])
    yield place
    for journal in place.opened:
        journal.close()


def begin(journal: FileJournal, mark: str = "f", total: int = 10, terms: Terms = ONCE, **more: Any) -> Any:
    """Open a job."""
    return journal.open(a_job(mark, total, **more), terms)


def entry(journal: FileJournal, index: int = 0) -> Entry:
    """Return a job of the journal, the latest first."""
    return journal.entries()[index]


def test_the_way_of_a_job(bench: Bench) -> None:
    """Each step is in the file at once, for any process to read."""
    journal, reader = bench.open(), bench.open()
    record = begin(journal)
    assert entry(reader).state == "intent"
    record.sending(1, 8)
    assert (entry(reader).state, entry(reader).points, entry(reader).attempts) == ("sending", 8, 1)
    record.accepted("t1")
    assert (entry(reader).state, entry(reader).task_id) == ("accepted", "t1")
    journal.ended("t1", "success", (Media(url="https://signed?x", format="png"),))
    assert entry(reader).is_outstanding
    journal.saved("t1", (SavedFile("/a.png", 3, "0" * 64), None))
    journal.delivered("t1")
    done = entry(reader)
    assert (done.state, done.files, done.is_outstanding) == ("success", ("/a.png",), False)
    assert b"signed" not in bench.path.read_bytes()


def test_a_refused_job_costs_nothing_and_leaves_no_trace_in_the_caps(bench: Bench) -> None:
    """Reflection keeps the place; a final refusal frees it."""
    journal = bench.open(per_day=10)
    record = begin(journal)
    record.sending(1, 10)
    record.again("6010")
    assert isinstance(begin(bench.open(per_day=10)), Busy)
    record.sending(2, 10)
    record.again("400")
    record.refused("not-sent")
    assert (entry(journal).state, entry(journal).code) == ("refused", "400")
    assert not isinstance(begin(journal), Busy)


def test_refused_does_not_undo_what_was_sent(bench: Bench) -> None:
    """Whatever ends a block: an unknown or accepted create stays what it is."""
    journal = bench.open()
    record = begin(journal)
    record.sending(1, 10)
    record.unknown("the line broke")
    record.refused("not-sent")
    assert entry(journal).state == "unknown"


def test_the_same_wish_attaches_until_it_is_delivered(bench: Bench) -> None:
    """While a task runs, and while its result has not arrived, there is no second one, unless it is wanted."""
    journal = bench.open()
    record = begin(journal)
    record.sending(1, 10)
    record.accepted("t1")
    assert begin(bench.open()) == Attached("t1")
    assert journal.under_way(a_job()) == "t1"
    assert not isinstance(begin(journal, terms=NEW), Attached | Busy)
    assert not isinstance(begin(journal, "another"), Attached | Busy)
    journal.ended("t1", "success", ())
    assert begin(journal) == Attached("t1")
    journal.delivered("t1")
    assert journal.under_way(a_job()) is None


def test_a_failed_task_is_not_attached_to(bench: Bench) -> None:
    """There is nothing to wait for any more."""
    journal = bench.open()
    record = begin(journal)
    record.sending(1, 10)
    record.accepted("t1")
    journal.ended("t1", "failed", ())
    assert not isinstance(begin(journal), Attached | Busy)
    assert entry(journal, 1).state == "failed"


def test_an_unknown_outcome_is_not_sent_again_by_itself(bench: Bench) -> None:
    """It says when, how many points, and how; --new is not enough, --resubmit is."""
    journal = bench.open()
    record = begin(journal, total=30)
    record.sending(1, 30)
    record.unknown("timeout")
    for terms in (ONCE, NEW):
        with pytest.raises(OutcomeUnknownError, match="30 points may have been charged") as caught:
            begin(journal, terms=terms)
        assert "--resubmit" in caught.value.hint
        assert caught.value.details["jobs"] == ["job_1"]
        assert caught.value.exit_code == 7
    begin(journal, terms=AGAIN).sending(1, 30)
    assert [item.state for item in journal.entries()] == ["sending", "forgotten"]


@pytest.mark.parametrize(("sent", "state"), [(False, "refused"), (True, "unknown")])
def test_a_process_that_died(bench: Bench, state: str, *, sent: bool) -> None:
    """What it had not sent is free; what it had sent is unknown."""
    record = begin(bench.open(DEAD))
    if sent:
        record.sending(1, 10)
    journal = bench.open()
    assert entry(journal).state == state
    if sent:
        with pytest.raises(OutcomeUnknownError):
            begin(journal)
    else:
        assert not isinstance(begin(journal), Attached | Busy)


def test_who_was_taken_for_dead_sends_nothing(bench: Bench) -> None:
    """A process of another container looks dead; when it wants to send after all, its row is gone."""
    record = begin(bench.open(DEAD))
    begin(bench.open())
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


def test_caps_count_what_is_under_way_and_unknown(bench: Bench) -> None:
    """What may be spent is reserved; the refusal says what is left."""
    journal = bench.open(per_day=50)
    begin(journal, "a", 20).sending(1, 20)
    lost = begin(journal, "b", 20)
    lost.sending(1, 20)
    lost.unknown("timeout")
    with pytest.raises(PointsError) as caught:
        begin(journal, "c", 11)
    assert (caught.value.name, caught.value.details["left"]) == ("over-daily-cap", 10)
    assert "10 of today's 50" in caught.value.message
    begin(journal, "d", 10)
    with pytest.raises(PointsError):
        begin(journal, "e", 1)


def test_caps_of_users_and_of_days(bench: Bench) -> None:
    """Each user has a purse of its own, and tomorrow is another day."""
    journal = bench.open(per_user_per_day=10)
    begin(journal, "a", 10, user_id="ann")
    begin(journal, "b", 10, user_id="bob")
    with pytest.raises(PointsError, match="of this user"):
        begin(journal, "c", 1, user_id="ann")
    bench.clock.jump(86_400)
    begin(journal, "d", 10, user_id="ann")


def test_a_clock_that_goes_back_opens_no_second_purse(bench: Bench) -> None:
    """Rows of days to come count as today's, order comes from numbers, and nothing breaks."""
    journal = bench.open(per_day=10)
    record = begin(journal, "a", 10)
    record.sending(1, 10)
    record.accepted("t1")
    past = evolve(bench, clock=FakeClock(bench.clock.now() - 10 * 86_400))
    earlier = past.open(per_day=10)
    with pytest.raises(PointsError):
        begin(earlier, "b", 1)
    earlier.ended("t1", "success", ())
    assert earlier.history("m", "v", "text_to_image") == ()
    assert entry(earlier).state == "success"


def test_history_knows_what_one_process_watched(bench: Bench) -> None:
    """The latest first; a task that another process collected days later teaches nothing."""
    journal = bench.open()
    for number, seconds in enumerate((20.0, 30.0)):
        record = begin(journal, str(number))
        record.sending(1, 10)
        record.accepted(f"t{number}")
        bench.clock.jump(seconds)
        journal.ended(f"t{number}", "success", ())
    record = begin(journal, "x")
    record.sending(1, 10)
    record.accepted("late")
    bench.open(DEAD).ended("late", "success", ())
    assert journal.history("m", "v", "text_to_image") == pytest.approx((30.0, 20.0))
    assert journal.history("m", "other", "text_to_image") == ()


def test_jobs_are_found_and_forgotten(bench: Bench) -> None:
    """By the task's id, or by our own name where there is none; the receipt stays."""
    journal = bench.open()
    record = begin(journal)
    record.sending(1, 10)
    record.unknown("timeout")
    found = journal.find("job_1")
    assert found is not None
    assert (found.id, found.was_sent) == ("job_1", True)
    journal.forget(found)
    assert not isinstance(begin(journal), Attached | Busy)
    assert (entry(journal, 1).state, entry(journal, 1).was_sent) == ("forgotten", True)
    assert [journal.find(name) for name in ("job_x", "job_99", "job_" + "9" * 30, "")] == [None] * 4


def test_reading_makes_no_file(bench: Bench) -> None:
    """Who only looks leaves nothing behind."""
    journal = bench.open()
    journal.ended("t", "success", ())
    journal.delivered("t")
    assert (journal.entries(), journal.find("t"), journal.history("m", "v", "t")) == ((), None, ())
    assert not bench.path.parent.exists()


def test_the_file_is_private(bench: Bench) -> None:
    """0600 in a folder of 0700; a file that was open to others is closed."""
    begin(bench.open())
    assert bench.path.stat().st_mode & 0o777 == 0o600
    assert bench.path.parent.stat().st_mode & 0o777 == 0o700
    bench.path.chmod(0o644)
    bench.open().seal("x")
    assert bench.path.stat().st_mode & 0o777 == 0o600


def test_a_prompt_is_kept_on_demand_only(bench: Bench) -> None:
    """The row has it when it was given, else nothing does."""
    journal = bench.open()
    begin(journal, "a")
    begin(journal, "b", prompt="a private kite")
    assert [item.prompt for item in journal.entries()] == ["a private kite", None]


def test_a_seal_is_not_the_secret(bench: Bench, tmp_path: Path) -> None:
    """It is stable in one journal, another in the next, and does not hold the key."""
    seal = bench.open().seal("ima_key")
    assert bench.open().seal("ima_key") == seal
    assert evolve(bench, path=tmp_path / "other.db").open().seal("ima_key") != seal
    assert "ima_key" not in seal


@pytest.mark.parametrize("content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_a_broken_file_is_kept_aside(bench: Bench, content: bytes) -> None:
    """It is renamed, told, and never overwritten, even when that happens twice in a second."""
    for number in (1, 2):
        bench.path.parent.mkdir(exist_ok=True)
        bench.path.write_bytes(content)
        journal = bench.open()
        begin(journal)
        journal.close()
        assert len(bench.aside) == number
        assert bench.aside[-1].read_bytes() == content
        assert bench.aside[-1].name.startswith("ima_journal.db.corrupt-")
    assert len(set(bench.aside)) == 2


def test_a_foreign_database_is_kept_aside(bench: Bench) -> None:
    """Somebody else's tables are nobody's journal."""
    bench.path.parent.mkdir()
    with sqlite3.connect(bench.path) as foreign:
        foreign.execute("CREATE TABLE jobs (id INTEGER)")
    foreign.close()
    begin(bench.open())
    assert len(bench.aside) == 1
    kept = sqlite3.connect(bench.aside[0])
    assert kept.execute("SELECT name FROM sqlite_master").fetchall() == [("jobs",)]
    kept.close()


def test_a_damaged_page_is_noticed(bench: Bench) -> None:
    """A journal whose inside is overwritten is put aside as well, not read halfway."""
    journal = bench.open()
    for number in range(40):
        begin(journal, str(number))
    journal.close()
    content = bytearray(bench.path.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xa5" * (4096 * 4)
    bench.path.write_bytes(content)
    begin(bench.open())
    assert len(bench.aside) == 1


def test_a_later_version_is_left_alone(bench: Bench) -> None:
    """A journal that a newer program wrote is neither used nor moved."""
    journal = bench.open()
    begin(journal)
    journal.close()
    with sqlite3.connect(bench.path) as newer:
        newer.execute("PRAGMA user_version=99")
    newer.close()
    with pytest.raises(FaultError, match="later version"):
        begin(bench.open())
    assert bench.aside == []


def test_a_folder_that_cannot_be(bench: Bench) -> None:
    """Nothing is spent without a journal."""
    bench.path.parent.write_text("a file in the way", encoding="ascii")
    with pytest.raises(FaultError) as caught:
        begin(bench.open())
    assert (caught.value.name, caught.value.exit_code) == ("journal-unwritable", 6)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(bench: Bench) -> None:
    """The same for a folder without the right to write."""
    bench.path.parent.mkdir(mode=0o500)
    with pytest.raises(FaultError, match="cannot be kept"):
        begin(bench.open())


def test_a_full_disk(bench: Bench) -> None:
    """What does not fit is not half there: no row, and an error before anything is sent."""
    journal = bench.open()
    begin(journal)
    database = journal._file()
    database._connection.execute("PRAGMA max_page_count=1").fetchone()  # the least it allows: what there is
    with pytest.raises(FaultError, match="full"):
        begin(journal, "large", folder="x" * 100_000)
    database._connection.execute("PRAGMA max_page_count=100000")
    before = len(journal.entries())
    begin(journal, "after")
    assert len(journal.entries()) == before + 1


def test_two_processes_and_one_wish(bench: Bench) -> None:
    """Exactly one of many processes that ask at once gets the row; the file is made by whoever is first."""
    answers = _processes(bench.path, ["same"] * 6, 1000)
    assert sorted(answers) == ["Busy"] * 5 + ["FileRecord"]


def test_many_processes_and_one_cap(bench: Bench) -> None:
    """Of wishes for twice as many points as the cap has, exactly as many pass as fit."""
    answers = _processes(bench.path, [str(number) for number in range(8)], 45)
    assert sorted(answers) == ["FileRecord"] * 4 + ["over-daily-cap"] * 4


def _processes(path: Path, marks: list[str], cap: int) -> list[str]:
    """Let processes open jobs at the same moment and return what each was told; all live to the end."""
    context = multiprocessing.get_context("fork")
    signals = start, end, answers = context.Event(), context.Event(), context.Queue()
    running = [context.Process(target=_ask, args=(path, mark, cap, signals)) for mark in marks]
    for process in running:
        process.start()
    start.set()
    told = [answers.get(timeout=20) for _ in running]
    end.set()
    for process in running:
        process.join(20)
    return told


def _ask(path: Path, mark: str, cap: int, signals: Any) -> None:
    start, end, answers = signals
    start.wait(20)
    journal = FileJournal(path, clock=FakeClock(), caps=Caps(per_day=cap), warn=print)
    try:
        answers.put(type(journal.open(a_job(mark, 10), ONCE)).__name__)
    except PointsError as error:
        answers.put(error.name)
    end.wait(20)
    journal.close()


def test_twenty_threads_and_one_cap(bench: Bench) -> None:
    """The same inside one process, over one connection."""
    journal = bench.open(per_day=70)
    told: list[str] = []

    def ask(number: int) -> None:
        try:
            told.append(type(begin(journal, str(number))).__name__)
        except PointsError as error:
            told.append(error.name)

    _at_once(ask, 20)
    assert sorted(told) == ["FileRecord"] * 7 + ["over-daily-cap"] * 13
    assert sum(item.points for item in journal.entries()) == 70


def _at_once(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)


def test_play_money_is_never_mixed_with_real(tmp_path: Path) -> None:
    """A sandbox's job goes into its own file and counts against no real cap."""
    clock, caps = FakeClock(), Caps(per_day=10)
    real = FileJournal(tmp_path / "real.db", clock=clock, caps=caps, warn=print)
    play = FileJournal(tmp_path / "play.db", clock=clock, caps=caps, warn=print, sandbox=True)
    books = Books(real, play)
    books.open(evolve(a_job("a"), sandbox=True), ONCE)
    assert not real.exists
    books.open(a_job("b"), ONCE)
    assert [item.sandbox for item in books.entries()] == [False, True]
    assert Books(real, play, plays=True).history("m", "v", "text_to_image") == ()
    with pytest.raises(PointsError):
        books.open(a_job("c"), ONCE)
    books.close()
