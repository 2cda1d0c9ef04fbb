"""``--emit``: ready actions on stdout as they happen, and the command's document as the last line."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ima_skills.domain.event import Event

EMIT = ("--emit", "openclaw")


def lines(ran: Any) -> list[dict[str, Any]]:
    """Return the lines of stdout, each one JSON document."""
    return [json.loads(line) for line in ran.out.splitlines()]


def steps(said: list[dict[str, Any]]) -> list[int]:
    """Return the steps of the actions."""
    return [line["step"] for line in said if line["kind"] != "result"]


@pytest.mark.usefixtures("quick_sandbox")
def test_every_line_is_an_action_and_the_last_one_the_result(ima: Any, fits: Any, tmp_path: Path) -> None:
    """Each line fits its schema; the downloaded file is what is sent, for a sandbox's address is nobody's."""
    ran = ima("create", "a boat", *EMIT, "--platform", "telegram", "--download", str(tmp_path / "out"))
    said = lines(ran)
    assert ran.code == 0
    for line in said:
        fits("action", line)
    assert steps(said) == [0, 1, 3]
    path = Path(said[2]["args"]["media"])
    assert path.is_absolute()
    assert path.is_file()
    assert said[-1]["document"]["medias"][0]["path"] == str(path)
    fits("result", said[-1]["document"])


@pytest.mark.usefixtures("quick_sandbox")
def test_without_a_download_a_sandbox_has_nothing_to_send(ima: Any, fits: Any) -> None:
    """No address of this machine is given to a message tool; it is said that the file stays here."""
    said = lines(ima("create", "a boat", *EMIT))
    fits("action", said[2])
    assert "media" not in said[2]["args"]
    assert "kept on the computer that made it" in said[2]["args"]["message"]


@pytest.mark.usefixtures("quick_sandbox")
def test_the_language_is_the_command_s_unless_another_is_named(ima: Any) -> None:
    """--language speaks to whoever runs the command, --message-language to the user."""
    assert lines(ima("create", "a boat", *EMIT, "--language", "zh"))[0]["text"] == "好的，马上为你画～ 🎨"
    ran = ima("create", "a kite", *EMIT, "--message-language", "zh")
    assert lines(ran)[0]["text"] == "好的，马上为你画～ 🎨"
    assert "the default" in ran.err


@pytest.mark.usefixtures("quick_sandbox")
def test_the_prompt_is_never_said(ima: Any) -> None:
    """What somebody asked for stays between them and the service."""
    assert "violet-otter" not in ima("create", "violet-otter", *EMIT, "--keep-prompts").out


@pytest.mark.usefixtures("quick_sandbox")
def test_a_refusal_is_told_and_keeps_its_exit_code(ima: Any, fits: Any) -> None:
    """Step 4 with a plain reason, then the error's document; stderr and exit code are those of any command."""
    ran = ima("create", "waves", "-m", "kling o1", "-t", "text_to_video", "-p", "duration=7", *EMIT)
    said = lines(ran)
    assert (ran.code, steps(said)) == (2, [0, 4])
    assert "7 s is not possible with this model, 5 s is closest" in said[1]["args"]["message"]
    for line in said:
        fits("action", line)
    fits("error", said[-1]["document"])
    assert ran.err.startswith("Error (invalid-request)")


def test_a_failure_before_there_is_a_client_is_told_too(ima: Any, fits: Any) -> None:
    """A key that cannot be one is found before anything is opened, and still told kindly, with the page."""
    ran = ima("create", "waves", "-t", "text_to_video", *EMIT, env={"IMA_API_KEY": "bad key"})
    said = lines(ran)
    assert (ran.code, steps(said)) == (3, [0, 4])
    assert "https://www.imaclaw.ai/imaclaw/apikey" in said[1]["args"]["message"]
    assert said[0]["text"] == "Sure! Getting your video started 🎬"
    fits("error", said[-1]["document"])


@pytest.mark.parametrize("clash", ["--json", "--dry-run"])
def test_what_decides_the_output_too_is_refused(ima: Any, clash: str) -> None:
    """--json and --dry-run print something else; neither wins silently."""
    ran = ima("create", "a boat", "--sandbox", *EMIT, clash)
    assert ran.code == 2
    assert "conflicting-options" in ran.out + ran.err


