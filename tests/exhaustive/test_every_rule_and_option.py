"""Every production leaf × every credit rule × every option: the sandbox takes it at the quoted price."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from ima_skills import InvalidRequestError, ProductLeaf, Registry, Request, load_plugins, load_registry
from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.preparing import Prepared, Preparer
from ima_skills.schemas import open_schemas
from ima_skills.testing import Desk

INPUTS = {
    "image_to_image": 1,
    "image_to_video": 1,
    "first_last_frame_to_video": 2,
    "reference_image_to_video": 1,
}
TASK_TYPES = (
    "text_to_image",
    "image_to_image",
    "text_to_video",
    "image_to_video",
    "first_last_frame_to_video",
    "reference_image_to_video",
    "text_to_music",
    "text_to_speech",
)


@cache
def known() -> Registry:
    return load_registry()


@cache
def preparer() -> Preparer:
    return Preparer(known(), load_plugins(third_party=False), open_schemas())


@cache
def catalogue(task_type: str) -> Catalogue:
    return read_catalogue(task_type, known().snapshot.groups(task_type))


def wishes(leaf: ProductLeaf) -> Iterator[dict[str, Any]]:
    """Yield the defaults, every rule, every option by back-end and by UI name, each rule × option."""
    yield {}
    for rule in leaf.rules:
        yield dict(rule.attributes)
        for field in leaf.form:
            for option in field.options:
                if field.name != "n" and field.name not in rule.attributes:
                    yield {**rule.attributes, field.name: option.value}
    for field in leaf.form:
        if field.virtual is not None:
            for ui in field.virtual.ui_fields:
                for option in ui.options:
                    yield {ui.name: option.value}


def build(leaf: ProductLeaf, params: dict[str, Any], n: int = 1) -> Prepared:
    urls = tuple(f"https://example.org/{i}.png" for i in range(INPUTS.get(leaf.task_type, 0)))
    request = Request(
        leaf.task_type,
        "a fox",
        model=leaf.model_id,
        version_id=leaf.id,
        inputs=urls,
        params=params,
        n=n,
    )
    return preparer().build(preparer().check(request), catalogue(leaf.task_type))


def try_build(leaf: ProductLeaf, params: dict[str, Any]) -> tuple[Prepared | None, set[str]]:
    try:
        return build(leaf, params), set()
    except InvalidRequestError as error:
        return None, {problem.rule for problem in error.problems}


def not_offered(leaf: ProductLeaf, params: dict[str, Any]) -> bool:
    """Whether a rule names a value that the form does not offer: the service does not filter its rules."""
    offered = {field.name: {str(o.value) for o in field.options} for field in leaf.form if field.options}
    return any(str(value) not in offered.get(name, {str(value)}) for name, value in params.items())


@pytest.mark.parametrize("task_type", TASK_TYPES)
def test_everything_offered_is_accepted_at_the_quoted_price(task_type: str, tmp_path: Path) -> None:
    """What resolves is accepted and charged as quoted; what is refused is an unavailable combination."""
    desk = Desk(known(), tmp_path)
    accepted = 0
    for leaf in catalogue(task_type).leaves:
        for params in wishes(leaf):
            prepared, rules = try_build(leaf, params)
            if prepared is None:
                assert rules <= {"disabled"} or not_offered(leaf, params), (leaf.id, params, rules)
                continue
            receipt = desk.create(prepared.payload())
            assert receipt.accepted, (leaf.id, params, receipt)
            assert receipt.points == prepared.quote.total
            accepted += 1
    assert accepted >= 2 * len(catalogue(task_type).leaves)


def test_outputs_multiply_the_charge(tmp_path: Path) -> None:
    """A quote for n outputs is what the ledger deducts for them."""
    desk = Desk(known(), tmp_path)
    leaf = next(leaf for leaf in catalogue("text_to_video").leaves if leaf.model_id == "wan2.6-t2v")
    prepared = build(leaf, {"resolution": "720P"}, n=3)
    assert desk.create(prepared.payload()).points == prepared.quote.total == 75


def test_default_prices_are_those_of_the_form() -> None:
    """The default of a model is what its form says, not its cheapest rule."""
    assert build_default("text_to_video", "wan2.6-t2v").quote.total == 40
    assert build_default("text_to_image", "gemini-3.1-flash-image").quote.total == 6
    assert build_default("text_to_video", "viduq2").quote.total == 15
    assert build_default("reference_image_to_video", "veo-3.1-generate-preview").quote.total == 190


def build_default(task_type: str, model_id: str) -> Prepared:
    return build(next(leaf for leaf in catalogue(task_type).leaves if leaf.model_id == model_id), {})
