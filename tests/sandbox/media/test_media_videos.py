"""Videos: size, length, motion, sound, and what they take from their inputs."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import av
import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from ima_skills.sandbox.media import RenderError, RenderJob, render
from ima_skills.sandbox.media.film.clip import wants_sound
from ima_skills.sandbox.media.painting.shapes import Stage
from ima_skills.sandbox.media.probe import probe_picture, probe_video, video_frame
from ima_skills.sandbox.media.yuv import to_picture, to_planes

MakeJob = Callable[..., RenderJob]


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures per channel, in steps of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def upper(picture: Image.Image) -> Image.Image:
    """Return the part of a frame without caption and mark."""
    return picture.crop((0, picture.height // 6, picture.width, picture.height * 2 // 3))


@pytest.mark.parametrize(
    ("parameters", "seconds", "expected"),
    [
        ({"size": "160x90"}, 1.0, (160, 90, 24)),
        ({"size": "254x142"}, 0.7, (254, 142, 17)),
        ({"resolution": "480p", "aspect_ratio": "9:16"}, 0.25, (480, 854, 6)),
    ],
)
def test_size_and_length(
    make_job: MakeJob,
    tmp_path: Path,
    parameters: dict[str, object],
    seconds: float,
    expected: tuple[int, int, int],
) -> None:
    """A decoded video has exactly the resolved size and seconds x 24 frames, also with odd plane widths."""
    rendered = render(make_job("text_to_video", seconds=seconds, **parameters), tmp_path, "clip")
    facts = probe_video(rendered.path)
    assert (facts.width, facts.height, facts.frames) == expected
    assert (rendered.width, rendered.height) == expected[:2]
    assert (facts.fps, facts.codec) == (24.0, "h264")
    assert facts.container_s == pytest.approx(expected[2] / 24, abs=0.002)
    assert rendered.duration_s == pytest.approx(expected[2] / 24)
    assert not facts.has_audio


def test_default_length_is_five_seconds(make_job: MakeJob, tmp_path: Path) -> None:
    """Without a wanted length a video runs five seconds."""
    rendered = render(make_job("text_to_video", size="64x64"), tmp_path, "five")
    assert probe_video(rendered.path).frames == 120


def test_cover_is_the_first_frame(make_job: MakeJob, tmp_path: Path) -> None:
    """The cover is a JPEG of the video's size that shows its first frame."""
    rendered = render(make_job("text_to_video", size="320x180", seconds=0.5), tmp_path, "clip")
    assert rendered.cover == tmp_path / "clip-cover.jpg"
    facts = probe_picture(rendered.cover)
    assert (facts.width, facts.height, facts.format) == (320, 180, "jpeg")
    assert difference(Image.open(rendered.cover), video_frame(rendered.path, 0)) < 4
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip-cover.jpg", "clip.mp4"]


@pytest.mark.parametrize(
    "prompt", ["mountains", "a lake", "old town", "forest", "flowers", "silk in the wind"]
)
def test_every_scene_moves(make_job: MakeJob, tmp_path: Path, prompt: str) -> None:
    """The last frame of a painted scene visibly differs from the first."""
    path = render(make_job("text_to_video", prompt, size="720x400", seconds=0.5), tmp_path, "moving").path
    assert difference(video_frame(path, 0), video_frame(path, -1)) > 0.4


def test_colours_survive(make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path) -> None:
    """Players are told the colour range: a decoded frame has the colours of the picture behind it."""
    path = render(
        make_job("image_to_video", inputs=photos[:1], size="320x180", seconds=0.2), tmp_path, "c"
    ).path
    frame = video_frame(path, 0)
    for place, colour in (((60, 60), (0x20, 0x40, 0xB0)), ((240, 60), (0xE0, 0x20, 0x20))):
        pixel = frame.getpixel(place)
        assert isinstance(pixel, tuple)
        assert max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) <= 4
    with av.open(path) as container:
        context = container.streams.video[0].codec_context
        assert (context.color_range, context.colorspace) == (1, 1)


def test_planes_round_trip() -> None:
    """Conversion to planes and back changes a colour by rounding only."""
    picture = Image.new("RGB", (16, 16), (200, 90, 30))
    assert difference(to_picture(to_planes(picture)), picture) <= 1.5


def test_image_to_video_starts_from_its_input(
    make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path
) -> None:
    """The first frame is the input fitted to the frame; later the camera has moved."""
    job = make_job("image_to_video", inputs=photos[:1], seconds=1, resolution="480p")
    rendered = render(job, tmp_path, "moved")
    assert (rendered.width, rendered.height) == (854, 480)
    fitted = ImageOps.fit(Image.open(photos[0]), (854, 480))
    assert difference(upper(video_frame(rendered.path, 0)), upper(fitted)) < 3
    assert difference(upper(video_frame(rendered.path, -1)), upper(fitted)) > 3


