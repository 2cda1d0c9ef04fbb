"""A step has one task, and a plan costs what was agreed to, whatever happens in between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.batch_run import exit_code
from ima_skills.clock import SystemClock
from ima_skills.errors import PointsError
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Terms
from ima_skills.workflows.run_record import RunRecord
from ima_skills.workflows.store import PlanStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Bench = Any
Step = Any
DROP = '[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\ncalls = [1]\n'
FAILS = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\n'


@pytest.fixture
def journal(bench: Bench) -> Iterator[FileJournal]:
    """The journal of the machine."""
    book = FileJournal(
        bench.folder / "journal.db", clock=SystemClock(), caps=Caps(), warn=lambda _: None, sandbox=True
    )
    yield book
    book.close()


def killed_in_its_create(bench: Bench, plan: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the record as it is when a process is killed while the create of the first step is under way."""
    save, kept = PlanStore.save_record, []

    def keep(store: PlanStore, record: RunRecord) -> None:
        if any(run.task_id for run in record.steps.values()):
            return
        kept.append(True)
        save(store, record)

    with monkeypatch.context() as patch:
        patch.setattr(PlanStore, "save_record", keep)
        patch.setattr(FileJournal, "delivered", lambda *_: None)
        bench.run(plan)
    assert kept
    record = bench.store.record(plan.id)
    assert [(run.state, run.task_id) for run in record.steps.values()] == [("running", None)]


