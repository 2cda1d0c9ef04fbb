"""Creating and reflecting over a scripted service: at most three creates, never dearer, everything reported."""

from __future__ import annotations

import asyncio
import copy
import json
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from ima_skills.domain.event import Reflected
from ima_skills.domain.problem import Change
from ima_skills.domain.reflection import Refetch, Retry, Wait
from ima_skills.domain.request import Request
from ima_skills.errors import (
    CredentialError,
    ImaError,
    NetworkError,
    OutcomeUnknownError,
    PointsError,
    ServiceError,
    UnknownModelError,
)
from ima_skills.hookspecs import hookimpl
from ima_skills.plugin_set import PluginSet, load_plugins
from ima_skills.reflection import MAX_CREATES
from ima_skills.submitting import submit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.client import ImaClient
    from ima_skills.clock import FakeClock
    from ima_skills.preparing import Prepared
    from ima_skills.registry import Registry

OK = {"code": 0, "data": {"id": "t1"}}


def _no(code: int, message: str = "") -> dict[str, Any]:
    return {"code": code, "message": message, "data": None}


class House:
    """A service whose list can be changed and whose answers to creates are given in advance."""

    def __init__(self, registry: Registry, task_type: str, *answers: Any) -> None:
        self.nodes = copy.deepcopy(registry.snapshot.groups(task_type))
        self.answers = list(answers)
        self.bodies: list[dict[str, Any]] = []
        self.lists = 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("list"):
            self.lists += 1
            return httpx.Response(200, json={"code": 0, "data": self.nodes})
        body = json.loads(request.content)
        self.bodies.append(body)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = answer(self)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(200, json=answer) if isinstance(answer, dict) else answer

    def leaf(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = next(
            c for group in self.nodes for c in group["children"] if name in (c["name"], c["id"])
        )
        return found

    @property
    def sent(self) -> list[dict[str, Any]]:
        """The inner parameters of every create."""
        return [body["parameters"][0]["parameters"] for body in self.bodies]


class Run:
    """One submission and everything that could be seen of it."""

    def __init__(self, house: House, prepared: Prepared, events: list[Any], outcome: Any) -> None:
        self.house, self.prepared, self.events, self.outcome = house, prepared, events, outcome

    @property
    def final(self) -> Prepared:
        """What was accepted in the end."""
        prepared: Prepared = self.outcome[1]
        return prepared

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Every change that the user is told."""
        return [(change.param, change.requested, change.applied) for change in self.final.changes]


@pytest.fixture
def run(mock_client: Callable[..., ImaClient], registry: Registry) -> Callable[..., Run]:
    """Return a function that prepares a request and submits it against scripted answers."""

    def go(
        *answers: Any, model: str = "Wan 2.6", task_type: str = "text_to_video", n: int = 1, **more: Any
    ) -> Run:
        params = more.pop("params", {})
        house = House(registry, task_type, *answers)
        events: list[Any] = []

        async def work() -> tuple[Any, Any]:
            async with mock_client(house, **more) as client:
                prepared = await client.prepare(Request(task_type, "a cat", model=model, params=params, n=n))
                try:
                    return prepared, await submit(client.engine, prepared, (), events.append)
                except ImaError as error:
                    return prepared, error

        prepared, outcome = asyncio.run(work())
        return Run(house, prepared, events, outcome)

    return go


def test_accepted_at_once(run: Callable[..., Run]) -> None:
    """A create that is accepted is sent once."""
    found = run(OK)
    accepted, final, number = found.outcome
    assert (accepted.task_id, number, final) == ("t1", 1, found.prepared)
    assert (len(found.house.bodies), found.house.lists, found.events) == (1, 1, [])


def test_500_steps_down_and_reports(run: Callable[..., Run]) -> None:
    """A fault of the service makes the effective parameters smaller, one at a time, told each time."""
    found = run(_no(500), _no(500), OK, params={"duration": 15})
    assert [(sent["resolution"], sent["duration"]) for sent in found.house.sent] == [
        ("1080P", 15),
        ("720P", 15),
        ("720P", 10),
    ]
    assert found.changes == [
        ("resolution", "1080P", "720P"), ("points", 120, 75), ("duration", 15, 10), ("points", 75, 50),
    ]  # fmt: skip
    assert [event.attempt for event in found.events if isinstance(event, Reflected)] == [1, 2]
    assert [change.param for change in found.events[1].changes] == ["duration", "points"]
    assert found.final.quote.total == 50
    assert [body["parameters"][0]["credit"] for body in found.house.bodies] == [120, 75, 50]


def test_500_ends_after_three_creates(run: Callable[..., Run]) -> None:
    """Three creates, then the service's refusal is the answer."""
    found = run(_no(500), params={"duration": 15})
    assert isinstance(found.outcome, ServiceError)
    assert found.outcome.name == "service-fault"
    assert len(found.house.bodies) == MAX_CREATES == 3


def test_500_with_nothing_smaller(run: Callable[..., Run]) -> None:
    """When nothing can be made smaller it ends at once."""
    found = run(_no(500), model="DouBao - BGM", task_type="text_to_music")
    assert isinstance(found.outcome, ServiceError)
    assert len(found.house.bodies) == 1


def test_without_permission_nothing_is_made_smaller(run: Callable[..., Run]) -> None:
    """--no-degrade: the fault is told, the request stays what it was; other cures still work."""
    found = run(_no(500), OK, degrade=False)
    assert isinstance(found.outcome, ServiceError)
    assert len(found.house.bodies) == 1
    assert run(_no(6010), OK, degrade=False).outcome[2] == 2


def test_6009_fills_in_what_the_list_now_asks_for(run: Callable[..., Run]) -> None:
    """A parameter that the fresh list adds to its rules is sent after one look at the list."""

    def changed(house: House) -> dict[str, Any]:
        leaf = house.leaf("Wan 2.6")
        leaf["form_config"].append(
            {"field": "fps", "type": "tags", "value": 24, "options": [{"value": 24}, {"value": 48}]}
        )
        for rule in leaf["credit_rules"]:
            rule["attributes"]["fps"] = 24
        return _no(6009, "No exact rule match found for parameters")

    found = run(changed, OK)
    assert found.house.sent[1]["fps"] == 24
    assert ("fps", None, 24) in found.changes
    assert found.house.lists == 2


@pytest.mark.parametrize("code", [6010, 6006, 6009])
def test_a_stale_list_is_read_again_once(run: Callable[..., Run], code: int) -> None:
    """A stale attribute or price is looked up again; a second refusal is final."""

    def renumbered(house: House) -> dict[str, Any]:
        for rule in house.leaf("Wan 2.6")["credit_rules"]:
            rule["attribute_id"] += 100_000
        return _no(code)

    found = run(renumbered, OK)
    assert [body["parameters"][0]["attribute_id"] for body in found.house.bodies] == [2058, 102058]
    assert found.changes == []
    found = run(_no(code), _no(code), OK)
    assert isinstance(found.outcome, ServiceError)
    assert (len(found.house.bodies), found.house.lists) == (2, 2)


def test_invalid_product_attribute_reads_the_list_again(run: Callable[..., Run]) -> None:
    """The service says so with a generic code, and even mentions points."""
    found = run(_no(400, "Invalid product attribute, Insufficient points"), OK)
    assert (found.outcome[2], found.house.lists) == (2, 2)


def _repriced(points: int) -> Callable[[House], dict[str, Any]]:
    def answer(house: House) -> dict[str, Any]:
        for rule in house.leaf("Wan 2.6")["credit_rules"]:
            rule["points"] = points
        return _no(6006)

    return answer


def test_a_price_that_rose_is_not_paid(run: Callable[..., Run]) -> None:
    """A dearer price is never accepted by itself; nothing more is sent."""
    found = run(_repriced(41), OK, n=2)
    assert isinstance(found.outcome, PointsError)
    assert found.outcome.message == "the price rose from 80 to 82 points while the job was sent"
    assert (found.outcome.name, found.outcome.details) == ("price-raised", {"quoted": 80, "now": 82})
    assert len(found.house.bodies) == 1


def test_a_price_that_fell_is_reported(run: Callable[..., Run]) -> None:
    """A cheaper price is taken and told."""
    found = run(_repriced(39), OK, n=2)
    assert found.changes == [("points", 80, 78)]
    assert found.final.quote.total == 78


def test_a_changed_default_is_reported(run: Callable[..., Run]) -> None:
    """When the fresh list has another default, what is sent differs, and the user is told."""

    def calmer(house: House) -> dict[str, Any]:
        next(item for item in house.leaf("Wan 2.6")["form_config"] if item["field"] == "resolution")[
            "value"
        ] = "720P"
        return _no(6010)

    found = run(calmer, OK)
    assert found.changes == [("resolution", "1080P", "720P"), ("points", 40, 25)]
    assert found.final.changes[0].reason == "the product list changed in the meantime"


def test_what_was_made_smaller_stays_smaller(run: Callable[..., Run]) -> None:
    """A fresh list after a step down keeps the step, and the report stays true."""
    found = run(_no(500), _no(6010), OK)
    assert [sent["resolution"] for sent in found.house.sent] == ["1080P", "720P", "720P"]
    assert found.changes == [("resolution", "1080P", "720P"), ("points", 40, 25)]


def test_a_model_that_left_the_list(run: Callable[..., Run]) -> None:
    """When the fresh list lacks the model, that is the answer."""

    def gone(house: House) -> dict[str, Any]:
        house.nodes.clear()
        return _no(6010)

    assert isinstance(run(gone, OK).outcome, UnknownModelError)


@pytest.mark.parametrize("code", [429, 503])
def test_busy(run: Callable[..., Run], fake_clock: FakeClock, code: int) -> None:
    """A busy service is waited for with growing pauses; the very same create goes out again."""
    start = fake_clock.monotonic()
    found = run(_no(code), _no(code), OK)
    assert found.house.bodies[0] == found.house.bodies[1] == found.house.bodies[2]
    assert 6 <= fake_clock.monotonic() - start <= 6.6
    assert found.changes == []


@pytest.mark.parametrize(("header", "waited", "creates"), [("7", 7, 2), ("3600", 0, 1)])
def test_retry_after(
    run: Callable[..., Run], fake_clock: FakeClock, header: str, waited: float, creates: int
) -> None:
    """A pause that the service asks for is kept, up to a minute; a longer one ends it."""
    start = fake_clock.monotonic()
    found = run(httpx.Response(429, json=_no(429), headers={"Retry-After": header}), OK)
    assert waited <= fake_clock.monotonic() - start <= waited * 1.1
    assert len(found.house.bodies) == creates


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (_no(401), CredentialError), (_no(4008), PointsError), (_no(4014), PointsError), (_no(400), ServiceError), (_no(77), ServiceError),
        (httpx.ReadTimeout("x"), OutcomeUnknownError), (httpx.Response(500), OutcomeUnknownError),
        (httpx.ConnectError("x"), NetworkError), ({"code": 0, "data": {}}, OutcomeUnknownError),
    ],
    ids=range(9),
)  # fmt: skip
def test_one_create_only(run: Callable[..., Run], answer: Any, kind: type[ImaError]) -> None:
    """What another create cannot cure, and what may have been accepted, is never sent again."""
    found = run(answer, OK)
    assert type(found.outcome) is kind
    assert len(found.house.bodies) == 1


