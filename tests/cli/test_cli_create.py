"""``ima-skills create`` on a sandbox."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.media_kinds import by_bytes
from ima_skills.settings import state_home

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

TASK_TYPES = {
    "text_to_image": 0,
    "image_to_image": 1,
    "text_to_video": 0,
    "image_to_video": 1,
    "first_last_frame_to_video": 2,
    "reference_image_to_video": 1,
    "text_to_music": 0,
    "text_to_speech": 0,
}


@pytest.mark.parametrize(("task_type", "inputs"), TASK_TYPES.items())
def test_every_task_type_runs_against_a_served_sandbox(  # noqa: PLR0913, PLR0917 - fixtures and a case
    task_type: str,
    inputs: int,
    served: Callable[..., SandboxService],
    ima: Ima,
    fits: Fits,
    tmp_path: Path,
    picture: Path,
) -> None:
    """Each of the eight task types gives one JSON document and a checked file, over a real socket."""
    service = served()
    files = [word for _ in range(inputs) for word in ("-i", str(picture))]
    out = tmp_path / "out"
    ran = ima("create", "a kite", "-t", task_type, *files, "--json", "--download", str(out))
    assert ran.code == 0, ran.err
    fits("result", ran.document)
    (media,) = ran.document["medias"]
    content = Path(media["path"]).read_bytes()
    assert Path(media["path"]).parent == out
    assert Path(media["path"]).stem == f"{ran.document['task_id']}-1"
    assert (media["bytes"], media["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert by_bytes(content) is not None
    assert ran.document["url"] == media["url"]
    assert ran.document["sandbox"] is True
    assert service.balance() == 100_000 - ran.document["credit"]


def test_people_read_one_block(quick_sandbox: None, ima: Ima, tmp_path: Path) -> None:
    """Model, points, time, parameters and file stand on stdout; the way there on stderr; sandbox is said."""
    ran = ima("create", "a kite", "-p", "aspect_ratio=16:9", "--download", str(tmp_path))
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "SeeDream 4.5 (doubao-seedream-4-5-251128) · text_to_image"
    assert lines[-1] == "Sandbox output: no points were spent."
    for label, value in {"points": "5", "parameters": "size 2560x1440, n 1"}.items():
        assert f"  {label.ljust(12)}{value}" in lines
    assert any(line.strip().startswith("file") and str(tmp_path) in line for line in lines)
    assert "task task_" in ran.err
    assert "is created" in ran.err


def test_people_read_chinese(quick_sandbox: None, ima: Ima) -> None:
    """The same block in Chinese, on request."""
    ran = ima("create", "风筝", "--language", "zh")
    assert "Sandbox（沙盒）结果：未消耗任何积分。" in ran.out
    assert "积分" in ran.out
    assert "已创建" in ran.err


def test_a_dry_run_sends_no_create(
    served: Callable[..., SandboxService], ima: Ima, fits: Fits, picture: Path, tmp_path: Path
) -> None:
    """Price and payload are shown, and neither a task nor an upload nor a booking came of it."""
    service = served()
    ran = ima(
        "create", "a kite", "-t", "image_to_video", "-i", str(picture), "-n", "2", "--dry-run", "--json"
    )
    assert ran.code == 0, ran.err
    fits("quote", ran.document)
    quote = ran.document["quote"]
    assert quote["total"] == quote["points_per_output"] * 2
    product = ran.document["payload"]["parameters"][0]
    assert product["attribute_id"] == quote["attribute_id"]
    assert product["parameters"]["input_images"] == ["upload:kite.png"]
    assert service.bookings()[1:] == ()
    made = [path.name for path in tmp_path.rglob("*") if path.is_file()]
    assert [name for name in made if not name.startswith("sandbox.sqlite3")] == ["kite.png"]


def test_a_dry_run_for_people(quick_sandbox: None, ima: Ima) -> None:
    """The price is an equation, and nothing was charged."""
    ran = ima(
        "create",
        "waves",
        "-t",
        "text_to_video",
        "-m",
        "Wan 2.6",
        "-p",
        "resolution=720p",
        "-n",
        "2",
        "--dry-run",
    )
    assert "25 × 2 = 50" in ran.out
    assert ran.out.rstrip().endswith("Nothing was created, nothing was charged.")


def test_a_dry_run_names_rule_and_neighbours(quick_sandbox: None, ima: Ima, fits: Fits) -> None:
    """Why it costs that, who does exactly the same for less, and who does it better; each price is real."""
    wish = ("create", "waves", "-t", "text_to_video", "-p", "resolution=1080p", "--dry-run", "--json")
    document = ima(*wish, "-m", "Wan 2.6").document
    fits("quote", document)
    quote, others = document["quote"], document["neighbours"]
    assert quote["rule"]["resolution"] == "1080P"
    assert others["cheaper"]
    assert others["better"]
    for other in (*others["cheaper"], *others["better"]):
        assert ima(*wish, "-m", other["model"]).document["quote"]["total"] == other["points"]
    assert all(other["points"] < quote["total"] for other in others["cheaper"])
    assert others["cheaper"][0]["name"] in ima(*wish[:-1], "-m", "Wan 2.6").out


def test_changes_are_reported(quick_sandbox: None, ima: Ima) -> None:
    """Whatever differs from the wish: requested, applied, why."""
    wish = ("create", "a kite", "-p", "aspect_ratio=7:3", "--fix", "nearest")
    (change,) = ima(*wish, "--json").document["changes"]
    assert (change["param"], change["requested"], change["applied"]) == ("aspect_ratio", "7:3", "21:9")
    assert f"aspect_ratio: 7:3 → 21:9 ({change['reason']})" in ima(*wish).out


def test_several_outputs(quick_sandbox: None, ima: Ima, tmp_path: Path) -> None:
    """Each output has its own file, and the price is that of all."""
    document = ima("create", "a kite", "-n", "3", "--download", str(tmp_path), "--json").document
    assert len({media["sha256"] for media in document["medias"]}) == 3
    assert document["credit"] == 15


def test_without_waiting_and_waiting_later(quick_sandbox: None, ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """A task that was not waited for is found by a later command, on the same state."""
    first = ima("create", "a kite", "--no-wait", "--json")
    assert first.code == 0
    fits("result", first.document)
    assert first.document["status"] == "processing"
    assert first.document["medias"] == []
    task_id = first.document["task_id"]
    later = ima("tasks", "wait", task_id, "--download", str(tmp_path), "--json")
    assert later.code == 0, later.err
    fits("task", later.document)
    assert later.document["status"] == "success"
    assert Path(later.document["medias"][0]["path"]).is_file()
    assert (state_home() / "ima_sandbox" / "sandbox.sqlite3").is_file()


def test_without_waiting_people_learn_how_to_go_on(
    quick_sandbox: None, ima: Ima, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command that continues is complete, with the service it belongs to."""
    monkeypatch.delenv("IMA_SANDBOX")
    ran = ima("create", "a kite", "--no-wait", "--sandbox")
    task_id = next(word for word in ran.out.split() if word.startswith("task_"))
    assert f"Continue with: ima-skills tasks wait {task_id} --sandbox" in ran.out


