"""First-party quirks as users meet them: through the whole preparation of a request."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from ima_skills import (
    InvalidRequestError,
    ProductLeaf,
    Request,
    UnknownModelError,
    load_plugins,
    load_registry,
)
from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.preparing import Prepared, Preparer
from ima_skills.schemas import open_schemas


@pytest.fixture(scope="module")
def preparer() -> Preparer:
    return Preparer(load_registry(), load_plugins(third_party=False), open_schemas())


def listed(preparer: Preparer, task_type: str) -> Catalogue:
    return read_catalogue(task_type, preparer.registry.snapshot.groups(task_type))


def build(  # noqa: PLR0913 - the parts of a request that these tests vary
    preparer: Preparer,
    task_type: str,
    model: str | None,
    params: dict[str, Any] | None = None,
    *,
    prompt: str = "x",
    version_id: str | None = None,
    catalogue: Catalogue | None = None,
) -> Prepared:
    request = Request(task_type, prompt, model=model, version_id=version_id, params=params or {})
    return preparer.build(preparer.check(request), catalogue or listed(preparer, task_type))


def changes(prepared: Prepared) -> dict[str, Any]:
    return {change.param: change.applied for change in prepared.changes}


def without_table(leaf: ProductLeaf, name: str) -> ProductLeaf:
    form = tuple(evolve(item, virtual=None) if item.name == name else item for item in leaf.form)
    return evolve(leaf, form=form)


@pytest.mark.parametrize("version", ["V5.5", "V5", "V4.5", "V4", "V3.5"])
def test_pixverse_names_its_version_inside(preparer: Preparer, version: str) -> None:
    """Whether or not the form lists it, the version that goes out is that of the leaf."""
    prepared = build(preparer, "text_to_video", f"pixverse {version}")
    assert prepared.parameters.values["model"] == version.lower()
    assert prepared.payload()["parameters"][0]["model_version"] == f"Pixverse {version}"


def test_pixverse_reports_what_it_adds(preparer: Preparer) -> None:
    """An injected version is a change; one that the form lists is not."""
    assert changes(build(preparer, "text_to_video", "pixverse v5.5")) == {"model": "v5.5"}
    assert changes(build(preparer, "text_to_video", "pixverse v4.5")) == {}


def test_pixverse_without_a_version_in_its_name(preparer: Preparer) -> None:
    """A leaf that does not tell its version is refused before it costs anything."""
    whole = listed(preparer, "text_to_video")
    leaf = next(leaf for leaf in whole.leaves if leaf.name == "Pixverse V5.5")
    generic = evolve(whole, leaves=(evolve(leaf, id="Pixverse", name="Pixverse"),))
    with pytest.raises(UnknownModelError, match="does not tell which version"):
        build(preparer, "text_to_video", "pixverse", catalogue=generic)


def test_seedream_ratios_where_the_list_lacks_them(preparer: Preparer) -> None:
    """A plain size field gets the ratio control, with the model's exact sizes."""
    whole = listed(preparer, "text_to_image")
    bare = tuple(without_table(leaf, "size") for leaf in whole.leaves)
    prepared = build(
        preparer, "text_to_image", None, {"aspect_ratio": "9:16"}, catalogue=evolve(whole, leaves=bare)
    )
    assert prepared.parameters.values["size"] == "1440x2560"
    default = build(preparer, "text_to_image", None, catalogue=evolve(whole, leaves=bare))
    assert default.parameters.values["size"] == "4k"


def test_kling_quality_where_the_list_lacks_it(preparer: Preparer) -> None:
    """A plain mode field gets the quality control."""
    whole = listed(preparer, "text_to_video")
    bare = evolve(whole, leaves=tuple(without_table(leaf, "mode") for leaf in whole.leaves))
    prepared = build(preparer, "text_to_video", "kling o1", {"quality": "1080P"}, catalogue=bare)
    assert (prepared.parameters.values["mode"], prepared.quote.total) == ("pro", 60)


def test_midjourney_is_square(preparer: Preparer) -> None:
    """A square is granted and reported, anything else refused."""
    prepared = build(preparer, "text_to_image", "mj", {"aspect_ratio": "1:1"})
    assert "aspect_ratio" not in prepared.parameters.values
    assert changes(prepared) == {"aspect_ratio": None}
    with pytest.raises(InvalidRequestError, match="this model only does 1:1"):
        build(preparer, "text_to_image", "mj", {"aspect_ratio": "16:9"})


def test_suno_keeps_both_versions_apart(preparer: Preparer) -> None:
    """Outside sonic, inside the engine: by default the newest, else the one that was asked for."""
    for asked, engine in ((None, "sonic-v5"), ("sonic-v4-5", "sonic-v4-5"), ("sonic", "sonic-v5")):
        prepared = build(preparer, "text_to_music", "suno", version_id=asked)
        outer = prepared.payload()["parameters"][0]
        assert (outer["model_version"], outer["parameters"]["model_version"]) == ("sonic", engine)


