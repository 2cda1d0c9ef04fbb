"""A line has one task, whatever happens in between: it is not paid for again, and not done before it is here."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.batch_results import ResultFile
from ima_skills.batch_run import exit_code
from ima_skills.recording import Terms
from ima_skills.unrecorded import NoJournal

if TYPE_CHECKING:
    from collections.abc import Callable

Machine = Any
DROP = '[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\ncalls = [1]\n'


def fox(name: str = "", **more: Any) -> dict[str, Any]:
    return {"task_type": "text_to_image", "prompt": "a fox", **({"id": name} if name else {}), **more}


@pytest.fixture
def lose_results(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """A function that runs lines whose results never get written down, as if the batch had been killed."""

    def full(self: ResultFile, result: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def run(*rows: Any, **parts: Any) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(ResultFile, "write", full)
            machine.run(rows, concurrency=len(rows), **parts)

    return run


def test_what_was_collected_is_not_made_again(machine: Machine, lose_results: Callable[..., None]) -> None:
    """A killed batch, then ``tasks collect``: the journal calls its tasks handed over, and they are still its own."""
    lines = (fox("a"), fox())
    lose_results(*lines)
    made = machine.tasks
    journal = machine.journal
    for task_id in made:
        journal.delivered(task_id)
    journal.close()
    tally = machine.run(lines, max_points=0)
    assert (tally.done, tally.points, machine.tasks) == (2, 0, made)


@pytest.mark.parametrize(
    "change", ["the folder", "the user", "the model", "the place in the file", "the key"]
)
def test_a_line_finds_its_task_whatever_has_changed(
    machine: Machine, lose_results: Callable[..., None], change: str
) -> None:
    """Killed, and then run from a moved folder, for somebody else, with another model saved, or further down."""
    lines: list[Any] = [fox("a"), fox()]
    parts: dict[str, Any] = {}
    lose_results(*lines)
    made = machine.tasks
    if change == "the folder":
        shutil.move(machine.out, machine.home / "moved")
        machine.out = machine.home / "moved"
    if change == "the user":
        parts = {"terms": Terms(user_id="bob")}
    if change == "the model":
        lines[0] = fox("a", model="midjourney")
    if change == "the place in the file":
        lines = ["nonsense", *lines]
    if change == "the key":
        client = machine.client()
        client.engine.journal.seal = lambda text: f"another {text}"
        parts = {"client": client}
    tally = machine.run(lines, **parts)
    assert (tally.points, machine.tasks, len({row["task_id"] for row in machine.rows} - {None})) == (
        0,
        made,
        2,
    )


def test_lines_that_are_put_before_others_pay_only_for_themselves(machine: Machine) -> None:
    """With an id or without one, a line that was done is done."""
    machine.run([fox("a"), fox(), fox(prompt="a hare")])
    tally = machine.run([fox("new"), fox("a"), fox(prompt="a hen"), fox(), fox(prompt="a hare"), fox()])
    assert (tally.done, tally.points, len(machine.tasks)) == (6, 15, 6)
    assert [row["id"] for row in machine.rows] == ["a", "2", "3", "new", "3", "6"]


def test_a_line_of_another_text_is_not_made_silently(machine: Machine) -> None:
    """Under its id it was made; that it reads otherwise now is said, and a new id makes it anew."""
    machine.run([fox("a")])
    tally = machine.run([fox("a", prompt="a hare")])
    assert (tally.points, tally.done, [line.id for line in tally.stale]) == (0, 1, ["a"])
    assert machine.run([fox("b", prompt="a hare")]).points == 5


@pytest.mark.parametrize("journal", ["there", "begun anew"])
def test_an_unknown_line_waits_for_a_word(machine: Machine, journal: str) -> None:
    """Neither another user nor a lost journal sends it again; the user's word does, once."""
    assert exit_code(machine.run([fox("a")], DROP)) == 7
    if journal == "begun anew":
        for file in machine.home.glob("journal.db*"):
            file.unlink()
    for terms in (Terms(), Terms(user_id="bob")):
        tally = machine.run([fox("a")], terms=terms)
        assert (tally.points, exit_code(tally), [error.name for error, _ in tally.held.values()]) == (
            0, 7, ["outcome-unknown"],
        )  # fmt: skip
        (held, _) = tally.held["outcome-unknown"]
        assert "--resubmit" in held.hint
        assert "ima-skills tasks " in held.hint
    resubmit = Terms(resubmit=True)
    assert machine.run([fox("a")], terms=resubmit).points == 5
    assert machine.run([fox("a")], terms=resubmit).points == 0


