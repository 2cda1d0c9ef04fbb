"""From wishes to the inner parameters of a create: known good results, and what must be refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.product import (
    CreditRule,
    FormField,
    MappingRule,
    Option,
    ProductLeaf,
    UiField,
    VirtualField,
)
from ima_skills.errors import InvalidRequestError
from ima_skills.parameters import Offer, known_name, resolve
from ima_skills.pricing import canonical, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills.domain.problem import Problem
    from ima_skills.registry import Registry

T2I, I2I, T2V, MUSIC, TTS = (
    "text_to_image",
    "image_to_image",
    "text_to_video",
    "text_to_music",
    "text_to_speech",
)


def _booked(offer: Offer, wishes: Mapping[str, Any], n: int = 1) -> tuple[dict[str, Any], int, int]:
    """Return what would be sent, its attribute id and the price of one output."""
    found = resolve(offer, wishes, n)
    price = quote(offer.leaf, found.values, n)
    return canonical(price.rule, found.values), price.attribute_id, price.points_per_output


def _problems(offer: Offer, wishes: Mapping[Any, Any], n: int = 1) -> tuple[Problem, ...]:
    with pytest.raises(InvalidRequestError, match=f"{offer.leaf.name} cannot do this: ") as caught:
        resolve(offer, wishes, n)
    return caught.value.problems


ACCEPTED: list[tuple[str, str, dict[str, Any], tuple[int, int], dict[str, Any]]] = [
    ("Wan 2.6", T2V, {}, (2058, 40), {"duration": 5, "resolution": "1080P", "n": 1}),
    ("Wan 2.6", T2V, {"resolution": "720p"}, (2057, 25), {"resolution": "720P"}),
    ("Wan 2.6", T2V, {"duration": "10", "resolution": "1080p"}, (2060, 80), {"duration": 10, "resolution": "1080P"}),
    ("Wan 2.6", T2V, {"seconds": "15s", "quality": "720p"}, (2061, 75), {"duration": 15, "resolution": "720P"}),
    ("Wan 2.6", T2V, {"ratio": "９：１６"}, (2058, 40), {"aspect_ratio": "9:16"}),
    ("Wan 2.6", T2V, {"duration": None}, (2058, 40), {"duration": 5}),
    ("doubao-seedance-1.5-pro", T2V, {}, (2084, 30), {"generate_audio": True, "duration": 4, "resolution": "720p"}),
    ("doubao-seedance-1.5-pro", T2V, {"generate_audio": False}, (2086, 15), {"generate_audio": False}),
    ("doubao-seedance-1.5-pro", T2V, {"generate_audio": "false"}, (2086, 15), {"generate_audio": False}),
    ("doubao-seedance-1.5-pro", T2V, {"sound": "off"}, (2086, 15), {"generate_audio": False}),
    ("ima-pro", T2V, {}, (4511, 105), {"aspect_ratio": "1:1", "duration": 5, "resolution": "720p", "audio": True}),
    ("ima-pro", T2V, {"aspect_ratio": "16:9", "duration": 10}, (4513, 210), {"aspect_ratio": "16:9", "duration": 10}),
    ("ima-pro", T2V, {"aspect_ratio": "adaptive"}, (4511, 105), {"aspect_ratio": "auto"}),
    ("ima-pro", T2V, {"aspect_ratio": "auto"}, (4511, 105), {"aspect_ratio": "auto"}),
    ("ima-pro", T2V, {"generate_audio": False}, (4511, 105), {"audio": False}),
    ("ima-pro-fast", T2V, {"aspect_ratio": "adaptive"}, (4505, 65), {"aspect_ratio": "adaptive"}),
    ("SeeDream 4.5", T2I, {}, (2341, 5), {"size": "4k"}),
    ("SeeDream 4.5", T2I, {"aspect_ratio": "16:9"}, (2341, 5), {"size": "2560x1440"}),
    ("SeeDream 4.5", T2I, {"size": "2048×2048"}, (2341, 5), {"size": "2048x2048"}),
    ("SeeDream 4.5", T2I, {"aspect_ratio": "16:9", "size": "2048×2048"}, (2341, 5), {"size": "2048x2048"}),
    ("SeeDream 4.5", T2I, {"aspect_ratio": "4K"}, (2341, 5), {"size": "4k"}),
    ("SeeDream 4.5", I2I, {"aspect_ratio": "21:9"}, (1611, 5), {"size": "3024x1296"}),
    ("Nano Banana 2", T2I, {}, (4401, 6), {"size": "1K", "aspect_ratio": "1:1"}),
    ("Nano Banana 2", T2I, {"size": "512PX"}, (4400, 4), {"size": "512px"}),
    ("Kling O1", T2V, {}, (2313, 48), {"mode": "std", "duration": "5"}),
    ("Kling O1", T2V, {"quality": "1080P"}, (2314, 60), {"mode": "pro"}),
    ("Kling O1", T2V, {"resolution": "1080p"}, (2314, 60), {"mode": "pro"}),
    ("Kling O1", T2V, {"quality": "1080p", "mode": "std"}, (2313, 48), {"mode": "std"}),
    ("Kling O1", T2V, {"mode": "pro", "duration": 10}, (2316, 120), {"mode": "pro", "duration": "10"}),
    ("Kling 2.6", T2V, {"generate_audio": True}, (2329, 80), {"sound": "on"}),
    ("Sora 2 Pro", T2V, {"duration": 8}, (1978, 360), {"duration": "8"}),
    ("Midjourney", T2I, {}, (4390, 8), {"resolution": "480p", "n": 1}),
    ("Vidu Q2", T2V, {}, (2100, 15), {"resolution": "720p", "duration": 5}),
    ("Hailuo 2.3", T2V, {"resolution": "1080P"}, (2128, 24), {"resolution": "1080P", "duration": 6}),
    ("Google Veo 3.1", T2V, {"duration": 8, "resolution": "1080p", "audio": "yes"}, (2004, 330),
     {"duration": 8, "resolution": "1080p", "generate_audio": True}),
    ("Google Veo 3.1", "reference_image_to_video", {}, (2384, 190), {"duration": 8, "resolution": "1080p"}),
    ("Suno", MUSIC, {"lyrics": "la", "tags": "pop", "vocal_gender": "f", "model_version": "sonic-v5"}, (2370, 25),
     {"lyrics": "la", "tags": "pop", "vocal_gender": "f", "model_version": "sonic-v5"}),
    ("seed-tts-2.0", TTS, {"speaker": "zh_male_sophie_uranus_bigtts", "audio_params": {"speech_rate": 20}, "speed": 1.2},
     (4419, 2), {"speaker": "zh_male_sophie_uranus_bigtts", "audio_params": {"speech_rate": 20}, "speed": 1.2}),
    ("DouBao - BGM", MUSIC, {}, (4399, 30), {"n": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "task_type", "wishes", "price", "sent"), ACCEPTED)
def test_golden_vectors(  # noqa: PLR0913, PLR0917 - one argument per column of the table
    offer: Callable[..., Offer], name: str, task_type: str, wishes: dict[str, Any], price: tuple[int, int],
    sent: dict[str, Any],
) -> None:  # fmt: skip
    """Known wishes give the known parameters, attribute id and price, with the leaf's own types."""
    values, *booked = _booked(offer(name, task_type), wishes)
    assert tuple(booked) == price
    assert {key: values.get(key) for key in sent} == sent
    assert {key: type(values[key]) for key in sent} == {key: type(value) for key, value in sent.items()}