@pytest.mark.parametrize("option", ["--platform", "--message-language"])
def test_options_of_messages_need_messages(ima: Any, option: str) -> None:
    """Nothing that was asked for is dropped silently."""
    ran = ima("create", "a boat", "--sandbox", option, "zh")
    assert ran.code == 2
    assert f"{option} belongs to --emit" in ran.err


def test_an_unknown_platform_is_refused_before_anything_is_sent(ima: Any) -> None:
    """The nearest name and all others are given."""
    ran = ima("create", "a boat", "--sandbox", *EMIT, "--platform", "telegramm")
    document = lines(ran)[-1]["document"]
    assert (ran.code, document["code"]) == (2, "unknown-message-form")
    assert "telegram" in document["hint"]


@pytest.mark.usefixtures("quick_sandbox")
def test_without_waiting_there_is_a_start_and_no_end(ima: Any, fits: Any) -> None:
    """The task is in the last line, for whoever waits for it later."""
    said = lines(ima("create", "a boat", *EMIT, "--no-wait"))
    assert steps(said) == [0, 1]
    assert said[-1]["document"]["status"] == "processing"
    fits("action", said[-1])


@pytest.mark.usefixtures("quick_sandbox")
def test_a_fault_in_words_never_ends_a_paid_job(ima: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The messages stop, which is said on stderr; the job goes on and its result is printed."""
    from ima_skills.messages.scribe import Scribe

    def broken(_self: Scribe, _event: Event, _now: float) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(Scribe, "hear", broken)
    ran = ima("create", "a boat", *EMIT)
    assert ran.code == 0
    assert "because of a fault (ZeroDivisionError)" in ran.err
    assert lines(ran)[-1]["document"]["status"] == "success"


@pytest.mark.usefixtures("quick_sandbox")
def test_a_paid_job_goes_on_when_nobody_reads(
    ima: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A reader that leaves after the reply costs the messages, not the job: its file is still fetched."""
    from ima_skills.cli.output import Output, ReaderGoneError

    def gone(_self: Output, document: Any, **_: Any) -> None:
        if document["kind"] != "reply":
            raise ReaderGoneError

    monkeypatch.setattr(Output, "json", gone)
    ima("create", "a boat", *EMIT, "--download", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").iterdir())) == 1


def test_lines_come_as_they_happen() -> None:
    """The reply is there long before the job is over, also through a pipe."""
    command = [
        sys.executable,
        "-m",
        "ima_skills",
        "create",
        "a boat",
        *EMIT,
        "--sandbox",
        "--sandbox-speed",
        "20",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        second = json.loads(process.stdout.readline())
        began = time.monotonic()
        rest = process.stdout.readlines()
        assert (first["step"], second["step"]) == (0, 1)
        assert time.monotonic() - began > 0.5
        assert json.loads(rest[-1])["document"]["status"] == "success"


@pytest.mark.usefixtures("quick_sandbox")
def test_a_task_of_an_earlier_command_is_told_from_the_middle(ima: Any, fits: Any, tmp_path: Path) -> None:
    """No second reply and no second start: the end, with the model and the points that the journal knows."""
    made = lines(ima("create", "a boat", *EMIT, "--no-wait"))
    task_id = made[-1]["document"]["task_id"]
    out = str(tmp_path / "out")
    ran = ima("tasks", "wait", task_id, *EMIT, "--platform", "feishu", "--download", out)
    said = lines(ran)
    assert (ran.code, steps(said)) == (0, [3, 3])
    assert "• Model: SeeDream 4.5\n" in said[0]["args"]["message"]
    assert "• Points: 5\n" in said[0]["args"]["message"]
    assert Path(said[1]["args"]["media"]).is_file()
    for line in said:
        fits("action", line)
    fits("task", said[-1]["document"])


@pytest.mark.usefixtures("quick_sandbox")
def test_a_task_that_nobody_knows_is_told_as_gone(ima: Any) -> None:
    """The end alone, in plain words, with the exit code of the error."""
    ran = ima("tasks", "wait", "task_0000", *EMIT, "-t", "text_to_image")
    said = lines(ran)
    assert (ran.code, steps(said)) == (1, [4])
    assert "could not be found" in said[0]["args"]["message"]


def test_brief_and_messages_exclude_each_other(ima: Any) -> None:
    """Both decide what is printed."""
    ran = ima("tasks", "wait", "task_1", "--sandbox", "--brief", *EMIT)
    assert ran.code == 2
    assert "--brief" in ran.err
