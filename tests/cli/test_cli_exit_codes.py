"""Every exit code, each from a cause that really leads to it."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import click
import pytest

from ima_skills.cli import main
from ima_skills.domain.event import Created, Quoted

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]

KEY = "ima_secret_key_of_nobody"
PROMPT = "a very private kite"
CREATE = ("create", PROMPT, "--json")


def must_fail(ran: Any, fits: Fits, code: int, name: str) -> dict[str, Any]:
    """Check the parts that every error has, and return it."""
    assert ran.code == code, (ran.out, ran.err)
    fits("error", ran.document)
    error: dict[str, Any] = ran.document
    assert (error["exit_code"], error["code"]) == (code, name)
    assert PROMPT not in ran.out + ran.err
    assert KEY not in ran.out + ran.err
    return error


def fault(**fields: Any) -> str:
    """Return a scenario of one fault."""
    lines = (f"{name} = {json.dumps(value)}" for name, value in fields.items())
    return "\n".join(['title = "test"', "[[fault]]", *lines])


def test_0_done(quick_sandbox: None, ima: Ima) -> None:
    """A finished job."""
    assert ima(*CREATE).code == 0


def test_1_the_service_failed(served: Served, ima: Ima, fits: Fits) -> None:
    """The task was accepted and could not be finished; its name is in the error."""
    served(fault(on="create", kind="media", shape="failed", message="the model gave up"))
    error = must_fail(ima(*CREATE), fits, 1, "job-failed")
    assert "the model gave up" in error["message"]
    assert error["task_id"].startswith("task_")
    assert error["retryable"] is False


def test_1_some_outputs_failed(served: Served, ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """What is usable of a failed task is saved and named."""
    served(fault(on="create", kind="media", shape="failed", medias=[2]))
    ran = ima(*CREATE, "-n", "2", "--download", str(tmp_path / "out"))
    details = must_fail(ran, fits, 1, "job-failed")["details"]
    assert (details["usable"], details["total"]) == (1, 2)
    assert [str(path) for path in (tmp_path / "out").iterdir()] == details["files"]


@pytest.mark.parametrize(
    ("code", "name"), [(400, "invalid-settings"), (400017, "model-version-missing"), (6010, "rule-mismatch")]
)
def test_1_the_service_refused(code: int, name: str, served: Served, ima: Ima, fits: Fits) -> None:
    """A final refusal is the user's answer, and cost nothing."""
    service = served(fault(on="create", kind="refuse", code=code, calls="every"))
    must_fail(ima(*CREATE), fits, 1, name)
    assert service.balance() == 100_000


def test_a_500_is_tried_smaller_unless_forbidden(served: Served, ima: Ima, fits: Fits) -> None:
    """The job is made smaller once and reported; with ``--no-degrade`` the refusal stands."""
    served(fault(on="create", kind="refuse", code=500, calls=[1, 3, 4, 5]))
    wish = ("create", "waves", "-t", "text_to_video", "--json", "-p", "resolution=1080p")
    ran = ima(*wish)
    assert ran.code == 0, ran.out
    assert any(change["param"] == "resolution" for change in ran.document["changes"])
    must_fail(ima(*wish, "--no-degrade"), fits, 1, "service-fault")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("--no-such-option",), "usage"),
        (("two", "prompts"), "usage"),
        (("--language", "fr"), "usage"),
        (("-n", "0"), "usage"),
        (("-m", "nobody"), "unknown-model"),
        (("-t", "text_to_smell"), "unknown-task-type"),
        (("-m", "Kling 2.1"), "retired-model"),
        (("-m", "suno", "-t", "text_to_image"), "wrong-task-type"),
        (("-p", "aspect_ratio=7:3"), "invalid-request"),
        (("-i", "missing.png", "-t", "image_to_image"), "invalid-request"),
        (
            ("-t", "text_to_video", "-m", "hailuo-2.3", "-p", "duration=10", "-p", "resolution=1080p"),
            "invalid-request",
        ),
        (("-i", "missing.png"), "no-task-type"),
        (("--sandbox", "--base-url", "http://localhost:1"), "conflicting-options"),
    ],
)
def test_2_wrong_requests(
    words: tuple[str, ...], name: str, quick_sandbox: None, ima: Ima, fits: Fits
) -> None:
    """Each mistake is told as JSON, even those that click finds."""
    must_fail(ima(*CREATE, *words), fits, 2, name)


def test_2_the_address_must_be_safe(ima: Ima, fits: Fits) -> None:
    """The key never travels in the clear."""
    env = {"IMA_API_KEY": KEY}
    must_fail(ima(*CREATE, "--base-url", "http://example.org", env=env), fits, 2, "insecure-base-url")
    must_fail(ima(*CREATE, "--base-url", "nonsense", env=env), fits, 2, "bad-base-url")


