"""Drift between our snapshot and what the service lists: every planted difference is found."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ima_skills import Registry, load_registry
from ima_skills.catalogue import read_catalogue
from ima_skills.drift import Drift, find_drift

T2V = "text_to_video"


@pytest.fixture(scope="module")
def known() -> Registry:
    return load_registry()


def leaf(nodes: list[dict[str, Any]], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for group in nodes for c in group["children"] if c["name"] == name)
    return found


def form(node: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in node["form_config"] if item["field"] == name)
    return found


def drift(known: Registry, nodes: list[dict[str, Any]]) -> list[Drift]:
    ours = read_catalogue(T2V, known.snapshot.groups(T2V))
    return list(find_drift(known, ours, read_catalogue(T2V, nodes)))


def fresh(known: Registry) -> list[dict[str, Any]]:
    return copy.deepcopy(known.snapshot.groups(T2V))


def test_the_same_list_has_no_drift(known: Registry) -> None:
    """Neither do labels in another language, nor another order of everything."""
    nodes = copy.deepcopy(known.snapshot.groups(T2V, "zh"))[::-1]
    for group in nodes:
        group["children"].reverse()
        for node in group["children"]:
            node["credit_rules"].reverse()
            node.get("form_config", []).reverse()
    assert drift(known, nodes) == []


def test_every_planted_difference_is_found(known: Registry) -> None:
    """Prices, ids, fields, defaults, options, bounds, tables, new and gone leaves: all of it, nothing else."""
    nodes = fresh(known)
    wan, kling, veo = leaf(nodes, "Wan 2.6"), leaf(nodes, "Kling O1"), leaf(nodes, "Google Veo 3.1")
    wan["credit_rules"][0]["points"] = 26
    wan["credit_rules"][1]["attribute_id"] = 999_058
    wan["credit_rules"].append({"attribute_id": 1, "points": 9, "attributes": {"duration": 20}})
    form(wan, "duration")["options"].append({"value": 20})
    form(wan, "resolution")["value"] = "720P"
    form(wan, "negative_prompt")["config"]["maximum"] = 900
    wan["form_config"].append({"field": "seed", "type": "tags", "value": None})
    form(kling, "mode")["value_mapping"]["mapping_rules"][0]["target_value"] = "pro"
    kling["credit_rules"].pop()
    veo["form_config"] = [item for item in veo["form_config"] if item["field"] != "compression_quality"]
    veo["name"] = "Veo 3.1"
    sora = leaf(nodes, "Sora 2 Pro")
    for group in nodes:
        group["children"] = [node for node in group["children"] if node is not sora]
    nodes[0]["children"].append({**copy.deepcopy(wan), "id": "wan3", "model_id": "wan3-t2v", "name": "Wan 3"})
    found = {(d.kind, d.leaf, d.what) for d in drift(known, nodes)}
    assert found == {
        ("price", "wan2.6-t2v", "duration 5, resolution 720p"),
        ("attribute-id", "wan2.6-t2v", "duration 5, resolution 1080p"),
        ("new-rule", "wan2.6-t2v", "duration 20"),
        ("options", "wan2.6-t2v", "duration"),
        ("default", "wan2.6-t2v", "resolution"),
        ("bounds", "wan2.6-t2v", "negative_prompt"),
        ("new-field", "wan2.6-t2v", "seed"),
        ("mapping", "kling-video-o1", "mode"),
        ("gone-rule", "kling-video-o1", "duration 10, mode pro"),
        ("gone-field", "veo-3.1-generate-preview", "compression_quality"),
        ("renamed", "veo-3.1-generate-preview", "name"),
        ("gone-leaf", "sora-2-pro", ""),
        ("new-leaf", "wan3", ""),
        ("no-entry", "wan3", "model_id"),
    }


def test_a_type_is_a_difference(known: Registry) -> None:
    """The wire tells "5" from 5, so a changed type is found."""
    nodes = fresh(known)
    for option in form(leaf(nodes, "Wan 2.6"), "duration")["options"]:
        option["value"] = str(option["value"])
    assert [d.kind for d in drift(known, nodes)] == ["options"]


def test_an_unreadable_leaf_is_said(known: Registry) -> None:
    """A leaf that cannot be read is reported, and counts as gone."""
    nodes = fresh(known)
    leaf(nodes, "Wan 2.6")["credit_rules"][0]["points"] = "dear"
    assert [d.kind for d in drift(known, nodes)] == ["unreadable", "gone-leaf"]
