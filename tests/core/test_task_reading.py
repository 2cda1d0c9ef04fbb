"""Reading a task: tolerant of shapes, strict about when it has ended."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.domain.task import Media
from ima_skills.task_reading import is_done, is_failed, read_media, read_task

URL = "https://cdn.example/a.png"
DONE = {"resource_status": 1, "status": "success", "url": URL}
GOING = {"resource_status": 0, "status": "processing", "url": None}


def _status(*medias: Any, **task: Any) -> str:
    return read_task("t1", {**task, "medias": list(medias)}).status


@pytest.mark.parametrize(
    ("medias", "status"),
    [
        ([], "processing"),
        ([GOING], "processing"),
        ([{"resource_status": None}], "processing"),
        ([{"resource_status": ""}], "processing"),
        ([{}], "processing"),
        ([{"url": URL}], "processing"),
        ([DONE], "success"),
        ([DONE, DONE], "success"),
        ([DONE, GOING], "processing"),
        ([GOING, DONE], "processing"),
        ([DONE, {}], "processing"),
        ([DONE, None], "processing"),
        ([DONE, "soon"], "processing"),
        ([{"resource_status": 1, "status": "processing", "url": None}], "processing"),
        ([{"resource_status": 1, "status": "success", "url": ""}], "processing"),
        ([{"resource_status": 1, "status": "success", "url": "  "}], "processing"),
        ([{"resource_status": 1, "status": "success", "url": 5}], "processing"),
        ([DONE, {"resource_status": 1, "status": "processing", "url": None}], "processing"),
        ([{"resource_status": 1, "status": "processing", "url": URL}], "success"),
        ([{"resource_status": 1, "watermark_url": URL}], "success"),
        ([{"resource_status": 1, "preview_url": URL}], "success"),
        ([{"resource_status": "1", "url": URL}], "success"),
        ([{"resource_status": 2}], "failed"),
        ([{"resource_status": 3}], "failed"),
        ([{"resource_status": 0, "status": "failed"}], "failed"),
        ([{"resource_status": None, "status": "FAILED"}], "failed"),
        ([{"resource_status": 1, "status": "failed", "url": URL}], "failed"),
        ([DONE, {"resource_status": 2}], "failed"),
        ([GOING, {"resource_status": 3}], "failed"),
        ([{"resource_status": "2"}], "failed"),
        ([{"resource_status": 7, "url": URL}], "processing"),
        ([{"resource_status": -1, "url": URL}], "processing"),
        ([{"resource_status": True, "url": URL}], "processing"),
        ([{"resource_status": "²", "url": URL}], "processing"),
        ([{"resource_status": [1], "url": URL}], "processing"),
        ([{"resource_status": 10**400, "url": URL}], "processing"),
    ],
    ids=range(36),
)
def test_stop_rules(medias: list[Any], status: str) -> None:
    """Failed as soon as one failed or was deleted; done only when every one is available and has an address."""
    assert _status(*medias) == status


def test_a_failed_task_without_medias() -> None:
    """The task's own word ends it as well."""
    task = read_task("t1", {"status": "failed", "medias": [], "error_msg": "too many cats"})
    assert (task.status, task.error) == ("failed", "too many cats")
    assert _status(DONE, status="failed") == "failed"
    assert _status(DONE, status="processing") == "success"


@pytest.mark.parametrize(
    ("media", "error"),
    [
        ({"resource_status": 2, "error_msg": "a", "remark": "b"}, "a"),
        ({"resource_status": 2, "error_msg": "", "remark": "b"}, "b"),
        ({"resource_status": 2}, "no reason was given"),
        ({"resource_status": 3}, "deleted"),
        ({"resource_status": 2, "error_msg": {"code": 5}}, "no reason was given"),
    ],
)
def test_reasons(media: dict[str, Any], error: str) -> None:
    """The reason is the media's error, else its remark, else that none was given."""
    assert read_task("t1", {"medias": [DONE, media]}).error == error
    assert read_task("t1", {"medias": [DONE]}).error is None


@pytest.mark.parametrize("data", [None, [], "x", 5, {"medias": None}, {"medias": {}}, {"medias": "x"}, {}])
def test_unreadable_tasks_are_still_running(data: Any) -> None:
    """Whatever cannot be read counts as not finished."""
    task = read_task("t1", data)
    assert (task.id, task.status, task.medias) == ("t1", "processing", ())


def test_the_polled_id_is_kept() -> None:
    """The id is the one that was asked for, not what the answer calls it; the type is an echo."""
    task = read_task("t1", {"id": "other", "task_type": "text_to_image", "medias": []})
    assert (task.id, task.task_type) == ("t1", "text_to_image")
    assert read_task("t1", {"task_type": ["x"]}).task_type is None


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"cover": "c"}, {"cover_url": "c"}), ({"cover_url": "d", "cover": "c"}, {"cover_url": "d"}),
        ({"duration_str": "5s"}, {"duration_s": 5.0}), ({"duration_str": "12.5 s"}, {"duration_s": 12.5}),
        ({"duration_str": "2:05"}, {"duration_s": 125.0}), ({"duration_str": 8}, {"duration_s": 8.0}),
        ({"duration_str": ""}, {"duration_s": None}), ({"duration_str": "long"}, {"duration_s": None}),
        ({"duration_str": True}, {"duration_s": None}), ({"duration_str": "9" * 400}, {"duration_s": 999999999.0}),
        ({"width": 640, "height": 0}, {"width": 640, "height": None}), ({"width": "640"}, {"width": None}),
        ({"width": True, "height": -1}, {"width": None, "height": None}), ({"format": "png"}, {"format": "png"}),
        ({"format": 5}, {"format": None}), ({"model_id": "m", "mode_name": "n"}, {"extra": {"model_id": "m", "mode_name": "n"}}),
        ({"url": "a", "watermark_url": "b", "preview_url": "c"}, {"url": "a"}), ({"watermark_url": "b"}, {"url": "b"}),
    ],
)  # fmt: skip
def test_media_fields(item: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every field that clients read, in either of its names; odd values mean "not told"."""
    media = read_media(item)
    assert {name: getattr(media, name) for name in expected} == expected


def test_addresses_are_not_shown() -> None:
    """Addresses may be signed, so a media's repr leaves them out."""
    assert "cdn.example" not in repr(read_media({**DONE, "cover": URL}))


def test_done_and_failed() -> None:
    """A media is done, failed, or neither; never both."""
    for status in (None, 0, 1, 2, 3, 4):
        for word in ("", "failed", "success", "processing"):
            for url in (None, URL):
                media = Media(status, word, url)
                assert not (is_done(media) and is_failed(media))
                assert is_done(media) <= bool(url)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from(["1", "failed", URL]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["medias", "resource_status", "status", "url", "cover", "duration_str", "error_msg", "width", "task_type"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
def test_no_answer_breaks_the_reader(data: Any) -> None:
    """Whatever a detail call answers, it reads as a task, and success always has every address."""
    task = read_task("t1", data)
    assert task.status in ("processing", "success", "failed")
    if task.status == "success":
        assert all(media.url for media in task.medias)
