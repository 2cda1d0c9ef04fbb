"""Every kind of fault, through the door without a socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from ima_skills.errors import InvalidRequestError
from ima_skills.sandbox.scenario import Scenario, load_scenario, parse_scenario

CREATE = "/open/v1/tasks/create"
DETAIL = "/open/v1/tasks/detail"
LIST = "/open/v1/product/list"


def fault(**values: Any) -> str:
    """Return one fault as TOML."""
    import json

    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    return "\n".join(["[[fault]]", *lines, ""])


@pytest.mark.parametrize("code", [401, 500, 429, 503, 4008, 4014, 6006, 6009, 6010, 400017])
def test_refusals_have_the_documented_texts(open_bench: Any, order: Any, code: int) -> None:
    """A business code alone is enough; it comes as HTTP 200 and costs nothing."""
    bench = open_bench(scenario=fault(on="create", kind="refuse", code=code))
    answer = bench.request("POST", CREATE, body=order())
    assert (answer.status_code, answer.json()["code"], answer.json()["data"]) == (200, code, None)
    assert answer.json()["message"]
    assert len(bench.service.bookings()) == 1


def test_a_refusal_in_full(open_bench: Any, order: Any) -> None:
    """Own text, code as text, HTTP status and Retry-After."""
    bench = open_bench(
        scenario=fault(
            on="create",
            kind="refuse",
            code=429,
            message="slow down",
            as_string=True,
            status=429,
            retry_after=2.5,
        )
    )
    answer = bench.request("POST", CREATE, body=order())
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2.5")
    assert answer.json() == {"code": "429", "message": "slow down", "data": None}


def test_calls_are_counted_from_one(open_bench: Any, order: Any) -> None:
    """Only the named calls are struck, and every matching call counts."""
    bench = open_bench(scenario=fault(on="create", kind="refuse", code=500, calls=[2, 3]))
    assert [bench.create(order())["code"] for _ in range(5)] == [0, 500, 500, 0, 0]


def test_services_on_one_folder_count_together(open_bench: Any, order: Any) -> None:
    """The count is in the state; another scenario has a count of its own."""
    once = fault(on="create", kind="refuse", code=500, calls=[2])
    assert open_bench(scenario=once).create(order())["code"] == 0
    assert open_bench(scenario=once).create(order())["code"] == 500
    assert open_bench(scenario=once + "# another\n").create(order())["code"] == 0


def test_faults_pick_model_and_task_type(open_bench: Any, order: Any, film: Any) -> None:
    """A fault concerns its own model and category; other calls are not counted."""
    bench = open_bench(
        scenario=fault(on="create", kind="refuse", code=503, model="film")
        + fault(on="create", kind="refuse", code=500, task_type="text_to_image", calls=[2])
    )
    assert bench.create(film())["code"] == 503
    assert [bench.create(order())["code"] for _ in range(2)] == [0, 500]
    assert bench.create(order("text_to_music", "GenBGM", "GenBGM", 71, 30))["code"] == 0


@pytest.mark.parametrize("name", ["draw", "draw-1"])
def test_detail_and_cdn_know_their_task(open_bench: Any, order: Any, film: Any, name: str) -> None:
    """Polls and downloads are matched by the model of their task."""
    bench = open_bench(
        scenario=fault(on="detail", kind="refuse", code=500, model=name, calls=[1])
        + fault(on="cdn", kind="http", status=503, model=name, body="empty", calls=[1])
    )
    other, mine = bench.created(film()), bench.created(order())
    bench.clock.jump(1000)
    other_url = bench.detail(other)["medias"][0]["url"]
    assert bench.request("GET", other_url, headers={}).status_code == 200
    assert bench.post(DETAIL, {"task_id": mine})["code"] == 500
    url = bench.detail(mine)["medias"][0]["url"]
    assert bench.request("HEAD", url, headers={}).status_code == 200
    assert [bench.request("GET", url, headers={}).status_code for _ in range(2)] == [503, 200]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("html", "text/html"),
        ("json", "application/json; charset=utf-8"),
        ("xml", "application/xml"),
        ("empty", None),
    ],
)
def test_outages_have_no_business_code(
    open_bench: Any, order: Any, body: str, content_type: str | None
) -> None:
    """What a proxy says is not the service's envelope."""
    bench = open_bench(scenario=fault(on="create", kind="http", status=502, body=body, retry_after=3))
    answer = bench.request("POST", CREATE, body=order())
    assert (answer.status_code, answer.headers.get("content-type")) == (502, content_type)
    assert answer.headers["retry-after"] == "3"
    assert b'"code"' not in answer.content
    assert len(bench.service.bookings()) == 1


