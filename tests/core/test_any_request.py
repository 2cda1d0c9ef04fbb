"""No request whatsoever breaks the first half of the road: it is prepared, or refused in words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ima_skills.batch import read_lines
from ima_skills.catalogue import read_catalogue
from ima_skills.domain.request import Request
from ima_skills.errors import FaultError, ImaError, UsageError
from ima_skills.plugin_set import load_plugins
from ima_skills.preparing import Preparer
from ima_skills.registry import load_registry
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.preparing import Prepared

PREPARER = Preparer(load_registry(), load_plugins(third_party=False, environ={}), open_schemas())
LISTS = {
    name: read_catalogue(name, PREPARER.registry.snapshot.groups(name))
    for name in PREPARER.registry.task_types
}
NAMES = sorted(
    {field.name for listed in LISTS.values() for leaf in listed.leaves for field in leaf.form}
    | {
        "quality",
        "aspect_ratio",
        "seed",
        "lyrics",
        "audio_params",
        "additions",
        "voice",
        "speed",
        "n",
        "prompt",
    }
    | {"style", "gender", "emotion", "volume", "instrumental", "size", "fps", "default", "cast"}
)
MODELS = sorted({name for entry in PREPARER.registry.models.values() for name in entry.names()})
VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
    | st.sampled_from([5, 7, "10s", 15, 30, "1080p", "4K", "8K", "16:9", "7:3", "adaptive", "on", "false", "pro", "f", "male",
                       "1024x1024", "３：２", -1, 0, "sonic-v5", "女声", 10**30]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3) | st.integers(), inner, max_size=2),
    max_leaves=3,
)  # fmt: skip
SECRET = "the launch code is 0000"
SOURCE = st.sampled_from(
    ["https://a.example/a.png", "https://a.example/b.mp4", "nope.png", "http://x.example", ""]
) | st.text(max_size=5)
PROMPT = st.sampled_from([SECRET, "8K portrait of a famous actor", "30 seconds", "猫", ""]) | st.text(
    max_size=9
)


@st.composite
def _requests(draw: st.DrawFn) -> Request:
    """Draw a request: often a sound one with one odd part, sometimes nonsense throughout."""
    kind = PREPARER.registry.task_types[draw(st.sampled_from(sorted(LISTS)))]
    able = sorted({leaf.name for leaf in LISTS[kind.name].leaves})
    enough = ["https://a.example/a.png"] * kind.inputs.minimum
    inputs = draw(st.just(enough) | st.lists(SOURCE, max_size=3))
    return Request(
        kind.name,
        draw(PROMPT),
        model=draw(st.none() | st.sampled_from(able) | st.sampled_from(MODELS) | st.text(max_size=9)),
        version_id=draw(
            st.none()
            | st.none()
            | st.sampled_from(["sonic-v5", "Pixverse V4", "nonsense"])
            | st.text(max_size=4)
        ),
        inputs=tuple(inputs),
        params=draw(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), VALUE, max_size=2)),
        n=draw(st.sampled_from([1, 1, 2, 4]) | st.integers(-1, 6)),
        language=draw(st.sampled_from(["en", "zh"])),
    )


REQUEST = _requests()


def _prepared(request: Request, fix: Any) -> Prepared | None:
    try:
        return PREPARER.build(PREPARER.check(request, fix), LISTS[request.task_type])
    except ImaError as error:
        _must_be_presentable(error)
        return None


def _must_be_presentable(error: ImaError) -> None:
    assert isinstance(error, UsageError), f"{error!r} is our own fault"
    assert error.message.strip()
    document = json.dumps(error.as_dict(), allow_nan=False)
    assert SECRET not in document


@pytest.mark.parametrize("fix", [None, "nearest", "cheapest"])
@settings(max_examples=250)
@given(request=REQUEST)
def test_any_request_is_prepared_or_refused(fix: str | None, request: Request) -> None:
    """Whatever is asked for, the answer is a payload that can be sent, or an error of the user's own that can be shown."""
    prepared = _prepared(request, fix)
    if prepared is None:
        return
    body = prepared.payload()
    json.dumps(body, allow_nan=False).encode("utf-8")
    (product,) = body["parameters"]
    assert product["credit"] == prepared.quote.points_per_output > 0
    assert product["parameters"]["n"] == prepared.request.n in range(1, 5)
    assert all(change.reason for change in prepared.changes)
    json.dumps([change.as_dict() for change in prepared.changes], allow_nan=False)


@settings(max_examples=120)
@given(request=REQUEST, fix=st.sampled_from([None, "nearest", "cheapest"]))
def test_preparing_is_repeatable(request: Request, fix: Any) -> None:
    """The same request on the same list gives the same payload, price and changes."""
    first, second = _prepared(request, fix), _prepared(request, fix)
    assert (first is None) == (second is None)
    if first is not None and second is not None:
        assert first.payload() == second.payload()
        assert (first.quote, first.changes) == (second.quote, second.changes)


def test_our_own_faults_are_told_apart() -> None:
    """The assertion above can fail: a fault of ours is no usage error."""
    assert not issubclass(FaultError, UsageError)


@pytest.mark.parametrize("n", [1.0, 2.0, 2])
def test_a_whole_number_of_any_spelling(n: Any, tmp_path: Path) -> None:
    """JSON writes 2 as 2.0 at times: it is the same wish, priced and sent as an integer, also in a batch."""
    request = Request("text_to_image", "a kite", n=n)
    prepared = PREPARER.build(PREPARER.check(request), LISTS["text_to_image"])
    sent = json.dumps(prepared.payload())
    assert (type(prepared.quote.total), prepared.quote.n) == (int, int(n))
    assert f'"n": {int(n)}' in sent
    assert f'"n": {int(n)}.0' not in sent
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text(json.dumps({"task_type": "text_to_image", "prompt": "a kite", "n": n}), encoding="utf-8")
    (line,) = read_lines(jobs)
    assert line.request == request