def test_an_unknown_outcome_after_a_retry(run: Callable[..., Run]) -> None:
    """An outcome that becomes unknown on the second create ends it there."""
    found = run(_no(429), httpx.ReadTimeout("x"), OK)
    assert isinstance(found.outcome, OutcomeUnknownError)
    assert len(found.house.bodies) == 2


# --- decisions of third parties -----------------------------------------------------------------


def _deciding(answer: Any) -> PluginSet:
    """Return first-party plugins and one that answers every refusal with ``answer(refusal, attempt)``."""
    plugins = load_plugins(third_party=False, environ={})
    module = ModuleType("decider")

    @hookimpl
    def ima_reflect(refusal: Any, attempt: Any) -> Any:
        return answer(refusal, attempt)

    module.ima_reflect = ima_reflect  # type: ignore[attr-defined]  # a plugin is a module like any other
    plugins.manager.register(module, name="decider")
    from ima_skills.plugin_set import PluginInfo

    plugins.infos["decider"] = PluginInfo("decider", "test", "1", "active")
    return plugins


def _retry(**values: Any) -> PluginSet:
    return _deciding(lambda _, attempt: Retry({**attempt.values, **values}, (), "because I say so"))


def test_an_unreported_change_is_reported_by_the_engine(run: Callable[..., Run]) -> None:
    """A plugin that changes a value without saying so is overruled in that."""
    found = run(
        _no(500),
        OK,
        plugins=_retry(duration=5, resolution="720P", shot_type="multi"),
        params={"duration": 10},
    )
    assert found.changes == [
        ("duration", 10, 5), ("resolution", "1080P", "720P"), ("shot_type", "single", "multi"), ("points", 80, 25),
    ]  # fmt: skip
    assert found.final.changes[0].reason == "because I say so"


