"""What a platform takes at once, and what is cut for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.messages.delivery import Courier, Piece, cut, is_public, length, split

if TYPE_CHECKING:
    from ima_skills.messages.manner import Manner

Make = Callable[..., Any]


@pytest.fixture(scope="session")
def courier(manner: Callable[..., Manner]) -> Make:
    """Return a function from a platform to its courier."""
    return lambda name: Courier(manner("en", name).platform)


def pictures(count: int, **facts: Any) -> list[Piece]:
    """Return some pictures with public addresses."""
    return [Piece("image", "png", f"https://cdn.example.com/{index}.png", **facts) for index in range(count)]


def test_telegram_takes_albums_of_ten(courier: Make) -> None:
    """Twelve pictures are an album of ten with the caption, and one of two without."""
    first, second = courier("telegram").medias(pictures(12), "caption")
    assert [len(send["attachments"]) for send in (first, second)] == [10, 2]
    assert first["message"] == "caption"
    assert "message" not in second
    assert first["attachments"][0] == {
        "type": "image", "media": "https://cdn.example.com/0.png", "name": "1.png",
    }  # fmt: skip


def test_telegram_has_no_albums_of_videos(courier: Make) -> None:
    """Only pictures share a send."""
    clips = [Piece("video", "mp4", f"https://cdn.example.com/{index}.mp4") for index in range(2)]
    assert ["media" in send for send in courier("telegram").medias(clips)] == [True, True]


@pytest.mark.parametrize("platform", ["feishu", "discord", "plain"])
def test_elsewhere_each_send_has_one_media(courier: Make, platform: str) -> None:
    """Feishu refuses a second attachment, and nobody promised it for the others."""
    sends = list(courier(platform).medias(pictures(3), "" if platform == "feishu" else "caption"))
    assert [send["media"] for send in sends] == [piece.url for piece in pictures(3)]
    assert not any("attachments" in send for send in sends)


def test_on_feishu_text_and_media_never_share_a_send(courier: Make) -> None:
    """Pictures come after their text, videos before it."""
    piece = pictures(1)
    assert [set(send) for send in courier("feishu").together("facts", piece)] == [
        {"action", "message"},
        {"action", "media"},
    ]
    assert [set(send) for send in courier("feishu").media_first("facts", piece, "link")] == [
        {"action", "media"},
        {"action", "message"},
        {"action", "message"},
    ]


@pytest.mark.parametrize(
    ("platform", "kind", "size", "fits"),
    [
        ("feishu", "image", 10 * 1024**2, True),
        ("feishu", "image", 10 * 1024**2 + 1, False),
        ("feishu", "video", 30 * 1024**2, True),
        ("feishu", "video", 30 * 1024**2 + 1, False),
        ("plain", "audio", 16 * 1024**2 + 1, False),
        ("discord", "video", 90_000_000, True),
        ("telegram", "video", 100_000_001, False),
    ],
)
def test_files_that_are_too_large_do_not_fit(
    courier: Make, platform: str, kind: str, size: int, *, fits: bool
) -> None:
    """The limits are those of the channels; a size that nobody knows is tried."""
    assert courier(platform).fits(Piece(kind, size=size)) is fits
    assert courier(platform).fits(Piece(kind))


def test_a_caption_that_is_too_long_goes_on_in_a_message(courier: Make) -> None:
    """Whole lines stay with the media, the rest follows; nothing is lost."""
    lines = [f"line {index} " + "x" * 90 for index in range(20)]
    first, *rest = courier("telegram").medias(pictures(1), "\n".join(lines))
    assert length(first["message"]) <= 1024
    assert (
        first["message"].split("\n") + [line for send in rest for line in send["message"].split("\n")]
        == lines
    )


def test_emoji_count_twice() -> None:
    """Platforms count UTF-16 units, so an emoji is two."""
    assert [length(text) for text in ("a", "图", "🎨", "• 图 🎬")] == [1, 1, 2, 6]


@given(st.text(alphabet=st.sampled_from("ab图🎨\n"), max_size=120), st.integers(2, 30))
def test_nothing_is_lost_in_pieces(text: str, longest: int) -> None:
    """Every piece fits and has something to say; together they are the text, but for empty lines at the cuts."""
    parts = list(split(text, longest))
    assert all(parts)
    assert all(length(part) <= longest for part in parts)
    assert "".join(parts).replace("\n", "") == text.replace("\n", "")
    head, rest = cut(text, longest)
    assert length(head) <= longest
    assert (head + rest).replace("\n", "") == text.replace("\n", "")


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://cdn.example.com/a.png?sig=1", True),
        ("http://cdn.example.com/a.png", False),
        ("https://127.0.0.1/a.png", False),
        ("https://ima-sandbox.localhost/a.png", False),
        ("", False),
        (None, False),
    ],
)
def test_which_addresses_a_message_tool_can_fetch(url: str | None, *, public: bool) -> None:
    """Public and https, nothing else."""
    assert is_public(url) is public
