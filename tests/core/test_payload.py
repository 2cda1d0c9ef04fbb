"""The body of a create, key by key, for every task type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.domain.media_facts import PlacedInput
from ima_skills.domain.request import Request
from ima_skills.preparing import Preparer
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.catalogue import Catalogue
    from ima_skills.plugin_set import PluginSet
    from ima_skills.preparing import Prepared
    from ima_skills.registry import Registry

A, B = "https://cdn.example/a.png", "https://cdn.example/b.png"


@pytest.fixture
def prepare(
    registry: Registry, plugins: PluginSet, catalogue: Callable[[str], Catalogue]
) -> Callable[..., Prepared]:
    """Return a function that prepares a request on the captured list."""
    preparer = Preparer(registry, plugins, open_schemas())

    def of(request: Request) -> Prepared:
        return preparer.build(preparer.check(request), catalogue(request.task_type))

    return of


BODIES: list[tuple[str, str, tuple[str, ...], dict[str, Any], dict[str, Any]]] = [
    ("text_to_image", "SeeDream 4.5", (), {"size": "4k"},
     {"attribute_id": 2341, "model_id": "doubao-seedream-4.5", "model_name": "SeeDream 4.5",
      "model_version": "doubao-seedream-4-5-251128", "credit": 5}),
    ("image_to_image", "SeeDream 4.5", (A, B), {"size": "4k"},
     {"attribute_id": 1611, "model_id": "doubao-seedream-4.5", "model_name": "SeeDream 4.5",
      "model_version": "doubao-seedream-4-5-251128", "credit": 5}),
    ("text_to_video", "Wan 2.6", (),
     {"duration": 5, "aspect_ratio": "16:9", "resolution": "1080P", "negative_prompt": "", "prompt_extend": False, "shot_type": "single"},
     {"attribute_id": 2058, "model_id": "wan2.6-t2v", "model_name": "Wan 2.6", "model_version": "wan2.6-t2v", "credit": 40}),
    ("image_to_video", "Wan 2.6", (A,),
     {"duration": 5, "resolution": "1080P", "negative_prompt": "", "prompt_extend": False, "shot_type": "single", "template": ""},
     {"attribute_id": 1958, "model_id": "wan2.6-i2v", "model_name": "Wan 2.6", "model_version": "wan2.6-i2v", "credit": 40}),
    ("first_last_frame_to_video", "Kling O1", (A, B), {"duration": "5", "aspect_ratio": "16:9", "mode": "std"},
     {"attribute_id": 4394, "model_id": "kling-video-o1", "model_name": "Kling O1", "model_version": "kling-video-o1", "credit": 70}),
    ("reference_image_to_video", "Kling O1", (A, B), {"duration": "5", "aspect_ratio": "16:9", "mode": "std"},
     {"attribute_id": 2325, "model_id": "kling-video-o1", "model_name": "Kling O1", "model_version": "kling-video-o1", "credit": 48}),
    ("text_to_music", "DouBao - BGM", (), {},
     {"attribute_id": 4399, "model_id": "GenBGM", "model_name": "DouBao - BGM", "model_version": "GenBGM", "credit": 30}),
    ("text_to_speech", "seed-tts-2.0", (), {"model": "seed-tts-2.0-expressive"},
     {"attribute_id": 4419, "model_id": "seed-tts-2.0", "model_name": "seed-tts-2.0", "model_version": "seed-tts-2.0", "credit": 2}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("task_type", "model", "urls", "values", "outer"), BODIES, ids=[row[0] for row in BODIES]
)
def test_exact_body(  # noqa: PLR0913, PLR0917 - one argument per column of the table
    prepare: Callable[..., Prepared],
    task_type: str,
    model: str,
    urls: tuple[str, ...],
    values: dict[str, Any],
    outer: dict[str, Any],
) -> None:
    """Every key of the documented body stands in its place, and no other key does."""
    prepared = prepare(Request(task_type, "a cat", model=model, inputs=urls))
    assert prepared.payload(tuple(map(PlacedInput, urls))) == {
        "task_type": task_type,
        "enable_multi_model": False,
        "src_img_url": list(urls),
        "parameters": [
            {
                **outer,
                "app": "ima",
                "platform": "web",
                "category": task_type,
                "parameters": {
                    **values,
                    "prompt": "a cat",
                    "n": 1,
                    "input_images": list(urls),
                    "cast": {"points": outer["credit"], "attribute_id": outer["attribute_id"]},
                },
            }
        ],
    }


def test_every_task_type_is_covered(registry: Registry) -> None:
    """The table above leaves no task type out."""
    assert {row[0] for row in BODIES} == set(registry.task_types)


def test_several_outputs_state_the_price_of_one(prepare: Callable[..., Prepared]) -> None:
    """n goes out as a number; credit and cast are those of a single output."""
    prepared = prepare(Request("text_to_image", "a cat", model="seedream", n=3))
    (product,) = prepared.payload()["parameters"]
    assert (product["credit"], product["parameters"]["n"], product["parameters"]["cast"]["points"]) == (
        5,
        3,
        5,
    )
    assert prepared.quote.total == 15


def test_suno_names_both_versions(prepare: Callable[..., Prepared]) -> None:
    """The leaf's version stands outside, the engine inside."""
    (product,) = prepare(Request("text_to_music", "a song", model="suno")).payload()["parameters"]
    assert (product["model_version"], product["parameters"]["model_version"]) == ("sonic", "sonic-v5")


def test_local_inputs_stand_in_by_name(
    prepare: Callable[..., Prepared], tmp_path_factory: pytest.TempPathFactory, picture_bytes: bytes
) -> None:
    """Before an upload a local file is shown by its name, never by its path."""
    path = tmp_path_factory.mktemp("secret-folder") / "cat.png"
    path.write_bytes(picture_bytes)
    body = prepare(Request("image_to_image", "x", inputs=(str(path), A))).payload()
    assert body["src_img_url"] == ["upload:cat.png", A]
    assert "secret-folder" not in str(body)


def test_nothing_private_in_reprs(prepare: Callable[..., Prepared]) -> None:
    """A prepared request can be shown: prompt, inputs and values stay out."""
    prepared = prepare(Request("text_to_video", "my secret prompt", params={"negative_prompt": "no secrets"}))
    shown = repr(prepared)
    assert "my secret prompt" not in shown
    assert "no secrets" not in shown