def test_first_and_last_frame(make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path) -> None:
    """The video starts with the first picture, ends with the second and blends them between."""
    job = make_job("first_last_frame_to_video", inputs=photos, seconds=1, size="320x180")
    path = render(job, tmp_path, "melt").path
    first, last = (Image.open(photo) for photo in photos)
    assert difference(upper(video_frame(path, 0)), upper(first)) < 3
    assert difference(upper(video_frame(path, -1)), upper(last)) < 3
    middle = upper(video_frame(path, 12))
    assert difference(middle, upper(first)) > 10
    assert difference(middle, upper(last)) > 10


def test_references_appear(make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path) -> None:
    """Every reference is seen in the video, next to the others."""
    job = make_job("reference_image_to_video", inputs=photos, seconds=0.3, size="640x360")
    frame = video_frame(render(job, tmp_path, "refs").path, 0)
    for centre, colour in ((160, (0x20, 0x40, 0xB0)), (480, (0x20, 0x80, 0x40))):
        pixel = frame.getpixel((centre - 40, 165))
        assert isinstance(pixel, tuple)
        assert max(abs(a - b) for a, b in zip(pixel, colour, strict=True)) < 16


def test_a_video_is_a_picture_too(make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path) -> None:
    """A video as input counts with its first frame, and sound alone does not spoil the job."""
    source = render(
        make_job("image_to_video", inputs=photos[:1], seconds=0.2, size="320x180"), tmp_path, "src"
    )
    song = render(make_job("text_to_music", seconds=0.5), tmp_path, "song")
    job = make_job(
        "reference_image_to_video", inputs=(song.path, source.path), seconds=0.2, resolution="480p"
    )
    rendered = render(job, tmp_path, "again")
    assert (rendered.width, rendered.height) == (854, 480)
    pixel = video_frame(rendered.path, 0).getpixel((200, 200))
    assert isinstance(pixel, tuple)
    assert pixel[2] > pixel[0] + 60


@pytest.mark.parametrize(
    ("parameters", "wanted"),
    [
        ({"generate_audio": True}, True),
        ({"audio": "true"}, True),
        ({"sound": "on"}, True),
        ({"generate_audio": False}, False),
        ({"generate_audio": "false"}, False),
        ({"sound": "off"}, False),
        ({"audio": None}, False),
        ({}, False),
    ],
)
def test_the_wish_for_sound(make_job: MakeJob, parameters: dict[str, object], *, wanted: bool) -> None:
    """Every name that the models use for the sound switch is understood."""
    assert wants_sound(make_job("text_to_video", **parameters)) is wanted


def test_sound_track(make_job: MakeJob, tmp_path: Path) -> None:
    """A video with sound has an audible AAC track of its own length."""
    rendered = render(
        make_job("text_to_video", size="64x64", seconds=2, generate_audio=True), tmp_path, "loud"
    )
    facts = probe_video(rendered.path)
    assert facts.frames == 48
    assert facts.container_s == pytest.approx(2.0, abs=0.002)
    assert facts.audio is not None
    assert facts.audio.codec == "aac"
    assert facts.audio.duration_s == pytest.approx(2.0, abs=0.03)
    assert 0.03 < facts.audio.rms < 0.3


def test_same_job_same_pictures(make_job: MakeJob, tmp_path: Path) -> None:
    """A silent video rendered twice is the same file; another index gives another video."""
    jobs = [make_job("text_to_video", size="160x90", seconds=0.3, index=index) for index in (0, 0, 1)]
    made = [render(job, tmp_path, f"{number}").path.read_bytes() for number, job in enumerate(jobs)]
    assert made[0] == made[1]
    assert made[0] != made[2]


def test_damaged_input_is_named(make_job: MakeJob, tmp_path: Path) -> None:
    """A broken first frame stops the job with one sentence."""
    broken = tmp_path / "frame.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0 this is no picture")
    with pytest.raises(RenderError, match=r"frame\.jpg"):
        render(make_job("image_to_video", inputs=(broken,)), tmp_path, "x")


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan"), 100_000.0])
def test_impossible_lengths_are_refused(make_job: MakeJob, tmp_path: Path, seconds: float) -> None:
    """A length that cannot be rendered is an error with the limit in it."""
    with pytest.raises(RenderError, match="up to 900 are possible"):
        render(make_job("text_to_video", seconds=seconds), tmp_path, "x")


def test_layers_never_run_out() -> None:
    """However long a video is, a sliding layer is wide enough and moves in even steps without a jump."""
    stage = Stage(320, 180, 5000)
    for pace in (2, 4, 6):
        span = stage.span(pace)
        places = [stage.slide(pace, frame) for frame in range(stage.frames)]
        assert max(places) + stage.width <= span
        assert all(place % 2 == 0 for place in places)
        assert all(abs(after - before) == pace for before, after in pairwise(places))
