"""The log: what a line holds, when files turn and go, who may read them, and what happens where none can be."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from ima_skills.clock import FakeClock
from ima_skills.domain.event import Created, Downloaded, JournalTrouble, PollTrouble, Progressed, Reflected
from ima_skills.domain.problem import Change, Problem
from ima_skills.errors import InvalidRequestError, NetworkError
from ima_skills.logs import FULL_FILES, Level, Log, level_of
from ima_skills.settings import log_home

if TYPE_CHECKING:
    from pathlib import Path

DAY_S = 86_400.0
LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d \| (\w+) +\| (\w+) +\| (.+)")


@pytest.fixture
def log(tmp_path: Path, fake_clock: FakeClock) -> Log:
    """A log of every level in a folder that is not there yet."""
    return Log(tmp_path / "logs", fake_clock, Level.DEBUG)


def lines(log: Log) -> list[str]:
    return [line for path in sorted(log.folder.iterdir()) for line in path.read_text().splitlines()]


def parts(log: Log) -> list[tuple[str, ...]]:
    found = [LINE.fullmatch(line) for line in lines(log)]
    assert all(found)
    return [match.groups() for match in found if match]


def test_where(own_home: Path) -> None:
    """Under IMA_HOME, else where the service's own skills log."""
    assert log_home() == own_home / "state" / "logs"
    assert log_home({}) == own_home / ".openclaw" / "logs" / "ima_skills"


def test_a_line_is_time_level_step_message(log: Log) -> None:
    """Four parts, one line each, in the file of the day."""
    log.event(Created("t1", 2))
    log.event(Progressed("t1", 12.34, 40, 0, 1))
    log.event(Downloaded("t1", 0, "/home/somebody/out.png", 123))
    log.event(PollTrouble("t1", "no answer from somewhere", "no-answer"))
    assert parts(log) == [
        ("INFO", "Created", "task t1, create 2"),
        ("DEBUG", "Progressed", "task t1, 12.3 s, 40 %"),
        ("INFO", "Downloaded", "task t1, output 1, 123 bytes"),
        ("WARNING", "PollTrouble", "task t1: a look failed, no-answer"),
    ]
    assert [re.fullmatch(r"ima_create_\d{8}\.log", path.name) for path in log.folder.iterdir()] != [None]


def test_words_of_people_stay_out(log: Log) -> None:
    """Messages, values and places may quote what somebody typed; rules, codes and names of parameters do not."""
    secret = "a very private wish"
    log.event(Reflected(1, "6010", secret, (Change("lyrics", secret, "", secret),)))
    log.event(JournalTrouble("t1", secret))
    problem = Problem(f"/params/{secret}", secret, secret, rule="enum")
    log.error(InvalidRequestError(secret, hint=secret, problems=[problem, problem], details={"x": secret}))
    with pytest.raises(ValueError, match=secret) as raised:
        int(secret)
    log.error(NetworkError(secret, task_id="t1", details={"http_status": 502}), raised.value)
    log.write(Level.INFO, "step", "see https://cdn.example/a.png?sign=abc\nand more")
    told = parts(log)
    assert secret not in "\n".join(lines(log))
    assert told[0][2] == "create 1 refused, 6010; changed: lyrics"
    assert told[2] == ("ERROR", "main", "invalid-request, exit 2, InvalidRequestError, enum")
    assert told[3][1] == "test_words_of_people_stay_out"
    assert told[3][2].startswith("network, exit 5, task t1, ValueError, http_status=502, ")
    assert told[4][2] == "see (address) and more"


def test_levels(log: Log) -> None:
    """Lines below the level are not written; off writes none; an unknown level is the usual one."""
    log.least = Level.WARNING
    log.event(Created("t1", 1))
    assert not log.folder.exists()
    assert log.write(Level.ERROR, "step", "x")
    log.least = Level.OFF
    assert not log.write(Level.ERROR, "step", "x")
    assert [level_of(name) for name in ("Debug ", "off", "loud", None)] == [
        Level.DEBUG,
        Level.OFF,
        Level.INFO,
        Level.INFO,
    ]


def test_modes(log: Log) -> None:
    """For the owner alone, also where somebody made the folder or the file with open modes."""
    before = os.umask(0)
    try:
        log.folder.mkdir(mode=0o777)
        log.write(Level.INFO, "step", "x")
        path = next(log.folder.iterdir())
        assert (log.folder.stat().st_mode & 0o777, path.stat().st_mode & 0o777) == (0o700, 0o600)
        path.chmod(0o666)
        log.write(Level.INFO, "step", "y")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_full_file_is_put_aside(log: Log, fake_clock: FakeClock) -> None:
    """Nothing is lost until more are full than are kept; then the oldest go."""
    log.full_bytes = 400
    for number in range(30):
        fake_clock.jump(1)
        log.write(Level.INFO, "step", f"number {number} {'x' * 80}")
    sizes = [path.stat().st_size for path in log.folder.iterdir()]
    assert max(sizes) < 400 + 200
    assert len(sizes) == 1 + FULL_FILES
    numbers = sorted(int(line.split("number ")[1].split()[0]) for line in lines(log))
    assert numbers[-1] == 29
    assert numbers == list(range(numbers[0], 30))


