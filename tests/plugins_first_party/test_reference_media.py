"""Reference media: measured before anything travels, verified, and placed in their arrays."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import evolve

from ima_skills import (
    ImaClient,
    ImaError,
    InvalidRequestError,
    Problem,
    Request,
    Secret,
    ServiceError,
    Settings,
    load_registry,
)
from ima_skills.domain.media_facts import MediaFacts, PlacedInput
from ima_skills.errors import MediaError
from ima_skills.media_kinds import BY_FORMAT
from ima_skills.media_probe import first_frame, probe
from ima_skills.offline import sandbox_client
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import RenderJob, render
from ima_skills.sandbox.scenario import parse_scenario
from ima_skills.sandbox.service import open_sandbox
from ima_skills.sandbox.transport import SandboxTransport
from ima_skills_video.references import check, place

MIB = 1 << 20
REFERENCE = "reference_image_to_video"
PICTURE = MediaFacts("picture", "jpg", MIB, 1000, 1000)
CLIP = MediaFacts("video", "mp4", MIB, 1280, 720, 5.0, 24.0)
SOUND = MediaFacts("audio", "mp3", MIB, duration_s=5.0)


@pytest.fixture(scope="module")
def limits() -> dict[str, Any]:
    return dict(load_registry().models["seedance-2.0"].quirk_options["seedance-references"])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("references")

    def made(stem: str, task_type: str, kind: str, params: dict[str, Any], seconds: float | None) -> Path:
        return render(RenderJob(task_type, kind, "a fox", "m", params, 0, (), seconds), folder, stem).path

    return {
        "picture": made("picture", "text_to_image", "image", {"size": "512px"}, None),
        "clip": made("clip", "text_to_video", "video", {"resolution": "720p", "duration": 2}, 2.0),
        "sound": made("sound", "text_to_music", "music", {}, 3.0),
    }


def broken(
    facts: tuple[MediaFacts, ...], limits: dict[str, Any], task_type: str = REFERENCE
) -> list[Problem]:
    return list(check(task_type, facts, limits))


def test_good_media_have_no_problem(limits: dict[str, Any]) -> None:
    """The full house that the service takes: nine pictures, three clips, three sounds."""
    clips = (evolve(CLIP, duration_s=5.0),) * 3
    sounds = (evolve(SOUND, duration_s=5.0),) * 3
    assert broken((PICTURE,) * 9 + clips + sounds, limits) == []


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (evolve(PICTURE, bytes=30 * MIB), "file size must be at most 30 MiB, is 30"),
        (evolve(PICTURE, width=299), "shorter side must be from 300 to 6000 pixels, is 299"),
        (evolve(PICTURE, width=6001, height=3000), "longer side must be from 300 to 6000 pixels, is 6001"),
        (evolve(PICTURE, width=2600, height=1000), "width to height must be from 0.4 to 2.5, is 2.6"),
        (evolve(CLIP, bytes=50 * MIB + 1), "file size must be at most 50 MiB, is 50"),
        (evolve(CLIP, duration_s=1.9), "length must be from 2 to 15 s, is 1.9"),
        (evolve(CLIP, duration_s=15.1), "length must be from 2 to 15 s, is 15.1"),
        (evolve(CLIP, fps=23.0), "frame rate must be from 24 to 60 frames per second, is 23"),
        (evolve(CLIP, width=600, height=400), "area must be from 409600 to 9.27408e+07 pixels, is 240000"),
        (evolve(CLIP, format="avi"), "must be one of mp4, mov"),
        (evolve(SOUND, bytes=15 * MIB + 1), "file size must be at most 15 MiB, is 15"),
        (evolve(SOUND, format="m4a"), "must be one of mp3, wav"),
    ],
)
def test_every_limit_of_one_file(facts: MediaFacts, said: str, limits: dict[str, Any]) -> None:
    """Each limit is checked on its own side of the bound."""
    assert said in [problem.message for problem in broken((facts,), limits)]


def test_bounds_themselves_are_fine(limits: dict[str, Any]) -> None:
    """Bounds are inclusive, except a picture's size; an unknown frame rate passes."""
    for facts in (
        evolve(PICTURE, bytes=30 * MIB - 1),
        evolve(PICTURE, width=300, height=300),
        evolve(PICTURE, width=2500, height=1000),
        evolve(CLIP, bytes=50 * MIB),
        evolve(CLIP, duration_s=2.0),
        evolve(CLIP, duration_s=15.0, fps=60.0),
        evolve(CLIP, fps=0.0),
    ):
        assert broken((facts,), limits) == [], facts


def test_limits_of_all_files_together(limits: dict[str, Any]) -> None:
    """Counts, total lengths and the total size."""
    said = [p.message for p in broken((PICTURE,) * 10 + (evolve(CLIP, duration_s=6.0),) * 4, limits)]
    assert said == [
        "at most 9 picture files, has 10",
        "at most 3 video files, has 4",
        "video files together must be at most 15 s, is 24",
    ]
    heavy = (evolve(PICTURE, bytes=29 * MIB),) * 3
    assert [p.message for p in broken(heavy, limits)] == ["all files together must be at most 64 MiB, is 87"]


def test_clips_are_references_only(limits: dict[str, Any]) -> None:
    """A clip is no first frame."""
    (problem,) = broken((CLIP,), limits, "image_to_video")
    assert "reference_image_to_video only" in problem.message


