"""Request schemas and the task types behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    Check = Callable[[str, Any], list[str]]

NAMES = [
    "text_to_image",
    "image_to_image",
    "text_to_video",
    "image_to_video",
    "first_last_frame_to_video",
    "reference_image_to_video",
    "text_to_music",
    "text_to_speech",
]
INPUTS = {
    "text_to_image": (0, 0),
    "image_to_image": (1, 14),
    "text_to_video": (0, 0),
    "image_to_video": (1, 9),
    "first_last_frame_to_video": (2, 2),
    "reference_image_to_video": (1, 15),
    "text_to_music": (0, 0),
    "text_to_speech": (0, 0),
}


def _request(name: str, **change: Any) -> dict[str, Any]:
    return {
        "task_type": name,
        "model": None,
        "version_id": None,
        "prompt": "a red kite over dunes",
        "inputs": ["https://example.org/a.png"] * INPUTS[name][0],
        "params": {"duration": 5, "audio_params": {"emotion": "calm"}, "sound": "on", "loop": False},
        "n": 1,
        "language": "zh",
        **change,
    }


@pytest.mark.parametrize("name", NAMES)
def test_a_plain_request_is_fine(name: str, faults_of: Check) -> None:
    """A request as the engine builds it passes, and so does the shortest one."""
    full = _request(name)
    assert faults_of(f"request/{name}", full) == []
    short = {key: full[key] for key in ("task_type", "prompt", "inputs")}
    assert faults_of(f"request/{name}", short) == []


@pytest.mark.parametrize("name", NAMES)
def test_bounds_are_those_of_the_task_type(name: str, task_types: dict[str, Any], faults_of: Check) -> None:
    """Prompt length, number of outputs and of inputs end where task_types.toml says."""
    facts = task_types[name]
    low, high = INPUTS[name]
    assert (facts["inputs"]["minimum"], facts["inputs"]["maximum"]) == (low, high)
    for fits in (
        {"prompt": "x" * facts["prompt_max"]},
        {"n": facts["n_max"]},
        {"inputs": ["/tmp/a.png"] * high},  # noqa: S108 - a path that is only validated
    ):
        assert faults_of(f"request/{name}", _request(name, **fits)) == []
    for breaks in (
        {"prompt": "x" * (facts["prompt_max"] + 1)},
        {"n": facts["n_max"] + 1},
        {"inputs": ["a.png"] * (high + 1)},
        *([{"inputs": ["a.png"] * (low - 1)}] if low else []),
    ):
        assert len(faults_of(f"request/{name}", _request(name, **breaks))) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"prompt": "  "},
        {"prompt": None},
        {"n": 0},
        {"n": True},
        {"n": 1.5},
        {"n": "1"},
        {"language": "fr"},
        {"model": ""},
        {"params": []},
        {"params": {"tags": ["a"]}},
        {"inputs": "https://example.org/a.png"},
        {"task_type": "text_to_movie"},
        {"seed": 7},
    ],
    ids=str,
)
@pytest.mark.parametrize("name", NAMES)
def test_wrong_requests_are_refused(name: str, wrong: dict[str, Any], faults_of: Check) -> None:
    """Each mistake is found in every task type."""
    assert faults_of(f"request/{name}", _request(name, **wrong))


@pytest.mark.parametrize("name", [name for name, (low, _) in INPUTS.items() if low])
def test_inputs_are_required_where_they_are_needed(name: str, faults_of: Check) -> None:
    """Leaving the inputs out is as wrong as giving too few."""
    request = _request(name)
    del request["inputs"]
    assert faults_of(f"request/{name}", request) == ["$: 'inputs' is a required property"]


@pytest.mark.parametrize("name", NAMES)
def test_prompts_and_inputs_are_never_quoted(name: str, schemas: dict[str, dict[str, Any]]) -> None:
    """``writeOnly`` keeps prompts and signed URLs out of messages."""
    properties = schemas[f"request/{name}"]["properties"]
    assert properties["prompt"]["writeOnly"]
    assert properties["inputs"]["items"]["writeOnly"]


def test_task_types_wait_as_documented(task_types: dict[str, Any]) -> None:
    """Cadence and deadlines, in seconds: poll, deadline, progress."""
    found = {
        name: (facts["poll_s"], facts["deadline_s"], facts["progress_s"])
        for name, facts in task_types.items()
    }
    video = (8, 2400, 30)
    assert found == {
        "text_to_image": (5, 600, 15),
        "image_to_image": (5, 600, 15),
        "text_to_video": video,
        "image_to_video": video,
        "first_last_frame_to_video": video,
        "reference_image_to_video": video,
        "text_to_music": (5, 480, 15),
        "text_to_speech": (3, 300, 15),
    }


def test_task_types_have_their_modality_and_roles(task_types: dict[str, Any]) -> None:
    """The modality is what a plugin declares; two pictures are first and last frame."""
    assert list(task_types) == NAMES
    assert {facts["modality"] for facts in task_types.values()} == {"image", "video", "music", "tts"}
    assert task_types["first_last_frame_to_video"]["inputs"]["roles"] == ["first_frame", "last_frame"]
    for facts in task_types.values():
        inputs = facts["inputs"]
        assert bool(inputs["kinds"]) == (inputs["maximum"] > 0)
        assert facts["estimate"][1] < facts["deadline_s"]
        assert "seed" in facts["ignored_params"]


def test_longest_models_end_before_the_deadline(
    entries: dict[str, dict[str, Any]], task_types: dict[str, Any]
) -> None:
    """No model's own estimate is longer than we wait for its task type."""
    for entry in entries.values():
        for name, task in entry.get("task_types", {}).items():
            assert task.get("estimate", (0, 0))[1] < task_types[name]["deadline_s"]
