"""From a model's name to one leaf of the live list."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from ima_skills.catalogue import Catalogue
from ima_skills.choosing import Choice, Named, choose, newest, read_name
from ima_skills.domain.product import CreditRule, ProductLeaf
from ima_skills.domain.request import Request
from ima_skills.errors import UnknownModelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

T2V, T2I = "text_to_video", "text_to_image"


@pytest.fixture
def pick(registry: Registry, catalogue: Callable[[str], Catalogue]) -> Callable[..., Choice]:
    """Return a function from a model's name to the choice, on a shuffled list."""

    def of(model: str | None, task_type: str = T2V, version_id: str | None = None, seed: int = 1) -> Choice:
        listed = catalogue(task_type)
        leaves = list(listed.leaves)
        Random(seed).shuffle(leaves)  # noqa: S311 - the order of a test list
        named = read_name(registry, Request(task_type, "x", model=model, version_id=version_id))
        return choose(registry, evolve(listed, leaves=tuple(leaves)), named)

    return of


@pytest.mark.parametrize("seed", range(8))
def test_newest_version_by_number(pick: Callable[..., Choice], seed: int) -> None:
    """Of leaves that share a family id the newest wins, whatever the order of the list."""
    assert pick("pixverse", seed=seed).leaf.id == "Pixverse V5.5"


def test_versions_are_numbers_not_words() -> None:
    """V10 is newer than V9.5, and a name counts before an id; the first of equals wins."""
    names = ["M V9.5", "M V10", "M V10", "M V2 (2027)"]
    leaves = [ProductLeaf(str(i), "m", name, T2V, (), (CreditRule(1, 1),)) for i, name in enumerate(names)]
    assert newest(leaves).id == "2"
    same = [ProductLeaf("a", "m", "M", T2V), ProductLeaf("b", "m", "M", T2V)]
    assert newest(same).id == "a"
    assert newest([ProductLeaf("9" * 5000, "m", "M " + "7" * 5000, T2V)]).model_id == "m"


@pytest.mark.parametrize(
    ("model", "task_type", "leaf_id", "entry"),
    [
        (None, T2V, "wan2.6-t2v", "wan-2.6"), ("", T2V, "wan2.6-t2v", "wan-2.6"), ("  ", T2I, "doubao-seedream-4-5-251128", "seedream-4.5"),
        ("wan-2.6", T2V, "wan2.6-t2v", "wan-2.6"), ("Wan 2.6", "image_to_video", "wan2.6-i2v", "wan-2.6"),
        ("wan2.6-t2v", T2V, "wan2.6-t2v", "wan-2.6"), ("WAN2.6-T2V", T2V, "wan2.6-t2v", "wan-2.6"),
        ("可灵", T2V, "kling-video-o1", "kling-o1"), ("KLING o1", T2V, "kling-video-o1", "kling-o1"),
        ("minimax-hailuo-02", T2V, "MiniMax-Hailuo-02", "hailuo-2.0"), ("可梦", T2I, "doubao-seedream-4-5-251128", "seedream-4.5"),
        ("Pixverse V4", T2V, "Pixverse V4", "pixverse"), ("pixverse 4.5", T2V, "Pixverse V4.5", "pixverse"),
        ("pixverse@Pixverse V3.5", T2V, "Pixverse V3.5", "pixverse"), ("pixverse@PIXVERSE v5", T2V, "Pixverse V5", "pixverse"),
        ("pixverse@", T2V, "Pixverse V5.5", "pixverse"), ("sonic", "text_to_music", "sonic", "suno"),
        ("香蕉", T2I, "gemini-3.1-flash-image-preview", "nano-banana-2"),
    ],
)  # fmt: skip
def test_names(
    pick: Callable[..., Choice], model: str | None, task_type: str, leaf_id: str, entry: str
) -> None:
    """Registry ids, family ids, display names, aliases and versions all lead to their leaf; none to the default."""
    choice = pick(model, task_type)
    assert choice.leaf.id == leaf_id
    assert choice.entry is not None
    assert choice.entry.id == entry


def test_explicit_version_wins(pick: Callable[..., Choice]) -> None:
    """An explicit version id beats the one in the name."""
    assert pick("pixverse 5.5", version_id="Pixverse V4").leaf.id == "Pixverse V4"
    assert pick("pixverse@Pixverse V5", version_id="Pixverse V4").leaf.id == "Pixverse V4"


def test_unknown_version(pick: Callable[..., Choice]) -> None:
    """A version that does not exist lists those that do."""
    with pytest.raises(UnknownModelError, match="pixverse has no version 'V9'") as caught:
        pick("pixverse@V9")
    assert caught.value.name == "unknown-version"
    assert "Pixverse V5.5" in caught.value.details["available"]


