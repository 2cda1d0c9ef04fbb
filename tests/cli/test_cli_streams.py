"""Closed and full standard streams: no traceback, no lost exit code, and never a file of ours in their place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

FULL = Path("/dev/full")
needs_full = pytest.mark.skipif(not FULL.exists(), reason="this system has no full device")
MAKE = ("create", "a kite", "--new", "-t", "text_to_image")


def run(home: Path, words: tuple[str, ...], streams: str) -> tuple[int, str]:
    """Run the command with its streams redirected by a shell; what is left of both is returned."""
    env = {**os.environ, "IMA_HOME": str(home), "IMA_SANDBOX": "1", "IMA_SANDBOX_SPEED": "3000"}
    quoted = " ".join(f"'{word}'" for word in (sys.executable, "-m", "ima_skills", *words))
    ran = subprocess.run(
        ["/bin/sh", "-c", f"{quoted} {streams}"], capture_output=True, text=True, check=False, env=env
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("streams", [">&-", "2>&-", "<&-", ">&- 2>&-", ">&- 2>&- <&-"])
@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((*MAKE, "--json"), 0),
        (MAKE, 0),
        (("tasks", "list"), 0),
        (("create", "x", "-t", "nosuch", "--json"), 2),
        (("nosuch",), 2),
        (("--version",), 0),
    ],
)
def test_closed(streams: str, words: tuple[str, ...], code: int, tmp_path: Path) -> None:
    """The work is done and the exit code tells how it went; there is nobody to tell more."""
    ended, said = run(tmp_path, words, streams)
    assert (ended, "Traceback" in said) == (code, False), said


def test_no_file_takes_the_place_of_a_stream(tmp_path: Path) -> None:
    """The journal must not become the file that libraries print to."""
    driver = (
        "import os, sys; from ima_skills.cli import open_streams; open_streams();"
        " sys.exit(os.open(sys.argv[1], os.O_CREAT | os.O_RDWR))"
    )
    command = f"'{sys.executable}' -c '{driver}' '{tmp_path / 'journal'}' <&- >&- 2>&-"
    assert subprocess.run(["/bin/sh", "-c", command], check=False).returncode > 2


@needs_full
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_full_stdout(more: tuple[str, ...], tmp_path: Path) -> None:
    """The answer is lost and it is said where it can be found; the task is not lost."""
    ended, said = run(tmp_path, (*MAKE, *more), f"> {FULL}")
    assert (ended, "Traceback" in said) == (6, False), said
    assert "output-unwritable" in said
    assert "tasks list" in said
    ended, said = run(tmp_path, ("tasks", "list", "--json"), "2> /dev/null")
    (task,) = json.loads(said)["tasks"]
    assert (ended, task["delivered"]) == (0, False)


@needs_full
def test_a_full_stderr(tmp_path: Path) -> None:
    """Progress can be done without."""
    ended, said = run(tmp_path, (*MAKE, "--json"), f"2> {FULL}")
    assert (ended, json.loads(said)["status"]) == (0, "success")
