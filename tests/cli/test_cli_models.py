"""``ima-skills models``: live, offline, for people and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.layout import width
from ima_skills.settings import state_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry
    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


def test_offline_needs_neither_key_nor_network(ima: Ima, fits: Fits, registry: Registry) -> None:
    """The dated copy lists every production model with price, time and names."""
    ran = ima("models", "list", "--offline", "--limit", "0", "--json")
    assert ran.code == 0
    fits("models", ran.document)
    assert (ran.document["source"], ran.document["captured"]) == ("snapshot", "2026-04-15")
    rows = ran.document["models"]
    production = {entry.id for entry in registry.models.values() if entry.status == "production"}
    assert production <= {row["id"] for row in rows}
    assert not [row for row in rows if row["status"] == "retired"]
    wan = next(row for row in rows if (row["id"], row["task_type"]) == ("wan-2.6", "text_to_video"))
    assert (wan["points_from"], wan["points_to"], wan["version_id"]) == (25, 120, "wan2.6-t2v")
    assert "万" in wan["aliases"]


def test_retired_models_only_on_request(ima: Ima, registry: Registry) -> None:
    """``--all`` adds what nobody can book any more."""
    rows = ima("models", "list", "--offline", "--all", "--limit", "0", "--json").document["models"]
    retired = {entry.id for entry in registry.models.values() if entry.status == "retired"}
    assert retired == {row["id"] for row in rows if row["status"] == "retired"}
    assert all(row["version_id"] is None for row in rows if row["status"] == "retired")


def test_one_task_type(ima: Ima) -> None:
    """The list can be narrowed, and an unknown task type is an error in both modes."""
    rows = ima("models", "list", "--offline", "-t", "text_to_speech", "--json").document["models"]
    assert {row["task_type"] for row in rows} == {"text_to_speech"}
    for mode in ("--offline", "--sandbox"):
        ran = ima("models", "list", mode, "-t", "text_to_smell", "--json")
        assert (ran.code, ran.document["code"]) == (2, "unknown-task-type")


def test_live_needs_a_key(ima: Ima, fits: Fits) -> None:
    """Without key, sandbox or ``--offline`` the list is not to be had."""
    ran = ima("models", "list", "--json")
    assert (ran.code, ran.document["code"]) == (3, "no-api-key")
    fits("error", ran.document)


def test_live_from_a_served_sandbox(served: Callable[..., SandboxService], ima: Ima, fits: Fits) -> None:
    """The live list has the same rows as the copy it is made from, and says where it comes from."""
    served()
    live = ima("models", "list", "--limit", "0", "--json")
    fits("models", live.document)
    assert (live.document["source"], live.document["captured"], live.document["sandbox"]) == (
        "live",
        None,
        True,
    )
    offline = ima("models", "list", "--offline", "--limit", "0", "--json").document["models"]
    assert live.document["models"] == [row for row in offline if row["status"] == "production"]
    everything = ima("models", "list", "--all", "--limit", "0", "--json").document["models"]
    assert {"retired", "announced"} <= {row["status"] for row in everything}


def test_the_table_is_aligned_in_cells(ima: Ima) -> None:
    """A Chinese character takes two cells, and columns stay straight all the same."""
    lines = ima("models", "list", "--offline", "--language", "zh").out.splitlines()
    head = lines[0]
    assert head.split() == ["任务类型", "模型", "版本", "积分", "秒", "状态", "别名"]
    column = width(head[: head.index("版本")])
    for line in lines[1:5]:
        kept, taken = "", 0
        for character in line:
            if taken >= column:
                break
            kept += character
            taken += width(character)
        assert taken == column
        assert kept.endswith("  ")
    assert lines[-1] == "2026-04-15 的产品列表，价格可能已变化。"


def test_the_listing_is_remembered_until_a_file_changes(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second listing derives nothing; a damaged memory, or another version of ours, does."""
    derived: list[Any] = []
    from ima_skills.cli import listing

    real = listing._derive

    def derive(roots: Any) -> Any:
        derived.append(roots)
        return real(roots)

    monkeypatch.setattr(listing, "_derive", derive)
    first = ima("models", "list", "--offline", "--json").out
    assert ima("models", "list", "--offline", "--json").out == first
    assert len(derived) == 1
    memory = state_home() / "cache" / "models.json"
    kept = json.loads(memory.read_text(encoding="utf-8"))
    for damage in ("{", "[]", '"x"', json.dumps({**kept, "value": {"rows": [{"id": 1}]}})):
        memory.write_text(damage, encoding="utf-8")
        assert ima("models", "list", "--offline", "--json").out == first
    assert len(derived) == 5
    monkeypatch.setattr(listing, "VERSION", "0.0.0")
    ima("models", "list", "--offline")
    assert len(derived) == 6