@pytest.mark.parametrize(
    ("model", "match", "details"),
    [
        ("seedream 4.0", "SeeDream 4.0 is retired; use SeeDream 4.5 instead", "seedream-4.5"),
        ("doubao-seedream-4.0", "is retired; use SeeDream 4.5 instead", "seedream-4.5"),
    ],
)
def test_retired(pick: Callable[..., Choice], model: str, match: str, details: str) -> None:
    """A retired model names its successor."""
    with pytest.raises(UnknownModelError, match=match) as caught:
        pick(model, T2I)
    assert (caught.value.name, caught.value.details["successor"]) == ("retired-model", details)
    assert caught.value.hint == f"--model {details}"


def test_retired_without_successor(registry: Registry) -> None:
    """A retired model without successor points at the list."""
    entry = evolve(registry.models["seedream-4.0"], successor=None)
    bare = evolve(registry, models={**registry.models, entry.id: entry})
    with pytest.raises(UnknownModelError, match=r"SeeDream 4.0 is retired$") as caught:
        read_name(bare, Request(T2I, "x", model="seedream-4.0"))
    assert caught.value.hint == "Run: ima-skills models list"


def test_wrong_task_type(pick: Callable[..., Choice]) -> None:
    """A model of another task type says what it does, and who does what was asked."""
    with pytest.raises(
        UnknownModelError, match=r"SeeDream 4\.5 does not do text_to_video; it does text_to_image"
    ) as caught:
        pick("seedream")
    assert caught.value.name == "wrong-task-type"
    assert "Wan 2.6" in caught.value.hint


def test_unknown_model_with_close_names(pick: Callable[..., Choice]) -> None:
    """An unknown name gets close ones and all there are."""
    with pytest.raises(UnknownModelError, match="no model is called 'klingg' in text_to_video") as caught:
        pick("klingg")
    assert caught.value.name == "unknown-model"
    assert "Kling O1" in caught.value.details["nearest"]
    assert caught.value.hint.startswith("Did you mean Kling")
    assert "Wan 2.6" in caught.value.details["available"]


@pytest.mark.parametrize("model", ["zzzzzz", "@", "@V4", "模型", "x" * 5000, "\ud800", "a@b@c", "../../etc"])
def test_nonsense_names(pick: Callable[..., Choice], model: str) -> None:
    """Nonsense is refused in words, never in a traceback."""
    with pytest.raises(UnknownModelError, match="no model is called "):
        pick(model)


def test_model_that_only_the_list_knows(registry: Registry) -> None:
    """A model nobody entered yet is usable by id, family id or name, without an entry."""
    fresh = ProductLeaf("brand-new-v1", "brand-new", "Brand New", T2V, (), (CreditRule(1, 5),))
    listed = Catalogue(T2V, (fresh,))
    for name in ("brand-new", "Brand New", "brand-new-v1", "BRAND NEW", "brand-new@brand-new-v1"):
        choice = choose(registry, listed, read_name(registry, Request(T2V, "x", model=name)))
        assert choice == Choice(fresh, None)


def test_known_model_that_the_list_lacks(registry: Registry) -> None:
    """A known model that is not listed now is reported as such."""
    named = read_name(registry, Request(T2V, "x", model="wan"))
    with pytest.raises(
        UnknownModelError, match=r"the service does not list Wan 2.6 for text_to_video at the moment"
    ):
        choose(registry, Catalogue(T2V, ()), named)


def test_a_leaf_that_could_not_be_read_is_named(registry: Registry) -> None:
    """When the list holds what we cannot read, the refusal says so instead of hiding it."""
    named = read_name(registry, Request(T2V, "x", model="wan"))
    with pytest.raises(UnknownModelError, match=r"does not list Wan 2\.6") as caught:
        choose(registry, Catalogue(T2V, (), ("wan2.6-t2v: /rules/0: expected int",)), named)
    assert caught.value.details["unreadable"] == ["wan2.6-t2v: /rules/0: expected int"]


def test_no_default(registry: Registry) -> None:
    """Without a default, a list of one family is no choice; a longer one needs a name."""
    only = ProductLeaf("v", "m", "Only", T2V, (), (CreditRule(1, 5),))
    assert choose(registry, Catalogue(T2V, (only,)), Named(None, None, "")).leaf == only
    other = evolve(only, model_id="n", name="Other")
    with pytest.raises(UnknownModelError, match="there is no default model for text_to_video; name one"):
        choose(registry, Catalogue(T2V, (only, other)), Named(None, None, ""))


def test_announced_models_wait_for_the_list(registry: Registry) -> None:
    """An announced model is usable as soon as the list has it."""
    announced = next(entry for entry in registry.models.values() if entry.status == "announced")
    kind = next(iter(announced.task_types), T2I)
    task = announced.task_types.get(kind)
    leaf = ProductLeaf(
        "x", task.model_id if task else announced.id, announced.name, kind, (), (CreditRule(1, 5),)
    )
    named = read_name(registry, Request(kind, "x", model=announced.name))
    assert choose(registry, Catalogue(kind, (leaf,)), named) == Choice(leaf, announced)
