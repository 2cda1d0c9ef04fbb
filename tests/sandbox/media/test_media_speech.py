"""Speech: it speaks, and voice, speed, pitch and loudness have an effect."""

import math
import os
import stat
import sys
import time
from array import array
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from ima_skills.sandbox.media import RenderError, RenderJob, render
from ima_skills.sandbox.media.probe import AudioFacts, decode_mono, probe_audio
from ima_skills.sandbox.media.speech.delivery import delivery_for
from ima_skills.sandbox.media.speech.languages import Passage, passages
from ima_skills.sandbox.media.speech.synthesiser import Program, synthesiser

MakeJob = Callable[..., RenderJob]

ENGLISH = "The quick brown fox jumps over the lazy dog."
CHINESE = "你好，世界。今天天气很好。"


@pytest.fixture
def spoken(make_job: MakeJob, tmp_path: Path) -> Callable[..., AudioFacts]:
    """Return a function that speaks a text to WAV and measures it."""

    def speak(text: str, **parameters: object) -> AudioFacts:
        job = make_job("text_to_speech", text, **({"format": "wav"} | parameters))
        return probe_audio(render(job, tmp_path, "said").path)

    return speak


def pitch_of(samples: "array[int]", rate: int) -> float:
    """Return the pitch of the loudest stretch in hertz, by autocorrelation."""
    size = rate // 12
    loudest = max(
        range(0, len(samples) - 2 * size, size), key=lambda at: sum(map(abs, samples[at : at + size]))
    )
    piece = samples[loudest : loudest + 2 * size]
    lags = range(rate // 400, rate // 60)
    return rate / max(lags, key=lambda lag: sum(map(int.__mul__, piece[:size], piece[lag : lag + size])))


@pytest.mark.parametrize("text", [ENGLISH, CHINESE, "你好 Sandbox，再见。"])
def test_text_is_spoken(make_job: MakeJob, tmp_path: Path, text: str) -> None:
    """English, Chinese and mixed text become an audible mono MP3 of plausible length."""
    rendered = render(make_job("text_to_speech", text), tmp_path, "said")
    facts = probe_audio(rendered.path)
    assert (rendered.path.name, rendered.format) == ("said.mp3", "mp3")
    assert (facts.channels, facts.sample_rate) == (1, 22_050)
    assert 1.5 < facts.duration_s < 6
    assert rendered.duration_s == pytest.approx(facts.duration_s, abs=0.05)
    assert 0.03 < facts.rms < 0.3
    assert facts.peak < 0.99


def test_longer_text_takes_longer(spoken: Callable[..., AudioFacts]) -> None:
    """Three times the words take about three times as long, in both languages."""
    for text in (ENGLISH, CHINESE):
        once, thrice = spoken(text).duration_s, spoken(f"{text} {text} {text}").duration_s
        assert thrice / once == pytest.approx(3, abs=0.5)


def test_speed(spoken: Callable[..., AudioFacts]) -> None:
    """Twice the speed halves the length, by factor or by percent; half the speed doubles it."""
    normal = spoken(ENGLISH).duration_s
    assert spoken(ENGLISH, speed=2.0).duration_s == pytest.approx(normal / 2, rel=0.15)
    assert spoken(ENGLISH, speed="0.5").duration_s == pytest.approx(normal * 2, rel=0.15)
    assert spoken(ENGLISH, audio_params={"speech_rate": 100}).duration_s == pytest.approx(
        normal / 2, rel=0.15
    )
    assert spoken(ENGLISH, audio_params={"speech_rate": -50}).duration_s == pytest.approx(
        normal * 2, rel=0.15
    )


def test_loudness(spoken: Callable[..., AudioFacts]) -> None:
    """Loudness follows the volume factor and the loudness percent, without clipping at its loudest."""
    normal = spoken(ENGLISH).rms
    assert spoken(ENGLISH, volume=0.5).rms == pytest.approx(normal / 2, rel=0.1)
    assert spoken(ENGLISH, volume=50).rms == pytest.approx(normal / 2, rel=0.1)
    assert spoken(ENGLISH, audio_params={"loudness_rate": -50}).rms == pytest.approx(normal / 2, rel=0.1)
    loud = spoken(ENGLISH, audio_params={"loudness_rate": 100})
    assert loud.rms == pytest.approx(normal * 2, rel=0.15)


def test_pitch_and_sex(make_job: MakeJob, tmp_path: Path) -> None:
    """A female speaker is higher than a male one, and the pitch parameter raises a voice."""
    names = (
        ("en_male_tim_uranus_bigtts", 0),
        ("en_female_dacey_uranus_bigtts", 0),
        ("en_male_tim_uranus_bigtts", 6),
    )
    jobs = [
        make_job("text_to_speech", "aaaah", format="wav", speaker=name, pitch=pitch) for name, pitch in names
    ]
    files = [render(job, tmp_path, f"{number}").path for number, job in enumerate(jobs)]
    male, female, raised = (pitch_of(*decode_mono(path)) for path in files)
    assert female > male * 1.2
    assert raised / male == pytest.approx(math.sqrt(2), rel=0.15)


def test_speakers_and_takes_differ(make_job: MakeJob, tmp_path: Path) -> None:
    """Speakers of the same sex sound different, and so does the second media of one task."""
    speakers = ("zh_female_vv", "zh_female_xiaohe", "zh_female_cancan", "zh_male_m191", "zh_male_sophie")
    jobs = [make_job("text_to_speech", CHINESE, speaker=f"{name}_uranus_bigtts") for name in speakers]
    jobs.append(make_job("text_to_speech", CHINESE, speaker=f"{speakers[0]}_uranus_bigtts", index=1))
    made = {render(job, tmp_path, f"{number}").path.read_bytes() for number, job in enumerate(jobs)}
    assert len(made) == len(jobs)


def test_same_job_same_bytes(make_job: MakeJob, tmp_path: Path) -> None:
    """A fresh process per utterance makes speech repeatable, also with a change of voice inside."""
    text = f"{CHINESE} {ENGLISH} 再见。"
    files = [render(make_job("text_to_speech", text), tmp_path, name).path for name in ("a", "b")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_breathy_voices_are_repeatable_too(tmp_path: Path) -> None:
    """A voice with breath noise says the same bytes again a second later, when the clock seeds differently."""
    delivery = evolve(delivery_for({}, 0), variant="f3")
    lines = passages("你好 hello", chinese=True)
    said = []
    for pause in (1.1, 0.0):
        synthesiser().speak(lines, delivery, tmp_path / "said")
        said.append((tmp_path / "said").read_bytes())
        time.sleep(pause)
    assert said[0] == said[1]
    assert len(said[0]) > 20_000


def test_markup_is_spoken_as_text(spoken: Callable[..., AudioFacts]) -> None:
    """Tags, phoneme codes and control characters are text to read: none of them steers the voice."""
    plain = spoken("hello")
    assert spoken("<b>hello</b>").duration_s > plain.duration_s + 0.3
    assert spoken("<break time='9s'/>hello").duration_s < 6
    assert spoken("[[h@loU]]").duration_s > plain.duration_s
    assert spoken("\x0150Shello").duration_s > plain.duration_s
    assert spoken("--version").duration_s > 0.4


@pytest.mark.parametrize("text", ["", "  \n", "……", "\x01"])
def test_nothing_to_say_is_an_error(make_job: MakeJob, tmp_path: Path, text: str) -> None:
    """A text without anything speakable is refused with a sentence instead of giving silence."""
    with pytest.raises(RenderError, match="nothing that can be spoken"):
        render(make_job("text_to_speech", text), tmp_path, "none")


@pytest.mark.parametrize(
    ("text", "chinese", "expected"),
    [
        ("hello there", True, [("en-us", "hello there")]),
        ("你好世界", False, [("cmn", "你好世界")]),
        ("2026", True, [("cmn", "2026")]),
        ("2026", False, [("en-us", "2026")]),
        ("我用 Sandbox 画画", False, [("cmn", "我用 Sandbox 画画")]),
        (
            "你好。This is a longer English sentence. 再见",
            False,
            [("cmn", "你好。"), ("en-us", "This is a longer English sentence. "), ("cmn", "再见")],
        ),
        ("これは日本語です", False, [("ja", "これは日本語です")]),
        ("Привет, мир", False, [("ru", "Привет, мир")]),
        (" \x01\n", False, []),
    ],
)
def test_language_by_script(text: str, *, chinese: bool, expected: list[tuple[str, str]]) -> None:
    """Every stretch of text goes to a voice of its script; a few English words stay in a Chinese sentence."""
    assert passages(text, chinese=chinese) == tuple(Passage(*part) for part in expected)


def test_senseless_numbers_are_no_wish() -> None:
    """Values that are not numbers, or not finite, leave the delivery as it is; extremes are limited."""
    normal = delivery_for({}, 0)
    assert delivery_for({"speed": "fast", "pitch": None, "volume": True, "audio_params": "loud"}, 0) == normal
    assert delivery_for({"speed": "nan", "volume": "inf"}, 0) == normal
    extreme = delivery_for(
        {"speed": 99, "pitch": 99, "volume": 9999, "audio_params": {"speech_rate": 999}}, 0
    )
    assert (extreme.rate, extreme.pitch, extreme.loudness) == (450, normal.pitch + 50, 130)


def test_emotion_changes_the_delivery() -> None:
    """A sad voice is slower and flatter than a happy one."""
    sad, happy = (delivery_for({"audio_params": {"emotion": name}}, 0) for name in ("sad", "happy"))
    assert sad.rate < happy.rate
    assert sad.intonation < happy.intonation


FAKE_ESPEAK = """#!{python}
import sys, wave
open({log!r}, "a").write(repr(sys.argv[1:]) + sys.stdin.read() + "\\n")
with wave.open(sys.stdout.buffer, "wb") as out:
    out.setnchannels(1); out.setsampwidth(2); out.setframerate(24000)
    out.writeframes(b"\\x00\\x20\\x00\\xe0" * 2400)
"""


@pytest.mark.skipif(os.name != "posix", reason="the stand-in is a script with a shebang")
def test_the_installed_program_is_the_second_choice(
    make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the loader, an espeak-ng program is run per passage, with its own name for Mandarin."""
    folder, log = tmp_path / "bin", tmp_path / "log"
    folder.mkdir()
    program = folder / "espeak-ng"
    program.write_text(FAKE_ESPEAK.format(python=sys.executable, log=str(log)))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setenv("PATH", str(folder), prepend=os.pathsep)
    assert synthesiser() == Program(str(program))
    job = make_job("text_to_speech", "你好。--version is one English sentence here", format="wav")
    facts = probe_audio(render(job, tmp_path, "said").path)
    assert (facts.duration_s, facts.sample_rate) == (0.4, 24_000)
    first, second = log.read_text().splitlines()
    assert "'cmn-latn-pinyin+f" in first
    assert "'en-us+f" in second
    assert "--version" not in second.partition("]")[0]


def test_without_any_synthesiser(make_job: MakeJob, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With neither loader nor program, the error says what to install."""
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RenderError, match=r"pip install 'ima-skills\[sandbox\]', or install espeak-ng"):
        render(make_job("text_to_speech", "hello"), tmp_path, "x")


def test_a_failing_synthesiser_is_reported(tmp_path: Path) -> None:
    """The last line of a failed program is in the error, the spoken text is not."""
    delivery = delivery_for({}, 0)
    with pytest.raises(RenderError, match="could not be run: FileNotFoundError") as caught:
        Program(str(tmp_path / "none")).speak([Passage("en-us", "secret words")], delivery, tmp_path / "x")
    assert "secret" not in str(caught.value)
    with pytest.raises(RenderError, match="synthesiser failed: "):
        Program(sys.executable).speak([Passage("en-us", "secret words")], delivery, tmp_path / "x")