def test_what_the_user_has_forgotten_is_made_anew(machine: Machine) -> None:
    """``tasks forget`` is a word as well, for what is unknown and for what hangs; it is named where it helps."""
    machine.run([fox("a")], DROP)
    tally = machine.run([fox("a")])
    (held, _) = tally.held["outcome-unknown"]
    journal = machine.journal
    (entry,) = journal.entries()
    assert f"ima-skills tasks forget {entry.id}" in held.hint
    journal.forget(entry)
    journal.close()
    assert (machine.run([fox("a")]).points, len(machine.tasks)) == (5, 1)


@pytest.mark.parametrize("how", ["empty", "truncated"])
def test_a_file_that_does_not_arrive_is_fetched_by_the_next_run(machine: Machine, how: str) -> None:
    """It was paid for: the line is not done, its points are counted, and the journal goes on to hold it."""
    broken = f'[[fault]]\non = "cdn"\nkind = "bytes"\nhow = "{how}"\n'
    tally = machine.run([fox("a")], broken, media=machine.out)
    assert (tally.done, tally.points, tally.failed, exit_code(tally)) == (0, 5, 0, 1)
    (row,) = machine.rows
    assert (row["status"], row["credit"]) == ("open", 5)
    journal = machine.journal
    assert [entry.is_outstanding for entry in journal.entries()] == [True]
    journal.close()
    again = machine.run([fox("a")], media=machine.out)
    assert (again.done, again.points, len(machine.tasks)) == (1, 0, 1)
    path = Path(machine.rows[-1]["medias"][0]["path"])
    assert path.stat().st_size > 200


def test_a_task_that_only_the_results_know_is_waited_for(machine: Machine) -> None:
    """Without a journal, the row of a line that is not here yet names its task."""
    broken = '[[fault]]\non = "cdn"\nkind = "bytes"\nhow = "empty"\n'
    machine.run([fox("a")], client=machine.client(broken, journal=NoJournal()), media=machine.out)
    again = machine.run([fox("a")], client=machine.client(journal=NoJournal()), media=machine.out)
    first, last = machine.rows
    assert (again.points, first["status"], last["status"], first["task_id"] == last["task_id"]) == (
        0, "open", "success", True,
    )  # fmt: skip


@pytest.mark.parametrize("on", ["create", "list"])
def test_a_fault_of_the_service_that_passes_is_tried_again(machine: Machine, on: str) -> None:
    """It answers 500 for a while: nothing was charged, and the next run makes the lines."""
    busy = f'[[fault]]\non = "{on}"\nkind = "refuse"\ncode = 500\n'
    tally = machine.run([fox("a"), fox("b")], busy)
    assert (tally.done, tally.failed, tally.points) == (0, 0, 0)
    assert {row["status"] for row in machine.rows} == {"not-sent"}
    assert machine.run([fox("a"), fox("b")]).done == 2


def test_what_cost_nothing_is_tried_again(machine: Machine) -> None:
    """An input that was not there yet, and a line that was wrong until somebody mended it under its id."""
    picture = machine.home / "a.png"
    late = {**fox("late"), "task_type": "image_to_image", "inputs": [str(picture)]}
    wrong = fox("wrong", params={"aspect_ratio": "7:3"})
    tally = machine.run([late, wrong])
    assert (tally.done, tally.failed, tally.points) == (2, 2, 0)
    from PIL import Image

    Image.new("RGB", (64, 64)).save(picture)
    again = machine.run([late, fox("wrong")])
    assert (again.done, again.failed, again.stale) == (2, 0, [])


def test_what_is_usable_of_a_failed_job_comes_home(machine: Machine) -> None:
    """One of two outputs fails and the other one comes later: the line is not over before that is here."""
    half = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmedias = [1]\n'
    half += '[[fault]]\non = "create"\nkind = "media"\nshape = "late"\nseconds = 600\nmedias = [2]\n'
    lines = [fox("a", n=2)]
    assert machine.run(lines, half, media=machine.out).done == 0
    assert machine.rows[0]["status"] == "open"
    for _ in range(50):
        tally = machine.run(lines, media=machine.out)
        if tally.done:
            break
    assert (tally.failed, tally.points, machine.rows[-1]["status"]) == (1, 0, "failed")
    (path,) = machine.rows[-1]["error"]["details"]["files"]
    assert Path(path).stat().st_size > 200