def test_suno_without_a_form(preparer: Preparer) -> None:
    """An engine is named even when the list shows no form."""
    whole = listed(preparer, "text_to_music")
    bare = evolve(whole, leaves=tuple(evolve(leaf, form=()) for leaf in whole.leaves))
    prepared = build(preparer, "text_to_music", "suno", catalogue=bare)
    assert prepared.parameters.values["model_version"] == "sonic-v5"
    assert changes(prepared)["model_version"] == "sonic-v5"


def test_suno_understands_plain_words(preparer: Preparer) -> None:
    """Style, voice and lyrics become Suno's own parameters and imply the custom mode."""
    prepared = build(preparer, "text_to_music", "suno", {"style": "jazz", "gender": "女声", "lyrics": "la"})
    values = prepared.parameters.values
    assert (values["tags"], values["vocal_gender"], values["lyrics"]) == ("jazz", "f", "la")
    assert values["custom_mode"] is True
    assert changes(prepared)["custom_mode"] is True


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"instrumental": "yes", "lyrics": "la"}, "lyrics: music without voices"),
        ({"make_instrumental": True, "vocal_gender": "f"}, "vocal_gender: music without voices"),
        ({"custom_mode": False, "tags": "pop"}, "tags: works in custom mode only"),
    ],
)
def test_suno_refuses_contradictions(preparer: Preparer, params: dict[str, Any], said: str) -> None:
    """Wishes that exclude each other are refused, not half granted."""
    with pytest.raises(InvalidRequestError, match=said):
        build(preparer, "text_to_music", "suno", params)


def test_instrumental_music(preparer: Preparer) -> None:
    """Plain "instrumental" switches voices off."""
    prepared = build(preparer, "text_to_music", "suno", {"instrumental": "true"})
    assert prepared.parameters.values["make_instrumental"] is True


@pytest.mark.parametrize("model", ["bgm", "豆包"])
def test_doubao_takes_a_prompt_only(preparer: Preparer, model: str) -> None:
    """A parameter that the model would ignore is refused."""
    with pytest.raises(InvalidRequestError, match="takes a prompt and nothing else"):
        build(preparer, "text_to_music", model, {"tags": "pop"})
    assert dict(build(preparer, "text_to_music", model).parameters.values) == {"n": 1}


@pytest.mark.parametrize(
    ("wish", "text", "voice"),
    [
        ("女声", "你好", "zh_female_vv_uranus_bigtts"),
        ("male", "hello", "en_male_tim_uranus_bigtts"),
        ("female voice", "hello", "en_female_dacey_uranus_bigtts"),
        ("男声", "你好", "zh_male_m191_uranus_bigtts"),
        ("孙悟空", "俺来也", "zh_male_sunwukong_uranus_bigtts"),
        ("Vivi", "hello", "zh_female_vv_uranus_bigtts"),
        ("zh_male_dayi_uranus_bigtts", "你好", "zh_male_dayi_uranus_bigtts"),
    ],
)
def test_voices_by_description(preparer: Preparer, wish: str, text: str, voice: str) -> None:
    """A description finds a voice; the language of the text decides between equals."""
    prepared = build(preparer, "text_to_speech", "seed tts", {"voice": wish}, prompt=text)
    assert prepared.parameters.values["speaker"] == voice


def test_unlisted_speaker_ids_pass(preparer: Preparer) -> None:
    """The service takes any text as speaker, so an id we do not know is not refused."""
    prepared = build(preparer, "text_to_speech", "seed tts", {"speaker": "zh_male_new_uranus_bigtts"})
    assert prepared.parameters.values["speaker"] == "zh_male_new_uranus_bigtts"
    assert changes(prepared) == {}


def test_speech_in_native_parameters(preparer: Preparer) -> None:
    """Factors become percentages, feelings and languages their own groups; given groups are kept."""
    wishes = {"speed": "1.2", "volume": 0.8, "emotion": "happy", "language": "en", "audio_params": {"x": 1}}
    prepared = build(preparer, "text_to_speech", "seed tts", wishes)
    values = prepared.parameters.values
    assert values["audio_params"] == {"x": 1, "speech_rate": 20, "loudness_rate": -20, "emotion": "happy"}
    assert values["additions"] == {"explicit_language": "en"}
    assert not {"speed", "volume", "emotion", "language"} & values.keys()


@pytest.mark.parametrize("speed", [0.4, 2.1, "fast", float("nan"), None])
def test_impossible_speeds_are_refused(preparer: Preparer, speed: Any) -> None:
    """Outside 0.5 to 2 the service would refuse; so do we, without a call."""
    with pytest.raises(InvalidRequestError, match="speed: must be"):
        build(preparer, "text_to_speech", "seed tts", {"speed": speed})


def test_default_marker_is_a_switch(preparer: Preparer) -> None:
    """Off by default; the registry can switch it on for a model."""
    quirk = preparer.plugins.quirks["tts-native"]
    prepared = build(preparer, "text_to_speech", "seed tts")
    assert "default" not in prepared.parameters.values
    assert quirk.parameters is not None
    marked = quirk.parameters(prepared.parameters, prepared.leaf, {"send_default_marker": True})
    assert marked.values["default"] == "enabled"
