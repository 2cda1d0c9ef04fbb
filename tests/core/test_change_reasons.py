"""Why something was changed is said in both languages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills import Change, Request
from ima_skills.catalogue import read_catalogue
from ima_skills.preparing import Preparer
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Names and values may stand in a Chinese sentence; two English words in a row are a sentence.
ENGLISH = re.compile(r"[a-z]{2,} [a-z]{2,} [a-z]{2,}")
WISHES: list[tuple[str, str, dict[str, Any], Any]] = [
    ("text_to_music", "suno", {"seed": 3, "duration": 30}, None),
    ("text_to_image", "midjourney", {"seed": 1}, None),
    ("text_to_image", "seedream-4.5", {"aspect_ratio": "7:3"}, "nearest"),
    ("text_to_image", "seedream-4.5", {"size": "2560x1440", "aspect_ratio": "1:1"}, None),
    ("text_to_video", "wan-2.6", {"duration": 7, "colour": "red"}, "nearest"),
    ("text_to_video", "wan-2.6", {"duration": 7}, "cheapest"),
    ("text_to_video", "pixverse", {"dur": 5}, "nearest"),
    (
        "text_to_speech",
        "seed-tts-2.0",
        {"voice": "male", "speed": 1.2, "volume": 0.7, "emotion": "happy"},
        None,
    ),
]


@pytest.mark.parametrize(("task_type", "model", "params", "fix"), WISHES)
def test_first_party_reasons(  # noqa: PLR0913, PLR0917 - what a wish consists of
    task_type: str, model: str, params: dict[str, Any], fix: Any, registry: Registry, plugins: PluginSet
) -> None:
    """Every change of ours has a Chinese reason without an English sentence, and an English one without Chinese."""
    preparer = Preparer(registry, plugins, open_schemas())
    page = read_catalogue(task_type, registry.snapshot.groups(task_type))
    for language in ("en", "zh"):
        request = Request(task_type, "a kite", model=model, params=params, language=language)
        changes = preparer.build(preparer.check(request, fix), page).changes
        assert changes
        for change in changes:
            said = change.why(language)
            assert bool(CHINESE.search(said)) == (language == "zh"), change
            assert language == "en" or not ENGLISH.search(said), change


def test_every_defaults_reason(registry: Registry, plugins: PluginSet) -> None:
    """The changes that nobody asked for, over every model on offer."""
    preparer, seen = Preparer(registry, plugins, open_schemas()), 0
    for task_type in registry.task_types:
        if registry.task_types[task_type].inputs.minimum:
            continue
        page = read_catalogue(task_type, registry.snapshot.groups(task_type))
        for leaf in page.leaves:
            request = Request(task_type, "风筝", model=leaf.model_id, version_id=leaf.id, language="zh")
            for change in preparer.build(preparer.check(request), page).changes:
                seen += 1
                assert CHINESE.search(change.why("zh")), (leaf.id, change)
    assert seen


def test_a_reason_in_one_language() -> None:
    """What a third party said in English alone is said so, and its document has no empty place."""
    change = Change("strokes", 1, 2, "the ink dries fast")
    assert (change.why("zh"), change.why("en")) == ("the ink dries fast",) * 2
    assert "reason_zh" not in change.as_dict()
