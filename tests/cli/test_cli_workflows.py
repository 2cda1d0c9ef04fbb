"""``plan``, ``run`` and ``workflows``: the film of the dog 旺财, priced, agreed to, made, changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

# The example of the skill documents.
WISH = "帮我做个产品宣传MV，有背景音乐，主角是旺财小狗"


def planned(ima: Ima, *words: str) -> dict[str, Any]:
    """Return the document of a plan."""
    ran = ima("plan", *words, "--json")
    assert ran.code == 0, ran.out
    document: dict[str, Any] = ran.document
    return document


def made(ima: Ima, plan: dict[str, Any], *words: str) -> Any:
    """Run a plan."""
    return ima("run", plan["plan_id"], "--confirm", plan["plan_hash"], "--json", *words)


@pytest.mark.usefixtures("quick_sandbox")
def test_the_film_of_wangcai(ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """A picture of the dog, a film that begins with it, background music as long as the film; paid once."""
    plan = planned(ima, WISH)
    fits("plan", plan)
    image, video, music = plan["steps"]
    assert [step["task_type"] for step in plan["steps"]] == [
        "text_to_image",
        "image_to_video",
        "text_to_music",
    ]
    assert video["uses"] == [{"step": image["id"], "role": "first_frame", "output": 1}]
    assert [(use["step"], use["role"]) for use in music["uses"]] == [(video["id"], "duration")]
    assert plan["points"] == sum(step["points"] for step in plan["steps"]) == plan["points_left"]
    assert WISH not in json.dumps(plan, ensure_ascii=False)
    assert "旺财" in planned(ima, WISH, "--show-prompts")["steps"][0]["prompt"]

    ran = made(ima, plan, "--download", str(tmp_path / "out"))
    fits("workflow_run", ran.document)
    assert (ran.code, ran.document["ok"], ran.document["points"]) == (0, True, plan["points"])
    files = [step["outputs"][0]["path"] for step in ran.document["steps"]]
    assert sorted(files) == sorted(str(path) for path in (tmp_path / "out").iterdir())
    assert ran.document["steps"][1]["outputs"][0]["duration_s"] == 5.0

    again = made(ima, plan).document
    assert (again["points"], again["spent"], again["folder"]) == (0, plan["points"], str(tmp_path / "out"))
    assert {step["outcome"] for step in again["steps"]} == {"reused"}
    shown = ima("workflows", "show", plan["plan_id"], "--json").document
    fits("workflow", shown)
    assert (shown["status"], shown["plan"]["points_left"]) == ("completed", 0)


@pytest.mark.usefixtures("quick_sandbox")
def test_an_edited_plan_pays_only_for_what_changed(ima: Ima) -> None:
    """The music is exchanged: agreed to anew, and paid alone; the hash of before is refused by name."""
    plan = planned(ima, WISH)
    made(ima, plan)
    music = plan["steps"][2]["id"]
    other = planned(ima, "--from", plan["plan_id"], "--step", f"{music}.model=suno")
    assert (other["plan_id"], other["points_left"]) == (plan["plan_id"], 25)
    refused = made(ima, {**other, "plan_hash": plan["plan_hash"]})
    assert (refused.code, refused.document["code"]) == (2, "plan-not-confirmed")
    assert refused.document["details"]["changed"] == [f"{music}: model, params, price"]
    ran = made(ima, other).document
    assert (ran["points"], [step["outcome"] for step in ran["steps"]]) == (
        25,
        ["reused", "reused", "success"],
    )


@pytest.mark.usefixtures("quick_sandbox")
def test_targets_steps_and_a_copy(ima: Ima, tmp_path: Path) -> None:
    """Named media, single settings, and a copy that reads as the plan it is."""
    out = tmp_path / "copy.json"
    words = ("--targets", "image,video,video", "--step", "video-2.param.duration=10", "--out", str(out))
    plan = planned(ima, "a kite", *words)
    assert [step["points"] for step in plan["steps"]] == [5, 80, 40]
    assert out.stat().st_mode & 0o777 == 0o600
    assert planned(ima, "--from", str(out))["plan_hash"] == plan["plan_hash"]
    moved = planned(ima, "a kite", *words[:2], "--step", "video-2.param.duration=7", "--fix", "nearest")
    assert [change["applied"] for change in moved["steps"][1]["changes"]] == [5]
    ran = made(ima, moved, "--max-points", "90")
    assert (ran.code, ran.document["points"]) == (0, 85)


@pytest.mark.usefixtures("quick_sandbox")
def test_the_list_says_how_far_each_is(ima: Ima, fits: Fits, own_home: Path) -> None:
    """Planned, complete, and a plan of the older skill; files that are no plans are named; never a prompt."""
    old = {
        "mode": "workflow_plan", "plan_id": "wf-old", "created_at": "2026-04-01T10:00:00+00:00",
        "steps": [{"step_id": "image-1", "capability": "image"}], "credit_preview": {"total_credit": 5},
        "execution_history": [{"executed_at": "2026-04-02T10:00:00+00:00", "steps": [{"url": "https://x.example/a.png"}]}],
        "request": {"prompt": "secret wish"},
    }  # fmt: skip
    folder = own_home / "state" / "ima_workflows"
    assert ima("workflows", "list").out.startswith("There are no plans")
    plan = planned(ima, "a secret wish", "--targets", "image")
    made(ima, plan)
    planned(ima, "another secret wish", "--targets", "image")
    (folder / "wf-old.json").write_text(json.dumps(old))
    (folder / "notes.json").write_text("[1]")
    listed = ima("workflows", "list", "--json").document
    fits("workflows", listed)
    states = {row["plan_id"]: (row["status"], row["done"], row["legacy"]) for row in listed["workflows"]}
    assert states.pop(plan["plan_id"]) == ("completed", 1, False)
    assert states.pop("wf-old") == ("completed", 1, True)
    assert list(states.values()) == [("planned", 0, False)]
    assert listed["unreadable"] == ["notes.json"]
    assert listed["workflows"][-1]["plan_id"] == "wf-old"
    texts = [ima("workflows", "list").out, ima("workflows", "show", plan["plan_id"]).out, json.dumps(listed)]
    assert not any("secret" in text for text in texts)
    assert (
        "全部完成"
        in ima("--language", "zh", "workflows", "list").out + ima("workflows", "list", "--language", "zh").out
    )


@pytest.mark.usefixtures("quick_sandbox")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("plan",), "no-plan-wish"),
        (("plan", "x", "--from", "y"), "no-plan-wish"),
        (("plan", "--from", "wf-none"), "unknown-plan"),
        (("plan", "--from", "wf-none", "--targets", "image"), "conflicting-options"),
        (("run", "wf-none", "--confirm", "0" * 12), "unknown-plan"),
        (("workflows", "show", "wf-none"), "unknown-plan"),
        (("plan", "x", "--targets", "image", "--input", "none.png"), "invalid-request"),
    ],
)
def test_what_cannot_be(words: tuple[str, ...], code: str, ima: Ima, fits: Fits) -> None:
    """Each is exit code 2 with a code of its own."""
    ran = ima(*words, "--json")
    assert (ran.code, ran.document["code"]) == (2, code)
    fits("error", ran.document)


@pytest.mark.usefixtures("quick_sandbox")
def test_caps_refuse_the_whole_plan(ima: Ima) -> None:
    """Neither a cap of the run nor one of the day lets the first step begin when the last has no room."""
    plan = planned(ima, WISH)
    for words, env, code in (
        (("--max-points", str(plan["points"] - 1)), {}, "over-cap"),
        ((), {"IMA_DAILY_POINTS": str(plan["points"] - 1)}, "over-daily-cap"),
        ((), {"IMA_NO_WRITE": "1"}, "no-journal"),
    ):
        ran = ima("run", plan["plan_id"], "--confirm", plan["plan_hash"], "--json", *words, env=env)
        assert ran.document["code"] == code
    assert ima("tasks", "list", "--all", "--sandbox", "--json").document["tasks"] == []
    assert ima("plan", WISH, "--json", env={"IMA_NO_WRITE": "1"}).document["command"] is None


def test_a_plan_belongs_to_its_service(ima: Ima, served: Callable[..., Any], tmp_path: Path) -> None:
    """What was priced at one service is not run at another; a step that names none there is refused."""
    served()
    plan = planned(ima, "a kite", "--targets", "image")
    assert "--base-url http://127.0.0.1" in plan["command"]
    served()
    ran = made(ima, plan)
    assert (ran.code, ran.document["code"]) == (2, "plan-outdated")
    elsewhere = planned(ima, "--from", plan["plan_id"])
    assert elsewhere["plan_id"] != plan["plan_id"]
    assert made(ima, elsewhere, "--download", str(tmp_path)).code == 0
    refused = made(ima, elsewhere, "--resubmit", "video-9")
    assert (refused.code, refused.document["code"]) == (2, "bad-step")


def test_an_interruption_says_how_to_go_on() -> None:
    """Ctrl-C and SIGTERM keep their exit codes; the same command may be run again."""
    from ima_skills.cli.plan_runs import Interruption

    told = [Interruption(plan_id="wf-1").interrupted(by_order=by_order) for by_order in (False, True)]
    assert [error.exit_code for error in told] == [130, 143]
    assert all(error.retryable and "workflows show wf-1" in error.hint for error in told)


@pytest.mark.usefixtures("quick_sandbox")
def test_a_finished_plan_asks_nobody(ima: Ima, own_home: Path) -> None:
    """What is there needs neither prices nor its input file any more; a lost record is said, and listed by name."""
    plan = planned(ima, "a kite", "--targets", "image")
    made(ima, plan)
    record = own_home / "state" / "ima_workflows" / f"{plan['plan_id']}.run.json"
    document = json.loads((own_home / "state" / "ima_workflows" / f"{plan['plan_id']}.json").read_text())
    assert document["steps"][0]["prompt"] == "a kite"
    ran = made(ima, plan, "--max-points", "0")
    assert (ran.code, ran.document["points"]) == (0, 0)
    record.write_text("{")
    assert made(ima, plan).document["code"] == "broken-record"
    listed = ima("workflows", "list", "--json").document
    assert (listed["workflows"], listed["unreadable"]) == ([], [f"{plan['plan_id']}.json"])


@pytest.mark.usefixtures("quick_sandbox")
def test_a_saved_model_counts_when_it_is_planned(ima: Ima) -> None:
    """The usual model is taken and said; one that is saved after the plan was agreed to changes nothing."""
    assert ima("prefs", "set", "Nano Banana Pro", "-t", "text_to_image", "--json").code == 0
    (step,) = planned(ima, "a kite", "--targets", "image")["steps"]
    assert (step["model_name"], step["chosen_by"]) == ("Nano Banana Pro", "saved")
    plan = planned(ima, "a kite", "--targets", "image", "--ignore-preference")
    (step,) = plan["steps"]
    assert (step["model_name"], step["chosen_by"]) == ("SeeDream 4.5", "default")
    ran = made(ima, plan)
    assert (ran.code, ran.document["steps"][0]["model_name"]) == (0, "SeeDream 4.5")


def test_a_copy_replaces_nothing_but_plans(ima: Ima, quick_sandbox: None, tmp_path: Path) -> None:
    """``--out`` on a file that is no plan is refused before anything is priced; on a plan it replaces it."""
    notes, copy = tmp_path / "notes.txt", tmp_path / "plan.json"
    notes.write_text("mine")
    ran = ima("plan", "a fox", "--targets", "image", "--out", str(notes), "--json")
    assert (ran.code, ran.document["code"], notes.read_text()) == (2, "no-plan-there", "mine")
    for _ in range(2):
        assert ima("plan", "a fox", "--targets", "image", "--out", str(copy), "--json").code == 0
    assert ima("plan", "a fox", "--targets", "image", "--out", str(notes / "x"), "--json").document[
        "code"
    ] == ("download-folder")
