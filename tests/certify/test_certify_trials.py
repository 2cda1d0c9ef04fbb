"""What ``plugin certify`` asks hooks: every rare wish reaches every hook, and is named where a hook fails at it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ima_skills.certify.asking import hear
from ima_skills.certify.bench import Bench
from ima_skills.certify.gist import digest, gist
from ima_skills.certify.hooks import known_hooks, strange_answer
from ima_skills.certify.influences import Influences
from ima_skills.certify.surroundings import changes
from ima_skills.certify.trial_events import events
from ima_skills.certify.trials import PROMPTS
from ima_skills.certify.watch import Watch
from ima_skills.domain import event as all_events
from ima_skills.domain.reflection import Wait
from ima_skills.domain.request import Request
from ima_skills.odd_letters import odd_letter


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """A plugin without anything, in this process; its witnesses are not put in place."""
    room = tmp_path_factory.mktemp("bench")
    (room / "printed.txt").write_text("")
    module = ModuleType("nothing")
    return Bench(
        "nothing", module, Watch(room), lambda *_: {}, room, Influences("nothing"), room / "printed.txt"
    )


def _fault(bench: Bench, name: str, hook: Callable[..., Any]) -> str:
    heard = hear(bench, hook, known_hooks()[name], many=False, strange=lambda _: "")
    assert heard is not None
    return heard.fault


@pytest.mark.parametrize("label", PROMPTS)
def test_a_hook_that_fails_at_a_rare_prompt(bench: Bench, label: str) -> None:
    """Whatever the prompt, whichever hook reads it: the kind of prompt is in what is told."""
    bad = PROMPTS[label]

    def of_request(request: Request) -> None:
        # The core cuts nothing: a prompt is as long as its task type allows.
        assert not (
            request.prompt and bad.startswith(request.prompt) and len(request.prompt) >= min(len(bad), 500)
        )

    def of_text(text: str) -> None:
        assert text != bad

    assert _fault(bench, "ima_check_request", of_request).endswith(f"({label})")
    assert _fault(bench, "ima_route", of_text).endswith(f"({label})")


@pytest.mark.parametrize(
    ("name", "hook", "label"),
    [
        ("ima_check_request", lambda request: 1 // (request.n != 3), "n = 3"),
        ("ima_check_request", lambda request: 1 // (request.language != "zh"), "in Chinese"),
        ("ima_check_request", lambda request: 1 // (None not in request.params.values()), "nothing as a parameter"),
        ("ima_check_request", lambda request: 1 // (["a", 1] not in request.params.values()), "a list as a parameter"),
        ("ima_check_request", lambda request: 1 // (request.task_type != "text_to_music"), "text_to_music"),
        ("ima_check_request", lambda entry: 1 // (entry is not None), "a model that only the live list knows"),
        ("ima_recommend", lambda models: 1 // (len(models) != 1), "1 models of"),
        ("ima_reflect", lambda refusal: 1 // (refusal.service_code is not None), "refusal"),
        ("ima_reflect", lambda attempt: 1 // (attempt.number != 3), "create 3"),
        ("ima_batch_executor", lambda concurrency: 1 // (concurrency != 64), "64 at once"),
        ("ima_route", lambda route: 1 // (route.task_type is None), ""),
        ("ima_route", lambda route: 1 // (len(route.steps) < 2), ""),
    ],
)  # fmt: skip
def test_a_hook_that_fails_at_what_is_legal(
    bench: Bench, name: str, hook: Callable[..., Any], label: str
) -> None:
    """Numbers, inputs, values, models of others, refusals and routes of every kind."""
    fault = _fault(bench, name, hook)
    assert fault.startswith("ZeroDivisionError: ")
    assert fault.endswith(")")
    assert label in fault


def test_an_answer_with_something_else_inside(bench: Bench) -> None:
    """The right class is not enough: what is in it is looked at, and the field is named."""
    strange = partial(strange_answer, "ima_reflect")
    waits: Any = "a while"
    heard = hear(
        bench, lambda: Wait(waits, "busy"), known_hooks()["ima_reflect"], many=False, strange=strange
    )
    assert heard is not None
    assert heard.strange == "Wait whose seconds is of type str"


def test_observers_hear_of_everything() -> None:
    """There is an event of every kind; a new kind has to be added here."""
    assert {type(event) for _, event in events()} == set(all_events.Event.__args__)


def test_a_rare_wish_is_legal() -> None:
    """But for line breaks, nothing in the prompts is a letter that nobody types."""
    assert [label for label, text in PROMPTS.items() if odd_letter(text.replace("\r", ""), layout=True)] == []
    assert all(text.strip() for text in PROMPTS.values())


HANGS = """
import re
from ima_skills import hookimpl

@hookimpl
def ima_check_request(request):
    re.match(r"(\\\\w+[, ]*)*$", request.prompt + "!") if len(request.prompt) > 400 else None
    return ()
"""


def test_a_hook_that_hangs_at_a_rare_wish(tmp_path: Path) -> None:
    """What it was asked is named, and what comes after it is still looked at."""
    (tmp_path / "ima_slow.py").write_text(HANGS.replace("\\\\", "\\"), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "ima-skills-slow"\nversion = "1"\n'
        '[project.entry-points."ima_skills.plugins"]\nslow = "ima_slow"\n'
    )
    ran = subprocess.run(
        [sys.executable, "-m", "ima_skills", "plugin", "certify", str(tmp_path), "--json", "--timeout", "1"],
        capture_output=True, text=True, encoding="utf-8", check=False, timeout=120,
        env={**os.environ, "IMA_HOME": str(tmp_path / ".home"), "LANG": "C.UTF-8"},
    )  # fmt: skip
    card = json.loads(ran.stdout)
    (row,) = [row for row in card["checks"] if row["code"] == "hangs"]
    assert row["place"] == "ima_check_request"
    assert "(10,000 letters)" in row["why"]
    assert card["areas"]["containment"]["passed"] >= 5


def test_a_gist_holds_all_but_functions() -> None:
    """Fields that are kept out of reprs count; the order of a set and what a function is do not."""
    one, other = Request("text_to_image", "a"), Request("text_to_image", "b")
    assert digest(gist([one])) != digest(gist([other]))
    assert gist({"b", "a", "c"}) == gist({"c", "a", "b"})
    assert gist(["a", "b"]) != gist(["b", "a"])
    assert gist(lambda: 1) == gist(lambda: 2)


def test_what_is_changed_is_put_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Folder, variables and a replaced function are named, and are as before for whoever comes next."""
    import ima_skills.pricing

    monkeypatch.setattr(ima_skills.pricing, "quote", ima_skills.pricing.quote)
    folder, function = Path.cwd(), ima_skills.pricing.quote
    with changes() as found:
        os.chdir(tmp_path)
        os.environ["SOMEBODY"] = "1"
        vars(ima_skills.pricing)["quote"] = print
    assert {"folder", "environment", "core"} <= set(found)
    assert Path.cwd() == folder
    assert "SOMEBODY" not in os.environ
    assert ima_skills.pricing.quote is function
    with changes() as again:
        pass
    assert again == []
