"""Plans: graphs, prices, hashes, files, and those of the older skill."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.errors import InvalidRequestError, UsageError
from ima_skills.routing.result import Clarify, Route, Use
from ima_skills.routing.result import Step as RouteStep
from ima_skills.workflows.checking import must_be_confirmed
from ima_skills.workflows.digest import plan_hash
from ima_skills.workflows.drafting import from_route, from_targets, with_inputs
from ima_skills.workflows.editing import edited, read_uses
from ima_skills.workflows.graph import in_order
from ima_skills.workflows.plan import PlanStep
from ima_skills.workflows.plan_file import plan_text, read_plan
from ima_skills.workflows.planning import Planner

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

Bench = Any
Step = Any


def test_any_graph_is_put_in_order(registry: Registry, step: Callable[..., Step]) -> None:
    """Steps come after what they need, whatever the order they are written in."""
    steps = (
        step("music-9", duration="video-2"),
        step("video-2", first_frame="image-1", last_frame="image-3", task_type="first_last_frame_to_video"),
        step("image-3", source="image-1", task_type="image_to_image"),
        step("image-1"),
    )
    assert [item.id for item in in_order(steps, registry)] == ["image-1", "image-3", "video-2", "music-9"]


@pytest.mark.parametrize(
    ("given", "pointer", "message"),
    [
        ([("video-2", {"first_frame": "imag-1"}), ("image-1", {})], "/steps/video-2/uses/0", "did you mean image-1"),
        ([("image-1", {}), ("image-1", {})], "/steps/1/id", "two steps are called image-1"),
        ([("image-A 1", {})], "/steps/0/id", "small letters"),
        ([("image-1", {"task_type": "text_to_imago"})], "/steps/image-1/task_type", "no task type"),
        ([("image-1", {}), ("music-2", {"duration": "image-1"})], "/steps/music-2/uses/0", "nothing that has a length"),
        ([("image-1", {}), ("music-2", {"source": "image-1"})], "/steps/music-2/uses/0", "takes no inputs"),
        ([("video-1", {"first_frame": "video-1"})], "/steps/video-1/uses/0", "no other step"),
        (
            [
                ("image-1", {"source": "image-2", "task_type": "image_to_image"}),
                ("image-2", {"source": "image-1", "task_type": "image_to_image"}),
            ],
            "/steps",
            "wait for each other: image-1, image-2",
        ),
        ([], "/steps", "1 to 60 steps"),
    ],
)  # fmt: skip
def test_a_wrong_graph_is_named(
    given: list[tuple[str, dict[str, Any]]],
    pointer: str,
    message: str,
    registry: Registry,
    step: Callable[..., Step],
) -> None:
    """Each fault has its place and says what is wrong; nothing is looked up for it."""
    with pytest.raises(InvalidRequestError, match=message) as raised:
        in_order([step(name, **more) for name, more in given], registry)
    assert (raised.value.name, raised.value.problems[0].pointer) == ("bad-plan", pointer)


def test_inputs_stand_in_the_order_of_their_roles() -> None:
    """First frame, own files, references, last frame; a length is no input."""
    uses = (Use("d", "last_frame"), Use("b", "reference"), Use("a", "first_frame"), Use("c", "duration"))
    made = {use: use.step for use in uses}
    assert PlanStep("x", "image_to_video", "p", inputs=("own.png",), uses=uses).sources(made) == (
        "a",
        "own.png",
        "b",
        "d",
    )


def test_targets_make_a_chain(registry: Registry) -> None:
    """Pictures first, films from the first picture, sounds as long as all films, in whatever order they are named."""
    steps = from_targets("a kite", ["music", "video", "image", "video", "speech"], registry)
    assert [(step.id, step.task_type) for step in steps] == [
        ("image-1", "text_to_image"), ("video-2", "image_to_video"), ("video-3", "image_to_video"),
        ("music-4", "text_to_music"), ("speech-5", "text_to_speech"),
    ]  # fmt: skip
    assert steps[2].uses == (Use("image-1", "first_frame"),)
    assert steps[4].uses == (Use("video-2", "duration"), Use("video-3", "duration"))
    assert [step.task_type for step in from_targets("a kite", ["video"], registry)] == ["text_to_video"]
    with pytest.raises(UsageError, match="nothing makes 'vidoe'") as raised:
        from_targets("a kite", ["vidoe"], registry)
    assert "Did you mean video?" in raised.value.hint


def test_files_go_to_the_first_step(registry: Registry) -> None:
    """A picture of the user's own turns the first step into one that changes it, or begins with it."""
    (first, _) = with_inputs(from_targets("a kite", ["image", "video"], registry), ("dog.png",), registry)
    assert (first.task_type, first.inputs) == ("image_to_image", ("dog.png",))
    with pytest.raises(UsageError, match="music-1 takes no input files"):
        with_inputs(from_targets("a kite", ["music"], registry), ("dog.png",), registry)


