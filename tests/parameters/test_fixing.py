"""Impossible wishes: refused with the nearest possible request and its price, moved only on demand."""

from __future__ import annotations

from typing import Any

import pytest

from ima_skills import InvalidRequestError, Registry, load_registry
from ima_skills.catalogue import read_catalogue
from ima_skills.fixing import Priced, resolve_priced
from ima_skills.parameters import Offer


@pytest.fixture(scope="module")
def known() -> Registry:
    return load_registry()


def offer(known: Registry, task_type: str, name: str) -> Offer:
    leaves = read_catalogue(task_type, known.snapshot.groups(task_type)).leaves
    leaf = next(leaf for leaf in leaves if leaf.name == name)
    return Offer(leaf, known.task_types[task_type], known.by_model_id(leaf.model_id))


def moves(priced: Priced) -> dict[str, tuple[Any, Any]]:
    return {change.param: (change.requested, change.applied) for change in priced.parameters.changes}


def test_refusal_names_the_nearest_request_and_its_price(known: Registry) -> None:
    """Without permission nothing moves; the hint and the details say what would work, for how much."""
    with pytest.raises(InvalidRequestError, match="duration: must be one of") as caught:
        resolve_priced(offer(known, "text_to_video", "Wan 2.6"), {"duration": 7}, 2)
    assert caught.value.details["nearest"] == {"params": {"duration": 5}, "points": 80}
    assert "duration 5, for 80 points (--fix nearest takes it)" in caught.value.hint


def test_nearest_moves_and_reports(known: Registry) -> None:
    """Every moved value is a change from what was asked to what is sent."""
    wishes = {"duration": "30s", "resolution": "4K"}
    priced = resolve_priced(offer(known, "text_to_video", "Wan 2.6"), wishes, 1, "nearest")
    assert moves(priced) == {"duration": ("30s", 15), "resolution": ("4K", "1080P")}
    assert (priced.quote.total, priced.moved) == (120, {"duration": 15, "resolution": "1080P"})


def test_cheapest_moves_only_what_was_impossible(known: Registry) -> None:
    """The possible part of a wish stays, however dear it is."""
    wishes = {"duration": 12, "resolution": "1080P"}
    priced = resolve_priced(offer(known, "text_to_video", "Wan 2.6"), wishes, 1, "cheapest")
    assert priced.parameters.values["duration"] == 5
    assert priced.parameters.values["resolution"] == "1080P"


def test_cheapest_takes_the_nearest_of_equal_prices(known: Registry) -> None:
    """Where all values cost the same, the cheapest one is the nearest one."""
    shape = offer(known, "text_to_image", "SeeDream 4.5")
    priced = resolve_priced(shape, {"aspect_ratio": "7:3"}, 1, "cheapest")
    assert priced.parameters.values["size"] == "3024x1296"


def test_a_default_moves_before_a_wish(known: Registry) -> None:
    """Veo draws 1080p only with 8 s: the untouched default length gives way, not the wish."""
    priced = resolve_priced(
        offer(known, "text_to_video", "Google Veo 3.1"), {"resolution": "1080p"}, 1, "nearest"
    )
    assert (priced.parameters.values["resolution"], priced.parameters.values["duration"]) == ("1080p", 8)
    assert moves(priced) == {"duration": (None, 8)}


def test_unknown_parameters_are_left_out_and_reported(known: Registry) -> None:
    """With permission a parameter that the model lacks is dropped, visibly."""
    wishes = {"duration": 5, "sparkle": "much"}
    priced = resolve_priced(offer(known, "text_to_video", "Wan 2.6"), wishes, 1, "nearest")
    assert moves(priced) == {"sparkle": ("much", None)}
    assert "sparkle" not in priced.parameters.values


def test_the_number_of_outputs_is_never_moved(known: Registry) -> None:
    """How many outputs somebody gets is too much to decide for them."""
    with pytest.raises(InvalidRequestError, match="n: must be one of 1, 2, 3, 4"):
        resolve_priced(offer(known, "text_to_video", "Wan 2.6"), {}, 9, "nearest")
