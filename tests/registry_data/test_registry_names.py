"""Names, references and evidence inside the registry."""

from __future__ import annotations

import tomllib
from typing import Any

from ima_skills.registry import load_registry, name_key

Entries = dict[str, dict[str, Any]]
KNOWN_QUIRKS = {
    "seedance-references",
    "suno-model-version",
    "tts-native",
}
PRODUCTION = {
    "image": {"seedream-4.5", "nano-banana-2", "nano-banana-pro", "midjourney"},
    "video": {
        *(
            "wan-2.6",
            "hailuo-2.3",
            "hailuo-2.0",
            "vidu-q2",
            "vidu-q2-pro",
            "seedance-1.5-pro",
            "seedance-2.0",
        ),
        *("seedance-2.0-fast", "sora-2-pro", "kling-o1", "kling-2.6", "veo-3.1", "pixverse"),
    },
    "music": {"suno", "doubao-bgm", "doubao-song"},
    "tts": {"seed-tts-2.0", "seed-tts-1.1"},
}


def _production(entries: Entries) -> Entries:
    return {name: entry for name, entry in entries.items() if entry["status"] == "production"}


def test_files_are_named_by_id_and_modality(models: Entries) -> None:
    """A model's file is where its modality and id say."""
    for path, entry in models.items():
        assert path == f"{entry['modality']}/{entry['id']}.toml"


def test_every_production_model_is_entered(entries: Entries) -> None:
    """The whole captured list is known, and nothing else is called production."""
    found: dict[str, set[str]] = {}
    for name, entry in _production(entries).items():
        found.setdefault(entry["modality"], set()).add(name)
    assert found == PRODUCTION
    assert entries["gpt-image-2"]["status"] == "announced"


def test_names_are_unique(entries: Entries) -> None:
    """No name leads to two models, letter case and spaces aside."""
    owners: dict[str, set[str]] = {}
    for name, entry in entries.items():
        aliases = entry["aliases"]
        own = [name, entry["name"], *aliases["en"], *aliases["zh"]]
        own += [task["model_id"] for task in entry.get("task_types", {}).values()]
        own += [version for task in entry.get("task_types", {}).values() for version in task["version_ids"]]
        own += [alias for names in entry.get("version_aliases", {}).values() for alias in names]
        for one in own:
            owners.setdefault(name_key(one), set()).add(name)
    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


def test_names_lead_to_their_model() -> None:
    """What people say in either language finds the model, and an exact version its leaf."""
    registry = load_registry()
    for said, wanted in {
        "可梦": "seedream-4.5",
        "Nano Banana2": "nano-banana-2",
        "香蕉pro": "nano-banana-pro",
        "MJ": "midjourney",
        "万": "wan-2.6",
        "海螺": "hailuo-2.3",
        "可灵 2.6": "kling-2.6",
        "kling": "kling-o1",
        "苏诺": "suno",
        "豆包BGM": "doubao-bgm",
        "豆包": "doubao-song",
        "ima sevio 1.0": "seedance-2.0",
        "seedance": "seedance-1.5-pro",
        "Kling 2.1": "kling-2.1-master",
    }.items():
        match = registry.find(said)
        assert match is not None, said
        assert match.entry.id == wanted, said
    version = registry.find("pixverse v4.5")
    assert version is not None
    assert (version.entry.id, version.version_id) == ("pixverse", "Pixverse V4.5")


def test_quirks_are_known_and_have_their_data(entries: Entries) -> None:
    """Only quirks that exist are asked for, and options belong to a quirk that is."""
    for entry in entries.values():
        quirks = set(entry.get("quirks", ()))
        assert quirks <= KNOWN_QUIRKS
        assert entry.get("quirk_options", {}).keys() <= quirks
    assert entries["seedance-2.0"]["quirks"] == ["seedance-references"]
    assert entries["suno"]["quirks"] == ["suno-model-version"]


def test_fallbacks_exist_and_help_in_every_task_type(entries: Entries) -> None:
    """Each task type of a production model has a fallback that is in production there."""
    for name, entry in _production(entries).items():
        others = [entries[fallback] for fallback in entry["fallbacks"]]
        assert name not in entry["fallbacks"]
        assert all(other["status"] == "production" for other in others)
        for task_type in entry["task_types"]:
            assert any(task_type in other["task_types"] for other in others), (name, task_type)


