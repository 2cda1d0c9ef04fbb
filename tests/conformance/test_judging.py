"""Judging: every check finds its fault, and only then."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from ima_skills.conformance.evidence import Evidence, Seen
from ima_skills.conformance.judging import CHECKS, judged
from ima_skills.conformance.picture import png
from ima_skills.conformance.trial import Expectation, Trial, Wish
from ima_skills.domain.task_type import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY, PROMPT = "ima_secret_key", "a kite"
URL = "http://127.0.0.1:1/cdn/media/1/a.png"
HEADERS = {"x-app-source": "ima_skills"}


def call(endpoint: str, at: float = 0.0, document: Any = None, answer: Any = None, secrets: str = "") -> Seen:
    return Seen(endpoint, at, secrets, HEADERS, document, answer)


def create(credit: int = 5, **inner: Any) -> Seen:
    product = {"credit": credit, "parameters": {"size": "4k", **inner}}
    return call("create", 1.0, {"src_img_url": inner.get("input_images", []), "parameters": [product]})


def look(at: float = 2.0, **media: Any) -> Seen:
    medias = [{"resource_status": 1, "status": "success", "url": URL, **media}]
    return call("detail", at, {"task_id": "t"}, {"data": {"medias": medias}})


@pytest.fixture
def good(tmp_path: Path) -> Evidence:
    """Evidence of a client that does everything right."""
    for name in ("home", "out", "site/media/1"):
        (tmp_path / name).mkdir(parents=True)
    for place in ("out/t-1.png", "site/media/1/a.png"):
        (tmp_path / place).write_bytes(png(4, 4, (1, 2, 3)))
    expect = Expectation(
        exit="success", creates=(1, 1), accepted=(1, 1), lists=(1, 1), looks=(1, 3), tokens=(0, 0),
        sent={"size": "4K", "n": 1}, not_dearer=True, pace_s=5.0, files="whole",
    )  # fmt: skip
    trial = Trial("t", "payload", Text("t", "t"), Wish("text_to_image", "m"), expect)
    return Evidence(
        trial, KEY, PROMPT, (call("list"), create(n=1.0), look()), (5,), 0, URL, "", tmp_path / "home",
        tmp_path / "out", tmp_path / "site",
    )  # fmt: skip


def expecting(evidence: Evidence, **changes: Any) -> Evidence:
    return evolve(evidence, trial=evolve(evidence.trial, expect=evolve(evidence.trial.expect, **changes)))


def found(evidence: Evidence) -> set[str]:
    return {check for check, _ in judged(evidence).faults}


def test_a_good_client_passes(good: Evidence) -> None:
    """Nothing is found where nothing is wrong."""
    assert judged(good).faults == ()
    assert judged(good).state == "passed"


BAD: Mapping[str, list[Mapping[str, Any]]] = {
    "ends": [{"exit_code": None}],
    "exit": [{"exit_code": 3}],
    "counts": [{"charges": (5, 5)}, {"charges": ()}],
    "met": [{"calls": (call("list"),)}],
    "headers": [{"calls": (Seen("list", 0, "", {}), create(n=1), look())}],
    "sent": [{"calls": (call("list"), create(n=2), look())}],
    "told": [
        {"stdout": "done"},
        {"calls": (call("list"), create(n=1), look(resource_status=0))},
        {"calls": (call("list"), create(n=1), look(url=None))},
        {"calls": (call("list"), create(n=1), call("detail", 2.0, None, {"data": {"medias": []}}))},
    ],
    "calm": [{"stderr": "Traceback (most recent call last):\n  x"}],
    "keys": [
        {"stdout": f"{URL} {KEY}"},
        {"stderr": f"sent {KEY}"},
        {"stderr": "PUT http://x/oss/a?Expires=1&Signature=abc"},
    ],
    "known": [{"calls": (call("list"), create(n=1), look(), call("other", secrets="/v2/tasks\n"))}],
}


@pytest.mark.parametrize(
    ("check", "change"),
    [(check, change) for check, changes in BAD.items() for change in changes],
    ids=lambda value: value if isinstance(value, str) else ",".join(value),
)
def test_each_fault_is_found(good: Evidence, check: str, change: Mapping[str, Any]) -> None:
    """One thing wrong is found by its check, and by no other that does not see it too."""
    assert check in found(evolve(good, **change))


def test_a_success_that_should_have_failed(good: Evidence) -> None:
    """Exit code 0 after a failed task is the worst answer there is."""
    assert found(expecting(good, exit="failure")) == {"exit"}


def test_a_second_create_is_found(good: Evidence) -> None:
    """Two creates where one is allowed, and a dearer one after a cheaper one."""
    twice = evolve(good, calls=(call("list"), create(5, n=1), create(9, n=1), look()))
    assert found(twice) == {"counts", "price"}
    assert found(expecting(twice, creates=(1, 2), not_dearer=False)) == set()


def test_looks_that_come_too_often(good: Evidence) -> None:
    """Ten looks in nine seconds are more than one in five seconds, and one more for both ends."""
    often = expecting(
        evolve(good, calls=(call("list"), create(n=1), *(look(1.0 + at) for at in range(10)))), looks=(1, 20)
    )
    assert found(often) == {"pace"}
    seldom = evolve(often, calls=(call("list"), create(n=1), look(6), look(11), look(16)))
    assert found(seldom) == set()


def test_inputs_in_both_places(good: Evidence) -> None:
    """The service's documents want the addresses at the top and inside."""
    wish = evolve(good.trial.wish, inputs=2)
    two = evolve(
        good,
        trial=evolve(good.trial, wish=wish),
        calls=(call("list"), create(n=1, input_images=["a", "b"]), look()),
    )
    assert found(two) == set()
    one = evolve(two, calls=(call("list"), create(n=1, input_images=["a"]), look()))
    assert found(one) == {"inputs"}


def test_files_on_disk(good: Evidence) -> None:
    """A file that differs from the service's is found, a missing one only where it has to be there."""
    (good.out / "t-1.png").write_bytes(b"\x89PNG half")
    assert found(good) == {"files"}
    assert found(expecting(good, files="not-broken")) == {"files"}
    (good.out / "t-1.png").unlink()
    assert found(good) == {"files"}
    assert found(expecting(good, files="not-broken")) == set()


@pytest.mark.parametrize("place", ["home/.config/x.log", "out/debug.json"])
def test_a_key_in_a_file(good: Evidence, place: str) -> None:
    """Logs and notes hold no key."""
    path = good.home.parent / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"Authorization: Bearer {KEY}", encoding="utf-8")
    assert found(good) == {"keys"}


@pytest.mark.parametrize("endpoint", ["put", "cdn"])
def test_a_key_sent_to_a_storage_host(good: Evidence, endpoint: str) -> None:
    """The hosts of files are no business of the key's; the service itself is."""
    told = call(endpoint, secrets=f"/x\nauthorization: Bearer {KEY}")
    assert found(evolve(good, calls=(*good.calls, told))) == {"keys"}
    asked = call("list", secrets=f"/x\nauthorization: Bearer {KEY}")
    assert found(evolve(good, calls=(asked, *good.calls[1:]))) == set()


def test_every_check_has_a_test() -> None:
    """A check that no bad client fails proves nothing."""
    assert set(CHECKS) == {*BAD, "price", "pace", "inputs", "files"}
