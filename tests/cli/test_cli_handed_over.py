"""Handed over is what the user has: the files, or the addresses, once they are printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.running import Journal
from ima_skills.downloading import Downloader
from ima_skills.errors import NetworkError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]

CREATE = ("create", "six lamps", "--json")
# The first output fails, the second is there much later.
PART = """
[[fault]]
on = "create"
kind = "media"
shape = "failed"
message = "content policy"
medias = [1]
[[fault]]
on = "create"
kind = "media"
shape = "late"
seconds = 120
medias = [2]
"""


def outstanding(ima: Ima) -> int:
    """Return how many jobs ``tasks collect`` would see to."""
    count: int = ima("tasks", "list", "--json").document["outstanding"]
    return count


def test_the_rest_of_a_failed_job_stays_outstanding(
    served: Served, ima: Ima, fits: Fits, tmp_path: Path
) -> None:
    """Its outputs are paid for: the error names the command that brings them home, and collect does so as well."""
    served(PART, speed=60.0)
    folder = tmp_path / "p6"
    failed = ima(*CREATE, "-n", "2", "--download", str(folder))
    task_id = failed.document["task_id"]
    assert (failed.code, failed.document["details"]["outstanding"]) == (1, 1)
    assert f"tasks wait {task_id}" in failed.document["hint"]
    assert f"--download {folder}" in failed.document["hint"]
    assert "DIR" not in failed.document["hint"]
    assert outstanding(ima) == 1
    ran = ima("tasks", "collect", "--json")
    fits("collect", ran.document)
    (item,) = ran.document["tasks"]
    assert (ran.code, item["status"], item["coming"]) == (1, "failed", 0)
    assert [Path(path).name for path in item["files"]] == [f"{task_id}-2.png"]
    assert (folder / f"{task_id}-2.png").exists()
    assert outstanding(ima) == 0


def test_what_a_failed_job_made_is_told_by_a_look(served: Served, ima: Ima) -> None:
    """Also when somebody else looked first; without a folder collect prints the address."""
    served(PART, speed=60.0)
    task_id = ima(*CREATE, "-n", "2", "--no-wait").document["task_id"]
    assert ima("tasks", "wait", task_id, "--json").document["details"]["outstanding"] == 1
    assert f"tasks wait {task_id}" in ima("tasks", "show", task_id).out.splitlines()[-1]
    assert outstanding(ima) == 1
    (item,) = ima("tasks", "collect", "--json").document["tasks"]
    assert (len(item["urls"]), item["files"]) == (1, [])
    assert outstanding(ima) == 0


def test_collect_tells_the_address_of_what_has_no_folder(served: Served, ima: Ima, fits: Fits) -> None:
    """A job that was given none is handed over by what is printed."""
    served()
    ima(*CREATE, "--no-wait")
    document = ima("tasks", "collect", "--json").document
    fits("collect", document)
    (url,) = document["tasks"][0]["urls"]
    ima(*CREATE, "--no-wait", "--new")
    assert url.split("?")[0].rpartition(".")[2] == "png"
    assert "http" in ima("tasks", "collect").out
    assert outstanding(ima) == 0


def test_a_job_keeps_its_folder(served: Served, ima: Ima, tmp_path: Path) -> None:
    """Whoever waits without naming one gets the files where they were to go; one that is named later counts."""
    served()
    first, second = tmp_path / "first", tmp_path / "second"
    task_id = ima(*CREATE, "--no-wait", "--download", str(first)).document["task_id"]
    assert ima("tasks", "wait", task_id, "--json").document["medias"][0]["path"] == str(
        first / f"{task_id}-1.png"
    )
    brief = ima(*CREATE, "--no-wait", "--download", str(first), "--new").document["task_id"]
    assert f"{brief}-1.png" in ima("tasks", "wait", brief, "--brief").out
    again = ima(*CREATE, "--no-wait", "--download", str(first), "--new").document["task_id"]
    assert ima(*CREATE, "--no-wait", "--download", str(second)).document["task_id"] == again
    ima("tasks", "collect")
    assert (second / f"{again}-1.png").exists()
    assert not (first / f"{again}-1.png").exists()


def test_the_advised_command_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run word for word, from another place, it puts the files where they were to go."""
    monkeypatch.chdir(tmp_path)
    journal = Journal("task_1", " --base-url http://127.0.0.1:9", "my files", is_under_way=True)
    wanted = f"tasks wait task_1 --base-url http://127.0.0.1:9 --download '{tmp_path}/my files'"
    assert journal.interrupted().hint == f"Continue with: ima-skills {wanted}"
    error = NetworkError("x", task_id="task_1", hint="Fetch: ima-skills tasks wait task_1 --download DIR")
    assert journal.complete(error).hint == f"Fetch: ima-skills {wanted}"


