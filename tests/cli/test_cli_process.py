"""The command as a process of its own: the few things that a runner in the same process cannot show."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.version import VERSION

if TYPE_CHECKING:
    from pathlib import Path

IMA = (sys.executable, "-m", "ima_skills")


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*IMA, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **env}
    )


def test_python_m() -> None:
    """``python -m ima_skills`` is the command, under its own name."""
    assert run("--version").stdout == f"ima-skills, version {VERSION}\n"
    assert "Usage: ima-skills create" in run("create", "--help").stdout


def test_a_whole_job_with_real_speech(tmp_path: Path) -> None:
    """One document, one file with sound in it, nothing else on stdout."""
    ran = run(
        *("create", "Hello from the sandbox.", "-t", "text_to_speech", "--sandbox", "--json"),
        *("--sandbox-speed", "600", "--download", str(tmp_path)),
    )
    assert ran.returncode == 0, ran.stderr
    media = json.loads(ran.stdout)["medias"][0]
    assert media["bytes"] > 2000
    assert media["duration_s"] > 0.5


def before(sent: signal.Signals) -> None:
    """Hear Ctrl-C as on a terminal, or ignore it as in the background of a shell, wherever the tests run."""
    signal.signal(signal.SIGINT, signal.SIG_DFL if sent is signal.SIGINT else signal.SIG_IGN)


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_end_in_order_names_the_task(sent: signal.Signals, code: int) -> None:
    """Ctrl-C and SIGTERM end waiting; the task goes on and its name is told with the command that waits."""
    command = [*IMA, "create", "a kite", "--sandbox", "--sandbox-speed", "1", "--json"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, preexec_fn=lambda: before(sent), **pipes) as process:  # noqa: PLW1509 - no threads here, and nothing else decides what a child hears
        assert process.stderr is not None
        for line in process.stderr:
            if "is created" in line:
                break
        process.send_signal(sent)
        out, _ = process.communicate(timeout=20)
    assert process.returncode == code
    error = json.loads(out)
    assert error["code"] == "interrupted"
    assert error["hint"] == f"Continue with: ima-skills tasks wait {error['task_id']} --sandbox"
    assert error["retryable"] is False


def test_a_reader_who_leaves_early() -> None:
    """``| head -1`` is no error and prints none."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as closed:
        command = [*IMA, "models", "list", "--offline", "--all"]
        ran = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_terminal_without_chinese() -> None:
    """With an ASCII stdout, JSON is still JSON."""
    ran = run("models", "show", "wan", "--offline", "--json", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.returncode == 0, ran.stderr
    assert "万" in json.loads(ran.stdout)["aliases"]["zh"]


def test_httpx_keeps_its_own_command_line(tmp_path: Path) -> None:
    """Our shortcut at import leaves no trace: httpx works, and its submodule can still be imported."""
    code = (
        "from ima_skills.lean_httpx import import_httpx\nimport_httpx()\n"
        "import sys, httpx\nassert 'httpx._main' not in sys.modules\n"
        "import httpx._main\nassert httpx.AsyncClient\nimport_httpx()"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.checkout
def test_the_benchmark_runs() -> None:
    """It measures every case and prints one document; whether targets are met is not a test's business."""
    from pathlib import Path

    script = Path(__file__).resolve().parents[2] / "benchmarks" / "startup.py"
    ran = subprocess.run(
        [sys.executable, str(script), "--runs", "1", "--json"], capture_output=True, text=True, check=False
    )
    assert ran.returncode in {0, 1}, ran.stderr
    cases = {row["case"]: row for row in json.loads(ran.stdout)["cases"]}
    assert len(cases) == 6
    assert cases["import click"]["ratio"] == 1.0


def test_nothing_is_written_where_nobody_wants_it(tmp_path: Path) -> None:
    """IMA_NO_WRITE=1: a listing leaves no cache behind."""
    home = tmp_path / "home"
    ran = run("models", "list", "--offline", IMA_NO_WRITE="1", IMA_HOME=str(home))
    assert ran.returncode == 0
    assert not home.exists()


STUCK = """
from ima_skills import hookimpl
import time

@hookimpl
def ima_check_request(request, entry, leaf):
    print("stuck", flush=True)
    time.sleep(600)
"""


def test_a_hook_that_hangs_can_be_ended(tmp_path: Path) -> None:
    """SIGTERM ends a command whose loop a plugin holds: once the grace is over, or at the second signal."""
    info = tmp_path / "stuck-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stuck\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[ima_skills.plugins]\nstuck = stuck_plugin\n")
    (tmp_path / "stuck_plugin.py").write_text(STUCK)
    env = {**os.environ, "PYTHONPATH": str(tmp_path), "IMA_SKILLS_NO_THIRD_PARTY": "0"}
    command = [*IMA, "create", "a kite", "--sandbox", "--dry-run"]
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=env, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "stuck\n"
        process.terminate()
        _, told = process.communicate(timeout=20)
    assert (process.returncode, "interrupted" in told) == (143, True), told
