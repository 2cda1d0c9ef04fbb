"""What the media tests share: a short way to write a job."""

from collections.abc import Callable
from pathlib import Path

import pytest

from ima_skills.sandbox.media import RenderJob

KINDS = {"text_to_music": "music", "text_to_speech": "speech"}


@pytest.fixture
def make_job() -> Callable[..., RenderJob]:
    """Return a function that writes a job with everything but the named parts at a default."""

    def make(
        task_type: str,
        prompt: str = "a quiet valley",
        inputs: tuple[Path, ...] = (),
        *,
        seconds: float | None = None,
        index: int = 0,
        **parameters: object,
    ) -> RenderJob:
        kind = KINDS.get(task_type) or task_type.rpartition("_")[2]
        return RenderJob(task_type, kind, prompt, "SeeDream 4.5", parameters, index, inputs, seconds)

    return make


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Path, Path]:
    """Return two small pictures that nothing can mix up: blue with a red square, green with a white one."""
    from PIL import Image

    paths = []
    for name, ground, square in (("first", "#2040b0", "#e02020"), ("second", "#208040", "#ffffff")):
        picture = Image.new("RGB", (320, 180), ground)
        picture.paste(square, (200, 20, 280, 100))
        paths.append(tmp_path / f"{name}.png")
        picture.save(paths[-1])
    return (paths[0], paths[1])