def test_a_route_becomes_a_plan(registry: Registry) -> None:
    """Several steps as they are, a single media as one step; an open question is asked before anything else."""
    one = Route(("video",), "text_to_video", "a kite", "wan2.6-t2v", params={"duration": 10})
    assert from_route(one, registry) == (
        PlanStep("video-1", "text_to_video", "a kite", "wan2.6-t2v", params={"duration": 10}),
    )
    several = Route(
        ("image",), None, "", steps=(RouteStep("image-1", "image", "text_to_image", "a dog", n=2),)
    )
    assert from_route(several, registry) == (PlanStep("image-1", "text_to_image", "a dog", n=2),)
    (cheap,) = from_route(evolve(several, budget="cheapest"), registry)
    assert cheap.model == registry.defaults["text_to_image"].budget
    with pytest.raises(UsageError, match="Which of them") as raised:
        from_route(evolve(one, clarify=Clarify("Which of them first?", ("A", "B"))), registry)
    assert (raised.value.name, raised.value.details) == (
        "needs-answer",
        {"question": "Which of them first?", "options": ["A", "B"]},
    )


def test_words_change_one_step(step: Callable[..., Step]) -> None:
    """Every field of a step can be said on the command line; what cannot be read is refused with the nearest."""
    words = (
        "video-2.param.duration=10", "video-2.model=Kling O1", "video-2.n=2", "video-2.take=3", "video-2.fix=nearest",
        "video-2.input=a=b.png", "video-2.input=c.png", "video-2.uses=image-1:first_frame:2,image-3:last_frame",
    )  # fmt: skip
    _, found = edited((step("image-1"), step("video-2", inputs=("old.png",))), words)
    assert (found.params, found.model, found.n, found.take, found.fix) == (
        {"duration": "10"},
        "Kling O1",
        2,
        3,
        "nearest",
    )
    assert found.inputs == ("a=b.png", "c.png")
    assert found.uses == (Use("image-1", "first_frame", 2), Use("image-3", "last_frame"))
    (empty,) = edited(
        (found,), ("video-2.model=", "video-2.param.duration=", "video-2.input=", "video-2.uses=")
    )
    assert (empty.model, empty.params, empty.inputs, empty.uses) == (None, {}, (), ())


@pytest.mark.parametrize(
    "word",
    ["image-1", "image-1=x", "imge-1.n=2", "image-1.modl=x", "image-1.n=two", "image-1.uses=a:b", "image-1.prompt=",
     "image-1.fix=soon", "image-1.param.=3"],
)  # fmt: skip
def test_words_that_say_nothing_are_refused(word: str, step: Callable[..., Step]) -> None:
    """Each is an error of its own code, before anything is looked up."""
    with pytest.raises(UsageError) as raised:
        edited((step("image-1"),), (word,))
    assert raised.value.name == "bad-step"


def test_every_role_can_be_said() -> None:
    """The words of a use are those of the plan file."""
    assert [use.role for use in read_uses("a:source, b:reference,c:duration")] == [
        "source",
        "reference",
        "duration",
    ]


def test_all_faults_of_all_steps_at_once(bench: Bench, step: Callable[..., Step]) -> None:
    """Two steps that cannot be made are both named, with the places of what is wrong."""
    with pytest.raises(InvalidRequestError) as raised:
        bench.plan(
            step("image-1", params={"size": "9k"}),
            step("video-2", first_frame="image-1", params={"duration": 7}),
        )
    assert [problem.pointer for problem in raised.value.problems] == [
        "/steps/image-1/params/size", "/steps/video-2/params/duration",
    ]  # fmt: skip


