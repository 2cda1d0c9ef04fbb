"""The service's check of parameters against a leaf's form."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"aspect_ratio": "7:3"}, "aspect_ratio"),
        ({"audio": "loud"}, "audio"),
        ({"audio": 1}, "audio"),
        ({"negative_prompt": "x" * 11}, "negative_prompt"),
        ({"negative_prompt": 5}, "negative_prompt"),
        ({"strength": 0}, "strength"),
        ({"strength": 10}, "strength"),
    ],
)
def test_values_outside_the_form_are_400(bench: Any, film: Any, change: dict[str, Any], name: str) -> None:
    """Options, switches, text lengths and number bounds are enforced, and the field is named."""
    answer = bench.create(film(**change))
    assert (answer["code"], answer["message"]) == (400, f"Invalid value for {name}")


@pytest.mark.parametrize(
    "change",
    [
        {"aspect_ratio": "9:16"},
        {"audio": "true"},
        {"audio": False},
        {"negative_prompt": "x" * 10},
        {"negative_prompt": None},
        {"duration": "5", "resolution": "720p"},
        {"strength": 9},
    ],
)
def test_values_of_the_form_pass_in_any_spelling(bench: Any, film: Any, change: dict[str, Any]) -> None:
    """Numbers as text and other letter case are the same value."""
    assert bench.create(film(**change))["code"] == 0


def test_disabled_combinations_are_400(bench: Any, film: Any) -> None:
    """Ten seconds in 1080P have a price, but the form forbids them."""
    answer = bench.create(film(attribute_id=24, points=80, duration=10, resolution="1080P"))
    assert answer["code"] == 400
    assert "duration=10 with resolution=1080P" in answer["message"]
    assert bench.create(film(attribute_id=22, points=40, duration=5, resolution="1080P"))["code"] == 0
    assert bench.create(film(attribute_id=23, points=50, duration=10))["code"] == 0


@pytest.mark.parametrize("size", ["2560x1440", "2k", "2K", "2048X2048"])
def test_offered_sizes_pass(bench: Any, order: Any, size: str) -> None:
    """A size is taken from the options, in any letter case."""
    assert bench.create(order(size=size))["code"] == 0


def test_a_size_that_is_too_small_names_the_least_pixels(bench: Any, order: Any) -> None:
    """The service says how many pixels it needs: those of the smallest size it offers."""
    answer = bench.create(order(size="1024x1024"))
    assert answer["code"] == 400
    assert "pixels should be at least 3686400" in answer["message"]


@pytest.mark.parametrize("size", ["adaptive", "8000x8000", "4k"])
def test_other_sizes_are_invalid_values(bench: Any, order: Any, size: str) -> None:
    """Anything else that is not offered is an invalid value."""
    answer = bench.create(order(size=size))
    assert (answer["code"], answer["message"]) == (400, "Invalid value for size")


PIX = ("text_to_video", "pixverse", "Pixverse V5.5", 51, 12)


def test_pixverse_without_its_engine_is_400017(bench: Any, order: Any) -> None:
    """Pixverse asks for its engine version although its form does not list it."""
    answer = bench.create(order(*PIX))
    assert (answer["code"], answer["message"]) == (400017, "err_code=400017 err_msg=Invalid value for model")


@pytest.mark.parametrize(
    ("engine", "code"), [("v5.5", 0), ("V5.5", 0), ("v5", 400017), ("v4", 400017), (5.5, 400017)]
)
def test_the_engine_must_be_the_leafs(bench: Any, order: Any, engine: Any, code: int) -> None:
    """Another version's engine is not accepted."""
    body = order(*PIX)
    body["parameters"][0]["parameters"]["model"] = engine
    assert bench.create(body)["code"] == code


def test_old_engines_make_no_reference_videos(bench: Any, order: Any) -> None:
    """The service words this case in its own way."""
    far = ["https://cdn.example.com/a.png"]
    body = order("reference_image_to_video", "pixverse", "Pixverse V4", 54, 12, inputs=far)
    body["parameters"][0]["parameters"]["model"] = "v4"
    answer = bench.create(body)
    assert answer["code"] == 400
    assert answer["message"].startswith("The Fusion feature is supported in model v4.5")
    body = order("reference_image_to_video", "pixverse", "Pixverse V5.5", 53, 12, inputs=far)
    assert bench.create(body)["code"] == 400017
    body["parameters"][0]["parameters"]["model"] = "v5.5"
    assert bench.create(body)["code"] == 0


def test_the_renderer_gets_what_the_model_works_with(bench: Any, film: Any, order: Any) -> None:
    """Form defaults, then what was sent; billing, inputs, text and unknown parameters stay out."""
    bench.finished(film(foo=1, quality="8k"))
    job = bench.renderer.jobs[-1]
    assert dict(job.parameters) == {
        "duration": 5,
        "resolution": "720P",
        "aspect_ratio": "16:9",
        "audio": False,
        "strength": 5,
    }
    assert (job.prompt, job.kind, job.duration_s, job.index) == ("a cat", "video", 5.0, 0)
    bench.finished(order())
    assert dict(bench.renderer.jobs[-1].parameters) == {"size": "2048x2048"}
    bench.finished(order("text_to_speech", "voice", "voice-1", 81, 2, speed=1.5, duration=7))
    assert (bench.renderer.jobs[-1].kind, dict(bench.renderer.jobs[-1].parameters)) == (
        "speech",
        {"speed": 1.5},
    )
    assert bench.renderer.jobs[-1].duration_s is None


def test_music_has_the_models_length_whatever_is_asked(bench: Any, order: Any) -> None:
    """A duration that the form does not know is ignored; the registry's fixed length holds."""
    bench.finished(order("text_to_music", "GenBGM", "GenBGM", 71, 30, duration=7))
    assert (bench.renderer.jobs[-1].kind, bench.renderer.jobs[-1].duration_s) == ("music", 30.0)
