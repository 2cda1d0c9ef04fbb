"""How a task walks from its create to its files."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from ima_skills.sandbox.schedule import leaf_estimate, plan


def walk(bench: Any, task_id: str, seconds: float, step: float) -> list[list[tuple[Any, str]]]:
    """Look at a task every ``step`` seconds; keep what changed."""
    seen: list[list[tuple[Any, str]]] = []
    for _ in range(int(seconds / step) + 1):
        medias = bench.detail(task_id)["medias"]
        state = [(media["resource_status"], media["status"]) for media in medias]
        if not seen or seen[-1] != state:
            seen.append(state)
        bench.clock.jump(step)
    return seen


def test_a_media_walks_from_null_to_success(bench: Any, order: Any) -> None:
    """Not listed, then null, then 0, then 1: the documented walk, without detours."""
    assert walk(bench, bench.created(order()), 60, 0.1) == [
        [],
        [(None, "pending")],
        [(0, "processing")],
        [(1, "success")],
    ]


def test_several_medias_finish_at_different_times(bench: Any, film: Any) -> None:
    """All n are listed from the moment any is, and each has its own end, even with one estimate figure."""
    states = walk(bench, bench.created(film(n=4)), 120, 0.2)
    assert {len(state) for state in states} == {0, 4}
    done = [sum(1 for _, word in state if word == "success") for state in states]
    assert sorted(set(done)) == [0, 1, 2, 3, 4]
    assert done == sorted(done)


def test_a_media_takes_its_leafs_estimate(bench: Any, film: Any) -> None:
    """A leaf that says 100 s is not ready at 99 and is at 111."""
    task_id = bench.created(film())
    bench.clock.jump(99)
    assert bench.detail(task_id)["medias"][0]["status"] == "processing"
    bench.clock.jump(12)
    assert bench.detail(task_id)["medias"][0]["status"] == "success"


def test_speed_divides_every_time(open_bench: Any, film: Any) -> None:
    """At speed 60 a 100 s estimate takes less than 2 s."""
    bench = open_bench(speed=60)
    task_id = bench.created(film())
    bench.clock.jump(1.6)
    assert bench.detail(task_id)["medias"][0]["status"] == "processing"
    bench.clock.jump(0.3)
    assert bench.detail(task_id)["medias"][0]["status"] == "success"


def test_the_same_wish_takes_the_same_time() -> None:
    """Times are drawn from the seed: equal seeds, equal plans; they stay in the estimate."""
    first = plan("seed", (20, 40), 3, now=1000.0, speed=2.0)
    assert first == plan("seed", (20, 40), 3, now=1000.0, speed=2.0)
    assert first != plan("other", (20, 40), 3, now=1000.0, speed=2.0)
    for course in first.courses:
        assert course.due_at is not None
        assert 1000 < first.listed_at < course.begins_at < course.due_at
        assert 1010 <= course.due_at <= 1020


@pytest.mark.parametrize(
    ("tags", "estimate"),
    [
        ([{"tag_type": "EET", "tag_value": "20~35s"}], (20, 35)),
        ([{"tag_type": "EET", "tag_value": "90 - 150 s"}], (90, 150)),
        ([{"tag_type": "EET", "tag_value": "45s"}], (45, 45)),
        ([{"tag_type": "EET", "tag_value": "soon"}], None),
        ([{"tag_type": "point", "tag_value": "5s"}], None),
        (None, None),
    ],
)
def test_estimates_of_leaves(tags: Any, estimate: Any) -> None:
    """The EET tag gives seconds; a leaf without one gives none."""
    assert leaf_estimate({"tags": tags}) == estimate


def test_a_finished_picture_has_every_field(bench: Any, order: Any) -> None:
    """All the fields that clients read are there, with the right types."""
    data = bench.finished(order())
    assert (data["task_type"], data["prompt"], data["status"]) == ("text_to_image", "a cat", "success")
    media = data["medias"][0]
    url = media.pop("url")
    assert url.startswith("http://ima-sandbox.localhost/cdn/media/")
    assert url.endswith(f"/{data['id']}-1.png")
    assert media == {
        "resource_status": 1,
        "status": "success",
        "watermark_url": None,
        "preview_url": None,
        "cover": None,
        "cover_url": None,
        "format": "png",
        "width": 64,
        "height": 36,
        "duration_str": None,
        "error_msg": None,
        "remark": None,
        "model_id": "draw",
        "mode_name": "draw-1",
    }


def test_a_finished_video_has_a_cover_and_a_length(bench: Any, film: Any) -> None:
    """Cover under both of its names, and the length as the service writes it."""
    media = bench.finished(film())["medias"][0]
    assert media["cover"] == media["cover_url"]
    assert bench.request("GET", media["cover"], headers={}).content == b"cover"
    assert (media["format"], media["duration_str"]) == ("mp4", "5s")


def test_before_the_end_nothing_is_shown(bench: Any, film: Any) -> None:
    """Address, cover, format and sizes appear with the success, though the file may exist before."""
    task_id = bench.created(film())
    bench.clock.jump(50)
    media = bench.detail(task_id)["medias"][0]
    shown = ("url", "cover", "cover_url", "format", "width", "height", "duration_str", "error_msg")
    assert [media[name] for name in shown] == [None] * len(shown)


def test_task_status_words(open_bench: Any, order: Any) -> None:
    """pending, processing, success; failed as soon as one media has failed."""
    bench = open_bench()
    task_id = bench.created(order())
    assert bench.detail(task_id)["status"] == "pending"
    bench.clock.jump(15)
    assert bench.detail(task_id)["status"] == "processing"
    bench.clock.jump(50)
    assert bench.detail(task_id)["status"] == "success"
    rule = '[[fault]]\non = "create"\nkind = "media"\nshape = "{}"\nmedias = [{}]\n'
    faulty = open_bench(scenario=rule.format("failed", 1) + rule.format("never", 2), folder="faulty")
    assert faulty.finished(order(n=2))["status"] == "failed"


def test_each_media_has_an_address_of_its_own(bench: Any, order: Any) -> None:
    """Addresses hold a part that cannot be guessed, different for every media."""
    medias = bench.finished(order(n=3))["medias"]
    folders = [media["url"].split("/")[-2] for media in medias]
    assert len(set(folders)) == 3
    assert all(len(folder) == 32 for folder in folders)
    bodies = [bench.request("GET", media["url"], headers={}).content for media in medias]
    assert [body[:7] for body in bodies] == [b"image 0", b"image 1", b"image 2"]


def test_a_media_is_rendered_once(bench: Any, order: Any) -> None:
    """Looking again does not draw again."""
    task_id = bench.created(order(n=2))
    for _ in range(10):
        bench.clock.jump(10)
        bench.detail(task_id)
    assert sorted(job.index for job in bench.renderer.jobs) == [0, 1]


def test_inputs_reach_the_renderer_as_files(bench: Any, order: Any) -> None:
    """Our own addresses become paths in their order; foreign ones are not fetched."""
    own, second = bench.uploaded(b"one"), bench.uploaded(b"two")
    urls = [second, "https://cdn.example.com/far.png", own]
    bench.finished(order("reference_image_to_video", "film", "film-1", 64, 9, inputs=urls))
    assert [path.read_bytes() for path in bench.renderer.jobs[0].inputs] == [b"two", b"one"]


def test_results_can_be_inputs(bench: Any, order: Any) -> None:
    """A media's own address is a valid input of the next task."""
    url = bench.finished(order())["medias"][0]["url"]
    bench.finished(order("image_to_video", "film", "film-1", 61, 9, inputs=[url]))
    assert bench.renderer.jobs[-1].inputs[0].read_bytes().startswith(b"image 0")


