"""The pixel size follows from the resolved parameters exactly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.sandbox.media import RenderError
from ima_skills.sandbox.media.geometry import pixel_size


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"size": "2560x1440"}, (2560, 1440)),
        ({"size": "1440×2560"}, (1440, 2560)),
        ({"size": "3024X1296", "aspect_ratio": "1:1"}, (3024, 1296)),
        ({"size": "2k"}, (2048, 2048)),
        ({"size": "4k"}, (4096, 4096)),
        ({"size": "1K", "aspect_ratio": "1:1"}, (1024, 1024)),
        ({"size": "512px", "aspect_ratio": "1:1"}, (512, 512)),
        ({"size": "1K", "aspect_ratio": "4:1"}, (2048, 512)),
        ({"size": "2K", "aspect_ratio": "16:9"}, (2728, 1536)),
        ({"size": "2K", "aspect_ratio": "9:16"}, (1536, 2728)),
        ({"size": "4K", "aspect_ratio": "1:4"}, (2048, 8192)),
        ({"resolution": "480p"}, (1024, 1024)),
        ({"resolution": "720p", "aspect_ratio": "16:9"}, (1024, 1024)),
        ({"resolution": "2K", "aspect_ratio": "1:1"}, (2048, 2048)),
        ({"quality": "4K"}, (4096, 4096)),
        ({"quality": "high", "aspect_ratio": "3:2"}, (1256, 840)),
        ({}, (1024, 1024)),
    ],
)
def test_picture_sizes(parameters: dict[str, object], size: tuple[int, int]) -> None:
    """Every way in which the models name a picture size gives that size."""
    assert pixel_size("text_to_image", parameters, None) == size


@pytest.mark.parametrize(
    ("parameters", "size"),
    [
        ({"resolution": "480p", "aspect_ratio": "16:9"}, (854, 480)),
        ({"resolution": "512P", "aspect_ratio": "1:1"}, (512, 512)),
        ({"resolution": "540p", "aspect_ratio": "9:16"}, (540, 960)),
        ({"resolution": "720P", "aspect_ratio": "4:3"}, (960, 720)),
        ({"resolution": "768P"}, (1366, 768)),
        ({"resolution": "1080p", "aspect_ratio": "21:9"}, (2520, 1080)),
        ({"mode": "std", "aspect_ratio": "16:9"}, (1280, 720)),
        ({"mode": "pro", "aspect_ratio": "9:16"}, (1080, 1920)),
        ({"quality": "1080p"}, (1920, 1080)),
        ({"quality": "高清"}, (1920, 1080)),
        ({"size": "720x1280"}, (720, 1280)),
        ({"size": "853x481"}, (852, 480)),
        ({}, (1280, 720)),
    ],
)
def test_video_sizes(parameters: dict[str, object], size: tuple[int, int]) -> None:
    """The short side of a video is the number of its resolution, and both sides are even."""
    assert pixel_size("text_to_video", parameters, None) == size


@pytest.mark.parametrize("ratio", ["auto", "adaptive", "", None])
def test_open_ratio_follows_the_input(ratio: object) -> None:
    """Without a definite ratio the first input decides it, for pictures and for videos."""
    parameters = {"aspect_ratio": ratio, "resolution": "720p"}
    assert pixel_size("image_to_video", parameters, (600, 800)) == (720, 960)
    assert pixel_size("image_to_image", {"aspect_ratio": ratio, "size": "1K"}, (1000, 500)) == (1448, 728)


def test_text_tasks_ignore_inputs() -> None:
    """A picture made from text does not take its ratio from a stray input."""
    assert pixel_size("text_to_image", {"size": "1K"}, (100, 900)) == (1024, 1024)


def test_extreme_inputs_are_tamed() -> None:
    """A panorama as input does not lead to a video that no player shows."""
    width, height = pixel_size("image_to_video", {}, (10_000, 100))
    assert (width, height) == (2160, 720)


@pytest.mark.parametrize("size", ["9999x9999", "8x8", "99999x2"])
def test_sizes_out_of_reach_are_refused(size: str) -> None:
    """A size that would eat the memory is an error that names it, not an attempt."""
    with pytest.raises(RenderError, match=size):
        pixel_size("text_to_image", {"size": size}, None)


def test_audio_has_no_size() -> None:
    """Asking for the size of speech is a programming error."""
    with pytest.raises(ValueError, match="text_to_speech has no pixel size"):
        pixel_size("text_to_speech", {}, None)


@given(
    resolution=st.sampled_from(["480p", "512P", "540p", "720p", "768P", "1080p"]),
    across=st.integers(1, 30),
    down=st.integers(1, 30),
)
def test_videos_are_always_even(resolution: str, across: int, down: int) -> None:
    """Whatever ratio is asked for, the encoder gets even sides in about that ratio."""
    if not 1 / 4 <= across / down <= 4:
        return
    width, height = pixel_size(
        "text_to_video", {"resolution": resolution, "aspect_ratio": f"{across}:{down}"}, None
    )
    assert width % 2 == 0
    assert height % 2 == 0
    assert min(width, height) == int(resolution[:-1])
    assert width / height == pytest.approx(across / down, rel=0.01)