def test_retired_models_name_a_production_successor(entries: Entries) -> None:
    """Asking for a model that has left leads to one that is there."""
    retired = [entry for entry in entries.values() if entry["status"] == "retired"]
    assert len(retired) > 15
    for entry in retired:
        assert entries[entry["successor"]]["status"] == "production"


def test_defaults_exist_for_their_task_type(entries: Entries, registry_files: dict[str, str]) -> None:
    """Every default, cheap or premium pick is a production model of that task type."""
    table = tomllib.loads(registry_files["defaults.toml"])["defaults"]
    for task_type, picks in table.items():
        for pick in (picks[name] for name in ("model", "budget", "premium")):
            assert entries[pick]["status"] == "production"
            assert task_type in entries[pick]["task_types"], (task_type, pick)
    assert {task_type: picks["model"] for task_type, picks in table.items()} == {
        "text_to_image": "seedream-4.5",
        "image_to_image": "seedream-4.5",
        "text_to_video": "wan-2.6",
        "image_to_video": "wan-2.6",
        "first_last_frame_to_video": "kling-o1",
        "reference_image_to_video": "kling-o1",
        "text_to_music": "suno",
        "text_to_speech": "seed-tts-2.0",
    }


def _at(document: Any, path: str) -> Any:
    """Follow a dotted path; keys may hold dots themselves, so the longest key wins."""
    if not path:
        return document
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        key = ".".join(parts[:length])
        if isinstance(document, dict) and key in document:
            return _at(document[key], ".".join(parts[length:]))
    raise KeyError(path)


def test_evidence_points_at_facts_that_exist(models: Entries, registry_files: dict[str, str]) -> None:
    """A path that leads nowhere would be evidence for nothing."""
    for document in (*models.values(), tomllib.loads(registry_files["defaults.toml"])):
        for item in document["evidence"]:
            _at(document, item["fact"])


def test_every_claim_of_a_production_model_has_evidence(entries: Entries) -> None:
    """Ids, estimates, facts, fallbacks, defaults, limits: each says where it comes from."""
    telling = ("task_types", "facts", "fallbacks", "tier", "progress", "use_cases")
    optional = ("defaults", "limits", "native_params", "quirks", "rules", "version_aliases")
    for name, entry in _production(entries).items():
        covered = {item["fact"].split(".")[0] for item in entry["evidence"]}
        needed = {*telling, *(field for field in optional if entry.get(field))}
        if entry["aliases"]["en"] or entry["aliases"]["zh"]:
            needed.add("aliases")
        if entry.get("subscription"):
            needed.add("subscription")
        assert needed <= covered, name


def test_every_default_pick_has_evidence(registry_files: dict[str, str]) -> None:
    """Each task type's picks say where they come from."""
    document = tomllib.loads(registry_files["defaults.toml"])
    covered = {".".join(item["fact"].split(".")[:2]) for item in document["evidence"]}
    assert covered == {f"defaults.{task_type}" for task_type in document["defaults"]}


def test_both_languages_say_as_much(entries: Entries) -> None:
    """Use cases come in pairs, and only the Chinese ones are in Chinese."""
    for name, entry in entries.items():
        cases = entry.get("use_cases", {"en": [], "zh": []})
        assert len(cases["en"]) == len(cases["zh"]), name
        assert all(case.isascii() for case in cases["en"]), name
        assert not any(case.isascii() for case in cases["zh"]), name


def test_content_limits_are_stated(entries: Entries) -> None:
    """Sora refuses people; Seedance 2.0 refuses real faces; one of them wants a subscription."""
    assert "people" in entries["sora-2-pro"]["limits"]["en"]
    for name in ("seedance-2.0", "seedance-2.0-fast"):
        assert "faces" in entries[name]["limits"]["en"]
    subscribed = [name for name, entry in entries.items() if entry.get("subscription")]
    assert subscribed == ["seedance-2.0"]
