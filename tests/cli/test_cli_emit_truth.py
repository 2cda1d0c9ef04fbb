"""``--emit`` never says more than is known: of paid outputs still to come, of jobs out of sight, of what is missing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Served = Callable[..., SandboxService]

EMIT = ("--emit", "openclaw", "--message-language", "zh")
ONE_OF_TWO = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmedias = [2]'
OUT_OF_SIGHT = '[[fault]]\non = "detail"\nkind = "http"\nstatus = 502'


def told(ran: Any) -> list[str]:
    """Return the words of every message."""
    said = [json.loads(line) for line in ran.out.splitlines()]
    return [line["args"].get("message", "") for line in said if line["kind"] == "message"]


def test_no_second_job_is_offered_while_a_paid_output_is_still_to_be_fetched(
    served: Served, ima: Ima
) -> None:
    """One of two failed: the other is paid for, is said to be, and only looking again is offered."""
    served(ONE_OF_TWO)
    ran = ima("create", "a cat", "-n", "2", *EMIT)
    assert json.loads(ran.out.splitlines()[-1])["document"]["details"]["outstanding"] == 1
    lines = told(ran)[-1].splitlines()
    assert lines[0] == "😥 这次图片有一部分没能生成出来"
    assert "• 还有 1 份没取回来，积分已经付过了，不用重新生成。" in lines
    assert lines[-1] == "需要的话，过一会儿叫我再看看。"
    assert not any(word in "".join(lines) for word in ("换个模型", "换成其中一个", "再试一次"))


def test_a_job_that_nobody_can_see_is_not_told_as_in_the_making(served: Served, ima: Ima) -> None:
    """While every look fails, no percentage and no "still being made"; what is not known is said as such."""
    served(OUT_OF_SIGHT, speed=300.0)
    ran = ima("create", "waves", "-t", "text_to_video", "--deadline", "4", *EMIT)
    assert ran.code == 5
    messages = told(ran)[1:]
    dark = [text for text in messages if text.startswith("👀 暂时看不到视频的进展\n已有 ")]
    assert dark
    after = messages[messages.index(dark[0]) :]
    assert not any("%" in text or "还在生成中" in text for text in after)
    assert len(dark) < 5


@pytest.mark.usefixtures("quick_sandbox")
@pytest.mark.parametrize(
    ("words", "why", "offer"),
    [
        (("-t", "image_to_video"), "这次要用的素材还没有收齐。", "把文件发给我，我马上开始。"),
        (("-t", "image_to_video", "--input", "none.png"), "没能找到或打开这个素材，可能是名字或位置不对。",
         "把文件发给我，我马上开始。"),
        (("-t", "image_to_image", "--input", "notes.txt"), "原图没能处理成功，请检查图片格式，或换一张图。",
         "换一个文件发给我，我马上开始。"),
        (("--param", "foo=bar"), "有一项要求，这个模型没有对应的设置。", "要我不带这一项来做吗？"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_wish_is_told_as_it_is(  # noqa: PLR0913, PLR0917 - what is asked, what is said
    ima: Ima,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    why: str,
    offer: str,
) -> None:
    """Nobody who sent no file is told that its format is wrong, and no foreign setting is called the picture's size."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("no picture", encoding="utf-8")
    lines = told(ima("create", "a cat", *words, *EMIT))[-1].splitlines()
    assert lines[1] == f"• 原因：{why}"
    assert lines[-1] == offer
