"""Sound effects from wish to file, on a sandbox in this process."""

from __future__ import annotations

import asyncio
import wave
from array import array
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from ima_skills_sound.quirks import SEAMLESS_LOOP
from ima_skills_sound.recipes import chosen_layers
from ima_skills_sound.synthesis import Score, synthesise

from ima_skills import InvalidRequestError, Request
from ima_skills.messages.manner import open_manner
from ima_skills.resources import data_root
from ima_skills.routing import route
from ima_skills.routing.vocabulary import load_vocabulary
from ima_skills.testing import quirk_faults, sound_facts, wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills import ImaClient, PluginSet, Registry, Result
    from ima_skills.preparing import Prepared
    from ima_skills.testing import Desk


def _file(result: Result) -> Path:
    saved = result.files[0]
    assert saved is not None
    return Path(saved.path)


def _samples(path: Path) -> array[int]:
    samples = array("h")
    with wave.open(str(path)) as file:
        samples.frombytes(file.readframes(file.getnframes()))
    return samples


@pytest.mark.parametrize(
    ("prompt", "params", "points", "shape"),
    [
        ("rain on a tin roof", {}, 2, (22050, 1)),
        ("下雨", {"seconds": 10, "quality": "高音质"}, 6, (44100, 2)),
        ("a door creaks", {"length": 5, "quality": "studio"}, 4, (44100, 2)),
    ],
)
def test_a_sound_is_what_was_asked_for(
    ima_make: Callable[..., Result],
    prompt: str,
    params: dict[str, Any],
    points: int,
    shape: tuple[int, int],
) -> None:
    """Length, quality and price follow the wish, in people's words; the file is a real, audible sound."""
    result = ima_make(Request("text_to_sound", prompt, params=params))
    facts = sound_facts(_file(result))
    assert (result.model_name, result.credit) == ("Foley One", points)
    assert facts.duration_s == pytest.approx(result.params["duration"], abs=0.01)
    assert (facts.sample_rate, facts.channels, facts.codec) == (*shape, "pcm_s16le")
    assert facts.rms > 0.02
    assert 0.3 < facts.peak < 0.9


@pytest.fixture
def prepare(ima_sandbox: Callable[..., ImaClient]) -> Callable[..., list[Prepared]]:
    """Return a function that prepares sound effects with some parameters each; nothing is sent that costs."""

    def of(*wished: Mapping[str, Any]) -> list[Prepared]:
        async def work() -> list[Prepared]:
            async with ima_sandbox() as client:
                return [
                    await client.prepare(Request("text_to_sound", "rain", params=params)) for params in wished
                ]

        return asyncio.run(work())

    return of


def test_every_price_is_the_services(ima_desk: Desk, prepare: Callable[..., list[Prepared]]) -> None:
    """Every choice of the form is quoted at what the sandbox then charges."""
    items = prepare(*wishes(prepare({})[0].leaf))
    charged = [ima_desk.create(item.payload()).points for item in items]
    assert [item.quote.total for item in items] == charged
    assert (len(charged) > 10, set(charged)) == (True, {2, 3, 4, 6, 12})


def test_a_length_that_is_not_offered(ima_make: Callable[..., Result]) -> None:
    """It is refused before anything is sent, with the nearest one."""
    with pytest.raises(InvalidRequestError) as caught:
        ima_make(Request("text_to_sound", "rain", params={"duration": 8}))
    assert caught.value.problems[0].nearest == 10


def test_a_loop_says_how_long_it_overlaps(ima_make: Callable[..., Result]) -> None:
    """A loop says how long its ends overlap; anything else says nothing."""
    loop = ima_make(Request("text_to_sound", "waves", params={"duration": 10, "loop": True}))
    plain = ima_make(Request("text_to_sound", "waves", params={"duration": 10}))
    assert loop.params["crossfade_ms"] == 1000
    assert "crossfade_ms" not in plain.params