def test_due_but_unrendered_is_processing(open_bench: Any, order: Any) -> None:
    """Without waiting, a media that is due shows success only once its file exists."""
    bench = open_bench(wait_for_render=False)
    bench.renderer.gate.clear()
    task_id = bench.created(order())
    bench.clock.jump(1000)
    media = bench.detail(task_id)["medias"][0]
    assert (media["resource_status"], media["status"]) == (0, "processing")
    bench.renderer.gate.set()
    until = time.monotonic() + 10
    while bench.detail(task_id)["medias"][0]["status"] != "success":
        assert time.monotonic() < until
        time.sleep(0.01)


def test_with_waiting_a_due_media_is_there(bench: Any, order: Any) -> None:
    """A fake clock may jump past the end: the look waits for the rendering."""
    bench.renderer.gate.clear()
    task_id = bench.created(order())
    bench.clock.jump(1000)
    threading.Timer(0.1, bench.renderer.gate.set).start()
    assert bench.detail(task_id)["medias"][0]["status"] == "success"


def test_a_broken_renderer_is_not_hidden(bench: Any, order: Any) -> None:
    """A fault of the renderer itself is raised, every time somebody looks; it is no failed media."""
    task_id = bench.created(order(prompt="broken"))
    bench.clock.jump(1000)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError, match="the renderer is broken"):
            bench.detail(task_id)
    assert bench.service.balance() == 99_995


