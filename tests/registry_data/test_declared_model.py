"""A whole model in one file: the example of the registry's page, checked, listed and made in the sandbox."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import fields

from ima_skills import Request, load_plugins
from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.declared.quirks import rules_of
from ima_skills.declared.soundness import ACTIONS
from ima_skills.domain.declared import (
    Constrain,
    DeclaredLeaf,
    Derive,
    Map,
    Preset,
    Price,
    Rename,
    Require,
    Rule,
    When,
)
from ima_skills.drift import find_drift
from ima_skills.errors import InvalidRequestError, RegistryError, UnknownModelError
from ima_skills.offered import offers_of
from ima_skills.offline import sandbox_client
from ima_skills.preparing import Preparer
from ima_skills.registry import Registry, load_registry, load_registry_from, read_toml
from ima_skills.registry_cache import TomlMemory
from ima_skills.resources import data_root
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from ima_skills.domain.task import Result

T2I = "text_to_image"


@pytest.fixture(scope="module")
def example() -> str:
    """The example, as the page has it."""
    page = data_root("registry").joinpath("README.md").read_text(encoding="utf-8")
    found = re.search(r"<!-- example: kite-1 -->\n```toml\n(.*?)```", page, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def root(tmp_path: Path, example: str) -> Path:
    """A registry root with the example and nothing else."""
    folder = tmp_path / "registry" / "image"
    folder.mkdir(parents=True)
    (folder / "kite-1.toml").write_text(example, encoding="utf-8")
    return folder.parent


def make(registry: Registry, tmp_path: Path, **params: Any) -> Result:
    request = Request(T2I, "a kite over the dunes", model="风筝", params=params)

    async def work() -> Result:
        async with sandbox_client(tmp_path / "state", speed=100_000, registry=registry) as ima:
            return await ima.create(request, download=tmp_path / "out")

    return asyncio.run(work())


def test_one_short_file_is_a_model(example: str, root: Path, tmp_path: Path) -> None:
    """Forty lines are enough: the sandbox makes the picture at the declared price, and the rule is at work."""
    assert len(example.splitlines()) <= 40
    result = make(load_registry((root,)), tmp_path, aspect_ratio="16:9", detail="fine", outline="on")
    assert (result.model_name, result.credit) == ("Kite 1", 3)
    assert result.params == {
        "size": "1280x720", "detail": "fine", "outline": True, "strokes": 60, "n": 1,
    }  # fmt: skip
    assert result.files[0] is not None
    assert Path(result.files[0].path).stat().st_size > 1000


def test_what_is_declared_is_marked_and_comes_last(root: Path) -> None:
    """Lists from files say which leaves are only declared; a list that was captured has none of them."""
    nodes = load_registry((root,)).snapshot.groups(T2I)
    marked = [leaf.get("declared", False) for group in nodes for leaf in group["children"]]
    assert marked.count(True) == 1
    assert load_registry((root,)).snapshot.groups(T2I, declared=False) == nodes[:-1]
    assert marked[-1] is True
    leaf = read_catalogue(T2I, nodes).leaves[-1]
    assert (leaf.id, leaf.estimate, leaf.extra["declared"]) == ("kite-v1", (5.0, 10.0), True)


def test_what_no_list_ever_had_is_neither_gone_nor_suggested(root: Path) -> None:
    """A comparison with the live list does not miss it, and nobody is sent to it."""
    known = load_registry((root,))
    ours = read_catalogue(T2I, known.snapshot.groups(T2I))
    live = read_catalogue(T2I, known.snapshot.groups(T2I, declared=False))
    assert find_drift(known, ours, live) == ()
    preparer = Preparer(known, load_plugins(third_party=False), open_schemas())
    with pytest.raises(InvalidRequestError, match="only does 1:1") as caught:
        preparer.check(Request(T2I, "x", model="midjourney", params={"aspect_ratio": "16:9"}))
    suggested = {item["model"] for item in caught.value.details["advice"]["alternatives"]}
    assert suggested
    assert "kite-1" not in suggested


def test_a_captured_leaf_wins(example: str, tmp_path: Path) -> None:
    """A version that a captured list has is served as it was captured."""
    folder = tmp_path / "image"
    folder.mkdir()
    text = example.replace('"kite"', '"doubao-seedream-4.5"').replace(
        '"kite-v1"', '"doubao-seedream-4-5-251128"'
    )
    (folder / "kite-1.toml").write_text(text, encoding="utf-8")
    with_example = load_registry((tmp_path,)).snapshot.groups(T2I)
    assert with_example == load_registry().snapshot.groups(T2I)


def test_a_live_list_without_it_does_not_sell_it(root: Path) -> None:
    """What a file declares never prices a request of the real service: its list decides alone."""
    preparer = Preparer(load_registry((root,)), load_plugins(third_party=False), open_schemas())
    wish = preparer.check(Request(T2I, "x", model="kites"))
    live = read_catalogue(T2I, load_registry().snapshot.groups(T2I))
    with pytest.raises(UnknownModelError, match="does not list Kite 1"):
        preparer.build(wish, Catalogue(T2I, live.leaves))


def test_a_remembered_file_says_the_same(root: Path, tmp_path: Path) -> None:
    """Rules and offers survive the cache of parsed files."""
    roots = (data_root("registry"), root)
    entries = []
    for _ in range(2):
        memory = TomlMemory(tmp_path / "cache", read_toml)
        entries.append(load_registry_from(roots, memory.read).models["kite-1"])
        memory.keep()
    assert entries[0] == entries[1]
    assert rules_of(entries[1])[0].map is not None
    assert offers_of(entries[1], T2I)[0].prices[1].points == 3


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "points = 2",
            'points = "2"',
            r"Kite 1: /task_types/text_to_image/offers/0/prices/0/points: expected int",
        ),
        (
            "attribute_id = 990101, ",
            "",
            r"Kite 1: /task_types/text_to_image/offers/0/prices/0/attribute_id: required field missing",
        ),
    ],
)
def test_a_misshapen_offer_is_named(old: str, new: str, said: str, example: str, root: Path) -> None:
    """A list is never served with a leaf that nobody could price."""
    (root / "image" / "kite-1.toml").write_text(example.replace(old, new), encoding="utf-8")
    with pytest.raises(RegistryError, match=said):
        load_registry((root,)).snapshot.groups(T2I)


def test_schema_classes_and_page_know_the_same_words(schemas: dict[str, dict[str, Any]]) -> None:
    """The vocabulary is one: what the schema allows, what is read, and what the page explains."""
    page = data_root("registry").joinpath("README.md").read_text(encoding="utf-8")
    rule, offer = (schemas["model"]["$defs"][name] for name in ("rule", "offer"))
    classes: dict[str, type[Any]] = {
        "when": When, "rename": Rename, "map": Map, "derive": Derive,
        "default": Preset, "constrain": Constrain, "require": Require,
    }  # fmt: skip
    assert set(rule["properties"]) == {"why", *classes} == {item.name for item in fields(Rule)}
    assert set(ACTIONS) == classes.keys() - {"when"}
    for name, cls in classes.items():
        words = set(rule["properties"][name]["properties"])
        assert words == {item.name for item in fields(cls)}
        assert [word for word in (name, *words) if not re.search(rf"[`{{ ,]{word}[`}} ,=]", page)] == []
    prices = offer["properties"]["prices"]["items"]
    assert set(offer["properties"]) == {item.name for item in fields(DeclaredLeaf)}
    assert set(prices["properties"]) == {item.name for item in fields(Price)}
