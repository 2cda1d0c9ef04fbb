"""Rows that no journal writes, files that are none: jobs stay readable, money stays safe, and nothing breaks."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ima_skills.clock import FakeClock
from ima_skills.domain.task import Media, SavedFile
from ima_skills.errors import FaultError, ImaError, OutcomeUnknownError
from ima_skills.journal.caps import Caps
from ima_skills.journal.layout import STATES
from ima_skills.journal.owner import this_process
from ima_skills.journal.receipts import add_up
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Terms, Upload

# Each example works in a file of its own.
SHARED = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(),
    st.text(max_size=20),
    st.binary(max_size=20),
    st.sampled_from([*STATES, "[]", "[1]", '[{"path": 1}]', "{}", "[" * 9000, "null", "t1", "-1", "1e999"]),
)
COLUMNS = st.sampled_from([
    "fingerprint", "state", "task_type", "model_id", "version_id", "model_name", "attribute_id", "n", "points",
    "base", "user_id", "folder", "prompt", "day", "opened_at", "sent_at", "accepted_at", "ended_at", "took_s",
    "attempts", "task_id", "code", "medias", "files", "delivered", "pid", "started", "boot", "looks",
    "looked_at", "outputs_done", "outputs_listed",
])  # fmt: skip


@pytest.fixture
def template(bench: Any) -> Path:
    """The file of a journal with a job in every state, one of them with an upload."""
    journal = bench.open()
    for number, state in enumerate(STATES):
        record = bench.begin(journal, state)
        record.sending(1, 10)
        record.accepted(f"t{number}")
        record.upload("mark", Upload("https://cdn.example/a.png", bench.clock.now(), bench.clock.now() + 9e4))
        with journal._file().transaction() as connection:
            row = (state, 5.0, '[{"path": "/a.png"}]', record.number)
            connection.execute("UPDATE jobs SET state = ?, took_s = ?, files = ? WHERE id = ?", row)
    journal.close()
    path: Path = bench.path
    return path


def everything(path: Path, bench: Any) -> None:
    """Do all that can be done with a journal; its own errors are answers, anything else is a defect."""
    journal = FileJournal(path, clock=FakeClock(), caps=Caps(1000, 500), warn=lambda _: None)

    refusals: list[ImaError] = []

    def use(step: Any, *given: Any) -> Any:
        try:
            return step(*given)
        except ImaError as error:
            refusals.append(error)
            return None

    try:
        for by in (None, "model", "day", "user"):
            use(lambda by=by: add_up(journal.entries(), "2026-01-01", by))
        for name in ("t0", "t5", "job_1"):
            found = use(journal.find, name)
            if found is not None:
                assert isinstance(found.id, str)
                assert found.state in STATES
                assert found.points >= 0
                assert isinstance(found.is_outstanding, bool)
                use(found.age_s, 1e9)
        use(journal.looked, "t2", (Media(resource_status=1),))
        use(journal.ended, "t2", "success", ())
        use(journal.saved, "t2", (SavedFile("/a.png", 3, "0" * 64),))
        use(journal.delivered, "t2")
        for seconds in use(journal.history, "m", "v", "text_to_image") or ():
            assert 0 < seconds < 1e9
        for mark in (*STATES, "fresh"):
            use(journal.under_way, bench.job(mark), Terms(token="t"))
            record = use(journal.open, bench.job(mark), Terms(resubmit=mark == "fresh"))
            if record is not None and hasattr(record, "uploaded"):
                use(record.uploaded, "mark")
        for entry in use(journal.entries) or ():
            use(journal.forget, entry)
    finally:
        journal.close()
    assert {error.exit_code for error in refusals} <= {4, 6, 7}
    assert "Traceback" not in str([error.as_dict() for error in refusals])


@SHARED
@given(changes=st.lists(st.tuples(st.integers(1, 8), COLUMNS, VALUES), min_size=1, max_size=12))
@example(changes=[(1, "state", "banana")])
@example(changes=[(number, "points", 2**63 - 1) for number in range(1, 9)])
@example(changes=[(2, "sent_at", 1e300), (5, "sent_at", float("inf")), (5, "opened_at", -1e300)])
@example(changes=[(1, "pid", 0), (2, "pid", 2**63 - 1)])
@example(changes=[(6, "took_s", "soon"), (6, "files", "[" * 9000), (3, "files", "5")])
def test_foreign_values(
    template: Path, bench: Any, tmp_path: Path, changes: list[tuple[int, str, Any]]
) -> None:
    """Any value in any column of any row."""
    path = tmp_path / "fuzz" / "journal.db"
    path.parent.mkdir(exist_ok=True)
    for beside in path.parent.iterdir():
        beside.unlink()
    path.write_bytes(template.read_bytes())
    raw = sqlite3.connect(path, isolation_level=None)
    here = this_process()
    for number, column, value in changes:
        try:
            raw.execute(f"UPDATE jobs SET {column} = ? WHERE id = ?", (value, number))  # noqa: S608 - named above
            if column == "pid":
                raw.execute("UPDATE jobs SET started = '', boot = ? WHERE id = ?", (here.boot, number))
        except (sqlite3.IntegrityError, OverflowError, UnicodeEncodeError):
            continue  # what SQLite itself does not take is in no file
    raw.close()
    everything(path, bench)


@SHARED
@given(values=st.lists(VALUES, min_size=4, max_size=4))
def test_foreign_uploads(template: Path, bench: Any, tmp_path: Path, values: list[Any]) -> None:
    """Any value in any column of an upload: it is used only when it is sound."""
    path = tmp_path / "journal.db"
    path.unlink(missing_ok=True)
    path.write_bytes(template.read_bytes())
    raw = sqlite3.connect(path, isolation_level=None)
    for column, value in zip(("job", "address", "since", "until"), values, strict=True):
        try:
            raw.execute(f"UPDATE OR IGNORE uploads SET {column} = ?", (value,))  # noqa: S608 - named above
        except (sqlite3.IntegrityError, OverflowError, UnicodeEncodeError):
            continue
    raw.close()
    journal = FileJournal(path, clock=FakeClock(), caps=Caps(), warn=print)
    record = journal.open(bench.job("fresh"), Terms())
    assert not isinstance(record, Exception)
    found = record.uploaded("mark")  # type: ignore[union-attr]  # a fresh wish attaches to nothing
    assert found is None or (isinstance(found.address, str) and found.is_good(FakeClock().now()))
    journal.close()


@SHARED
@given(damage=st.tuples(st.integers(0, 60_000), st.integers(0, 60_000), st.binary(max_size=600)))
@example(damage=(0, 2364, b"\x80"))  # in a name that SQLite quotes when it complains
def test_damaged_files(template: Path, bench: Any, tmp_path: Path, damage: tuple[int, int, bytes]) -> None:
    """Cut short, overwritten, or both: it is read, or said to be unusable, and never lost."""
    path = tmp_path / "fuzz" / "journal.db"
    path.parent.mkdir(exist_ok=True)
    for beside in path.parent.iterdir():
        beside.unlink()
    cut, place, noise = damage
    content = bytearray(template.read_bytes())
    place %= len(content)
    content[place : place + len(noise)] = noise
    damaged = bytes(content[: len(content) - cut % len(content)])
    path.write_bytes(damaged)
    everything(path, bench)
    assert path.exists()
    assert not list(path.parent.glob("*.corrupt-*"))


@SHARED
@given(content=st.binary(max_size=3000), header=st.booleans())
def test_garbage_files(bench: Any, tmp_path: Path, content: bytes, *, header: bool) -> None:
    """Whatever lies where the journal should be is kept, byte for byte."""
    path = tmp_path / "fuzz" / "journal.db"
    path.parent.mkdir(exist_ok=True)
    for beside in path.parent.iterdir():
        beside.unlink()
    garbage = (b"SQLite format 3\0" if header else b"") + content
    path.write_bytes(garbage)
    everything(path, bench)
    assert path.read_bytes() == garbage or not garbage


@pytest.mark.parametrize("version", [-1, 0, 1, 2**31 - 1])
@pytest.mark.parametrize("table", ["jobs", "meta", "uploads", None])
def test_wrong_versions(template: Path, bench: Any, tmp_path: Path, version: int, table: str | None) -> None:
    """A version that does not fit its tables, and tables that are missing, are damage; later ones are another matter."""
    path = tmp_path / "journal.db"
    path.write_bytes(template.read_bytes())
    raw = sqlite3.connect(path, isolation_level=None)
    if table:
        raw.execute(f"DROP TABLE {table}")
    raw.execute(f"PRAGMA user_version={version}")
    raw.close()
    journal = FileJournal(path, clock=FakeClock(), caps=Caps(), warn=print)
    with pytest.raises(FaultError) as caught:
        journal.open(bench.job(), Terms())
    assert caught.value.name == ("journal-unwritable" if version > 99 else "journal-damaged")
    assert ("later version" in caught.value.message) == (version > 99)
    journal.close()


def test_a_state_that_nobody_knows_is_an_unknown_outcome(template: Path, bench: Any, tmp_path: Path) -> None:
    """It may have been sent: the same wish is not sent again by itself."""
    path = tmp_path / "journal.db"
    path.write_bytes(template.read_bytes())
    raw = sqlite3.connect(path, isolation_level=None)
    raw.execute("UPDATE jobs SET state = 'acceptee' WHERE fingerprint = 'accepted'")
    raw.close()
    journal = FileJournal(path, clock=FakeClock(), caps=Caps(), warn=print)
    with pytest.raises(OutcomeUnknownError):
        journal.open(bench.job("accepted"), Terms())
    journal.close()
