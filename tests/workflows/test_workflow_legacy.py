"""Plan files of the older skill: read as the wishes they hold, and told what had to be assumed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.errors import ImaError
from ima_skills.routing.result import Use
from ima_skills.workflows.planning import Planner

if TYPE_CHECKING:
    from pathlib import Path

Bench = Any


def draft(bench: Bench, path: Path) -> Any:
    """Read a plan file as the command does."""
    import asyncio

    async def work() -> Any:
        async with bench.client() as client:
            return await Planner(client, "en").draft_from(path)

    return asyncio.run(work())


LEGACY: dict[str, Any] = {
    "mode": "workflow_plan",
    "plan_id": "wf-0123456789ab",
    "plan_hash": "0" * 64,
    "created_at": "2026-04-01T10:00:00+00:00",
    "summary": "image -> video -> audio",
    "model_requirements": {
        "image-1": {"capability": "image", "task_type": "text_to_image", "model_id": "doubao-seedream-4.5"},
        "video-2": {"capability": "video", "task_type": "image_to_video", "model_id": "wan2.6-i2v"},
        "audio-3": {"capability": "audio", "task_type": "text_to_music", "model_id": None},
    },
    "credit_preview": {"total_credit": 75},
    "request": {
        "prompt": "a kite", "media_targets": ["image", "video", "audio"], "input_images": [],
        "reference_media": [], "extra_params": {"duration": 10},
    },
    "steps": [
        {"step_id": "image-1", "capability": "image", "task_type": "text_to_image", "depends_on": []},
        {"step_id": "video-2", "capability": "video", "depends_on": ["image-1"]},
        {"step_id": "audio-3", "capability": "audio", "depends_on": ["video-2"]},
    ],
    "execution_history": [],
}  # fmt: skip


def test_a_plan_of_the_older_skill(bench: Bench, tmp_path: Path) -> None:
    """Its steps, models and parameters are taken over; what had to be assumed is said."""
    path = tmp_path / "old.json"
    path.write_text(json.dumps(LEGACY))
    found = draft(bench, path)
    image, video, audio = found.steps
    assert (image.model, video.model, video.task_type) == (
        "doubao-seedream-4.5",
        "wan2.6-i2v",
        "image_to_video",
    )
    assert (image.params, video.params, audio.params) == ({}, {"duration": 10}, {})
    assert video.uses == (Use("image-1", "first_frame"),)
    assert (audio.task_type, audio.uses) == ("text_to_music", (Use("video-2", "duration"),))
    assert "audio-3 follows the length of video-2" in found.assumed
    assert bench.plan(*found.steps).points == 5 + 80 + 30


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": []}, "no steps"),
        ({"request": {"prompt": " "}}, "no prompt"),
        ({"request": {"prompt": "x", "extra_params": {"wings": 2}}}, "no step of the plan knows wings"),
        ({"steps": [LEGACY["steps"][0]] * 2}, "the same step_id"),
    ],
)
def test_a_broken_plan_of_the_older_skill(
    change: dict[str, Any], message: str, bench: Bench, tmp_path: Path
) -> None:
    """What cannot be read is refused by name."""
    path = tmp_path / "old.json"
    path.write_text(json.dumps({**LEGACY, **change}))
    with pytest.raises(ImaError, match=message):
        draft(bench, path)