REFUSED: list[tuple[str, str, dict[str, Any], str, Any]] = [
    ("Wan 2.6", T2V, {"duration": 7}, "/params/duration", 5),
    ("doubao-seedance-1.5-pro", T2V, {"duration": "5", "resolution": "480p"}, "/params/duration", 4),
    ("SeeDream 4.5", T2I, {"aspect_ratio": "7:3"}, "/params/aspect_ratio", "21:9"),
    ("SeeDream 4.5", T2I, {"aspect_ratio": "adaptive"}, "/params/aspect_ratio", None),
    ("SeeDream 4.5", T2I, {"size": "1024x1024"}, "/params/size", "2048x2048"),
    ("Kling O1", T2V, {"quality": "4k"}, "/params/quality", "1080p"),
    ("Midjourney", T2I, {"aspect_ratio": "16:9"}, "/params/aspect_ratio", None),
    ("Hailuo 2.3", T2V, {"duration": 10, "resolution": "1080P"}, "/params/duration", 6),
    ("Google Veo 3.1", T2V, {"resolution": "1080p"}, "/params/duration", 8),
    ("Google Veo 3.1", T2V, {"resolution": "4K", "duration": 8}, "/params/resolution", "1080p"),
    ("Kling 2.6", T2V, {"quality": "720p"}, "/params/quality", "1080p"),
    ("Wan 2.6", T2V, {"negative_prompt": "x" * 801}, "/params/negative_prompt", None),
    ("seed-tts-2.0", TTS, {"default": "enabled"}, "/params/default", None),
    ("DouBao - BGM", MUSIC, {"tags": "pop"}, "/params/tags", None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "task_type", "wishes", "pointer", "nearest"), REFUSED)
