"""Catalogue and model files tell the same story."""

from __future__ import annotations

from typing import Any

import pytest

Entries = dict[str, dict[str, Any]]
Leaves = dict[tuple[str, str], dict[str, Any]]


def _production(entries: Entries) -> Entries:
    return {name: entry for name, entry in entries.items() if entry["status"] == "production"}


def _leaves_of(entry: dict[str, Any], leaves: Leaves) -> list[dict[str, Any]]:
    return [
        leaves[task_type, version]
        for task_type, task in entry["task_types"].items()
        for version in task["version_ids"]
    ]


def test_every_leaf_has_an_entry_and_every_entry_its_leaves(entries: Entries, leaves: Leaves) -> None:
    """Task type, family id and version id agree in both directions."""
    entered = [
        (task_type, task["model_id"], version)
        for entry in _production(entries).values()
        for task_type, task in entry["task_types"].items()
        for version in task["version_ids"]
    ]
    listed = [(task_type, leaf["model_id"], id_) for (task_type, id_), leaf in leaves.items()]
    assert sorted(entered) == sorted(listed)


def test_versions_are_newest_first(entries: Entries) -> None:
    """The first version of an entry is the one to take."""
    for task in entries["pixverse"]["task_types"].values():
        numbers = [float(version.removeprefix("Pixverse V")) for version in task["version_ids"]]
        assert numbers == sorted(numbers, reverse=True)


def test_estimates_come_from_the_catalogue(entries: Entries, leaves: Leaves) -> None:
    """Where the list states a time, the entry repeats it; elsewhere it has evidence of its own."""
    for entry in _production(entries).values():
        for task_type, task in entry["task_types"].items():
            for version in task["version_ids"]:
                tags = leaves[task_type, version]["tags"]
                stated = [tag["tag_value"] for tag in tags if tag["tag_type"] == "EET"]
                low, high = task["estimate"]
                assert low < high
                if stated:
                    assert stated == [f"{low}~{high}s"]
                else:
                    facts = {item["fact"] for item in entry["evidence"] if item["source"] != "capture"}
                    assert f"task_types.{task_type}.estimate" in facts


def _choices(leaf: dict[str, Any], name: str) -> list[Any]:
    """Return what people may choose for a parameter: of a control, else of the field itself."""
    for field in leaf.get("form_config", []):
        for ui in field.get("ui_params", []):
            if ui["field"] == name:
                return [option["value"] for option in ui["options"]]
        if field["field"] == name:
            return [option["value"] for option in field.get("options", [])]
    return []


@pytest.mark.parametrize(
    ("fact", "params"),
    [("ratios", ("aspect_ratio",)), ("resolutions", ("resolution", "quality")), ("durations", ("duration",))],
)
def test_facts_are_what_the_forms_offer(
    fact: str, params: tuple[str, ...], entries: Entries, leaves: Leaves
) -> None:
    """Shapes, resolutions and lengths are the union over the model's leaves; nothing is made up."""
    for name, entry in _production(entries).items():
        offered = {
            str(choice)
            for leaf in _leaves_of(entry, leaves)
            for param in params
            for choice in _choices(leaf, param)
        }
        if name == "seedream-4.5":
            offered -= {"2k", "4k"}
        if name == "midjourney" and fact == "ratios":
            offered = {"1:1"}
        assert {str(value) for value in entry["facts"].get(fact, [])} == offered, name


def test_the_sound_switch_is_a_field_of_the_form(entries: Entries, leaves: Leaves) -> None:
    """``audio_param`` names a field of every leaf, and no other model has such a switch."""
    switches = {"audio", "generate_audio", "sound"}
    for entry in _production(entries).values():
        fields = [{f["field"] for f in leaf.get("form_config", [])} for leaf in _leaves_of(entry, leaves)]
        switch = entry["facts"].get("audio_param")
        if switch is None:
            assert not any(switches & names for names in fields)
        else:
            assert entry["facts"]["audio"]
            assert all(switch in names for names in fields)


def test_our_defaults_are_options_of_the_form(entries: Entries, leaves: Leaves) -> None:
    """A default of ours differs from the form's and can be chosen there."""
    checked = 0
    for entry in _production(entries).values():
        for leaf in _leaves_of(entry, leaves):
            for param, value in entry.get("defaults", {}).items():
                checked += 1
                assert value in _choices(leaf, param)
                assert all(f["value"] != value for f in leaf["form_config"] if f["field"] == param)
    assert checked == 1


def test_native_params_are_not_in_the_form(entries: Entries, leaves: Leaves) -> None:
    """What the form lists needs no second mention."""
    for entry in _production(entries).values():
        for leaf in _leaves_of(entry, leaves):
            fields = {field["field"] for field in leaf.get("form_config", [])}
            assert not fields & set(entry.get("native_params", ()))


def test_seedream_sizes_are_those_of_the_form(entries: Entries, leaves: Leaves) -> None:
    """The rule's table is the table of the virtual field, without 2k and 4k."""
    sizes = entries["seedream-4.5"]["rules"][0]["map"]["values"]
    (field,) = leaves["text_to_image", "doubao-seedream-4-5-251128"]["form_config"]
    rows = field["value_mapping"]["mapping_rules"]
    table = {row["source_values"]["aspect_ratio"]: row["target_value"] for row in rows}
    assert sizes == {ratio: size for ratio, size in table.items() if ratio not in ("2k", "4k")}
    assert sizes["16:9"] == "2560x1440"
    assert list(sizes) == entries["seedream-4.5"]["facts"]["ratios"]


def test_input_counts_fit_the_task_types(leaves: Leaves, task_types: dict[str, Any]) -> None:
    """No leaf asks for more files than its task type allows, and all kinds are known there."""
    kinds = {"image": "picture", "video": "video", "audio": "audio"}
    for (task_type, _), leaf in leaves.items():
        rule = task_types[task_type]["inputs"]
        files = leaf.get("files")
        if files:
            assert files.get("maxLimit", 1) <= rule["maximum"]
            assert files["category"] == task_type
            assert {kinds[accept.split("/")[0]] for accept in files["acceptType"]} <= set(rule["kinds"])