def test_a_false_report_is_corrected(run: Callable[..., Run]) -> None:
    """A plugin that reports something else than it does is not believed."""
    lie = _deciding(
        lambda _, a: Retry(
            {**a.values, "resolution": "720P"}, (Change("resolution", "1080P", "480P", "trust me"),), "x"
        )
    )
    assert run(_no(500), OK, plugins=lie).changes == [("resolution", "1080P", "720P"), ("points", 40, 25)]


@pytest.mark.parametrize(
    "values",
    [
        {"duration": 7}, {"duration": 10}, {"resolution": 1 << 60}, {"prompt": "something else"}, {"cast": {"points": 1}},
        {"input_images": ["https://evil.example"]}, {"new": 1}, {"prompt_extend": "yes"}, {"negative_prompt": "\ud800"},
    ],
    ids=range(9),
)  # fmt: skip
def test_retries_that_are_not_followed(run: Callable[..., Run], values: dict[str, Any]) -> None:
    """Nothing dearer, nothing that the leaf does not take, never the prompt, the inputs or the price."""
    found = run(_no(500), OK, plugins=_retry(**values))
    assert isinstance(found.outcome, ServiceError)
    assert len(found.house.bodies) == 1


def test_outputs_are_not_a_plugins_business(run: Callable[..., Run]) -> None:
    """A retry cannot change the number of outputs."""
    found = run(_no(500), OK, plugins=_retry(n=4), n=2)
    assert [sent["n"] for sent in found.house.sent] == [2, 2]
    assert found.final.quote.total == 80