def test_what_other_clients_alter_or_send_is_refused(  # noqa: PLR0913, PLR0917 - one argument per column of the table
    offer: Callable[..., Offer], name: str, task_type: str, wishes: dict[str, Any], pointer: str, nearest: Any
) -> None:
    """Nothing is altered silently or sent in vain: it is refused with the nearest value that works."""
    problems = _problems(offer(name, task_type), wishes)
    assert pointer in [problem.pointer for problem in problems]
    (problem,) = [problem for problem in problems if problem.pointer == pointer]
    assert problem.nearest == nearest


def test_midjourney_makes_one_output(offer: Callable[..., Offer]) -> None:
    """The form's own choices bound the number of outputs."""
    (problem,) = _problems(offer("Midjourney", T2I), {}, n=4)
    assert (problem.pointer, problem.allowed, problem.nearest) == ("/n", (1,), 1)


def test_number_of_outputs(offer: Callable[..., Offer]) -> None:
    """n is a number in the parameters, priced per output, up to what the task type allows."""
    assert _booked(offer("SeeDream 4.5", T2I), {}, 3) == ({"size": "4k", "n": 3}, 2341, 5)
    assert _booked(offer("Suno", MUSIC), {}, 2)[0]["n"] == 2
    assert _problems(offer("SeeDream 4.5", T2I), {}, n=5)[0].nearest == 4
    for weird in (0, -1, 10**400, 1.5, "many", None, float("nan")):
        assert _problems(offer("SeeDream 4.5", T2I), {}, n=weird)[0].pointer == "/n"  # type: ignore[arg-type]  # what a caller without types may pass
    assert resolve(offer("SeeDream 4.5", T2I), {}, 2.0).values["n"] == 2  # type: ignore[arg-type]  # JSON knows no ints


@pytest.mark.parametrize("name", ["prompt", "n", "N", "input_images", "cast", "Prompt"])
@pytest.mark.parametrize("model", [("Suno", MUSIC), ("Wan 2.6", T2V)])
def test_reserved_names(offer: Callable[..., Offer], model: tuple[str, str], name: str) -> None:
    """What belongs to the request or the price is never taken from the parameters, nor dropped silently."""
    (problem,) = _problems(offer(*model), {name: 2})
    assert (problem.rule, problem.pointer) == ("reserved", f"/params/{name}")
    assert problem.message.startswith("is not a parameter; use ")


@pytest.mark.parametrize("name", ["seed", "SEED"])
def test_seed_is_dropped_with_a_report(offer: Callable[..., Offer], name: str) -> None:
    """A parameter that the service is known not to have is left out, and the user is told."""
    found = resolve(offer("Wan 2.6"), {name: -1})
    assert "seed" not in found.values
    (change,) = found.changes
    assert (change.param, change.requested, change.applied) == (name, -1, None)
    assert change.reason == "the service has no seed for videos"


