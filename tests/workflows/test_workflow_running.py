"""Plans that run: each step once, in its place, whatever happens in between."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.batch_run import exit_code
from ima_skills.errors import PointsError, UsageError
from ima_skills.workflows.checking import must_be_affordable
from ima_skills.workflows.outlook import outlook, status_of
from ima_skills.workflows.store import PlanStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.workflows.run_record import RunRecord

Bench = Any
Step = Any


@pytest.fixture
def film(step: Callable[..., Step]) -> tuple[Step, ...]:
    """A picture, two films that begin with it, and music as long as both."""
    return (
        step("image-1"),
        step("video-2", first_frame="image-1"),
        step("video-3", "the kite lands", first_frame="image-1"),
        step("music-4", duration="video-2 video-3"),
    )


def ids(record: RunRecord) -> dict[str, str | None]:
    return {name: run.task_id for name, run in record.steps.items()}


def test_outputs_feed_inputs(bench: Bench, film: tuple[Step, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    """The films are made from the very picture, at the same time; every file is on disk, every step paid once."""
    from ima_skills.engine import Engine

    given: dict[str, tuple[str, ...]] = {}
    begin, wait, together = Engine.begin, Engine.wait, [0, 0]

    async def watched_begin(self: Engine, prepared: Any, *rest: Any) -> Any:
        given[prepared.request.prompt + prepared.leaf.task_type] = prepared.request.inputs
        return await begin(self, prepared, *rest)

    async def watched_wait(self: Engine, *rest: Any, **more: Any) -> Any:
        together[0] += 1
        together[1] = max(together)
        try:
            return await wait(self, *rest, **more)
        finally:
            together[0] -= 1

    monkeypatch.setattr(Engine, "begin", watched_begin)
    monkeypatch.setattr(Engine, "wait", watched_wait)
    plan = bench.plan(*film)
    run = bench.run(plan)
    assert (run.tally.done, run.tally.points, exit_code(run.tally)) == (4, plan.points, 0)
    assert plan.points == 5 + 40 + 40 + 30
    assert together == [0, 2]
    picture = run.record.outputs("image-1")[0].path
    assert picture is not None
    assert [v for k, v in given.items() if k.endswith("image_to_video")] == [(picture,), (picture,)]
    for name in plan.steps:
        (output,) = run.record.outputs(name.id)
        assert Path(str(output.path)).stat().st_size == output.bytes
    assert status_of(plan, bench.store.record(plan.id)) == "completed"


def test_a_second_run_pays_nothing(bench: Bench, film: tuple[Step, ...]) -> None:
    """What is there is reused, and said to be."""
    plan = bench.plan(*film)
    first = bench.run(plan)
    again = bench.run(plan)
    assert (again.tally.points, set(again.outcomes.values())) == (0, {"reused"})
    assert ids(again.record) == ids(first.record)
    assert again.record.spent == plan.points


def test_only_what_changed_is_made_again(bench: Bench, film: tuple[Step, ...]) -> None:
    """Another prompt for one film leaves picture, other film and music alone; a new picture remakes both films."""
    plan = bench.plan(*film)
    bench.run(plan)
    other = (*film[:2], evolve(film[2], prompt="the kite flies on"), film[3])
    edited = bench.plan(*other, form_of=plan)
    assert edited.id == plan.id
    looked = outlook(edited, bench.store.record(plan.id))
    assert {name: step.points for name, step in looked.items()} == {
        "image-1": 0, "video-2": 0, "video-3": 40, "music-4": 30,
    }  # fmt: skip
    assert status_of(edited, bench.store.record(plan.id)) == "partial"
    run = bench.run(edited)
    assert run.tally.points == 40
    assert [run.outcomes[f"{name}"] for name in ("image-1", "video-2", "video-3", "music-4")] == [
        "reused", "reused", "success", "reused",
    ]  # fmt: skip
    assert [kept.state for kept in run.record.replaced["video-3"]] == ["success"]
    anew = bench.plan(evolve(film[0], take=2), *other[1:], form_of=plan)
    run = bench.run(anew)
    assert (run.tally.points, run.outcomes["music-4"]) == (5 + 40 + 40, "reused")


def test_a_failed_step_stops_only_its_followers(bench: Bench, film: tuple[Step, ...]) -> None:
    """One film fails: the other is made, the music waits; agreed to anew, what is missing is made and paid for."""
    plan = bench.plan(*film)
    scenario = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\ncalls = [2]\n'
    run = bench.run(plan, bench.client(scenario))
    states = sorted((run.outcomes["video-2"], run.outcomes["video-3"]))
    assert (states, run.outcomes["music-4"]) == (["failed", "success"], "waiting")
    assert (exit_code(run.tally), status_of(plan, bench.store.record(plan.id))) == (1, "partial")
    with pytest.raises(PointsError, match="115 points were agreed to and 85 of them are spent") as caught:
        bench.run(plan)
    assert caught.value.name == "over-agreed"
    again = bench.run(evolve(plan, created="later"))
    assert (again.tally.points, exit_code(again.tally)) == (40 + 30, 0)


def test_an_unknown_outcome_is_never_sent_by_itself(bench: Bench, step: Callable[..., Step]) -> None:
    """Exit code 7, again and again, also in another form; the step that is named is sent once more."""
    plan = bench.plan(step("image-1"), step("video-2", first_frame="image-1"))
    drop = '[[fault]]\non = "create"\nkind = "drop"\nwhen = "after"\ncalls = [2]\n'
    run = bench.run(plan, bench.client(drop))
    assert (run.outcomes["video-2"], exit_code(run.tally)) == ("unknown", 7)
    error = run.record.steps["video-2"].error
    assert error is not None
    assert "--resubmit video-2" in error["hint"]
    higher = bench.plan(step("image-1"), step("video-2", "higher", first_frame="image-1"), form_of=plan)
    for again in (plan, higher, higher, plan):
        run = bench.run(again)
        assert (run.tally.points, run.outcomes["video-2"], exit_code(run.tally)) == (0, "unknown", 7)
    sent = bench.run(plan, resubmit=frozenset({"video-2"}))
    assert (sent.tally.points, exit_code(sent.tally)) == (40, 0)


def test_the_measured_length_decides(bench: Bench, film: tuple[Step, ...]) -> None:
    """Ten seconds were ordered and seventy came: the longer music is taken, at its confirmed price, and said."""
    plan = bench.plan(*film)
    music = plan.steps[-1]
    assert [(c.up_to_s, c.price.model_id, c.price.total) for c in music.choices] == [
        (30.0, "GenBGM", 30), (None, "sonic", 25),
    ]  # fmt: skip
    assert (music.price.model_id, music.price.source, music.most) == ("GenBGM", "length", 30)
    bench.quick.seconds = 35.0
    run = bench.run(plan)
    made = run.record.steps["music-4"]
    assert (made.model_id, made.points) == ("sonic", 25)
    told = [change for change in made.changes if change.reason == "it goes with 70 s, as measured"]
    assert [(change.requested, change.applied) for change in told] == [("DouBao - BGM", "Suno")]


def test_a_record_that_cannot_be_written_loses_nothing(
    bench: Bench, film: tuple[Step, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a full disk no further step begins; the next run finds what was made, and pays only the rest."""
    from ima_skills.errors import FaultError

    plan, real, calls = bench.plan(*film), PlanStore.save_record, 0

    def full(self: PlanStore, record: RunRecord) -> None:
        nonlocal calls
        calls += 1
        if calls > 3:  # the beginning, the picture's beginning, its task id
            raise FaultError("no space", code="state-unwritable")
        real(self, record)

    monkeypatch.setattr(PlanStore, "save_record", full)
    run = bench.run(plan)
    assert (run.tally.points, run.outcomes["video-2"], exit_code(run.tally)) == (5, "waiting", 6)
    monkeypatch.undo()
    again = bench.run(plan)
    assert (again.tally.points, again.record.spent, exit_code(again.tally)) == (110, 115, 0)