def test_what_is_promised_is_never_sent(bench: Bench, step: Callable[..., Step]) -> None:
    """A step whose input is still to be made can be priced, not created."""
    import asyncio

    from ima_skills.workflows.pricing import Pricer

    async def work() -> None:
        async with bench.client() as client:
            prepared = await Pricer(client, "en").prepare(step("video-2", first_frame="image-1"))
            assert prepared.quote.total == 40
            await client.finish(prepared)

    with pytest.raises(UsageError) as raised:
        asyncio.run(work())
    assert raised.value.name == "input-promised"


def test_the_hash_covers_what_matters(
    bench: Bench, step: Callable[..., Step], tmp_path: Path, picture_bytes: bytes
) -> None:
    """Prompt, settings, graph, inputs by content and prices change it; words and the time of pricing do not."""
    own = tmp_path / "own.png"
    own.write_bytes(picture_bytes)
    first = step("image-1", task_type="image_to_image", inputs=(str(own),))
    film = step("video-2", first_frame="image-1")
    plan = bench.plan(first, film)
    same = bench.plan(first, film)
    assert (plan.id, plan_hash(plan)) == (same.id, plan_hash(evolve(same, created="later", language="zh")))
    own.write_bytes(picture_bytes + b"\0")
    others = [
        bench.plan(first, film),
        bench.plan(evolve(first, prompt="a dog"), film),
        bench.plan(first, evolve(film, params={"duration": 10})),
        bench.plan(first, evolve(film, uses=(Use("image-1", "reference"),))),
        bench.plan(first, evolve(film, take=2)),
        evolve(plan, steps=(plan.steps[0],)),
        evolve(plan, base_url="https://elsewhere.example"),
    ]
    assert len({plan_hash(plan), *(plan_hash(other) for other in others)}) == 8


def test_a_plan_file_reads_as_it_was_written(bench: Bench, step: Callable[..., Step]) -> None:
    """The file holds the very plan, and names what was edited since; the new hash must be confirmed."""
    plan = bench.plan(
        step("image-1"), step("video-2", first_frame="image-1"), step("music-3", duration="video-2")
    )
    path = bench.store.plan_path(plan.id)
    file = read_plan(path)
    assert file.plan == plan
    for confirmed in (plan_hash(plan), plan_hash(plan)[:12].upper()):
        assert must_be_confirmed(file, confirmed) == plan
    for wrong in ("", plan_hash(plan)[:11], "0" * 64):
        with pytest.raises(UsageError) as raised:
            must_be_confirmed(file, wrong)
        assert raised.value.name == "plan-not-confirmed"
    document = json.loads(path.read_text())
    document["steps"][1]["params"] = {"duration": 10}
    document["steps"][2]["priced"]["choices"][0]["price"]["total"] = 1
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError, match="music-3: price; video-2: params") as raised:
        must_be_confirmed(read_plan(path), plan_hash(plan))
    assert raised.value.name == "plan-edited"


def test_an_old_hash_says_what_has_changed_since(bench: Bench, step: Callable[..., Step]) -> None:
    """Whoever confirms the hash of before learns which step is not what it was."""
    plan = bench.plan(step("image-1"))
    file = read_plan(bench.store.plan_path(plan.id))
    other = bench.plan(step("image-1", "a dog", n=2), form_of=plan)
    path = bench.store.save(other, file.history)
    with pytest.raises(UsageError, match="image-1: params, price, prompt"):
        must_be_confirmed(read_plan(path), plan_hash(plan))


def test_the_same_wish_has_the_same_name(bench: Bench, step: Callable[..., Step]) -> None:
    """Planned again it is the same plan; meant once more, or edited into another, it is one of its own."""
    plan = bench.plan(step("image-1"))
    assert bench.plan(step("image-1")).id == plan.id
    assert bench.plan(step("image-1"), fresh=True).id == f"{plan.id}-2"
    bench.plan(step("image-1", "a dog"), form_of=plan)
    assert bench.plan(step("image-1")).id == f"{plan.id}-2"
    bench.store.plan_path(plan.id).write_text("{}")
    assert bench.plan(step("image-1"), fresh=True).id == f"{plan.id}-3"