def test_unknown_names_are_refused_with_the_nearest(offer: Callable[..., Offer]) -> None:
    """A parameter nobody knows is refused; the nearest name and all names people may use are given."""
    (problem,) = _problems(offer("Kling O1"), {"durration": 5})
    assert (problem.rule, problem.nearest, problem.value) == ("unknown", "duration", None)
    assert problem.allowed == ("aspect_ratio", "duration", "quality")
    assert problem.message == (
        "Kling O1 has no parameter of this name; it has: aspect_ratio, duration, quality"
    )


def test_messages_show_controls_not_back_end_names(offer: Callable[..., Offer]) -> None:
    """People see the choices of the control, never the sizes or modes behind it."""
    with pytest.raises(InvalidRequestError, match="aspect_ratio: must be one of 2k, 4k, 1:1") as caught:
        resolve(offer("SeeDream 4.5", T2I), {"aspect_ratio": "7:3"})
    assert "2048x2048" not in str(caught.value)
    assert caught.value.hint == "Nearest that works: aspect_ratio 21:9."


def test_all_problems_at_once(offer: Callable[..., Offer]) -> None:
    """Every fault is named in one error, each place once, in a fixed order."""
    wishes = {"duration": 7, "resolution": "4K", "shot_type": "triple", "colour": 1, "prompt": "x"}
    problems = _problems(offer("Wan 2.6"), wishes, n=9)
    assert [problem.pointer for problem in problems] == [
        "/n", "/params/colour", "/params/duration", "/params/prompt", "/params/resolution", "/params/shot_type",
    ]  # fmt: skip


def test_the_default_side_of_a_pair_is_named(offer: Callable[..., Offer]) -> None:
    """When a default does not go with a wish, the default is what should move."""
    (problem,) = _problems(offer("Google Veo 3.1"), {"resolution": "1080p"})
    assert problem.message == "4 is not available together with resolution 1080p"
    (problem,) = _problems(offer("Google Veo 3.1"), {"duration": 6, "resolution": "1080p"})
    assert problem.rule == "disabled"


@pytest.mark.parametrize(
    ("wishes", "changed"),
    [
        ({"generate_audio": True}, [("generate_audio", True, "sound True")]),
        ({"audio": "on"}, [("audio", "on", "sound on")]),
        ({"seconds": "10s"}, [("seconds", "10s", "duration 10s")]),
        ({"Duration": 10, "Aspect-Ratio": "1:1"}, []),
    ],
)
def test_other_spellings(offer: Callable[..., Offer], wishes: dict[str, Any], changed: list[Any]) -> None:
    """Models call the same wish by different names: reported; letter case and dashes are no news."""
    found = resolve(offer("Kling 2.6"), wishes)
    assert [(change.param, change.requested, change.applied) for change in found.changes] == changed
    assert found.requested == wishes


def test_two_spellings_of_one_wish(offer: Callable[..., Offer]) -> None:
    """Two names for the same parameter may agree, and are refused when they do not."""
    assert resolve(offer("Wan 2.6"), {"resolution": "720p", "quality": "720P"}).values["resolution"] == "720P"
    (problem,) = _problems(offer("Wan 2.6"), {"resolution": "720p", "quality": "1080p"})
    assert (problem.rule, problem.pointer) == ("twice", "/params/quality")
    assert problem.message == "says something else than another parameter that also means resolution"