def test_running_is_told_with_the_folder(served: Served, ima: Ima, tmp_path: Path) -> None:
    """What ``--no-wait`` advises leads to the same folder."""
    served(speed=1.0)
    ran = ima("create", "a kite", "--no-wait", "--download", str(tmp_path / "d"))
    assert f"--download {tmp_path / 'd'}" in ran.out


def test_one_missing_file_keeps_no_other_back(
    served: Served, ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can be had is saved and written down; the error names what is missing, and the next wait gets it."""
    served()
    task_id = ima(*CREATE, "-n", "3", "--no-wait").document["task_id"]
    save = Downloader.save

    async def gone(self: Downloader, media: Any, kind: str, folder: Path, stem: str) -> Any:
        if stem.endswith("-1"):
            raise NetworkError("a media could not be downloaded (HTTP 404)", code="download-failed")
        return await save(self, media, kind, folder, stem)

    folder = tmp_path / "g1"
    with monkeypatch.context() as patch:
        patch.setattr(Downloader, "save", gone)
        failed = ima("tasks", "wait", task_id, "--download", str(folder), "--json")
        assert (failed.code, failed.document["details"]["missing"]) == (5, [1])
        assert sorted(path.name for path in folder.iterdir()) == [f"{task_id}-2.png", f"{task_id}-3.png"]
        assert len(failed.document["details"]["files"]) == 2
        assert f"--download {folder}" in failed.document["hint"]
        (item,) = ima("tasks", "collect", "--json").document["tasks"]
        assert (item["status"], len(item["files"])) == ("left", 2)
    assert outstanding(ima) == 1
    assert ima("tasks", "collect").code == 0
    assert (folder / f"{task_id}-1.png").exists()


def test_brief_hands_over_what_it_has_printed(
    served: Served, ima: Ima, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line that could not be printed hands nothing over; nor does one that tells neither file nor address."""
    from ima_skills.cli.output import AnswerLostError, Output

    served()
    task_id = ima(*CREATE, "--no-wait").document["task_id"]
    assert ima("tasks", "wait", task_id, "--brief").code == 0
    assert outstanding(ima) == 1
    words = ("tasks", "wait", task_id, "--brief", "--download", str(tmp_path / "d"))

    def full(*_: object) -> None:
        raise AnswerLostError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Output, "text", full)
        assert ima(*words).code == 6
    assert outstanding(ima) == 1
    assert ima(*words).code == 0
    assert outstanding(ima) == 0


def test_the_way_on_is_told_in_chinese_too(served: Served, ima: Ima, tmp_path: Path) -> None:
    """With the whole command: service, task and folder."""
    served(PART, speed=60.0)
    folder = tmp_path / "my files"
    ran = ima("--language", "zh", "create", "six lamps", "-n", "2", "--download", str(folder))
    assert "还有 1 个已付费的作品待取回，请运行：ima-skills tasks wait task_" in ran.err
    assert f"--download '{folder}'" in ran.err
    assert "may still come" not in ran.err
