"""Jobs files and results files: what can be read, what is refused, what survives a crash."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ima_skills import (
    CredentialError,
    DeadlineError,
    NetworkError,
    OutcomeUnknownError,
    PointsError,
    UsageError,
)
from ima_skills.batch import Line, failure, read_lines, stops_everything
from ima_skills.errors import FaultError, ImaError, JobFailedError, MediaError, ServiceError

GOOD = {"task_type": "text_to_image", "prompt": "a fox"}


def jobs(tmp_path: Path, *rows: Any) -> tuple[Line, ...]:
    path = tmp_path / "jobs.jsonl"
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return read_lines(path)


def test_a_line_becomes_a_request(tmp_path: Path) -> None:
    """Every field of a request can be given; the id may be a number or left out."""
    full = {
        **GOOD,
        "id": 7,
        "model": "kling",
        "version_id": "v",
        "inputs": ["a.png"],
        "params": {"duration": 5},
        "n": 2,
        "language": "zh",
    }
    first, second = jobs(tmp_path, full, "", GOOD)
    assert (first.id, second.id, second.number) == ("7", "3", 3)
    assert first.request is not None
    assert (first.request.model, first.request.inputs, first.request.n) == ("kling", ("a.png",), 2)
    assert "fox" not in repr(first)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "line 1 is not a JSON object"),
        ("[1]", "line 1 is not a JSON object"),
        ({"prompt": "x"}, "task_type is missing"),
        ({"task_type": "text_to_image"}, "prompt is missing"),
        ({**GOOD, "promt": "x"}, "'promt' is no field of a job"),
        ({**GOOD, "n": "2"}, "n must be a whole number"),
        ({**GOOD, "n": True}, "n must be a whole number"),
        ({**GOOD, "inputs": "a.png"}, "inputs must be a list"),
        ({**GOOD, "params": []}, "params must be an object"),
        ({**GOOD, "prompt": 3}, "prompt must be text"),
    ],
)
def test_a_bad_line_is_a_line_with_an_error(tmp_path: Path, row: Any, said: str) -> None:
    """One bad line costs only itself."""
    bad, good = jobs(tmp_path, row, GOOD)
    assert bad.error is not None
    assert said in bad.error.message
    assert good.error is None


def test_two_lines_with_one_id(tmp_path: Path) -> None:
    """Results could not be told apart."""
    with pytest.raises(UsageError, match="lines 1 and 2 have the same id 'a'"):
        jobs(tmp_path, {**GOOD, "id": "a"}, {**GOOD, "id": "a"})


def test_equal_lines_have_marks_of_their_own(tmp_path: Path) -> None:
    """The same wish twice is meant twice; the same file again has the same marks."""
    first, second = jobs(tmp_path, GOOD, GOOD)
    assert first.mark != second.mark
    assert [line.mark for line in jobs(tmp_path, GOOD, GOOD)] == [first.mark, second.mark]


def test_a_line_is_itself_wherever_it_stands(tmp_path: Path) -> None:
    """Lines that are put before others make none of them another one; an id is who a line is, whatever its text."""
    named, other = {**GOOD, "id": "a"}, {**GOOD, "prompt": "a hare"}
    before = jobs(tmp_path, GOOD, named, GOOD)
    after = jobs(tmp_path, other, "{", {**named, "prompt": "a hen"}, GOOD, {**GOOD, "id": "b"}, GOOD)
    assert [after[3].mark, after[2].mark, after[5].mark] == [line.mark for line in before]
    assert len({line.mark for line in (*before, *after)}) == 6
    assert (after[2].content == before[1].content, after[3].content == before[0].content) == (False, True)


def test_an_unreadable_file(tmp_path: Path) -> None:
    """What cannot be opened is said to be so, with its whole name and what to give instead."""
    with pytest.raises(UsageError, match=f"{tmp_path} cannot be read") as caught:
        read_lines(tmp_path)
    assert "one job each" in caught.value.hint


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (JobFailedError("no", task_id="t"), "failed"),
        (JobFailedError("no", task_id="t", details={"download_error": "the disk is full"}), "open"),
        (JobFailedError("half of it", task_id="t", details={"outstanding": 1}), "open"),
        (MediaError("cut short", task_id="t"), "open"),
        (UsageError("no room", code="disk-full", task_id="t"), "open"),
        (ServiceError("no"), "failed"),
        (ServiceError("busy", retryable=True), "not-sent"),
        (ServiceError("too much for it now", code="service-fault"), "not-sent"),
        (UsageError("no"), "failed"),
        (OutcomeUnknownError("who knows"), "unknown"),
        (DeadlineError("late", task_id="t"), "open"),
        (FaultError("ours", task_id="t"), "open"),
        (NetworkError("down"), "not-sent"),
        (CredentialError("key"), "not-sent"),
        (PointsError("poor"), "not-sent"),
        (FaultError("ours"), "not-sent"),
    ],
)
def test_what_an_error_means_for_a_line(error: ImaError, status: str) -> None:
    """What was paid for is over when the service failed it; what cost nothing waits, unless it is wrong as it is."""
    document = failure(Line(3, "x", mark="m"), error)
    assert document["status"] == status
    assert (document["line"], document["mark"], document["error"]["code"]) == (3, "m", error.name)


def test_what_stops_a_batch() -> None:
    """A rejected key and an empty account would be every line's answer; a gated model would not."""
    assert stops_everything(CredentialError("key"))
    assert stops_everything(PointsError("poor", code="insufficient-points"))
    assert stops_everything(PointsError("cap", code="over-cap"))
    assert not stops_everything(PointsError("gate", code="subscription-required"))
    assert stops_everything(FaultError("disk", code="journal-unwritable"))
    assert not stops_everything(NetworkError("down"))
    assert not stops_everything(FaultError("ours"))


def test_ids_given_by_hand_come_first(tmp_path: Path) -> None:
    """A line without an id gives way where another one was given its number."""
    path = tmp_path / "jobs.jsonl"
    row = {"task_type": "text_to_speech", "prompt": "hello"}
    path.write_text("\n".join(json.dumps(one) for one in (row, {**row, "id": 1}, row)))
    assert [line.id for line in read_lines(path)] == ["line-1", "1", "3"]
    path.write_text("\n".join(json.dumps({**row, "id": "x"}) for _ in range(2)))
    with pytest.raises(UsageError, match="same id 'x'") as caught:
        read_lines(path)
    assert "an id of its own" in caught.value.hint


def test_bytes_that_are_no_text_cost_one_line(tmp_path: Path) -> None:
    """So do line separators that JSON may hold: they end no line."""
    path = tmp_path / "jobs.jsonl"
    good = json.dumps({"task_type": "text_to_speech", "prompt": "one\u2028two"}, ensure_ascii=False).encode()
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\xff\xfe\r\n" + good)
    lines = read_lines(path)
    assert [line.error is None for line in lines] == [True, False, True]
    assert lines[0].request is not None
    assert lines[0].request.prompt == "one\u2028two"


def test_ids_are_unique_whatever_was_given(tmp_path: Path) -> None:
    """Also where somebody has used the names that we would give."""
    lines = jobs(tmp_path, {**GOOD, "id": "3"}, {**GOOD, "id": "line-3"}, GOOD)
    assert [line.id for line in lines] == ["3", "line-3", "line-line-3"]
