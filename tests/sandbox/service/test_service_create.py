"""What the service checks before it accepts a create: every code, and the order of the checks."""

from __future__ import annotations

from typing import Any

import pytest

FAR = "https://cdn.example.com/a.png"
OTHER = "https://cdn.example.com/b.png"


def test_an_accepted_create_has_the_documented_answer(bench: Any, order: Any) -> None:
    """id, biz_id, echo, count and the two times in milliseconds, 300 s apart."""
    data = bench.create(order(n=2))["data"]
    assert data["id"].startswith("task_")
    assert data["biz_id"].startswith("biz_")
    assert data["task_type"] == "text_to_image"
    assert (data["medias"], data["generate_count"]) == ([], 2)
    assert data["created_at"] == bench.clock.now() * 1000
    assert data["timeout_at"] - data["created_at"] == 300_000


@pytest.mark.parametrize(
    "name", ["model_id", "model_name", "model_version", "app", "platform", "category", "parameters"]
)
def test_required_fields_of_the_product(bench: Any, order: Any, name: str) -> None:
    """Each required field is asked for by name."""
    body = order()
    del body["parameters"][0][name]
    assert bench.create(body) == {"code": 400, "message": f"missing required field: {name}", "data": None}


@pytest.mark.parametrize(
    ("top", "message"),
    [
        ({"task_type": None}, "missing required field: task_type"),
        ({"task_type": "text_to_smell"}, "unknown task_type"),
        ({"parameters": []}, "parameters must be a list with one object"),
        ({"parameters": [{}, {}]}, "parameters must be a list with one object"),
        ({"parameters": {}}, "parameters must be a list with one object"),
        ({"src_img_url": "x"}, "src_img_url must be a list of URLs"),
        ({"src_img_url": [5]}, "src_img_url must be a list of URLs"),
    ],
)
def test_the_frame_of_a_create(bench: Any, order: Any, top: dict[str, Any], message: str) -> None:
    """A malformed frame is code 400 with the reason."""
    assert bench.create(order(top=top)) == {"code": 400, "message": message, "data": None}


def test_the_category_must_echo_the_task_type(bench: Any, order: Any) -> None:
    """Another category than the task type is refused."""
    answer = bench.create(order(outer={"category": "text_to_video"}))
    assert (answer["code"], answer["message"]) == (400, "category does not match task_type")


@pytest.mark.parametrize("prompt", [None, "", "  ", 5])
def test_the_prompt_belongs_into_the_inner_parameters(bench: Any, order: Any, prompt: Any) -> None:
    """A prompt outside the inner parameters is not seen."""
    answer = bench.create(order(prompt=prompt, top={"prompt": "outside"}, outer={"prompt": "outside"}))
    assert (answer["code"], answer["message"]) == (400, "prompt is required in parameters")


@pytest.mark.parametrize(
    ("model", "version", "message"),
    [("nobody", "draw-1", "model not found"), ("draw", "draw-2", "model version not found")],
)
def test_model_and_version_must_be_listed(
    bench: Any, order: Any, model: str, version: str, message: str
) -> None:
    """An unknown family and an unknown version are told apart."""
    answer = bench.create(order(model=model, version=version))
    assert (answer["code"], answer["message"]) == (400, message)


@pytest.mark.parametrize("attribute_id", [0, None, 9999, 21])
def test_a_foreign_attribute_id_is_an_invalid_product_attribute(
    bench: Any, order: Any, attribute_id: Any
) -> None:
    """0, a missing id, an unknown one and another leaf's are all refused the same way."""
    answer = bench.create(order(outer={"attribute_id": attribute_id}))
    assert (answer["code"], answer["message"]) == (400, "Invalid product attribute")


def test_a_missing_rule_parameter_is_6009(bench: Any, film: Any) -> None:
    """The service does not complete a parameter that a price depends on."""
    answer = bench.create(film(resolution=None))
    assert (answer["code"], answer["message"]) == (6009, "No exact rule match found for parameters")


def test_a_rule_parameter_without_a_price_is_6009(bench: Any, film: Any) -> None:
    """Seven seconds have no rule."""
    assert bench.create(film(duration=7))["code"] == 6009


def test_another_rules_parameters_are_6010(bench: Any, film: Any) -> None:
    """Parameters that mean another rule than the attribute id are refused."""
    answer = bench.create(film(resolution="1080P"))
    assert (answer["code"], answer["message"]) == (6010, "Attribute ID does not match the calculated rule")


