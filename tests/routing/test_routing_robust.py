"""Any text gives a route, soon."""

from __future__ import annotations

from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ima_skills.domain.route import Route
from ima_skills.registry import load_registry
from ima_skills.resources import data_root
from ima_skills.routing import open_router
from ima_skills.routing.vocabulary import load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.routing.understanding import Router

PIECES = [
    "用可灵", "视频", "画", "一张", "第二张", "参考", "首帧", "尾帧", "10秒", "16:9", "不要", "“", "”", '"', "：", "，",
    "朗读", "歌词：", "make", " a ", "video", " of ", "with music", "use Kling 9.9", "this photo", "把", "动起来", "半",
    "十", "\x00", "\n", "İ", "ﬁ", "🐱", "٣", "n", "{n}", "以后都用",
]  # fmt: skip


@pytest.fixture(scope="module")
def routes() -> Callable[..., Route]:
    """A function from a text to its route, for tests that run many."""
    known = load_registry()
    return open_router(known, load_vocabulary([data_root("registry")])).route


@settings(max_examples=150)
@given(text=st.text(max_size=300), pictures=st.integers(0, 4))
def test_any_text(routes: Callable[..., Route], text: str, pictures: int) -> None:
    """No text is too strange; what is not understood is asked about."""
    route = routes(text, [f"{number}.png" for number in range(pictures)])
    assert isinstance(route, Route)
    assert route.clarify is not None or route.media or route.preference.action != "none"


@settings(max_examples=200)
@given(pieces=st.lists(st.sampled_from(PIECES), max_size=25), pictures=st.integers(0, 3))
def test_any_mixture_of_words(routes: Callable[..., Route], pieces: list[str], pictures: int) -> None:
    """Words of the vocabulary in any order give a route; several pictures are never animated unasked."""
    route = routes("".join(pieces), [f"{number}.png" for number in range(pictures)])
    if pictures > 1 and route.task_type == "image_to_video":
        assert route.clarify is not None


@pytest.mark.parametrize(
    "piece", ["视频", "a video of ", "从", "画一只猫，", '"', "make ", "use kling ", "三", "1", "歌词：x"]
)
def test_long_texts_are_bounded(routes: Callable[..., Route], piece: str) -> None:
    """Ten thousand letters take a moment, whatever they repeat."""
    text = (piece * 10_000)[:10_000]
    start = perf_counter()
    routes(text)
    assert perf_counter() - start < 2


def test_one_wish_is_quick(router: Router, corpus: Callable[[str], list[dict[str, Any]]]) -> None:
    """A usual wish takes less than five milliseconds, in the median of the corpus."""
    taken = []
    for row in corpus("held-out"):
        start = perf_counter()
        router.route(row["text"])
        taken.append(perf_counter() - start)
    assert median(taken) < 0.005


def test_middle_of_a_long_text_is_content(router: Router) -> None:
    """Instructions stand at the beginning or the end; a long story between them asks for nothing."""
    story = "他走进房间，听着音乐，看着照片。" * 120
    route = router.route(f"生成一段视频：{story}竖屏，10秒")
    assert (route.task_type, dict(route.params)) == (
        "text_to_video",
        {"aspect_ratio": "9:16", "duration": 10},
    )
    assert story[:200] in route.prompt
