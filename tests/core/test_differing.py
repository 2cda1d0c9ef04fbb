"""Where two models would make something else of one wish, in settings that people see or hear."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.differing import differing, seen
from ima_skills.quirk_tools import with_virtual_field

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("mine", "theirs", "other"),
    [
        ({"duration": 5}, {"duration": "5"}, {}),
        ({"duration": 10}, {"seconds": 8}, {"seconds": 8}),
        ({"resolution": "1080P"}, {"quality": "1080p"}, {}),
        ({"resolution": "1080P"}, {"quality": "720p"}, {"quality": "720p"}),
        ({"quality": "high"}, {"quality": "720p"}, {}),
        ({"aspect_ratio": "16:9"}, {"ratio": "1:1"}, {"ratio": "1:1"}),
        ({"aspect_ratio": "auto"}, {"ratio": "1:1"}, {}),
        ({"generate_audio": True}, {"sound": "on"}, {}),
        ({"generate_audio": True}, {"sound": "off"}, {"sound": "off"}),
        ({"size": "4k"}, {"size": "1K"}, {"size": "1K"}),
        ({"size": "2048x2048"}, {"size": "2K"}, {}),
        ({"duration": 5}, {}, {}),
        ({}, {"duration": 5}, {}),
        ({"duration": None}, {"duration": 5}, {}),
        ({"seed": 1, "style": "a"}, {"seed": 2, "style": "b"}, {}),
    ],
)
def test_only_what_differs_and_can_be_compared_is_told(
    mine: dict[str, Any], theirs: dict[str, Any], other: dict[str, Any]
) -> None:
    """By meaning and not by name or spelling, and nothing of which nobody can tell."""
    assert differing(mine, theirs) == other


def test_a_mode_is_seen_as_the_quality_that_people_choose(offer: Callable[..., Any]) -> None:
    """What the form's table makes of a choice is turned back where only one choice leads there."""
    kling = offer("Kling O1").leaf
    assert seen(kling, {"mode": "std"})["quality"] == "720p"
    assert seen(kling, {"mode": "pro"})["quality"] == "1080p"
    assert seen(kling, {"mode": "of another list"}) == {"mode": "of another list"}
    declared = with_virtual_field(offer("Vidu Q2").leaf, "resolution", "grade", {"coarse": "540p"})
    assert seen(declared, {"resolution": "540p"})["grade"] == "coarse"
    assert seen(offer("Wan 2.6").leaf, {"duration": 5}) == {"duration": 5}