def test_a_line_that_was_edited_while_it_was_made(
    machine: Machine, lose_results: Callable[..., None]
) -> None:
    """Killed, given another text, run again: its task is brought home, and said to be of the earlier text."""
    lose_results(fox("a"), fox("b"))
    tally = machine.run([fox("a", prompt="a hare"), fox("b")])
    assert (tally.points, [line.id for line in tally.stale]) == (0, ["a"])
    assert [line.id for line in machine.run([fox("a", prompt="a hare"), fox("b")]).stale] == ["a"]


def test_a_new_attempt_outlives_trouble_before_it(machine: Machine) -> None:
    """A paid failure, another text, and then the product list cannot be had: the next run makes the new text."""
    bad = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\n'
    busy = '[[fault]]\non = "list"\nkind = "refuse"\ncode = 500\n'
    machine.run([fox("a")], bad)
    edited = [fox("a", prompt="a hare")]
    assert machine.run(edited, busy).done == 0
    tally = machine.run(edited)
    assert (tally.points, tally.failed, tally.stale, len(machine.tasks)) == (5, 0, [], 2)


def test_a_paid_failure_is_final_until_the_line_changes(machine: Machine) -> None:
    """The service could not make it and kept the points: another text is another attempt, and is paid for."""
    bad = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\n'
    assert machine.run([fox("a")], bad).failed == 1
    assert (machine.run([fox("a")]).points, len(machine.tasks)) == (0, 1)
    tally = machine.run([fox("a", prompt="a hare")])
    assert (tally.points, tally.done, tally.failed, len(machine.tasks)) == (5, 1, 0, 2)


def test_points_are_those_that_were_charged(machine: Machine) -> None:
    """The service took a film only smaller: it is the smaller price that counts, for the cap too, and it is said."""
    clip = {"task_type": "text_to_video", "prompt": "waves", "model": "Wan 2.6"}
    wide = {**clip, "params": {"duration": 10, "resolution": "1080p"}}
    scenario = '[[fault]]\non = "create"\nkind = "refuse"\ncode = 500\ncalls = [1, 2]\n'
    tally = machine.run([wide, wide], scenario)
    charged = [row["credit"] for row in machine.rows]
    assert tally.points == sum(charged)
    assert charged[0] < charged[1]
    ((line, changes),) = tally.reduced
    assert (line.number, "points" in {change.param for change in changes}) == (1, True)


def test_who_forbids_to_spend_ends_the_run(machine: Machine) -> None:
    """A limit that nobody can keep, for instance: nothing is sent, and no further line is tried."""
    from ima_skills.errors import FaultError

    def forbid() -> None:
        raise FaultError("nobody can keep the limit", code="journal-unwritable")

    tally = machine.run([fox("a"), fox("b")], guard=forbid)
    assert (tally.points, exit_code(tally), len(machine.rows), machine.tasks) == (0, 6, 1, set())


def test_a_new_batch_in_a_folder_that_was_removed(
    machine: Machine, lose_results: Callable[..., None]
) -> None:
    """Somebody threw the folder away: what is under way there is found by its place, what was handed over is made anew."""
    lose_results(fox("a"))
    shutil.rmtree(machine.out)
    assert machine.run([fox("a")]).points == 0
    shutil.rmtree(machine.out)
    assert machine.run([fox("a")]).points == 5


def test_a_fault_of_ours_after_a_create_does_not_lose_the_task(machine: Machine) -> None:
    """Nothing says what went wrong, not even the journal; the row names the task that was paid for."""

    def broken(_: Any) -> dict[str, Any]:
        raise KeyError("ours")

    client = machine.client(journal=NoJournal())
    tally = machine.run([fox("a")], client=client, describe=broken)
    assert (tally.points, [row["status"] for row in machine.rows]) == (5, ["open"])
    again = machine.run([fox("a")], client=machine.client(journal=NoJournal()))
    assert (again.points, again.done, machine.rows[0]["task_id"]) == (0, 1, machine.rows[1]["task_id"])
