"""The catalogue snapshot is one that the service could have sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.snapshot import localise

if TYPE_CHECKING:
    from collections.abc import Iterator

Leaves = dict[tuple[str, str], dict[str, Any]]
COUNTS = {
    "text_to_image": 4,
    "image_to_image": 4,
    "text_to_video": 16,
    "image_to_video": 16,
    "first_last_frame_to_video": 13,
    "reference_image_to_video": 10,
    "text_to_music": 3,
    "text_to_speech": 2,
}
LABELS = {
    "text_to_image": "文生图",
    "image_to_image": "图生图",
    "text_to_video": "文生视频",
    "image_to_video": "图生视频",
    "first_last_frame_to_video": "首尾帧生视频",
    "reference_image_to_video": "参考生视频",
    "text_to_music": "文生音乐",
    "text_to_speech": "TTS",
}
# Options that the service takes away in a category although their prices stay in the list.
FILTERED = {"512P", "on", 4, 6, "720p"}


def _fields(leaf: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {field["field"]: field for field in leaf.get("form_config", [])}


def _values(field: dict[str, Any]) -> list[Any]:
    if field["type"] == "toggle":
        return [True, False]
    return [option["value"] for option in field.get("options", [])]


def _taken_away(field: dict[str, Any], category: str) -> list[Any]:
    conditions = field.get("disabled_conditions", [])
    return [c["enum_value"] for c in conditions if c["category"] == category and c["enum_value"] != "*"]


def _same(left: Any, right: Any) -> bool:
    """JSON equality: unlike Python's, True is not 1."""
    return type(left) is type(right) and left == right


def test_every_task_type_has_its_leaves(leaves: Leaves) -> None:
    """The snapshot holds as many leaves per category as the captured list."""
    assert {name: sum(task_type == name for task_type, _ in leaves) for name in COUNTS} == COUNTS
    assert len(leaves) == sum(COUNTS.values())


def test_every_file_names_its_task_type(catalogue: dict[str, dict[str, Any]]) -> None:
    """One file per task type, named after it, with the date of the capture in its folder."""
    assert sorted(catalogue) == sorted(f"2026-04/{name}.json" for name in COUNTS)
    for path, document in catalogue.items():
        assert path == f"{document['captured'][:7]}/{document['task_type']}.json"


def test_leaves_know_their_group_and_category(catalogue: dict[str, dict[str, Any]]) -> None:
    """A leaf's parent is its group; the category is echoed with the service's own label."""
    for document in catalogue.values():
        groups = [group["id"] for group in document["groups"]]
        assert len(groups) == len(set(groups))
        for group in document["groups"]:
            for leaf in group["children"]:
                assert leaf["parent_id"] == group["id"]
                assert leaf["category_code"] == document["task_type"]
                assert leaf["category_name"] == LABELS[document["task_type"]]


def test_only_these_models_lack_a_form(leaves: Leaves) -> None:
    """Clients meet leaves without a form: the prompt-only music and the old speech model."""
    assert {id_ for (_, id_), leaf in leaves.items() if "form_config" not in leaf} == {
        "GenBGM",
        "GenSong",
        "seed-tts-1.1",
    }


def test_attribute_ids_are_unique(leaves: Leaves) -> None:
    """No attribute id stands for two prices."""
    ids = [rule["attribute_id"] for leaf in leaves.values() for rule in leaf["credit_rules"]]
    assert len(ids) == len(set(ids)) == 372


def test_list_price_equals_price(leaves: Leaves) -> None:
    """The capture shows no discount anywhere."""
    for leaf in leaves.values():
        assert all(rule["origin_point"] == rule["points"] for rule in leaf["credit_rules"])


def test_rules_speak_the_language_of_the_form(leaves: Leaves) -> None:
    """Every rule names fields of the form and values among their options, unless taken away."""
    for (task_type, id_), leaf in leaves.items():
        fields = _fields(leaf)
        for rule in leaf["credit_rules"]:
            if rule["attributes"] == {"default": "enabled"}:
                assert len(leaf["credit_rules"]) == 1
                continue
            for name, value in rule["attributes"].items():
                known = _values(fields[name]) + _taken_away(fields[name], task_type)
                assert any(_same(value, option) for option in known), (task_type, id_, name, value)


def test_options_taken_away_are_not_offered(leaves: Leaves) -> None:
    """The service filters options and defaults per category: Kling 2.6, Veo, Hailuo 2.0."""
    seen = set()
    for (task_type, _), leaf in leaves.items():
        for field in leaf.get("form_config", []):
            for gone in _taken_away(field, task_type):
                seen.add(gone)
                assert gone not in _values(field)
                assert field["value"] != gone
    assert seen == {*FILTERED, "9:16"}


def test_defaults_are_options(leaves: Leaves) -> None:
    """A form never starts on a value it does not offer."""
    for key, leaf in leaves.items():
        for field in leaf.get("form_config", []):
            if field["type"] != "textarea" and field["value"] is not None:
                assert any(_same(field["value"], v) for v in _values(field)), (key, field["field"])


