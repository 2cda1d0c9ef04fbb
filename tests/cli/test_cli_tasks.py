"""``ima-skills tasks``: a task that was created earlier or elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.tasks import _media_kind
from ima_skills.domain.task import Media, Task
from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.client import ImaClient
    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]


def created(ima: Ima, *words: str) -> str:
    """Create a task without waiting and return its id."""
    task_id: str = ima("create", "a kite", "--no-wait", "--json", *words).document["task_id"]
    return task_id


def test_show_a_task_that_is_processing(served: Served, ima: Ima, fits: Fits) -> None:
    """The shape is that of a result; the journal adds what a look does not tell."""
    served(speed=1.0)
    task_id = created(ima)
    ran = ima("tasks", "show", task_id, "--json")
    assert ran.code == 0
    fits("task", ran.document)
    assert (ran.document["task_id"], ran.document["status"]) == (task_id, "processing")
    assert ran.document["credit"] == 5
    assert "processing" in ima("tasks", "show", task_id).out


def test_wait_and_download(served: Served, ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """Waiting ends with the files; the model is told by the service."""
    served()
    task_id = created(ima, "-t", "text_to_video")
    ran = ima("tasks", "wait", task_id, "--download", str(tmp_path / "out"), "--json")
    assert ran.code == 0, ran.out
    fits("task", ran.document)
    media = ran.document["medias"][0]
    assert Path(media["path"]).name == f"{task_id}-1.mp4"
    assert (ran.document["task_type"], ran.document["model_name"]) == ("text_to_video", "Wan 2.6")
    assert media["cover_url"]


def test_wait_takes_a_task_type(served: Served, ima: Ima) -> None:
    """It may be named, and must exist."""
    served()
    task_id = created(ima)
    assert ima("tasks", "wait", task_id, "-t", "text_to_image").code == 0
    assert ima("tasks", "wait", task_id, "-t", "nonsense").code == 2


def test_a_failed_task(served: Served, ima: Ima, fits: Fits) -> None:
    """To show a failure is an answer; to wait for one is an error."""
    served('[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmessage = "no luck"')
    task_id = created(ima)
    waited = ima("tasks", "wait", task_id, "--json")
    assert (waited.code, waited.document["code"]) == (1, "job-failed")
    fits("error", waited.document)
    shown = ima("tasks", "show", task_id, "--json")
    assert (shown.code, shown.document["status"]) == (0, "failed")
    fits("task", shown.document)
    assert shown.document["medias"][0]["error"] == "no luck"
    assert "no luck" in ima("tasks", "show", task_id).out


def test_what_is_usable_of_a_failed_task_is_saved(served: Served, ima: Ima, tmp_path: Path) -> None:
    """One failed output does not cost the others."""
    served('[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmedias = [1]')
    task_id = created(ima, "-n", "2")
    error = ima("tasks", "wait", task_id, "--download", str(tmp_path / "out"), "--json").document
    assert error["details"]["files"] == [str(tmp_path / "out" / f"{task_id}-2.png")]


def test_an_unknown_task(served: Served, ima: Ima, fits: Fits) -> None:
    """The service does not know it; the id is in the error."""
    served()
    ran = ima("tasks", "show", "task_nobody", "--json")
    assert ran.code == 1
    fits("error", ran.document)
    assert ran.document["task_id"] == "task_nobody"


def test_a_service_that_cannot_be_reached(ima: Ima) -> None:
    """Waiting goes on, and says so on stderr: since when, until when, and how to collect later; --brief is silent."""
    nobody = {"IMA_BASE_URL": "http://127.0.0.1:9", "IMA_API_KEY": "ima_test_key"}
    ran = ima("tasks", "wait", "abc", "-t", "text_to_speech", "--deadline", "3.5", env=nobody)
    assert (ran.code, ran.out) == (5, "")
    outage = ran.err.splitlines()[0]
    assert outage.startswith(
        "the service cannot be reached (ConnectError): 2 looks in a row have failed since"
    )
    assert outage.endswith("ima-skills tasks wait abc --base-url http://127.0.0.1:9")
    brief = ima("tasks", "wait", "abc", "-t", "text_to_speech", "--deadline", "3.2", "--brief", env=nobody)
    assert (brief.code, brief.err, len(brief.out.splitlines())) == (5, "", 1)


def test_the_deadline_of_waiting(served: Served, ima: Ima) -> None:
    """Waiting again is the right thing, so the error may be retried."""
    served(speed=1.0)
    ran = ima("tasks", "wait", created(ima), "--deadline", "0.1", "--json")
    assert (ran.code, ran.document["code"], ran.document["retryable"]) == (5, "deadline", True)


@pytest.mark.parametrize(
    ("task_type", "formats", "kind"),
    [
        ("text_to_music", (None,), "audio"),
        (None, ("png",), "image"),
        (None, ("mp4", "mp4"), "video"),
        (None, ("mp3",), "audio"),
    ],
)
def test_the_kind_of_media(
    task_type: str | None, formats: tuple[str | None, ...], kind: str, mock_client: Callable[..., ImaClient]
) -> None:
    """The task type decides; without one the formats do."""
    client = mock_client(lambda request: None)
    task = Task("t", "success", tuple(Media(format=name) for name in formats), task_type)
    assert _media_kind(client, task, None) == kind


@pytest.mark.parametrize("formats", [(), (None,), ("png", "mp3"), ("xyz",)])
def test_the_kind_of_media_may_be_unknown(
    formats: tuple[str | None, ...], mock_client: Callable[..., ImaClient]
) -> None:
    """Then the user is asked, and no file is written under a guessed kind."""
    client = mock_client(lambda request: None)
    task = Task("t", "success", tuple(Media(format=name) for name in formats))
    with pytest.raises(UsageError, match="what kind of media"):
        _media_kind(client, task, None)