def test_a_lost_file_is_fetched_again(bench: Bench, step: Callable[..., Step]) -> None:
    """A picture that was deleted or painted over since is fetched again for the film that begins with it."""
    first, second = step("image-1"), step("video-2", first_frame="image-1")
    plan = bench.plan(first)
    (picture,) = bench.run(plan).record.outputs("image-1")
    Path(str(picture.path)).write_bytes(b"mine")
    longer = bench.plan(first, second, form_of=plan)
    run = bench.run(longer)
    assert (run.tally.points, exit_code(run.tally)) == (40, 0)
    assert Path(str(picture.path)).read_bytes() == b"mine"
    kept = list((bench.store.folder / f"{plan.id}.files" / "again").iterdir())
    assert len(kept) == 1


def test_what_is_under_way_is_brought_home_whatever_it_costs_now(
    bench: Bench, step: Callable[..., Step]
) -> None:
    """A picture was paid for and arrived broken; meanwhile it became dearer: it is fetched, and not paid again."""
    plan = bench.plan(step("image-1"))
    broken = '[[fault]]\non = "cdn"\nkind = "bytes"\nhow = "empty"\n'
    run = bench.run(plan, bench.client(broken))
    assert (run.outcomes["image-1"], run.tally.points, exit_code(run.tally)) == ("open", 5, 1)
    picture = plan.steps[0]
    old = evolve(picture, choices=(evolve(picture.choices[0], price=evolve(picture.price, total=3)),))
    again = bench.run(evolve(plan, steps=(old,)))
    assert (again.outcomes["image-1"], again.tally.points, again.record.spent) == ("success", 0, 5)
    assert again.record.steps["image-1"].task_id == run.record.steps["image-1"].task_id


