"""Music: length, loudness, measurable tempo, and what the parameters change."""

import math
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest

from ima_skills.sandbox.media import RenderJob, render
from ima_skills.sandbox.media.beat import tempo_bpm
from ima_skills.sandbox.media.music.tempo import wanted_tempo
from ima_skills.sandbox.media.probe import decode_mono, probe_audio

MakeJob = Callable[..., RenderJob]


def loudness(samples: "array[int]") -> float:
    """Return the root mean square of 16-bit samples, 1.0 is full scale."""
    return math.sqrt(sum(value * value for value in samples) / len(samples)) / 32768


def test_a_song_is_exactly_as_long_as_wanted(make_job: MakeJob, tmp_path: Path) -> None:
    """An MP3 decodes to the wanted length, audible and without clipping."""
    rendered = render(make_job("text_to_music", "happy song", seconds=7.5), tmp_path, "song")
    facts = probe_audio(rendered.path)
    assert (rendered.path.name, rendered.format, rendered.duration_s) == ("song.mp3", "mp3", 7.5)
    assert facts.duration_s == pytest.approx(7.5, abs=0.01)
    assert (facts.sample_rate, facts.channels, facts.codec) == (44_100, 2, "mp3float")
    assert 0.05 < facts.rms < 0.3
    assert facts.peak < 0.99


def test_default_length_is_thirty_seconds(make_job: MakeJob, tmp_path: Path) -> None:
    """Without a wanted length a song has 30 seconds, and WAV is written when asked for."""
    rendered = render(make_job("text_to_music", format="wav"), tmp_path, "song")
    assert (rendered.format, rendered.duration_s) == ("wav", 30.0)
    assert probe_audio(rendered.path).codec == "pcm_s16le"


@pytest.mark.parametrize(
    ("prompt", "parameters", "tempo"),
    [
        ("happy pop, 96 BPM", {}, 96),
        ("edm club anthem", {"tags": "house, bpm=128"}, 128),
        ("轻音乐，每分钟72拍", {"make_instrumental": True}, 72),
        ("sad rock with 150bpm drums", {}, 150),
    ],
)
def test_the_tempo_is_the_one_asked_for(
    make_job: MakeJob, tmp_path: Path, prompt: str, parameters: dict[str, object], tempo: float
) -> None:
    """The beat measured in the decoded file is the tempo in the request, wherever the search starts."""
    path = render(
        make_job("text_to_music", prompt, seconds=900 / tempo, format="wav", **parameters), tmp_path, "beat"
    ).path
    for start in (0.85, 1.15):
        assert tempo_bpm(path, near=tempo * start) == pytest.approx(tempo, abs=1.0)


def test_the_tempo_measure_can_fail(make_job: MakeJob, tmp_path: Path) -> None:
    """Music at 100 beats is not measured as 120, and a second of it has no tempo at all."""
    path = render(make_job("text_to_music", "100 BPM", seconds=8, format="wav"), tmp_path, "beat").path
    assert tempo_bpm(path, near=120) == pytest.approx(100, abs=1.0)
    short = render(make_job("text_to_music", "100 BPM", seconds=1, format="wav"), tmp_path, "short").path
    with pytest.raises(ValueError, match="too short to have a tempo"):
        tempo_bpm(short, near=100)


@pytest.mark.parametrize(
    ("prompt", "parameters", "tempo"),
    [
        ("A 120 BPM track", {}, 120),
        ("bpm: 87.5", {}, 87.5),
        ("速度为110的舞曲", {}, 110),
        ("每分钟100拍", {}, 100),
        ("90 beats per minute", {}, 90),
        ("", {"tags": "lofi, BPM=84"}, 84),
        ("120 BPM", {"tags": "84 bpm"}, 84),
        ("120 BPM", {"bpm": 99}, 99),
        ("", {"gpt_description_prompt": "tempo 140"}, 140),
        ("999 BPM", {}, None),
        ("in the year 1999", {}, None),
        ("", {"tags": None}, None),
    ],
)
def test_reading_a_tempo(prompt: str, parameters: dict[str, object], tempo: float | None) -> None:
    """A tempo is found in either language and in any of the places where models take it; nonsense is not."""
    assert wanted_tempo(prompt, parameters) == tempo


def test_instrumental_is_the_same_song_without_its_singer(make_job: MakeJob, tmp_path: Path) -> None:
    """make_instrumental takes a clearly audible voice away and leaves the beat where it is."""
    files = [
        render(
            make_job("text_to_music", "pop 160 BPM", seconds=8, format="wav", make_instrumental=wish),
            tmp_path,
            str(wish),
        ).path
        for wish in (False, True)
    ]
    sung, plain = (decode_mono(path)[0] for path in files)
    # The first phrase (6 s at this tempo) is an intro without singer in both; then the voice comes in.
    verse = slice(round(6.3 * 44_100), round(7.5 * 44_100))
    voice = array("i", map(int.__sub__, sung[verse], plain[verse]))
    assert loudness(voice) > 0.04
    assert tempo_bpm(files[0], near=160) == tempo_bpm(files[1], near=160)


def test_background_music_has_no_singer(make_job: MakeJob, tmp_path: Path) -> None:
    """A request for BGM is instrumental without the parameter, which such models do not have."""
    files = [
        render(
            make_job("text_to_music", "bgm, 200 BPM", seconds=6, format="wav", **more), tmp_path, name
        ).path
        for name, more in (("silent", {}), ("told", {"make_instrumental": True}))
    ]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_determinism_and_variety(make_job: MakeJob, tmp_path: Path) -> None:
    """The same job gives the same MP3; another index, prompt or style gives other music."""
    jobs = [
        make_job("text_to_music", "calm piano", seconds=2),
        make_job("text_to_music", "calm piano", seconds=2),
        make_job("text_to_music", "calm piano", seconds=2, index=1),
        make_job("text_to_music", "calm harp", seconds=2),
        make_job("text_to_music", "calm piano", seconds=2, tags="techno"),
    ]
    made = [render(job, tmp_path, f"{number}").path.read_bytes() for number, job in enumerate(jobs)]
    assert made[0] == made[1]
    assert len(set(made)) == 4


@pytest.mark.parametrize("style", ["happy pop", "sad dance club", "calm ambient"])
def test_every_style_is_audible_and_clean(make_job: MakeJob, tmp_path: Path, style: str) -> None:
    """All styles have a sensible loudness, never clip and fade out at the end."""
    path = render(make_job("text_to_music", style, seconds=6, format="wav"), tmp_path, "style").path
    samples, rate = decode_mono(path)
    assert 0.05 < loudness(samples) < 0.3
    assert max(map(abs, samples)) < 32_000
    assert loudness(samples[-rate // 50 :]) < loudness(samples) / 8