@pytest.mark.parametrize("credit", [None, 24, 50])
def test_a_wrong_credit_is_6006(bench: Any, film: Any, credit: Any) -> None:
    """The credit must be the rule's price, and must be there."""
    assert bench.create(film(outer={"credit": credit}))["code"] == 6006


@pytest.mark.parametrize(
    "cast", [None, {}, {"points": 25}, {"points": 3, "attribute_id": 21}, {"points": 25, "attribute_id": 22}]
)
def test_a_wrong_cast_is_a_billing_failure(bench: Any, film: Any, cast: Any) -> None:
    """cast must repeat price and attribute id."""
    answer = bench.create(film(cast=cast))
    assert answer["code"] == 6006
    assert "billing validation failed" in answer["message"]


@pytest.mark.parametrize("n", [0, 5, -1, "x", 1.5, True])
def test_outputs_are_one_to_four(bench: Any, order: Any, n: Any) -> None:
    """Any other number of outputs is code 400."""
    assert bench.create(order(n=n))["code"] == 400


@pytest.mark.parametrize(("n", "count"), [("2", 2), (None, 1), (4, 4), (3.0, 3)])
def test_outputs_may_be_text(bench: Any, order: Any, n: Any, count: int) -> None:
    """Real clients send the number as text, or not at all."""
    assert bench.create(order(n=n))["data"]["generate_count"] == count


def test_a_gated_model_needs_a_subscription(open_bench: Any, order: Any) -> None:
    """Without a subscription a gated model is 4014; others and subscribers pass."""
    gated = order("text_to_video", "gated", "gated-1", 41, 7)
    answer = open_bench(subscription=False, folder="poor").create(gated)
    assert answer["code"] == 4014
    assert "requires a subscription" in answer["message"]
    assert open_bench(subscription=False, folder="poor").create(order())["code"] == 0
    assert open_bench().create(gated)["code"] == 0


def test_too_few_points_are_4008(open_bench: Any, order: Any) -> None:
    """The price of all outputs must be there."""
    bench = open_bench(points=14)
    answer = bench.create(order(n=3))
    assert (answer["code"], answer["message"]) == (4008, "Insufficient points")
    assert bench.create(order(n=2))["code"] == 0


def test_unknown_parameters_are_ignored(bench: Any, film: Any) -> None:
    """Real clients send seeds, markers and more; the service does not mind."""
    answer = bench.create(
        film(seed=-1, default="enabled", foo={"bar": [1]}, quality="8k", top={"upload_img_src": ""})
    )
    assert answer["code"] == 0


def test_lenient_accepts_another_rule_of_the_leaf_at_its_price(open_bench: Any, film: Any) -> None:
    """The documents' own samples send the first rule; lenient takes it, but never a missing parameter."""
    bench = open_bench(lenient=True)
    assert bench.create(film(resolution="1080P"))["code"] == 0
    assert bench.service.bookings()[-1].points == -25
    assert bench.create(film(resolution=None))["code"] == 6009


def test_the_order_of_the_checks(open_bench: Any, film: Any) -> None:
    """With everything wrong, curing one fault at a time shows the next in the service's order."""
    bench = open_bench(points=1)
    wrong: dict[str, Any] = {
        "outer": {"category": "x", "model_version": "x", "attribute_id": 1, "credit": 1},
        "prompt": "",
        "duration": 7,
        "resolution": "1080P",
        "cast": {},
        "aspect_ratio": "7:3",
    }
    cures: list[Any] = [
        lambda: wrong["outer"].pop("category"),
        lambda: wrong.pop("prompt"),
        lambda: wrong["outer"].pop("model_version"),
        lambda: wrong["outer"].pop("attribute_id"),
        lambda: wrong.pop("duration"),
        lambda: wrong.pop("resolution"),
        lambda: wrong["outer"].pop("credit"),
        lambda: wrong.pop("cast"),
        lambda: wrong.pop("aspect_ratio"),
    ]
    seen = []
    for cure in cures:
        answer = bench.create(film(**wrong))
        seen.append((answer["code"], answer["message"]))
        cure()
    seen.append((bench.create(film(**wrong))["code"], ""))
    assert seen == [
        (400, "category does not match task_type"),
        (400, "prompt is required in parameters"),
        (400, "model version not found"),
        (400, "Invalid product attribute"),
        (6009, "No exact rule match found for parameters"),
        (6010, "Attribute ID does not match the calculated rule"),
        (6006, "credit mismatch"),
        (6006, "billing validation failed: cast does not match"),
        (400, "Invalid value for aspect_ratio"),
        (4008, ""),
    ]
    assert bench.service.balance() == 1


