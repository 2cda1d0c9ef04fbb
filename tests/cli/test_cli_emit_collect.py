"""``tasks collect --emit``: the end of everything outstanding, told to its user in ready actions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]

COLLECT = ("tasks", "collect", "--emit", "openclaw")
SECOND_FAILS = (
    '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmessage = "content policy"\ncalls = [2]'
)
NEVER = '[[fault]]\non = "create"\nkind = "media"\nshape = "never"'


def lines(ran: Any) -> list[dict[str, Any]]:
    """Return the lines of stdout."""
    return [json.loads(line) for line in ran.out.splitlines()]


def left(ima: Ima, *prompts: str, words: tuple[str, ...] = ()) -> list[str]:
    """Create jobs without waiting for them, and return their tasks."""
    made = [ima("create", prompt, "--no-wait", "--json", *words) for prompt in prompts]
    assert [ran.code for ran in made] == [0] * len(made)
    return [ran.document["task_id"] for ran in made]


def test_every_end_is_told(served: Served, ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """A result with its file and a failure with its reason and points; then one document for all."""
    served(SECOND_FAILS)
    good, bad = left(ima, "a boat", "a kite")
    ran = ima(*COLLECT, "--platform", "telegram", "--download", str(tmp_path / "out"))
    said = lines(ran)
    for line in said:
        fits("action", line)
    assert ran.code == 1
    assert sorted(line["step"] for line in said[:-1]) == [3, 4]
    told = {line["step"]: line["args"] for line in said[:-1]}
    assert Path(told[3]["media"]).is_file()
    assert "• Model: SeeDream 4.5\n" in told[3]["message"]
    assert "not allowed with this model" in told[4]["message"]
    assert "• 5 points were taken when it started." in told[4]["message"]
    fits("collect", said[-1]["document"])
    assert {item["task_id"]: item["status"] for item in said[-1]["document"]["tasks"]} == {
        good: "success",
        bad: "failed",
    }


def test_the_messages_of_one_task_stay_together(served: Served, ima: Ima, tmp_path: Path) -> None:
    """A platform that takes text and picture apart gets both of one task before anything of the next."""
    served()
    left(ima, "a boat", "a kite", "a cat")
    said = lines(ima(*COLLECT, "--platform", "feishu", "--download", str(tmp_path)))
    assert [set(line["args"]) - {"action"} for line in said[:-1]] == [{"message"}, {"media"}] * 3


def test_a_task_that_is_not_ready_is_told_so(served: Served, ima: Ima) -> None:
    """It goes on; the points were taken once, and it can be asked for again."""
    served(NEVER)
    left(ima, "a boat")
    ran = ima(*COLLECT, "--deadline", "0.2", "--message-language", "zh")
    said = lines(ran)
    assert (ran.code, [line["kind"] for line in said]) == (5, ["message", "result"])
    told = said[0]["args"]["message"].splitlines()
    assert told[0] == "⏳ 图片还没有完成"
    assert "• 开始时已扣 5 积分，之后不会再扣。" in told


@pytest.mark.usefixtures("quick_sandbox")
def test_where_nothing_is_outstanding_nothing_is_said(ima: Ima) -> None:
    """Only the document for the agent; a result that was told is not told again."""
    left(ima, "a boat")
    assert [line["kind"] for line in lines(ima(*COLLECT))] == ["message", "result"]
    again = ima(*COLLECT)
    assert (again.code, [line["kind"] for line in lines(again)]) == (0, ["result"])


def test_a_broken_plugin_s_words_cost_no_result(
    served: Served, ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault in what is said about one task is noted; every file is fetched and every task is in the document."""
    served()
    left(ima, "a boat", "a kite")

    def broken(*_: object) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("ima_skills.messages.scribe.success_sends", broken)
    ran = ima(*COLLECT, "--download", str(tmp_path / "out"))
    assert ran.code == 0
    assert [item["status"] for item in lines(ran)[-1]["document"]["tasks"]] == ["success"] * 2
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert ran.err.count("ZeroDivisionError") == 2


def test_messages_and_json_exclude_each_other(ima: Ima) -> None:
    """Both decide what is printed, as with create; so do options of messages without messages."""
    assert ima(*COLLECT, "--sandbox", "--json").code == 2
    ran = ima("tasks", "collect", "--sandbox", "--platform", "telegram")
    assert ran.code == 2
    assert "--platform belongs to --emit" in ran.err


def test_a_failure_before_anything_is_told(ima: Ima) -> None:
    """A key that cannot be one: kindly, with the page, no second reply, and the error's document last."""
    ran = ima(*COLLECT, env={"IMA_API_KEY": "bad key"})
    said = lines(ran)
    assert (ran.code, [line["kind"] for line in said]) == (3, ["message", "result"])
    told = said[0]["args"]["message"].splitlines()
    assert told[0] == "👀 I cannot see at the moment how your creation is doing"
    assert "👉 https://www.imaclaw.ai/imaclaw/apikey" in told
    assert said[-1]["document"]["code"] == "malformed-api-key"