@pytest.mark.parametrize(("when", "paid"), [("before", 0), ("after", 5)])
def test_dropped_connections(open_bench: Any, order: Any, when: str, paid: int) -> None:
    """The connection breaks before the task is accepted, or after."""
    bench = open_bench(scenario=fault(on="create", kind="drop", when=when, calls=[1]))
    with pytest.raises(httpx.RemoteProtocolError):
        bench.create(order())
    assert bench.service.balance() == 100_000 - paid
    assert bench.create(order())["code"] == 0


@pytest.mark.parametrize(("when", "paid"), [("before", 0), ("after", 5)])
def test_hanging_calls_use_up_the_clients_patience(open_bench: Any, order: Any, when: str, paid: int) -> None:
    """No answer comes within the client's own read timeout."""
    bench = open_bench(scenario=fault(on="create", kind="hang", when=when, calls=[1]))
    before = bench.clock.now()
    with pytest.raises(httpx.ReadTimeout):
        bench.create(order())
    assert bench.clock.now() - before == 30
    assert bench.service.balance() == 100_000 - paid


def test_a_client_without_patience_limit_hangs_for_an_hour(open_bench: Any, order: Any) -> None:
    """Even then a hanging call ends some day."""
    bench = open_bench(scenario=fault(on="create", kind="hang"))
    bench.timeouts["read"] = None
    before = bench.clock.now()
    with pytest.raises(httpx.ReadTimeout):
        bench.create(order())
    assert bench.clock.now() - before == 3600


def test_an_outage_after_the_task_was_accepted(open_bench: Any, order: Any) -> None:
    """HTTP 500 though the task exists and was charged."""
    bench = open_bench(scenario=fault(on="create", kind="http", status=500, when="after"))
    assert bench.request("POST", CREATE, body=order()).status_code == 500
    assert bench.service.balance() == 99_995


def test_success_as_code_200(open_bench: Any, order: Any) -> None:
    """Test environments of the service say 200; refusals keep their codes."""
    bench = open_bench(scenario=fault(on="create", kind="code-200") + fault(on="detail", kind="code-200"))
    answer = bench.create(order())
    assert answer["code"] == 200
    assert bench.post(DETAIL, {"task_id": answer["data"]["id"]})["code"] == 200
    assert bench.create(order(n=9))["code"] == 400


def test_success_without_an_id(open_bench: Any, order: Any) -> None:
    """The task is accepted and charged, and nobody knows its id."""
    bench = open_bench(scenario=fault(on="create", kind="omit-id"))
    answer = bench.create(order())
    assert answer["code"] == 0
    assert "id" not in answer["data"]
    assert bench.service.balance() == 99_995


def test_success_without_data(open_bench: Any) -> None:
    """The upload token lacks its data, silently."""
    bench = open_bench(scenario=fault(on="token", kind="no-data", calls=[1]))
    assert bench.token().json() == {"code": 0, "message": "success"}
    assert bench.token().json()["data"]["ful"]


def test_an_upload_address_that_is_dead_on_arrival(open_bench: Any) -> None:
    """The PUT is refused as expired."""
    bench = open_bench(scenario=fault(on="token", kind="expire", calls=[1]))
    data = bench.token().json()["data"]
    answer = bench.request("PUT", data["ful"], content=b"x", headers={"Content-Type": "image/png"})
    assert answer.status_code == 403
    assert "Request has expired." in answer.text
    assert bench.uploaded(b"x")