def test_what_was_collected_is_not_made_again(
    bench: Bench, step: Callable[..., Step], journal: FileJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed during the create, then ``tasks collect``: the step finds its task, though it was handed over."""
    plan = bench.plan(step("image-1"))
    killed_in_its_create(bench, plan, monkeypatch)
    (entry,) = journal.entries()
    journal.delivered(str(entry.task_id))
    run = bench.run(plan)
    assert (run.outcomes["image-1"], run.tally.points, run.record.spent) == ("success", 0, 5)
    assert run.record.steps["image-1"].task_id == entry.task_id


@pytest.mark.parametrize("journal_is", ["there", "lost"])
def test_an_unknown_step_waits_for_a_word_of_its_user(
    bench: Bench, step: Callable[..., Step], journal_is: str
) -> None:
    """Neither another user nor a lost journal sends it again."""
    plan = bench.plan(step("image-1"))
    assert exit_code(bench.run(plan, bench.client(DROP)).tally) == 7
    if journal_is == "lost":
        for file in bench.folder.glob("journal.db*"):
            file.unlink()
    for terms in (Terms(), Terms(user_id="bob")):
        run = bench.run(plan, terms=terms)
        assert (run.outcomes["image-1"], run.tally.points, exit_code(run.tally)) == ("unknown", 0, 7)
        error = run.record.steps["image-1"].error
        assert error is not None
        assert "--resubmit image-1" in error["hint"]
    sent = bench.run(plan, resubmit=frozenset({"image-1"}))
    assert (sent.tally.points, exit_code(sent.tally)) == (5, 0)


def test_killed_in_its_create_and_the_journal_lost(
    bench: Bench, step: Callable[..., Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The record says that it was about to be sent, and nobody knows more: it is not sent by itself."""
    plan = bench.plan(step("image-1"))
    killed_in_its_create(bench, plan, monkeypatch)
    for file in bench.folder.glob("journal.db*"):
        file.unlink()
    run = bench.run(plan)
    assert (run.outcomes["image-1"], run.tally.points, exit_code(run.tally)) == ("unknown", 0, 7)


def test_what_the_user_has_forgotten_is_made_anew(
    bench: Bench, step: Callable[..., Step], journal: FileJournal
) -> None:
    """``tasks forget`` is a word as well."""
    plan = bench.plan(step("image-1"))
    bench.run(plan, bench.client(DROP))
    (entry,) = journal.entries()
    journal.forget(entry)
    assert bench.run(plan).tally.points == 5


def test_trouble_on_the_way_home_does_not_lose_a_task(bench: Bench, step: Callable[..., Step]) -> None:
    """Accepted and not here; then the product list cannot be had; then the journal is lost: it is one task."""
    plan = bench.plan(step("image-1"))
    broken = '[[fault]]\non = "cdn"\nkind = "bytes"\nhow = "empty"\n'
    first = bench.run(plan, bench.client(broken))
    busy = '[[fault]]\non = "list"\nkind = "refuse"\ncode = 500\n'
    second = bench.run(plan, bench.client(busy))
    assert (first.outcomes["image-1"], second.outcomes["image-1"]) == ("open", "open")
    for file in bench.folder.glob("journal.db*"):
        file.unlink()
    last = bench.run(plan)
    assert (last.outcomes["image-1"], last.tally.points, last.record.spent) == ("success", 0, 5)


def test_no_more_than_was_agreed_to(bench: Bench, step: Callable[..., Step]) -> None:
    """Every attempt fails and is charged for: after the first, another one needs another agreement."""
    plan = bench.plan(step("image-1"), step("image-2", "a hare"))
    run = bench.run(plan, bench.client(FAILS))
    assert (run.record.spent, exit_code(run.tally)) == (10, 1)
    for _ in range(2):
        with pytest.raises(PointsError, match="what is left of the plan costs up to 10") as caught:
            bench.run(plan, bench.client(FAILS))
        assert f"ima-skills plan --from {plan.id}" in caught.value.hint
        assert bench.store.record(plan.id).spent == 10
    again = bench.run(evolve(plan, created="later"))
    assert (again.tally.points, again.record.spent, exit_code(again.tally)) == (10, 20, 0)


def test_a_refusal_that_cost_nothing_needs_no_new_agreement(bench: Bench, step: Callable[..., Step]) -> None:
    """The service was busy: the same command goes on."""
    plan = bench.plan(step("image-1"))
    run = bench.run(plan, bench.client('[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\n'))
    assert (run.outcomes["image-1"], run.record.spent) == ("not-sent", 0)
    assert bench.run(plan).tally.points == 5


def test_the_failed_task_is_not_waited_for_again(bench: Bench, step: Callable[..., Step]) -> None:
    """Agreed to anew, a step that failed is another task; a run that ends before its create changes nothing of that."""
    plan = bench.plan(step("image-1"))
    failed = bench.run(plan, bench.client(FAILS)).record.steps["image-1"].task_id
    later = evolve(plan, created="later")
    busy = '[[fault]]\non = "list"\nkind = "refuse"\ncode = 500\n'
    assert bench.run(later, bench.client(busy)).outcomes["image-1"] == "not-sent"
    run = bench.run(later)
    assert (run.outcomes["image-1"], run.tally.points) == ("success", 5)
    assert run.record.steps["image-1"].task_id != failed


def test_points_are_those_that_were_charged(bench: Bench, step: Callable[..., Step]) -> None:
    """The service took it only smaller: that is what was spent, also of a run that ended before it was told."""
    wide = step(
        "video-1", task_type="text_to_video", model="Wan 2.6", params={"duration": 10, "resolution": "1080P"}
    )
    plan = bench.plan(wide)
    run = bench.run(
        plan, bench.client('[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\ncalls = [1, 2]\n')
    )
    made = run.record.steps["video-1"]
    assert made.points < plan.points
    assert (run.tally.points, run.record.spent) == (made.points, made.points)


def test_a_damaged_journal_stops_everything(bench: Bench, step: Callable[..., Step]) -> None:
    """Nobody can know what was sent: nothing is, and the record goes on to say what it knows."""
    plan = bench.plan(step("image-1"), step("image-2", "a hare"))
    bench.run(plan, bench.client(DROP))
    for file in bench.folder.glob("journal.db*"):
        file.unlink()
    (bench.folder / "journal.db").write_bytes(b"garbage")
    run = bench.run(plan, resubmit=frozenset())
    assert run.tally.stopped is not None
    assert run.tally.stopped.name.startswith("journal-")
    states = {name: step.state for name, step in run.record.steps.items()}
    assert sorted(states.values()) == ["success", "unknown"]
    assert (run.tally.points, exit_code(run.tally)) == (0, 6)