def test_the_deadline_names_the_task(served: Callable[..., SandboxService], ima: Ima) -> None:
    """Waiting ends with code 5; creating again is not advised, waiting with the same service is."""
    service = served(speed=1.0)
    ran = ima("create", "a kite", "--deadline", "0.2", "--json", "--base-url", service.base_url)
    assert ran.code == 5
    error = ran.document
    assert error["code"] == "deadline"
    assert error["retryable"] is False
    assert (
        error["hint"]
        == f"Continue with: ima-skills tasks wait {error['task_id']} --base-url {service.base_url}"
    )


def test_the_cap_is_kept(quick_sandbox: None, ima: Ima) -> None:
    """Nothing dearer than the cap is sent."""
    ran = ima("create", "a kite", "--max-points", "4", "--json")
    assert (ran.code, ran.document["code"]) == (4, "over-cap")
    assert ima("create", "a kite", "--max-points", "5").code == 0


def test_a_named_version(quick_sandbox: None, ima: Ima) -> None:
    """``model@version`` and ``--version-id`` both mean one leaf."""
    wish = ("create", "waves", "-t", "text_to_video", "--dry-run", "--json")
    for names in (("-m", "pixverse@Pixverse V5"), ("-m", "pixverse", "--version-id", "Pixverse V5")):
        assert ima(*wish, *names).document["version_id"] == "Pixverse V5"


def test_notices_come_before_paying(quick_sandbox: None, ima: Ima) -> None:
    """What a model refuses is said with the price."""
    ran = ima("create", "waves", "-t", "text_to_video", "-m", "sora-2-pro", "--dry-run", "--json")
    assert any("people" in notice for notice in ran.document["notices"])


def test_progress_never_reaches_stdout(quick_sandbox: None, ima: Ima) -> None:
    """With ``--json`` stdout is one document even while progress is told."""
    ran = ima("create", "a kite", "--json")
    assert json.loads(ran.out)["status"] == "success"
    assert ran.err


@pytest.mark.parametrize("more", [(), ("--no-wait",)])
def test_a_folder_that_cannot_be_written_costs_nothing(
    served: Callable[..., SandboxService], ima: Ima, tmp_path: Path, more: tuple[str, ...]
) -> None:
    """Found before the create, with the whole path; a file stands in the way of the folder."""
    service = served()
    (tmp_path / "file").write_text("in the way")
    before = service.balance()
    ran = ima("create", "a kite", "--download", str(tmp_path / "file" / "out"), "--json", *more)
    assert (ran.code, ran.document["code"]) == (2, "download-folder"), ran.out
    assert str(tmp_path / "file" / "out") in ran.document["message"]
    assert service.balance() == before


def test_an_empty_task_type_is_no_wish(quick_sandbox: None, ima: Ima) -> None:
    """A shell variable that is not set does not make a picture."""
    ran = ima("create", "waves", "-t", "", "--json")
    assert (ran.code, ran.document["code"]) == (2, "unknown-task-type")


def test_a_named_version_decides_the_task_type(quick_sandbox: None, ima: Ima) -> None:
    """``name@version`` is as good as the name."""
    assert (
        ima("create", "a song", "-m", "suno@sonic", "--dry-run", "--json").document["task_type"]
        == "text_to_music"
    )