def test_a_put_that_fails(open_bench: Any) -> None:
    """The storage itself may be out of order."""
    bench = open_bench(scenario=fault(on="put", kind="http", status=503, body="xml", calls=[1]))
    data = bench.token().json()["data"]
    headers = {"Content-Type": "image/png"}
    answers = [bench.request("PUT", data["ful"], content=b"x", headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [503, 200]
    assert "<Code>InternalError</Code>" in answers[0].text


@pytest.mark.parametrize(
    ("shape", "states"),
    [
        ("failed", [(2, "failed")]),
        ("failed-available", [(1, "failed")]),
        ("failed-processing", [(0, "failed"), (2, "failed")]),
        ("deleted", [(3, "failed")]),
    ],
)
def test_failure_shapes(open_bench: Any, order: Any, shape: str, states: list[tuple[int, str]]) -> None:
    """Each shape of a failure, with its reason and without an address."""
    bench = open_bench(scenario=fault(on="create", kind="media", shape=shape, message="too complex"))
    task_id = bench.created(order())
    bench.clock.jump(15)
    assert bench.detail(task_id)["medias"][0]["status"] == "processing"
    bench.clock.jump(30)
    seen = []
    for _ in range(len(states) + 1):
        media = bench.detail(task_id)["medias"][0]
        seen.append((media["resource_status"], media["status"]))
        assert (media["url"], media["error_msg"]) == (None, "too complex")
    assert seen == [*states, states[-1]]
    assert bench.renderer.jobs == []


def test_a_late_address(open_bench: Any, order: Any) -> None:
    """Status 1 with the word processing and no address, for a while."""
    bench = open_bench(scenario=fault(on="create", kind="media", shape="late-url", seconds=100))
    task_id = bench.created(order())
    bench.clock.jump(45)
    media = bench.detail(task_id)["medias"][0]
    assert (media["resource_status"], media["status"], media["url"]) == (1, "processing", None)
    bench.clock.jump(100)
    media = bench.detail(task_id)["medias"][0]
    assert (media["resource_status"], media["status"]) == (1, "success")
    assert media["url"]


def test_late_and_never(open_bench: Any, order: Any) -> None:
    """One media comes much later, another not at all; the delay is in seconds of the service."""
    bench = open_bench(
        speed=2,
        scenario=fault(on="create", kind="media", shape="late", seconds=100, medias=[1])
        + fault(on="create", kind="media", shape="never", medias=[2]),
    )
    task_id = bench.created(order(n=3))
    bench.clock.jump(25)
    assert [media["resource_status"] for media in bench.detail(task_id)["medias"]] == [0, 0, 1]
    bench.clock.jump(50)
    assert [media["resource_status"] for media in bench.detail(task_id)["medias"]] == [1, 0, 1]
    bench.clock.jump(1_000_000)
    assert [media["resource_status"] for media in bench.detail(task_id)["medias"]] == [1, 0, 1]


def test_media_faults_count_accepted_tasks(open_bench: Any, order: Any) -> None:
    """A refused create does not use up a media fault."""
    bench = open_bench(scenario=fault(on="create", kind="media", shape="failed", calls=[1]))
    assert bench.create(order(size="adaptive"))["code"] == 400
    assert bench.finished(order())["status"] == "failed"
    assert bench.finished(order())["status"] == "success"


@pytest.mark.parametrize(("how", "check"), [("empty", b""), ("garbage", b"These bytes are no media.")])
def test_wrong_bytes(open_bench: Any, order: Any, how: str, check: bytes) -> None:
    """The CDN says 200 and sends something else."""
    bench = open_bench(scenario=fault(on="cdn", kind="bytes", how=how, calls=[1]))
    url = bench.finished(order())["medias"][0]["url"]
    answer = bench.request("GET", url, headers={})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content[:25] == check
    assert len(bench.request("GET", url, headers={}).content) == 1000


def test_truncated_and_cut_files(open_bench: Any, order: Any) -> None:
    """A truncated file is short and says so; a cut one breaks half-way."""
    bench = open_bench(
        scenario=fault(on="cdn", kind="bytes", how="truncated", calls=[1])
        + fault(on="cdn", kind="bytes", how="cut", calls=[2])
    )
    url = bench.finished(order())["medias"][0]["url"]
    short = bench.request("GET", url, headers={})
    assert (len(short.content), short.headers["content-length"]) == (500, "500")
    with pytest.raises(httpx.RemoteProtocolError):
        bench.request("GET", url, headers={})
    assert len(bench.request("GET", url, headers={}).content) == 1000


def rules(bench: Any, category: str = "text_to_video") -> list[Any]:
    found: list[Any] = bench.listed(category)[0]["credit_rules"]
    return found


def test_new_prices_after_a_list(open_bench: Any, film: Any) -> None:
    """The first list is stale the moment it is out: the create meets the new price, and so does the next list."""
    bench = open_bench(scenario=fault(on="list", kind="catalogue", change="reprice", after=1, add=3))
    assert bench.create(film())["code"] == 0
    assert rules(bench)[0]["points"] == 25
    assert bench.create(film())["code"] == 6006
    assert rules(bench)[0]["points"] == 28
    assert bench.create(film(points=28))["code"] == 0
    assert bench.service.bookings()[-1].points == -28


def test_new_attribute_ids_after_a_list(open_bench: Any, film: Any) -> None:
    """Stale attribute ids are no attribute of the product any more."""
    bench = open_bench(scenario=fault(on="list", kind="catalogue", change="new-attribute-ids", after=1))
    old = rules(bench)[0]["attribute_id"]
    assert bench.create(film())["message"] == "Invalid product attribute"
    new = rules(bench)[0]["attribute_id"]
    assert new != old
    assert bench.create(film(attribute_id=new))["code"] == 0


def test_changes_concern_their_model_and_category(open_bench: Any, film: Any, order: Any) -> None:
    """Other leaves and other categories stay as they are."""
    change = fault(on="list", kind="catalogue", change="reprice", model="sound", task_type="text_to_video")
    bench = open_bench(scenario=change)
    leaves = bench.listed("text_to_video")
    assert [leaf["credit_rules"][0]["points"] for leaf in leaves[:2]] == [25, 11]
    assert bench.create(film())["code"] == 0
    assert bench.create(order("text_to_image"))["code"] == 0


def test_lists_that_lack_things(open_bench: Any, film: Any) -> None:
    """No form_config, null children, an empty group: and creates go on."""
    bench = open_bench(
        scenario=fault(on="list", kind="catalogue", change="no-form-config")
        + fault(on="list", kind="catalogue", change="null-children")
    )
    nodes = bench.listed("text_to_video")
    assert all("form_config" not in leaf and leaf["children"] is None for leaf in nodes[:-1])
    assert (nodes[-1]["type"], nodes[-1]["children"]) == ("2", None)
    assert bench.create(film())["code"] == 0


def test_a_healthy_service_serves_the_snapshot_unchanged(open_bench: Any) -> None:
    """A change made for one list does not leak into the snapshot."""
    bench = open_bench(scenario=fault(on="list", kind="catalogue", change="reprice"))
    assert rules(bench)[0]["points"] == 26
    assert rules(bench)[0]["points"] == 26
    assert rules(open_bench())[0]["points"] == 25


@pytest.mark.parametrize(
    ("text", "pointer", "message"),
    [
        ("title = 5\n" + fault(on="create", kind="omit-id"), "/title", "is not of type 'string'"),
        ("", "", "'fault' is a required property"),
        ("fault = []\n", "/fault", "should be non-empty"),
        (fault(on="create"), "/fault/0", "'kind' is a required property"),
        (fault(on="nowhere", kind="drop"), "/fault/0/on", "is not one of"),
        (fault(on="create", kind="explode"), "/fault/0/kind", "is not one of"),
        (fault(on="create", kind="refuse"), "/fault/0", "'code' is a required property"),
        (fault(on="create", kind="refuse", code=0), "/fault/0/code", "should not be valid under"),
        (fault(on="create", kind="refuse", code="6010"), "/fault/0/code", "is not of type 'integer'"),
        (fault(on="put", kind="refuse", code=5), "/fault/0/on", "is not one of"),
        (fault(on="create", kind="drop", when="later"), "/fault/0/when", "is not one of"),
        (fault(on="create", kind="drop", seconds=5), "/fault/0", "'seconds' was unexpected"),
        (fault(on="create", kind="drop", calls=[0]), "/fault/0/calls", "is not valid under any"),
        (fault(on="create", kind="media", shape="odd"), "/fault/0/shape", "is not one of"),
        (fault(on="detail", kind="media", shape="failed"), "/fault/0/on", "'create' was expected"),
        (fault(on="cdn", kind="bytes"), "/fault/0", "'how' is a required property"),
        (
            fault(on="list", kind="catalogue", change="reprice", calls=[1]),
            "/fault/0",
            "'calls' was unexpected",
        ),
        (fault(on="token", kind="drop", model="film"), "/fault/0/model", "does not apply to this endpoint"),
        (fault(on="list", kind="drop", model="film"), "/fault/0/model", "does not apply to this endpoint"),
        (fault(on="create", kind="http", status=200), "/fault/0/status", "is less than the minimum"),
    ],
)
def test_scenario_files_are_checked(text: str, pointer: str, message: str) -> None:
    """Every mistake is named with its place."""
    with pytest.raises(InvalidRequestError) as caught:
        parse_scenario(text, "my.toml")
    assert str(caught.value).startswith("my.toml: ")
    assert any(found.pointer == pointer and message in found.message for found in caught.value.problems)


def test_all_mistakes_are_named_at_once() -> None:
    """Two faults, two mistakes, one error."""
    text = fault(on="create", kind="drop", when="later") + fault(on="create", kind="refuse")
    with pytest.raises(InvalidRequestError) as caught:
        parse_scenario(text)
    assert {found.pointer for found in caught.value.problems} == {"/fault/0/when", "/fault/1"}
    assert caught.value.exit_code == 2


def test_scenarios_from_files(tmp_path: Any) -> None:
    """A file is read as TOML; what cannot be read is said by name."""
    path = tmp_path / "faults.toml"
    path.write_text('title = "once"\n' + fault(on="create", kind="drop", calls="every"), encoding="utf-8")
    scenario = load_scenario(path)
    assert isinstance(scenario, Scenario)
    assert (scenario.title, len(scenario.faults), scenario.faults[0].calls) == ("once", 1, None)
    path.write_text("[[fault", encoding="utf-8")
    with pytest.raises(InvalidRequestError, match=r"faults\.toml"):
        load_scenario(path)
    with pytest.raises(InvalidRequestError, match=r"missing\.toml"):
        load_scenario(tmp_path / "missing.toml")


def test_a_list_can_be_refused_and_dropped(open_bench: Any) -> None:
    """The product list knows the same faults as the rest."""
    bench = open_bench(
        scenario=fault(on="list", kind="refuse", code=503, task_type="text_to_image", calls=[1])
        + fault(on="list", kind="drop", calls=[2])
    )
    assert bench.request("GET", LIST, params={"category": "text_to_image"}).json()["code"] == 503
    with pytest.raises(httpx.RemoteProtocolError):
        bench.request("GET", LIST, params={"category": "text_to_video"})
    assert bench.request("GET", LIST, params={"category": "text_to_video"}).json()["code"] == 0


def test_the_transport_knows_no_other_host(bench: Any) -> None:
    """A request to any other host finds no network."""
    with pytest.raises(httpx.ConnectError, match="no outside network"):
        bench.request("GET", "https://cdn.example.com/a.png")