def test_another_service_sees_the_same_task(open_bench: Any, order: Any) -> None:
    """Create through one service, look through another on the same folder."""
    first, second = open_bench(), open_bench()
    task_id = first.created(order())
    first.clock.jump(1000)
    url = second.detail(task_id)["medias"][0]["url"]
    assert first.detail(task_id)["medias"][0]["url"] == url
    assert second.service.balance() == first.service.balance() == 99_995
    assert second.request("GET", url, headers={}).status_code == 200


def test_a_later_service_renders_what_is_missing(open_bench: Any, order: Any) -> None:
    """What the first process never began, the second one draws: from the same wish."""
    first = open_bench()
    first.renderer.gate.clear()
    task_ids = [first.created(order(n=2)) for _ in range(2)]
    threading.Timer(0.1, first.renderer.gate.set).start()
    first.service.close()
    assert len(first.renderer.jobs) == 2
    second = open_bench()
    second.clock.jump(1000)
    statuses = [media["status"] for task_id in task_ids for media in second.detail(task_id)["medias"]]
    assert statuses == ["success"] * 4
    assert [job.prompt for job in second.renderer.jobs] == ["a cat", "a cat"]


def test_a_lost_file_is_drawn_again(bench: Any, order: Any, tmp_path: Any) -> None:
    """Somebody emptied the CDN folder: the next look brings the file back."""
    data = bench.finished(order())
    (file,) = (tmp_path / "state" / "cdn").rglob("*.png")
    file.unlink()
    bench.detail(data["id"])
    assert file.is_file()


def test_addresses_follow_the_service(bench: Any, order: Any) -> None:
    """After a move to another port, old tasks and old inputs are valid under the new address."""
    old = bench.finished(order())["medias"][0]["url"]
    bench.service.rebase("http://127.0.0.1:4711/")
    task_id = bench.created(order("image_to_video", "film", "film-1", 61, 9, inputs=[old]))
    bench.clock.jump(1000)
    assert bench.detail(task_id)["medias"][0]["url"].startswith("http://127.0.0.1:4711/cdn/")
    assert bench.renderer.jobs[-1].inputs[0].is_file()


def test_nothing_unfinished_stays_behind(bench: Any, order: Any, tmp_path: Any) -> None:
    """After renderings and uploads, good and bad, the staging folder is empty."""
    bench.uploaded()
    bench.finished(order(n=2))
    bench.finished(order(prompt="unrenderable"))
    assert list((tmp_path / "state" / "staging").iterdir()) == []


def test_neither_key_nor_prompt_is_in_a_repr(bench: Any, order: Any) -> None:
    """What may be logged by accident holds no secret."""
    task_id = bench.created(order(prompt="a secret wish"))
    store = bench.service._store
    shown = f"{store.task(task_id)!r} {store.medias(task_id)!r} {bench.service.options!r}"
    assert "secret wish" not in shown
    assert bench.key not in shown
