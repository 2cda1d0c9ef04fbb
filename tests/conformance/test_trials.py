"""The trials themselves, the command line's gaps, and our own client and bad ones on the stage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attrs import evolve

from ima_skills.conformance.evidence import Evidence
from ima_skills.conformance.judging import judged
from ima_skills.conformance.stage import Stage
from ima_skills.conformance.template import Filling, check_template, filled, lacking
from ima_skills.conformance.trial import chosen, load_trials
from ima_skills.errors import UsageError
from ima_skills.renderers import Rendered

if TYPE_CHECKING:
    from ima_skills.registry import Registry
    from ima_skills.renderers import RenderJob

TRIALS = {trial.name: trial for trial in load_trials()}
OURS = (
    sys.executable, "-m", "ima_skills", "create", "{prompt}", "--task-type", "{task_type}", "--model", "{model}",
    "--params-json", "{params}", "-n", "{n}", "--input", "{input}", "--base-url", "{base_url}",
    "--download", "{out}", "--yes", "--json", "--no-third-party",
)  # fmt: skip
# One of each area; ``make conformance`` holds them all.
SOME = (
    "picture-four", "stop-all-of-three", "stop-failed-yet-available", "retry-attribute", "retry-new-price",
    "retry-not-points", "unknown-drop-after", "look-five-troubles", "upload-two",
    "file-truncated", "key-after-a-failed-upload",
)  # fmt: skip
# A client as they are written in an afternoon: no rules, no care. It is only ever run here.
CARELESS = """
import json, sys, time, urllib.request
base, key, model, task_type, prompt, log = sys.argv[1:]
def call(path, body=None):
    request = urllib.request.Request(base + path, json.dumps(body).encode() if body else None,
        {"Authorization": "Bearer " + key, "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)
open(log, "a").write("using " + key)
def leaves(nodes):
    for node in nodes:
        if node.get("type") == "3":
            yield node
        yield from leaves(node.get("children") or [])
page = call("/open/v1/product/list?app=ima&platform=web&category=" + task_type)
leaf = next(leaf for leaf in leaves(page["data"]) if leaf["model_id"] == model)
rule = leaf["credit_rules"][0]
inner = {"prompt": prompt, "n": 1, "input_images": [], **{f["field"]: f.get("value") for f in leaf.get("form_config") or []},
         "cast": {"points": rule["points"], "attribute_id": rule["attribute_id"]}}
body = {"task_type": task_type, "src_img_url": [], "parameters": [{"attribute_id": rule["attribute_id"],
        "model_id": model, "model_name": leaf["name"], "model_version": leaf["id"], "app": "ima", "platform": "web",
        "category": task_type, "credit": rule["points"], "parameters": inner}]}
for attempt in range(5):
    try:
        task = call("/open/v1/tasks/create", body)["data"]["id"]
        break
    except Exception:
        time.sleep(0.05)
for _ in range(200):
    medias = (call("/open/v1/tasks/detail", {"task_id": task})["data"] or {}).get("medias") or [{}]
    if medias[0].get("resource_status"):
        print(medias[0].get("url"))
        break
    time.sleep(0.01)
"""


def tiny(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Render next to nothing: what matters here is who asks for it."""
    from ima_skills.conformance.picture import png

    kind = "png" if job.kind == "image" else "mp3"
    path = folder / f"{stem}.{kind}"
    path.write_bytes(png(4, 4, (job.index, 2, 3)) if kind == "png" else b"ID3\x04" + bytes(400))
    return Rendered(path, kind, 4 if kind == "png" else None, 4 if kind == "png" else None, None, None)


def held(registry: Registry, folder: Path, words: tuple[str, ...], name: str) -> Evidence:
    counter = iter(f"{number:024x}" for number in range(100, 200))
    return Stage(registry, words, folder, tiny, lambda: next(counter), 60.0).hold(TRIALS[name])


def test_there_are_enough_trials() -> None:
    """At least sixty, in every area, each with both titles and something to expect."""
    assert len(TRIALS) >= 60
    assert {trial.area for trial in TRIALS.values()} == {
        "payload", "stop", "retry", "duplicates", "trouble", "uploads", "files", "keys",
    }  # fmt: skip
    for trial in TRIALS.values():
        assert trial.title.en.isascii()
        assert not trial.title.zh.isascii()
        assert trial.expect.creates is not None, trial.name


@pytest.mark.parametrize("code", [0, 1])
def test_who_does_nothing_passes_nothing(code: int, tmp_path: Path) -> None:
    """A command that never calls the service fails every single trial, however it ends."""
    for folder in ("home", "out", "site"):
        (tmp_path / folder).mkdir()
    idle = [
        judged(
            Evidence(
                trial, "k" * 20, "p", (), (), code, "", "", *(tmp_path / at for at in ("home", "out", "site"))
            )
        )
        for trial in TRIALS.values()
    ]
    assert [verdict.name for verdict in idle if verdict.state == "passed"] == []


def test_every_trial_can_be_granted(registry: Registry) -> None:
    """Each model is one that the service lists for its task type."""
    for trial in TRIALS.values():
        leaves = [
            leaf
            for group in registry.snapshot.groups(trial.wish.task_type)
            for leaf in (group.get("children") or [group])
        ]
        assert trial.wish.model in {leaf["model_id"] for leaf in leaves}, trial.name


@pytest.mark.parametrize(
    ("words", "match"),
    [
        ((), "no command"),
        (("x", "{prompt}"), "lacks {task_type}, {model}"),
        (("x", "{prompt}", "{task_type}", "{model}", "{colour}"), "nothing fills {colour}"),
    ],
)
def test_a_template_that_carries_no_wish(words: tuple[str, ...], match: str) -> None:
    """It is refused before anything runs, with an example."""
    with pytest.raises(UsageError, match=match):
        check_template(words)


def test_gaps_are_filled() -> None:
    """An option goes with its input, as often as there are inputs; other braces stay."""
    filling = Filling("hello {n}", "http://x", "k", ("a.png", "b.png"), "out")
    words = (
        "x",
        "-i",
        "{input}",
        "--all",
        "{inputs}",
        "--in={input}",
        "{prompt}",
        "{unknown}",
        "u={base_url}",
    )
    trial = TRIALS["picture-from-three"]
    assert filled(words, trial, filling) == [
        "x", "-i", "a.png", "-i", "b.png", "--all", "a.png", "b.png", "--in=a.png", "--in=b.png", "hello {n}",
        "{unknown}", "u=http://x",
    ]  # fmt: skip
    assert filled(words[:5], trial, evolve(filling, inputs=())) == ["x"]


def test_what_a_template_lacks() -> None:
    """A trial that the command has no place for is named with the gap, not failed."""
    bare = ("x", "{prompt}", "{task_type}", "{model}")
    assert [lacking(bare, TRIALS[name]) for name in ("picture", "picture-size", "picture-four")] == [
        "", "params", "n",
    ]  # fmt: skip
    assert [lacking(bare, TRIALS[name]) for name in ("upload-two", "file-whole")] == ["input", "out"]
    assert {lacking(OURS, trial) for trial in TRIALS.values()} == {""}


def test_names_and_areas_choose() -> None:
    """By name, by area, by pattern; a name that means nothing is an error."""
    every = load_trials()
    assert chosen(every, ()) == every
    assert {trial.name for trial in chosen(every, ["song*", "keys"])} >= {"song", "key-after-a-drop"}
    with pytest.raises(UsageError, match="no trial is called 'sing'"):
        chosen(every, ["sing"])


@pytest.mark.parametrize("name", SOME)
def test_our_own_client_passes(name: str, registry: Registry, tmp_path: Path) -> None:
    """The real command in a process of its own, against a sandbox on a socket."""
    assert judged(held(registry, tmp_path, OURS, name)).faults == ()


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        ("speech", {"keys", "headers"}),
        ("unknown-drop-after", {"keys", "headers", "counts", "calm"}),
        ("stop-failed-yet-available", {"keys", "headers", "exit"}),
        ("stop-all-of-three", {"keys", "headers", "told"}),
        ("retry-not-subscription", {"keys", "headers", "counts", "calm"}),
    ],
)
def test_a_careless_client_is_found_out(
    name: str, checks: set[str], registry: Registry, tmp_path: Path
) -> None:
    """Each of its faults is named: sending again, believing a number, showing tracebacks, keeping the key."""
    script = tmp_path / "careless.py"
    script.write_text(CARELESS, encoding="utf-8")
    log = tmp_path / "trials" / name / "home" / "client.log"
    words = (
        sys.executable,
        str(script),
        "{base_url}",
        "{key}",
        "{model}",
        "{task_type}",
        "{prompt}",
        str(log),
    )
    verdict = judged(held(registry, tmp_path / "trials", words, name))
    assert {check for check, _ in verdict.faults} == checks


def test_a_command_that_never_ends_is_ended(registry: Registry, tmp_path: Path) -> None:
    """Together with what it started; that is a fault of its own."""
    words = (sys.executable, "-c", "import time; time.sleep(60)", "{prompt}", "{task_type}", "{model}")
    stage = Stage(registry, words, tmp_path, tiny, lambda: "0" * 24, 0.3)
    assert {"ends", "counts"} <= {check for check, _ in judged(stage.hold(TRIALS["picture"])).faults}
