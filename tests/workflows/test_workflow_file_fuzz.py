"""Whatever somebody does to a plan file: it is refused, or it is still the very plan that was agreed to."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ima_skills.errors import UsageError
from ima_skills.workflows.checking import must_be_confirmed
from ima_skills.workflows.digest import plan_hash
from ima_skills.workflows.plan_file import read_plan

if TYPE_CHECKING:
    from ima_skills.workflows.plan import Plan

Bench = Any
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def places(node: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to everything inside a document."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [way, *(place for key, value in inner for place in places(value, (*way, key)))]


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    """What the first example has planned, for all others."""
    return {}


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_edit_passes_as_agreed(data: st.DataObject, bench: Bench, step: Any, kept: dict[str, Any]) -> None:
    """Anything at any place: an error with a code, or a plan that differs in nothing that matters."""
    if not kept:
        plan = bench.plan(
            step("image-1"), step("video-2", first_frame="image-1"), step("music-3", duration="video-2")
        )
        kept.update(plan=plan, text=bench.store.plan_path(plan.id).read_text())
    document = json.loads(kept["text"])
    *way, last = data.draw(st.sampled_from([place for place in places(document) if place]))
    node = document
    for key in way:
        node = node[key]
    if data.draw(st.booleans()) or isinstance(node, list):
        node[last] = data.draw(JSON)
    else:
        node[data.draw(st.text(max_size=8))] = node.pop(last)
    path = Path(bench.folder) / "edited.json"
    path.write_text(json.dumps(document))
    verdict = verdict_on(path, kept["plan"])
    assert verdict in ("same", "bad-plan", "bad-plan-file", "plan-edited", "plan-not-confirmed")


def verdict_on(path: Path, plan: Plan) -> str:
    """Return the code that a file is refused with, ``same`` for the plan that was agreed to, else ``other``."""
    try:
        found = must_be_confirmed(read_plan(path), plan_hash(plan))
    except UsageError as error:
        return error.name
    return "same" if (found.id, plan_hash(found)) == (plan.id, plan_hash(plan)) else "other"


@given(document=JSON)
def test_any_json_is_an_answer(document: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No document makes the reader fall over."""
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(document))
    with pytest.raises(UsageError):
        read_plan(path)