def test_a_loop_has_no_seam(ima_make: Callable[..., Result]) -> None:
    """From its last sample to its first a loop steps no further than it does within; a bell shows it well."""
    samples = _samples(_file(ima_make(Request("text_to_sound", "a gong", params={"loop": True}))))
    steps = [abs(two - one) for one, two in pairwise(samples)]
    assert abs(samples[0] - samples[-1]) <= max(steps)
    assert max(map(abs, samples[:50])) > 0


def test_what_is_no_loop_begins_and_ends_in_silence() -> None:
    """Nothing clicks when it is played."""
    samples = synthesise(Score(chosen_layers("wind"), 1.0, 8000))
    assert (samples[0], samples[-1], len(samples)) == (0.0, 0.0, 8000)


def test_the_same_job_gives_the_same_sound_and_another_index_another() -> None:
    """Chance depends on the job alone."""
    layers = chosen_layers("rain")
    one, again, other = (synthesise(Score(layers, 0.3, 8000, 0.0, seed)) for seed in ("a", "a", "b"))
    assert one == again
    assert one != other


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("rain", "raining cats", True),
        ("rain", "a train", False),
        ("rain", "下雨了", True),
        ("bell", "door", False),
    ],
)
def test_words_choose_the_layers(one: str, other: str, *, same: bool) -> None:
    """Words of either language lead to a recipe; a word inside another does not."""
    assert (chosen_layers(one) == chosen_layers(other)) is same


def _pitch_hz(prompt: str) -> float:
    """Return how often a second the sound of a prompt crosses zero, halved: its pitch, roughly."""
    samples = synthesise(Score(chosen_layers(prompt), 2.0, 22050))
    crossings = sum((one < 0) != (two < 0) for one, two in pairwise(samples))
    return crossings / 2 / 2.0


def test_sounds_differ_as_they_should() -> None:
    """Thunder is low, rain is bright, and a bell is in between."""
    assert _pitch_hz("thunder") < 400 < _pitch_hz("a bell") < 1500 < _pitch_hz("rain")


@pytest.mark.parametrize(
    ("wish", "params"),
    [
        ("给我来个下雨的音效，5秒", {"duration": 5}),
        ("rain sound effect, 10 seconds, loopable", {"duration": 10, "loop": True}),
        ("a door creak sound effect in studio quality", {"quality": "studio"}),
        ("做个30秒的循环海浪声", {"duration": 30, "loop": True}),
        ("foley of footsteps on gravel", {}),
    ],
)
def test_wishes_are_understood(
    ima_plugins: PluginSet, ima_registry: Registry, wish: str, params: dict[str, Any]
) -> None:
    """Wishes in both languages lead to a sound effect with the right settings."""
    vocabulary = load_vocabulary((data_root("registry"), *ima_plugins.registry_roots()))
    found = route(wish, registry=ima_registry, vocabulary=vocabulary)
    assert (found.media, found.task_type, found.params, found.clarify) == (
        ("sound",),
        "text_to_sound",
        params,
        None,
    )


@pytest.mark.parametrize(("language", "noun"), [("en", "sound effect"), ("zh", "音效")])
def test_messages_speak_of_sound_effects(
    ima_plugins: PluginSet, ima_registry: Registry, language: str, noun: str
) -> None:
    """People are told of a sound effect, in their language, not of "audio"."""
    lines = open_manner(ima_registry, ima_plugins, language).lines
    assert lines.say("kinds.sound.noun") == noun
    assert "🎧" in lines.say("kinds.sound.acknowledge")


def test_the_quirk_is_pure(prepare: Callable[..., list[Prepared]]) -> None:
    """Asked twice it answers alike, and leaves what it was given alone."""
    options = {"share": 0.1, "most_ms": 1500}
    for ready in prepare({"loop": True}, {"loop": False}):
        assert quirk_faults(SEAMLESS_LOOP, "parameters", ready.parameters, ready.leaf, options=options) == ()