def test_negative_prompt_is_never_repeated(offer: Callable[..., Offer]) -> None:
    """What is written like a prompt is in no problem, no change and no repr."""
    secret = "launch code 0000"
    found = resolve(offer("Wan 2.6"), {"Negative-Prompt": secret})
    assert found.values["negative_prompt"] == secret
    assert secret not in repr(found)
    with pytest.raises(InvalidRequestError, match="must have at most 800 characters") as caught:
        resolve(offer("Wan 2.6"), {"negative_prompt": secret * 99})
    assert secret not in str(caught.value.as_dict())
    with pytest.raises(InvalidRequestError, match="must be text") as caught:
        resolve(offer("Wan 2.6"), {"negative_prompt": {"text": secret}})
    assert secret not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    ("wishes", "pointer", "rule"),
    [
        ({"": 5}, "/params/", "unknown"),
        ({"a/b": 5}, "/params/a~1b", "unknown"),
        ({5: 5}, "/params", "unsendable"),
        ({None: 5}, "/params", "unsendable"),
        ({"duration": [5]}, "/params/duration", "enum"),
        ({"duration": {"value": 5}}, "/params/duration", "enum"),
        ({"duration": float("nan")}, "/params/duration", "unsendable"),
        ({"duration": 10**400}, "/params/duration", "unsendable"),
        ({"duration": "５０"}, "/params/duration", "enum"),
        ({"duration": b"5"}, "/params/duration", "unsendable"),
        ({"duration": "\ud800"}, "/params/duration", "unsendable"),
        ({"prompt_extend": "perhaps"}, "/params/prompt_extend", "type"),
        ({"prompt_extend": [True]}, "/params/prompt_extend", "type"),
        ({"时长": 5}, "/params/时长", "unknown"),
        ({"duration" * 500: 5}, "/params/" + "duration" * 500, "unknown"),
    ],
    ids=range(15),
)
def test_weird_parameters(
    offer: Callable[..., Offer], wishes: dict[Any, Any], pointer: str, rule: str
) -> None:
    """Lists, objects, NaN, huge numbers, empty and foreign names: a clear refusal, never a crash."""
    (problem,) = _problems(offer("Wan 2.6"), wishes)
    assert (problem.pointer, problem.rule) == (pointer, rule)


def test_native_parameters_must_be_sendable(offer: Callable[..., Offer]) -> None:
    """Parameters beyond the form travel as they are, as long as they can travel."""
    speech = offer("seed-tts-2.0", TTS)
    assert resolve(speech, {"additions": {"context_texts": ["calm"]}}).values["additions"] == {
        "context_texts": ["calm"]
    }
    (problem,) = _problems(speech, {"audio_params": {"speech_rate": float("inf")}})
    assert problem.pointer == "/params/audio_params/speech_rate"
    assert "audio_params" not in resolve(speech, {"audio_params": None}).values


PAIRS = "quality 1K, aspect_ratio 1:1; quality 2K, aspect_ratio 16:9"


def _two_controls() -> ProductLeaf:
    rows = (("1K", "1:1", "1024x1024"), ("2K", "16:9", "2560×1440"))
    rules = tuple(MappingRule({"quality": q, "aspect_ratio": r}, size) for q, r, size in rows)
    controls = (UiField("quality", "1K", (Option("1K"), Option("2K"))),
                UiField("aspect_ratio", "1:1", (Option("1:1"), Option("16:9"))))  # fmt: skip
    field = FormField(
        "size_choice", "tags", "1024x1024", (Option("1024x1024"), Option("512x512")),
        virtual=VirtualField(controls, "size", rules),
    )  # fmt: skip
    return ProductLeaf("v", "m", "Twin", T2I, (field,), (CreditRule(1, 5, {}, is_default=True),))


@pytest.fixture
def twin(registry: Registry) -> Offer:
    """A leaf whose one parameter has two controls and another name than its field."""
    return Offer(_two_controls(), registry.task_types[T2I])


@pytest.mark.parametrize(
    ("wishes", "size"),
    [
        ({}, "1024x1024"),
        ({"quality": "2k", "aspect_ratio": "16:9"}, "2560x1440"),
        ({"size": "512 × 512"}, "512x512"),
        ({"size_choice": "512x512"}, "512x512"),
        ({"quality": "2K", "aspect_ratio": "16:9", "size": "512x512"}, "512x512"),
    ],
)
def test_group_of_two_controls(twin: Offer, wishes: dict[str, Any], size: str) -> None:
    """A group resolves to its target, whatever the field is called, and nothing else is sent."""
    assert resolve(twin, wishes).values == {"size": size, "n": 1}


@pytest.mark.parametrize(
    ("wishes", "message"),
    [
        ({"quality": "2K"}, f"quality 2K, aspect_ratio 1:1 do not go together; possible: {PAIRS}"),
        (
            {"quality": "1K", "aspect_ratio": "16:9"},
            f"quality 1K, aspect_ratio 16:9 do not go together; possible: {PAIRS}",
        ),
        ({"size": "99x99"}, "must be one of 1024x1024, 512x512, 2560x1440"),
    ],
)
def test_group_of_two_controls_refuses(twin: Offer, wishes: dict[str, Any], message: str) -> None:
    """A pair that does not exist lists the pairs that do; an unknown target value is refused as well."""
    (problem,) = _problems(twin, wishes)
    assert problem.message == message