def test_a_retry_may_leave_something_out(run: Callable[..., Run]) -> None:
    """A parameter that is left out is reported as such."""

    def without(_: Any, attempt: Any) -> Retry:
        return Retry(
            {name: value for name, value in attempt.values.items() if name != "shot_type"}, (), "not here"
        )

    found = run(_no(500), OK, plugins=_deciding(without))
    assert "shot_type" not in found.house.sent[1]
    assert found.changes == [("shot_type", "single", None)]


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: "retry!", lambda *_: 5, lambda *_: Wait(-1, "x"), lambda *_: Wait(float("nan"), "x"), lambda *_: Wait(1e9, "x"),
        lambda *_: Retry(None, (), "x"),  # type: ignore[arg-type]  # what a careless plugin may return
    ],
    ids=range(6),
)  # fmt: skip
def test_nonsense_decisions(run: Callable[..., Run], fake_clock: FakeClock, answer: Any) -> None:
    """An answer that is no decision leaves it to the built-in one; a senseless decision ends it."""
    start = fake_clock.monotonic()
    found = run(_no(4008), OK, plugins=_deciding(answer))
    assert isinstance(found.outcome, PointsError)
    assert fake_clock.monotonic() == start


def test_endless_refetching_ends(run: Callable[..., Run]) -> None:
    """A plugin that always asks for a fresh list is held to the cap as well."""
    found = run(_no(400), plugins=_deciding(lambda *_: Refetch("again")))
    assert isinstance(found.outcome, ServiceError)
    assert (len(found.house.bodies), found.house.lists) == (3, 3)


def test_endless_waiting_ends(run: Callable[..., Run]) -> None:
    """So is one that always waits."""
    found = run(_no(400), plugins=_deciding(lambda *_: Wait(1, "again")))
    assert len(found.house.bodies) == 3


def test_without_anybody_to_decide(run: Callable[..., Run]) -> None:
    """With the built-in answer disabled a refusal is final."""
    plugins = load_plugins(third_party=False, environ={}, disable=["reflection"])
    found = run(_no(500), OK, plugins=plugins)
    assert isinstance(found.outcome, ServiceError)
    assert len(found.house.bodies) == 1


@pytest.mark.parametrize("code", [401, 400, 429, 500, 503, 4008, 4014, 6006, 6009, 6010, 77])
def test_the_prompt_is_never_touched(run: Callable[..., Run], code: int) -> None:
    """Whatever the refusal, every create carries the same prompt, and never more than three are sent."""
    found = run(_no(code), params={"duration": 15})
    assert {sent["prompt"] for sent in found.house.sent} == {"a cat"}
    assert 1 <= len(found.house.bodies) <= 3
    assert all(body["parameters"][0]["credit"] <= 120 for body in found.house.bodies)