def test_3_no_key(ima: Ima, fits: Fits) -> None:
    """Without a key the way to get one is named, and the sandbox; it is never used silently."""
    error = must_fail(ima(*CREATE), fits, 3, "no-api-key")
    assert "imaclaw.ai/imaclaw/apikey" in error["hint"]
    assert "--sandbox" in error["hint"]


def test_3_the_wrong_key(served: Served, ima: Ima, fits: Fits) -> None:
    """A key that the service does not accept, and one that cannot be a key."""
    served()
    ran = ima(*CREATE, "--api-key", KEY)
    must_fail(ran, fits, 3, "credential-rejected")
    assert "IMA_API_KEY" in ran.err
    must_fail(ima(*CREATE, env={"IMA_API_KEY": f"{KEY}\u200b"}), fits, 3, "malformed-api-key")


def test_4_too_few_points(served: Served, ima: Ima, fits: Fits) -> None:
    """An account that cannot pay, and a model for subscribers."""
    served(points=4)
    must_fail(ima(*CREATE), fits, 4, "insufficient-points")
    served(subscription=False)
    wish = ("-t", "text_to_video", "-m", "seedance-2.0")
    must_fail(ima(*CREATE, *wish), fits, 4, "subscription-required")


def test_5_nobody_there(ima: Ima, fits: Fits) -> None:
    """A port where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        error = must_fail(ima(*CREATE, "--base-url", url, env={"IMA_API_KEY": KEY}), fits, 5, "network")
    assert error["retryable"] is True


def test_6_a_fault_of_ours(
    quick_sandbox: None, ima: Ima, fits: Fits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anything unexpected is an internal fault: no traceback, no words of the exception, and a way on."""

    def break_down(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError(PROMPT)

    monkeypatch.setattr("ima_skills.cli.wishes.read_params", break_down)
    ran = ima(*CREATE)
    error = must_fail(ran, fits, 6, "internal")
    assert "ZeroDivisionError" in error["message"]
    assert "IMA_SKILLS_NO_THIRD_PARTY=1" in error["hint"]
    assert "ima-skills doctor" in error["hint"]
    assert "Traceback" not in ran.err
    assert "Traceback" in ima(*CREATE, env={"IMA_DEBUG": "1"}).err


def test_6_keeps_the_task_in_sight(quick_sandbox: None, ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault after the create names the task that may cost points."""

    def break_down(event: Any, *_: Any) -> str:
        if isinstance(event, Created):
            raise ZeroDivisionError
        return ""

    monkeypatch.setattr("ima_skills.cli.progress.describe", break_down)
    error = ima(*CREATE).document
    assert error["exit_code"] == 6
    assert f"tasks wait {error['task_id']}" in error["hint"]


def test_7_outcome_unknown(served: Served, ima: Ima, fits: Fits) -> None:
    """The line broke after the create had left: it is not sent again, and nobody says it failed."""
    service = served(fault(on="create", kind="drop", when="after"))
    error = must_fail(ima(*CREATE), fits, 7, "outcome-unknown")
    assert error["retryable"] is False
    assert service.balance() == 100_000 - 5


@pytest.mark.parametrize("stage", ["before", "upload", "during", "after"])
def test_130_interrupted(
    stage: str, quick_sandbox: None, ima: Ima, fits: Fits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C says what it left behind: nothing, perhaps a task, or this task."""
    from ima_skills.client import ImaClient
    from ima_skills.delivering import Direct

    start = ImaClient.start

    async def left(_: Direct, order: Any, book: Any) -> None:
        book.sending(order.number, order.points)
        raise KeyboardInterrupt

    async def interrupted(self: ImaClient, *arguments: Any, on_event: Any, **more: Any) -> Any:
        if stage == "before":
            raise KeyboardInterrupt

        def listen(event: Any) -> None:
            on_event(event)
            if isinstance(event, {"after": Created, "upload": Quoted}.get(stage, ())):
                raise KeyboardInterrupt

        return await start(self, *arguments, on_event=listen, **more)

    monkeypatch.setattr(ImaClient, "start", interrupted)
    if stage == "during":
        monkeypatch.setattr(Direct, "deliver", left)
    error = must_fail(ima(*CREATE, "--no-wait"), fits, 130, "interrupted")
    if stage in ("before", "upload"):
        assert "nothing was sent that costs" in error["message"]
    elif stage == "during":
        assert "may have been accepted" in error["message"]
        assert error["retryable"] is False
    else:
        assert f"tasks wait {error['task_id']}" in error["hint"]


def test_130_inside_click(ima: Ima, fits: Fits, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C outside of the asynchronous part ends the same way."""

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("ima_skills.cli.listing.offline_rows", stop)
    ran = ima("models", "list", "--offline", "--json")
    assert ran.code == 130
    assert ran.document["code"] == "interrupted"


def test_not_standalone_the_errors_are_the_callers(quick_sandbox: None) -> None:
    """Who embeds the command gets exceptions, not exits."""
    with pytest.raises(click.UsageError):
        main(["create", "--no-such-option"], standalone_mode=False)