def test_losing_controls_are_reported(twin: Offer) -> None:
    """Controls that lose against a back-end value are changes, by name and with a reason."""
    found = resolve(twin, {"quality": "2K", "aspect_ratio": "16:9", "size": "512x512"})
    assert [change.as_dict() for change in found.changes] == [
        {
            "param": name,
            "requested": value,
            "applied": None,
            "reason": "size was given directly and decides",
            "reason_zh": "已直接指定 size，以它为准",
        }
        for name, value in (("quality", "2K"), ("aspect_ratio", "16:9"))
    ]


def _entry(**defaults: Any) -> ModelEntry:
    return ModelEntry("m", "M", "image", "production", defaults=defaults)


def test_our_defaults_are_reported(offer: Callable[..., Offer]) -> None:
    """A default of ours that differs from the form's is a change; a wish beats it; an impossible one is skipped."""
    plain = offer("Suno", MUSIC)
    assert resolve(plain, {}).values["model_version"] == "sonic-v5"
    (change,) = resolve(plain, {}).changes
    assert change.reason == "our default for this model; the service's own is sonic-v4"
    assert resolve(plain, {"model_version": "sonic-v4"}).values["model_version"] == "sonic-v4"
    odd = evolve(plain, entry=_entry(model_version="sonic-v9"))
    assert (resolve(odd, {}).values["model_version"], resolve(odd, {}).changes) == ("sonic-v4", ())
    same = evolve(plain, entry=_entry(model_version="SONIC-V4"))
    assert resolve(same, {}).changes == ()


@pytest.mark.parametrize(
    ("defaults", "size", "changes"),
    [
        ({"aspect_ratio": "16:9"}, "2560x1440", 1), ({"size": "2k"}, "2k", 1), ({"aspect_ratio": "4K"}, "4k", 0),
        ({"aspect_ratio": "7:3"}, "4k", 0), ({"size": "77x77"}, "4k", 0),
    ],
)  # fmt: skip
def test_our_defaults_for_controls(
    offer: Callable[..., Offer], defaults: dict[str, Any], size: str, changes: int
) -> None:
    """A default may name a control as well as the parameter behind it."""
    pictures = evolve(offer("SeeDream 4.5", T2I), entry=_entry(**defaults))
    found = resolve(pictures, {})
    assert (found.values["size"], len(found.changes)) == (size, changes)
    assert resolve(pictures, {"aspect_ratio": "1:1"}).values["size"] == "2048x2048"


def test_odd_forms_do_not_break(registry: Registry) -> None:
    """An n that is no number, a field without anything, a default outside its options: all resolve."""
    form = (
        FormField("n", "tags", "auto", (Option("auto"), Option(None), Option("2"))),
        FormField("ghost", ""),
        FormField("amount", "tags", "auto", (Option("small"),)),
    )
    odd = Offer(ProductLeaf("v", "m", "Odd", T2I, form, (CreditRule(1, 5),)), registry.task_types[T2I])
    assert resolve(odd, {}, 2).values == {"amount": "auto", "n": 2}
    assert _problems(odd, {}, 1)[0].allowed == (2,)


@pytest.mark.parametrize(
    ("wish", "known", "expected"),
    [
        ("duration", {"duration"}, "duration"), ("DURATION", {"duration"}, "duration"),
        (" duration ", {"duration"}, "duration"), ("negative-prompt", {"negative_prompt"}, "negative_prompt"),
        ("quality", {"resolution"}, "resolution"), ("generate_audio", {"audio", "sound"}, None),
        ("seconds", {"duration"}, "duration"), ("ratio", {"aspect_ratio"}, "aspect_ratio"), ("size", {"resolution"}, None),
    ],
)  # fmt: skip
def test_known_name(wish: str, known: set[str], expected: str | None) -> None:
    """A wish finds its parameter when exactly one is meant."""
    assert known_name(wish, known) == expected
