"""Earlier results as inputs: offered when the wish refers to them, asked about when their role is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.routing.history import read_history

if TYPE_CHECKING:
    from ima_skills.registry import Registry
    from ima_skills.routing.understanding import Router


def result(task_type: str, *sources: str, prompt: str | None = None) -> dict[str, Any]:
    medias = [{"url": source, "path": None} for source in sources]
    return {"task_type": task_type, "medias": medias, **({"prompt": prompt} if prompt else {})}


DOG = result("text_to_image", "https://e.invalid/dog.png", prompt="一只小狗，叫旺财")
FOUR = result("text_to_image", *(f"https://e.invalid/{number}.png" for number in range(1, 5)))
CLIP = result("text_to_video", "https://e.invalid/clip.mp4")


def test_reads_both_documents(registry: Registry) -> None:
    """Results of create and the list of tasks, latest first there, are read; anything else is passed over."""
    tasks = {"tasks": [
        {"task_type": "text_to_video", "files": ["new.mp4"]},
        {"task_type": "text_to_image", "files": ["old.png"]},
    ]}  # fmt: skip
    found = read_history(
        [{"strange": 1}, DOG, tasks, {"task_type": "unknown", "medias": [{"url": "x"}]}], registry
    )
    assert [(earlier.kind, earlier.source) for earlier in found] == [
        ("image", "https://e.invalid/dog.png"),
        ("image", "old.png"),
        ("video", "new.mp4"),
    ]


@pytest.mark.parametrize(
    ("text", "history", "task_type", "inputs", "asks"),
    [
        ("让它动起来", [DOG], "image_to_video", ["dog.png"], False),
        ("把第二张做成会动的视频", [FOUR], None, ["2.png"], None),
        ("animate the third one", [FOUR], "image_to_video", ["3.png"], False),
        ("画一张图，还是那只狗，在雪地里", [DOG], "image_to_image", ["dog.png"], False),
        ("the same dog in the snow, picture", [DOG], "image_to_image", ["dog.png"], False),
        ("还是那只狗，做个在海边奔跑的视频", [DOG], None, ["dog.png"], True),
        ("生成旺财在游泳的视频", [DOG], None, ["dog.png"], True),
        ("参考刚才那张图的风格做一个视频，小镇的清晨", [DOG], "reference_image_to_video", ["dog.png"], False),
        ("生成一段海浪的视频", [DOG], "text_to_video", [], False),
        ("同一个角色的视频，在海边", [CLIP], "text_to_video", [], False),
        ("写一首同一个主题的歌", [DOG], "text_to_music", [], False),
    ],
)
def test_offers(  # noqa: PLR0913, PLR0917 - one column of the table each
    router: Router,
    registry: Registry,
    text: str,
    history: list[dict[str, Any]],
    task_type: str | None,
    inputs: list[str],
    asks: bool | None,  # noqa: FBT001 - a column of the table
) -> None:
    """An earlier picture becomes an input when the wish points at it or wants the same subject again."""
    route = router.route(text, history=read_history(history, registry))
    assert [source.rpartition("/")[2] for source in route.inputs] == inputs
    if asks is not None:
        assert (route.clarify is not None) == asks
        assert asks or route.task_type == task_type


def test_own_pictures_win(router: Router, registry: Registry) -> None:
    """A picture that comes with the wish is used, whatever was made before."""
    route = router.route("让它动起来", ["own.png"], read_history([DOG], registry))
    assert route.inputs == ("own.png",)