def test_a_day_has_a_file_and_old_ones_go(log: Log, fake_clock: FakeClock) -> None:
    """Files older than seven days are removed by the first line of a process; files of others stay."""
    log.folder.mkdir()
    now = fake_clock.now()
    for name, age in (("ima_create_20200101.log", 7.1), ("ima_create_20200102.log", 6.9), ("mine.log", 99)):
        path = log.folder / name
        path.write_text("x\n")
        os.utime(path, (now - age * DAY_S,) * 2)
    log.write(Level.INFO, "step", "today")
    fake_clock.jump(DAY_S)
    log.write(Level.INFO, "step", "tomorrow")
    names = {path.name for path in log.folder.iterdir()}
    assert {"mine.log", "ima_create_20200102.log"} < names
    assert len(names) == 4
    assert "ima_create_20200101.log" not in names


def test_nothing_where_nothing_can_be(tmp_path: Path, fake_clock: FakeClock) -> None:
    """A device, a file or a link in its place: no line, no error, and what the link points at is untouched."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "logs").mkdir()
    for folder in ("/dev/null", "/dev/null/logs", tmp_path / "file"):
        assert not Log(tmp_path / folder, fake_clock).write(Level.INFO, "step", "x")
    log = Log(tmp_path / "logs", fake_clock)
    log.write(Level.INFO, "step", "x")
    path = next(log.folder.iterdir())
    path.unlink()
    path.symlink_to(tmp_path / "file")
    assert not log.write(Level.INFO, "step", "x")
    assert (tmp_path / "file").read_text() == "mine"


WRITER = """
import sys
from pathlib import Path
from ima_skills.clock import SystemClock
from ima_skills.logs import Level, Log
log = Log(Path(sys.argv[1]), SystemClock(), full_bytes=30_000)
assert all(log.write(Level.INFO, "step", f"writer {sys.argv[2]} line {n} " + "x" * 60) for n in range(250))
"""


def test_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    """Four processes, and files that turn under their feet: every line is there, whole, once."""
    folder = tmp_path / "logs"
    command = [sys.executable, "-c", WRITER, str(folder)]
    with_names = [subprocess.Popen([*command, str(name)]) for name in range(4)]
    assert [process.wait() for process in with_names] == [0] * 4
    told = [line for path in folder.iterdir() for line in path.read_text().splitlines()]
    assert all(LINE.fullmatch(line) for line in told)
    found = sorted(line.split("| ")[-1].rstrip("x ") for line in told)
    assert found == sorted(f"writer {name} line {n}" for name in range(4) for n in range(250))
    assert len(list(folder.iterdir())) > 2


def run(home: Path, *words: str, **more: str) -> int:
    env = {**os.environ, "IMA_HOME": str(home), "IMA_SKILLS_NO_THIRD_PARTY": "1", **more}
    command = [sys.executable, "-m", "ima_skills", *words]
    return subprocess.run(command, env=env, capture_output=True, check=False).returncode


CREATE = ("create", "x", "-t", "text_to_speech", "--sandbox", "--sandbox-speed", "600")


def test_only_what_happens_is_written(tmp_path: Path) -> None:
    """Help, versions, lists and dry runs write no log; a create does; IMA_NO_WRITE=1 and a device write none."""
    logs = tmp_path / "logs"
    for words in (
        ["--version"],
        ["--help"],
        ["models", "list", "--offline"],
        [*CREATE, "--dry-run"],
        ["nope"],
    ):
        run(tmp_path, *words)
        assert not logs.exists(), words
    assert run(tmp_path, *CREATE, "--no-wait", IMA_NO_WRITE="1") == 0
    assert run(tmp_path, "models", "show", "nope", "--offline", IMA_NO_WRITE="1") == 2
    assert not logs.exists()
    logs.symlink_to("/dev/null")
    assert run(tmp_path, *CREATE, "--no-wait") == 0
    logs.unlink()
    assert run(tmp_path, *CREATE, "--no-wait", "--new") == 0
    assert "Created" in next(logs.iterdir()).read_text()


def test_lines_of_a_batch_that_do_not_work(tmp_path: Path) -> None:
    """Each is in the log with its code, and without the words that are wrong with it."""
    jobs = tmp_path / "jobs.jsonl"
    jobs.write_text('{"task_type": "text_to_speech", "prompt": "x", "model": "my-secret"}\nno json\n')
    words = ("batch", "run", str(jobs), "--out", str(tmp_path / "out"), "--sandbox", "--sandbox-speed", "600")
    assert run(tmp_path, *words) == 1
    told = next((tmp_path / "logs").iterdir()).read_text()
    assert all(code in told for code in ("unknown-model, exit 2", "bad-job, exit 2"))
    assert told.count("ERROR") == 2
    assert "my-secret" not in told