def test_a_home_that_cannot_be_written_only_costs_time(ima: Ima, tmp_path: Any) -> None:
    """Listing works where nothing can be remembered."""
    (tmp_path / "file").write_text("in the way")
    assert ima("models", "list", "--offline", env={"IMA_HOME": str(tmp_path / "file")}).code == 0


def test_show_tells_everything(ima: Ima, fits: Fits) -> None:
    """Controls with choices and bars, prices with conditions, quirks, names and evidence."""
    ran = ima("models", "show", "海螺", "--offline", "--json")
    assert ran.code == 0, ran.err
    fits("model", ran.document)
    assert ran.document["id"] == "hailuo-2.3"
    version = next(item for item in ran.document["versions"] if item["task_type"] == "text_to_video")
    duration = next(item for item in version["parameters"] if item["name"] == "duration")
    barred = {choice["value"]: choice["not_with"] for choice in duration["choices"]}
    assert barred[10] == {"resolution": ["1080P"]}
    assert all(rule["attribute_id"] for rule in version["credit_rules"])
    assert ran.document["evidence"]


def test_show_has_ui_controls_instead_of_virtual_fields(ima: Ima) -> None:
    """People set the ratio; that it becomes a size is told, not demanded."""
    document = ima("models", "show", "seedream-4.5", "--offline", "--json").document
    names = {item["name"]: item["sends"] for item in document["versions"][0]["parameters"]}
    assert names == {"aspect_ratio": "size"}
    assert document["quirks"][0]["active"] is True


def test_show_one_version_and_one_task_type(ima: Ima) -> None:
    """``name@version`` and ``-t`` narrow the page."""
    ran = ima("models", "show", "pixverse@Pixverse V5", "-t", "image_to_video", "--offline", "--json")
    assert [(item["task_type"], item["version_id"]) for item in ran.document["versions"]] == [
        ("image_to_video", "Pixverse V5")
    ]


def test_show_a_retired_model(ima: Ima, fits: Fits) -> None:
    """It has no versions any more, and a successor."""
    ran = ima("models", "show", "Kling 2.1", "--offline", "--json")
    fits("model", ran.document)
    assert (ran.document["status"], ran.document["versions"]) == ("retired", [])
    assert ran.document["successor"]
    assert ran.document["successor"] in ima("models", "show", "Kling 2.1", "--offline").out


def test_show_a_model_that_only_the_list_knows(
    served: Callable[..., SandboxService],
    ima: Ima,
    fits: Fits,
    monkeypatch: pytest.MonkeyPatch,
    registry: Registry,
) -> None:
    """A model without a registry file is shown from the list alone, as new."""
    from attrs import evolve

    served()
    less = evolve(registry, models={name: e for name, e in registry.models.items() if name != "suno"})
    monkeypatch.setattr("ima_skills.cli.session.load_known", lambda _: less)
    shown = ima("models", "show", "Suno", "--json")
    fits("model", shown.document)
    assert (shown.document["status"], shown.document["id"]) == ("new", None)
    listed = ima("models", "list", "-t", "text_to_music", "--json").document["models"]
    assert {row["name"]: row["status"] for row in listed}["Suno"] == "new"


def test_show_for_people(ima: Ima) -> None:
    """One page with parameters, prices and evidence, in the language of the reader."""
    text = ima("models", "show", "wan", "--offline", "--language", "zh").out
    for expected in (
        "Wan 2.6 (wan-2.6) · 可用",
        "适合",
        "25 积分：duration 5, resolution 720P",
        "依据",
    ):
        assert expected in text


def test_show_an_unknown_model(ima: Ima, fits: Fits) -> None:
    """Close names are suggested; without any, the list."""
    ran = ima("models", "show", "klingg o1", "--offline", "--json")
    assert (ran.code, ran.document["code"]) == (2, "unknown-model")
    assert "Kling O1" in ran.document["hint"]
    assert "models list" in ima("models", "show", "zzzzzz", "--offline", "--json").document["hint"]