def test_rules_cover_every_offered_combination(leaves: Leaves) -> None:
    """Whatever the form offers has exactly one price."""
    from itertools import product

    for key, leaf in leaves.items():
        fields = _fields(leaf)
        names = list(leaf["credit_rules"][0]["attributes"])
        if names == ["default"]:
            continue
        priced = [list(rule["attributes"].items()) for rule in leaf["credit_rules"]]
        for choice in product(*(_values(fields[name]) for name in names)):
            wanted = list(zip(names, choice, strict=True))
            assert sum(repr(one) == repr(wanted) for one in priced) == 1, (key, wanted)


def test_disabled_options_refer_to_other_fields(leaves: Leaves) -> None:
    """An option is only ever blocked by another field of the same form."""
    blocked = 0
    for (task_type, _), leaf in leaves.items():
        fields = _fields(leaf)
        for field in fields.values():
            for option in field.get("options", []):
                for other, values in option.get("disabled", {}).items():
                    blocked += 1
                    known = _values(fields[other]) + _taken_away(fields[other], task_type)
                    assert set(values) <= set(known)
    assert blocked > 0


def test_virtual_fields_map_every_choice_to_an_option(leaves: Leaves) -> None:
    """Each choice of a control has a row in the table; only ``adaptive`` leaves the options."""
    outside = set()
    for leaf in leaves.values():
        for field in leaf.get("form_config", []):
            if not field.get("is_ui_virtual"):
                continue
            (ui,) = field["ui_params"]
            mapping = field["value_mapping"]
            assert mapping["source_params"] == [ui["field"]]
            assert mapping["target_param"] == field["field"]
            rows = {
                rule["source_values"][ui["field"]]: rule["target_value"] for rule in mapping["mapping_rules"]
            }
            assert set(rows) == {option["value"] for option in ui["options"]}
            assert ui["value"] in rows
            outside |= {source for source, target in rows.items() if target not in _values(field)}
    assert outside == {"adaptive"}


def test_pixverse_lacks_its_version_where_clients_must_add_it(leaves: Leaves) -> None:
    """From text, three versions come without ``model``, as the service once sent them."""
    without = {
        (task_type, id_)
        for (task_type, id_), leaf in leaves.items()
        if leaf["model_id"] == "pixverse" and "model" not in _fields(leaf)
    }
    assert without == {("text_to_video", f"Pixverse {version}") for version in ("V5.5", "V5", "V4")}


def test_model_field_of_pixverse_is_its_version(leaves: Leaves) -> None:
    """Where the field is there, it offers just the leaf's own version."""
    for (_, id_), leaf in leaves.items():
        field = _fields(leaf).get("model")
        if leaf["model_id"] == "pixverse" and field is not None:
            assert _values(field) == [field["value"]] == [id_.removeprefix("Pixverse ").lower()]


def test_tags_tell_the_price_range(leaves: Leaves) -> None:
    """The point tag spans exactly the prices of the rules."""
    for leaf in leaves.values():
        points = [rule["points"] for rule in leaf["credit_rules"]]
        low, high = min(points), max(points)
        tags = [tag["tag_value"] for tag in leaf["tags"] if tag["tag_type"] == "point"]
        assert tags == [str(low) if low == high else f"{low}~{high}"]


def test_estimates_are_missing_only_where_the_service_gives_none(leaves: Leaves) -> None:
    """Seedance 2.0 and seed-tts-2.0 carry no estimated time."""
    without = {
        id_ for (_, id_), leaf in leaves.items() if not any(tag["tag_type"] == "EET" for tag in leaf["tags"])
    }
    assert without == {"ima-pro", "ima-pro-fast", "seed-tts-2.0"}


def _labels(node: Any) -> Iterator[Any]:
    if isinstance(node, dict):
        yield from (node[key] for key in ("label", "description") if key in node)
        for value in node.values():
            yield from _labels(value)
    elif isinstance(node, list):
        for item in node:
            yield from _labels(item)


def test_every_text_for_people_is_in_both_languages(catalogue: dict[str, dict[str, Any]]) -> None:
    """Labels and descriptions are pairs, and localising leaves plain texts."""
    for document in catalogue.values():
        labels = list(_labels(document["groups"]))
        assert labels
        assert all(label.keys() == {"en", "zh"} and label["en"] and label["zh"] for label in labels)
        for language in ("en", "zh"):
            assert all(isinstance(label, str) for label in _labels(localise(document["groups"], language)))


@pytest.mark.parametrize(
    ("task_type", "id_", "files"),
    [
        ("image_to_image", "midjourney", None),
        ("image_to_image", "doubao-seedream-4-5-251128", (1, 14)),
        ("image_to_video", "viduq2-pro", (1, 1)),
        ("image_to_video", "wan2.6-i2v", None),
        ("first_last_frame_to_video", "viduq2-pro", (2, 2)),
        ("reference_image_to_video", "viduq2", (1, 3)),
        ("reference_image_to_video", "veo-3.1-generate-preview", (1, 3)),
        ("reference_image_to_video", "Pixverse V5", (0, 3)),
        ("reference_image_to_video", "ima-pro", (None, None)),
    ],
)
def test_file_limits(
    task_type: str, id_: str, files: tuple[int | None, int | None] | None, leaves: Leaves
) -> None:
    """The limits on input files are those of the capture, also where it states none."""
    found = leaves[task_type, id_].get("files")
    assert (found and (found.get("minLimit"), found.get("maxLimit"))) == files