BROKEN: dict[str, Any] = {
    "no JSON": ("{", "it is not JSON line 1"),
    "a list": ("[]", "not one JSON object"),
    "no steps": ('{"steps": 3}', "needs a list of steps"),
    "a wrong type": ('{"steps": [{"id": "image-1", "task_type": "text_to_image", "prompt": 3}]}', "/steps/0/prompt|expected str"),
    "an unknown field": ('{"prompt": "x", "steps": [{"id": "a", "task_type": "t", "promt": "x"}]}', "unknown field: promt"),
    "an unknown word": ('{"promt": "x", "steps": []}', "promt: is nothing that a plan holds"),
    "a bad role": ('{"prompt": "x", "steps": [{"id": "a", "task_type": "t", "uses": [{"step": "b", "role": "frame"}]}]}', "uses"),
    "a way out": ('{"plan_hash": "x", "plan_id": "../../etc/x", "steps": []}', "made of letters"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused(name: str, tmp_path: Path) -> None:
    """Whatever is in a file, the answer is an error with its place."""
    text, message = BROKEN[name]
    path = tmp_path / "plan.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=message) as raised:
        read_plan(path)
    assert raised.value.name in ("bad-plan", "bad-plan-file")


def draft(bench: Bench, path: Path) -> Any:
    """Read a plan file as the command does."""
    import asyncio

    async def work() -> Any:
        async with bench.client() as client:
            return await Planner(client, "en").draft_from(path)

    return asyncio.run(work())


def test_a_plan_is_run_from_anywhere(
    bench: Bench,
    step: Callable[..., Step],
    tmp_path: Path,
    picture_bytes: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An input that was named in one folder is found from another; when its contents change, the run is refused."""
    own = tmp_path / "own.png"
    own.write_bytes(picture_bytes)
    monkeypatch.chdir(tmp_path)
    plan = bench.plan(
        step("image-1", task_type="image_to_image", inputs=("own.png", "https://a.example/b.png"))
    )
    assert plan.steps[0].step.inputs == (str(own), "https://a.example/b.png")
    monkeypatch.chdir("/")
    bench.check(plan)
    own.write_bytes(picture_bytes + b"\0")
    with pytest.raises(UsageError, match="image-1: the contents of an input file") as raised:
        bench.check(plan)
    assert raised.value.name == "plan-outdated"


def test_a_file_written_by_hand(bench: Bench, tmp_path: Path) -> None:
    """Steps with one prompt for all are enough; a priced file that got another step keeps its name."""
    path = tmp_path / "mine.json"
    steps = [
        {"id": "image-1", "task_type": "text_to_image"},
        {"id": "film", "task_type": "image_to_video", "uses": [{"step": "image-1", "role": "first_frame"}]},
    ]
    path.write_text(json.dumps({"prompt": "a kite", "steps": steps}))
    plan = bench.plan(*draft(bench, path).steps)
    document = json.loads(plan_text(plan, {}))
    document["steps"].append({"id": "music-3", "task_type": "text_to_music", "prompt": "calm"})
    path.write_text(json.dumps(document))
    longer = draft(bench, path)
    assert bench.plan(*longer.steps, form_of=longer.form_of).id == plan.id
    with pytest.raises(UsageError, match="has no price yet"):
        must_be_confirmed(read_plan(path), plan_hash(plan))


def test_two_steps_of_one_name_are_refused(bench: Bench, tmp_path: Path) -> None:
    """None of them is dropped without a word."""
    path = tmp_path / "plan.json"
    row = {"id": "a", "task_type": "text_to_image", "prompt": "a cat"}
    path.write_text(json.dumps({"steps": [row, {**row, "prompt": "a dog"}]}))
    with pytest.raises(UsageError, match="two steps are called a") as caught:
        draft(bench, path)
    assert caught.value.name == "bad-plan"