def test_key_comes_before_everything(bench: Any) -> None:
    """A wrong key is refused before the body is looked at."""
    answer = bench.request("POST", "/open/v1/tasks/create", headers={}, content=b"{")
    assert answer.json()["code"] == 401


I2I = ("image_to_image", "draw", "draw-1", 12, 5)
I2V = ("image_to_video", "film", "film-1", 61, 9)
FLF = ("first_last_frame_to_video", "film", "film-1", 63, 9)
REF = ("reference_image_to_video", "film", "film-1", 64, 9)


@pytest.mark.parametrize(
    ("wish", "inputs"),
    [(I2I, [FAR]), (I2I, [FAR, OTHER]), (I2V, [FAR]), (FLF, [FAR, OTHER]), (REF, [FAR, OTHER])],
)
def test_a_right_number_of_inputs(bench: Any, order: Any, wish: Any, inputs: list[str]) -> None:
    """Within the bounds of task type and leaf."""
    assert bench.create(order(*wish, inputs=inputs))["code"] == 0


@pytest.mark.parametrize(
    ("wish", "inputs"),
    [
        (I2I, []),
        (I2I, [FAR, OTHER, FAR]),
        (I2V, []),
        (FLF, [FAR]),
        (FLF, [FAR, OTHER, FAR]),
        (REF, []),
        (REF, [FAR] * 10),
    ],
)
def test_a_wrong_number_of_inputs(bench: Any, order: Any, wish: Any, inputs: list[str]) -> None:
    """Too few or too many, by the task type or by the leaf's own limits."""
    answer = bench.create(order(*wish, inputs=inputs))
    assert answer["code"] == 400
    assert "wrong number of inputs" in answer["message"]


def test_both_lists_of_inputs_must_agree(bench: Any, order: Any) -> None:
    """src_img_url and input_images name the same URLs."""
    body = order("image_to_video", "film", "film-1", 61, 9, inputs=[FAR], top={"src_img_url": [OTHER]})
    assert "must contain the same URLs" in bench.create(body)["message"]


def test_typed_sources_lift_the_equality(bench: Any, order: Any) -> None:
    """With src_image, src_video or src_audio the inner list holds more than the pictures."""
    clip = "https://cdn.example.com/c.mp4"
    top = {"src_img_url": [FAR], "src_image": [{"url": FAR}], "src_video": [{"url": clip, "duration": 5}]}
    assert (
        bench.create(order("reference_image_to_video", "film", "film-1", 64, 9, inputs=[FAR, clip], top=top))[
            "code"
        ]
        == 0
    )


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://cdn.example.com/a.png", "input must be a public https URL"),
        ("data:image/png;base64,AAAA", "input must be a public https URL"),
        ("/home/me/a.png", "input must be a public https URL"),
        ("https://[broken", "input must be a public https URL"),
        ("https://localhost/a.png", "input host is not public"),
        ("https://192.168.0.7/a.png", "input host is not public"),
        ("https://printer/a.png", "input host is not public"),
        ("https://nas.local/a.png", "input host is not public"),
        ("http://ima-sandbox.localhost/cdn/never/uploaded.png", "input file not found"),
        ("http://ima-sandbox.localhost/cdn/../../etc/passwd", "input file not found"),
    ],
)
def test_inputs_must_be_public_or_our_own(bench: Any, order: Any, url: str, message: str) -> None:
    """The service fetches public https addresses; the sandbox's own CDN counts as one."""
    answer = bench.create(order("image_to_video", "film", "film-1", 61, 9, inputs=[url]))
    assert (answer["code"], answer["message"]) == (400, message)


def test_tasks_from_text_ignore_inputs(bench: Any, order: Any) -> None:
    """A text task has no use for pictures and does not mind them."""
    task_id = bench.created(order(inputs=["http://anything"]))
    bench.clock.jump(100)
    bench.detail(task_id)
    assert bench.renderer.jobs[0].inputs == ()