def test_equal_steps_are_two(bench: Bench, step: Callable[..., Step]) -> None:
    """Two steps with the same wish are two pictures."""
    run = bench.run(bench.plan(step("image-1"), step("image-2")))
    assert run.tally.points == 10
    assert len(set(ids(run.record).values())) == 2


def test_a_price_that_rose_is_refused_before_anything_is_sent(bench: Bench, film: tuple[Step, ...]) -> None:
    """The plan says 3 points for the picture, and it costs 5 now; a plan that is as it was passes."""
    plan = bench.plan(*film)
    bench.check(plan)
    picture = plan.steps[0]
    cheap = evolve(picture.choices[0], price=evolve(picture.price, total=3))
    old = evolve(plan, steps=(evolve(picture, choices=(cheap,)), *plan.steps[1:]))
    with pytest.raises(PointsError, match="image-1: 3 → 5") as raised:
        bench.check(old)
    assert raised.value.name == "price-raised"
    other = evolve(picture.choices[0], price=evolve(picture.price, version_id="older"))
    with pytest.raises(UsageError, match=r"image-1: the model SeeDream 4\.5") as outdated:
        bench.check(evolve(plan, steps=(evolve(picture, choices=(other,)), *plan.steps[1:])))
    assert outdated.value.name == "plan-outdated"


def test_caps_hold_for_the_whole_plan(bench: Bench, film: tuple[Step, ...]) -> None:
    """A cap of the run and a cap of the day refuse before the first step; what is paid already is not counted."""
    from ima_skills.journal.caps import Caps

    plan = bench.plan(*film)
    with pytest.raises(PointsError, match="up to 115 points, and the cap is 100"):
        must_be_affordable(plan, 115, bench.client(), 100, "")
    with pytest.raises(PointsError, match="114 of today's 114 points"):
        must_be_affordable(plan, 115, bench.client(caps=Caps(per_day=114)), None, "")
    must_be_affordable(plan, 115, bench.client(caps=Caps(per_day=115)), 115, "")
    bench.run(plan)
    must_be_affordable(plan, 0, bench.client(caps=Caps(per_day=1)), 0, "")


def test_an_empty_account_stops_everything(bench: Bench, film: tuple[Step, ...]) -> None:
    """Points for one step only: nothing else is made, and the exit code says why."""
    bench.points = 5
    plan = bench.plan(film[0], evolve(film[0], id="image-5"), evolve(film[0], id="image-6"))
    run = bench.run(plan)
    assert sorted(run.outcomes.values()) == ["not-sent", "not-sent", "success"]
    assert (run.tally.points, exit_code(run.tally)) == (5, 4)


def test_what_is_kept_is_private(bench: Bench, film: tuple[Step, ...]) -> None:
    """Plan and record are for the owner alone; the record holds no prompt."""
    plan = bench.plan(*film)
    bench.run(plan)
    files = [bench.store.plan_path(plan.id), bench.store.folder / f"{plan.id}.run.json"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    assert "kite" not in files[1].read_text()
    assert json.loads(files[1].read_text())["owner"] is None
    assert "kite" not in repr(plan)