def test_places_in_a_create() -> None:
    """Each kind has its array; the plain lists hold pictures, and everything."""
    placed = place(
        REFERENCE,
        (
            PlacedInput("https://a/p.jpg", PICTURE),
            PlacedInput("https://a/v.mp4", evolve(CLIP, duration_s=6.9), "https://a/c.jpg"),
            PlacedInput("https://a/s.mp3", SOUND),
        ),
        {},
    )
    assert placed.top == {
        "src_img_url": ["https://a/p.jpg"],
        "src_image": [{"url": "https://a/p.jpg", "width": 1000, "height": 1000}],
        "src_video": [
            {
                "url": "https://a/v.mp4",
                "duration": 6,
                "width": 1280,
                "height": 720,
                "cover": "https://a/c.jpg",
            }
        ],
        "src_audio": [{"url": "https://a/s.mp3", "duration": 5}],
    }
    assert placed.inner == {"input_images": ["https://a/p.jpg", "https://a/v.mp4", "https://a/s.mp3"]}
    only_clips = place(REFERENCE, (PlacedInput("https://a/v.mp4", CLIP),), {})
    assert only_clips.top["src_img_url"] == ["https://a/v.mp4"]


def test_probe_measures_what_was_rendered(files: dict[str, Path], tmp_path: Path) -> None:
    """Sizes, lengths and frame rates are those of the file."""
    picture = probe(files["picture"], BY_FORMAT["jpg"])
    assert (picture.width, picture.height) == (512, 512)
    clip = probe(files["clip"], BY_FORMAT["mp4"])
    assert (clip.width, clip.height, clip.fps) == (1280, 720, 24.0)
    assert clip.duration_s == pytest.approx(2.0, abs=0.05)
    assert probe(files["sound"], BY_FORMAT["mp3"]).duration_s == pytest.approx(3.0, abs=0.1)
    first_frame(files["clip"], tmp_path / "cover.jpg")
    assert probe(tmp_path / "cover.jpg", BY_FORMAT["jpg"]).width == 1280


@pytest.mark.parametrize("name", ["picture", "clip"])
def test_a_file_cut_short_is_noticed(name: str, files: dict[str, Path], tmp_path: Path) -> None:
    """Half a file is damaged, whatever its header promises."""
    whole = files[name].read_bytes()
    half = tmp_path / files[name].name
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MediaError, match=r"damaged|cut short"):
        probe(half, BY_FORMAT[half.suffix[1:]])


def make(tmp_path: Path, inputs: list[Path], scenario: str | None = None, **params: Any) -> Any:
    async def work() -> Any:
        trouble = parse_scenario(scenario) if scenario else None
        async with sandbox_client(tmp_path / "state", speed=5000, scenario=trouble) as ima:
            request = Request(
                REFERENCE,
                "a fox",
                model="seedance 2.0",
                inputs=tuple(map(str, inputs)),
                params={"resolution": "480p", "duration": 5, **params},
            )
            return await ima.create(request)

    return asyncio.run(work())


def test_the_whole_road_with_references(files: dict[str, Path], tmp_path: Path) -> None:
    """Picture, clip and sound are uploaded, verified and accepted: the sandbox refuses unverified ones."""
    result = make(tmp_path, list(files.values()))
    assert (result.status, result.credit) == ("success", 82)


def test_too_long_is_refused_before_anything_travels(files: dict[str, Path], tmp_path: Path) -> None:
    """A limit breaks before the first byte leaves: the sandbox sees no upload."""
    with pytest.raises(InvalidRequestError, match="at most 3 audio files"):
        make(tmp_path, [files["sound"]] * 4)
    assert not any((tmp_path / "state").rglob("*.mp3"))


def test_a_failed_verdict_stops_before_the_create(files: dict[str, Path], tmp_path: Path) -> None:
    """An input that does not pass is named; nothing is charged."""
    scenario = '[[fault]]\non = "verify"\nkind = "asset"\nmessage = "a real face"\n'
    try:
        parse_scenario(scenario)
    except ImaError as error:
        pytest.fail(f"the scenario is wrong: {error.problems}")
    with pytest.raises(ServiceError, match="input 1 did not pass") as caught:
        make(tmp_path, [files["picture"]], scenario)
    assert caught.value.name == "asset-refused"


def test_equal_content_travels_and_is_judged_once(files: dict[str, Path], tmp_path: Path) -> None:
    """The same client uploads a file once and asks for its verdict once, however many jobs use it."""
    calls: list[str] = []

    class Counting(SandboxTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            calls.append(request.url.path)
            return await super().handle_async_request(request)

    async def work() -> None:
        service = open_sandbox(load_registry(), tmp_path / "state", options=Options(speed=5000))
        settings = Settings(Secret(service.options.api_key), service.base_url, service.base_url)
        async with ImaClient(settings, transport=Counting(service, closes=True)) as ima:
            copy = tmp_path / "copy.jpg"
            copy.write_bytes(files["picture"].read_bytes())
            for source in (files["picture"], copy):
                request = Request(REFERENCE, "a fox", model="seedance 2.0", inputs=(str(source),))
                prepared = await ima.prepare(request)
                await ima.start(prepared)

    asyncio.run(work())
    assert calls.count("/open/v1/tasks/create") == 2
    assert sum("getuploadtoken" in path for path in calls) == 1
    assert calls.count("/open/v1/assets/verify") == 1
