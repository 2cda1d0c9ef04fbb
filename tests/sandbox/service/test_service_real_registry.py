"""The sandbox over the first-party registry: every leaf and every price of the dated snapshot."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from ima_skills.registry import Registry, load_registry

FAR = "https://cdn.example.com/picture-{}.png"


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry()


@pytest.fixture
def real(open_bench: Any, registry: Registry) -> Any:
    return open_bench(knowledge=registry, points=10_000_000, require_verify=False)


def leaves(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = []
    for node in nodes:
        found += [node] if node["type"] == "3" else []
        found += leaves(node.get("children") or [])
    return found


def body(order: Any, registry: Registry, task_type: str, leaf: dict[str, Any], rule: dict[str, Any]) -> Any:
    """Return a create that sends a rule's own attributes and nothing else but the text."""
    n = max(registry.task_types[task_type].inputs.minimum, (leaf.get("files") or {}).get("minLimit") or 0)
    inner = {name: value for name, value in rule["attributes"].items() if name != "default"}
    if leaf["model_id"] == "pixverse":
        inner["model"] = leaf["id"].lower().removeprefix("pixverse ")
    made = order(
        task_type,
        "",
        leaf["id"],
        rule["attribute_id"],
        rule["points"],
        inputs=[FAR.format(i) for i in range(n)],
    )
    made["parameters"][0].update(model_id=leaf["model_id"], model_name=leaf["name"])
    made["parameters"][0]["parameters"].update(inner)
    return made


def unavailable(leaf: dict[str, Any], attributes: dict[str, Any]) -> bool:
    """Whether the form does not offer a rule's values, alone or together."""
    for item in leaf.get("form_config") or []:
        offered = {option["value"]: option.get("disabled") or {} for option in item.get("options") or []}
        if item["field"] not in attributes or not offered:
            continue
        value = attributes[item["field"]]
        if value not in offered:
            return True
        if any(attributes.get(other) in values for other, values in offered[value].items()):
            return True
    return False


def test_every_price_of_the_snapshot_can_be_booked(real: Any, registry: Registry, order: Any) -> None:
    """A create with a rule's own values is accepted, unless the form forbids them; then it is code 400."""
    accepted = refused = 0
    for task_type in registry.task_types:
        for leaf in leaves(real.listed(task_type)):
            for rule in leaf["credit_rules"]:
                answer = real.create(body(order, registry, task_type, leaf, rule))
                expected = 400 if unavailable(leaf, rule["attributes"]) else 0
                assert answer["code"] == expected, (task_type, leaf["id"], rule, answer)
                accepted += expected == 0
                refused += expected == 400
    assert accepted > 150
    assert refused > 5
    assert real.service.balance() < 10_000_000


def test_every_attribute_id_belongs_to_its_leaf(real: Any, registry: Registry, order: Any) -> None:
    """Another rule's id of the same leaf is 6010, whichever it is."""
    checked = 0
    for leaf in leaves(real.listed("text_to_video")):
        rules = leaf["credit_rules"]
        for rule, other in pairwise(rules):
            made = body(order, registry, "text_to_video", leaf, rule)
            made["parameters"][0]["attribute_id"] = other["attribute_id"]
            assert real.create(made)["code"] == 6010
            checked += 1
    assert checked > 50


def test_every_task_type_comes_to_an_end(real: Any, registry: Registry, order: Any) -> None:
    """One task of each type is finished after its deadline at the latest, with the right kind of file."""
    formats = {"image": {"png"}, "video": {"mp4"}, "audio": {"mp3"}}
    for name, task_type in registry.task_types.items():
        leaf = leaves(real.listed(name))[-1]
        rule = next(rule for rule in leaf["credit_rules"] if not unavailable(leaf, rule["attributes"]))
        data = real.finished(body(order, registry, name, leaf, rule), task_type.deadline_s)
        assert data["status"] == "success"
        assert {media["format"] for media in data["medias"]} <= formats[task_type.media_kind]


def test_gated_models_come_from_the_registry(open_bench: Any, registry: Registry, order: Any) -> None:
    """ima-pro asks for a subscription, its fast sibling does not."""
    bench = open_bench(knowledge=registry, subscription=False)
    codes = {}
    for leaf in leaves(bench.listed("text_to_video")):
        if leaf["model_id"].startswith("ima-pro"):
            codes[leaf["id"]] = bench.create(
                body(order, registry, "text_to_video", leaf, leaf["credit_rules"][1])
            )["code"]
    assert codes == {"ima-pro": 4014, "ima-pro-fast": 0}


def test_seedream_names_its_least_pixels(real: Any, registry: Registry, order: Any) -> None:
    """The smallest size that the snapshot offers is the bound."""
    leaf = next(
        leaf for leaf in leaves(real.listed("text_to_image")) if leaf["model_id"] == "doubao-seedream-4.5"
    )
    made = body(order, registry, "text_to_image", leaf, leaf["credit_rules"][0])
    made["parameters"][0]["parameters"]["size"] = "1024x1024"
    assert "pixels should be at least 3686400" in real.create(made)["message"]
    made["parameters"][0]["parameters"]["size"] = "2560x1440"
    assert real.create(made)["code"] == 0


def test_music_of_a_fixed_length(real: Any, registry: Registry, order: Any) -> None:
    """The registry's output length reaches the renderer."""
    leaf = next(leaf for leaf in leaves(real.listed("text_to_music")) if leaf["model_id"] == "GenBGM")
    real.finished(body(order, registry, "text_to_music", leaf, leaf["credit_rules"][0]))
    assert real.renderer.jobs[-1].duration_s == 30
