"""A journal of the first version is brought up to date, once, whoever comes first; nothing in it is lost."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

import pytest

from ima_skills.errors import FaultError, OutcomeUnknownError
from ima_skills.journal.layout import VERSION

# As the first version made it; written out, because the program no longer makes such files.
FIRST = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT NULL, state TEXT NOT NULL,
    task_type TEXT NOT NULL, model_id TEXT NOT NULL, version_id TEXT NOT NULL, model_name TEXT NOT NULL,
    attribute_id INTEGER NOT NULL, n INTEGER NOT NULL, points INTEGER NOT NULL, base TEXT NOT NULL,
    user_id TEXT NOT NULL, folder TEXT NOT NULL, prompt TEXT, day TEXT NOT NULL, opened_at REAL NOT NULL,
    sent_at REAL, accepted_at REAL, ended_at REAL, took_s REAL, attempts INTEGER NOT NULL DEFAULT 0,
    task_id TEXT, code TEXT, medias TEXT, files TEXT, delivered INTEGER NOT NULL DEFAULT 0,
    pid INTEGER NOT NULL, started TEXT NOT NULL, boot TEXT NOT NULL);
CREATE INDEX by_fingerprint ON jobs (fingerprint);
CREATE INDEX by_task ON jobs (task_id);
CREATE INDEX by_day ON jobs (day);
CREATE INDEX by_model ON jobs (version_id, task_type);
CREATE INDEX unfinished ON jobs (state, pid, started, boot);
INSERT INTO meta VALUES ('salt', 'old salt');
INSERT INTO jobs VALUES (7, 'f', 'unknown', 'text_to_image', 'm', 'v', 'M', 1, 1, 30, 'https://service', '', '',
    NULL, '2026-09-21', 1790000000.0, 1790000000.0, NULL, NULL, NULL, 1, NULL, 'timeout', NULL, NULL, 0, 1, '1', 'x');
PRAGMA application_id=0x494D414A;
PRAGMA user_version=1;
"""


@pytest.fixture
def old(bench: Any) -> Any:
    """A journal of the first version with one job of unknown outcome."""
    bench.path.parent.mkdir()
    made = sqlite3.connect(bench.path)
    made.executescript(FIRST)
    made.close()
    return bench


def test_an_old_journal_keeps_its_jobs(old: Any) -> None:
    """Its rows, its salt and what they forbid are as before, and the new columns are there."""
    journal = old.open()
    found = old.entry(journal)
    assert (found.id, found.state, found.points, found.looks, found.looked_at) == (
        "job_7",
        "unknown",
        30,
        0,
        None,
    )
    assert journal._file().meta("salt", lambda: "fresh") == "old salt"
    with pytest.raises(OutcomeUnknownError, match="30 points"):
        old.begin(journal)
    old.accepted(journal, "t1")
    journal.looked("t1", ())
    assert (old.aside, journal.find("t1").looks) == ([], 1)
    raw = sqlite3.connect(old.path)
    assert raw.execute("PRAGMA user_version").fetchone() == (VERSION,)
    raw.close()


def test_many_bring_it_up_to_date_at_once(old: Any) -> None:
    """Each of several openers finds a whole journal; none puts it aside."""
    told: list[str] = []
    threads = [threading.Thread(target=lambda: told.append(old.entry(old.open()).id)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (told, old.aside) == (["job_7"] * 8, [])


def test_a_migration_that_breaks_off_leaves_the_old_file(old: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is all or nothing, and the next run does it."""
    from ima_skills.journal import layout

    steps = layout._STEPS
    full = "SELECT zeroblob(2000000000000)"  # more than SQLite ever gives: the step fails halfway
    with monkeypatch.context() as patch:
        patch.setattr(layout, "_STEPS", (steps[0], (*steps[1], full)))
        with pytest.raises(FaultError):
            old.open().entries()
    assert old.entry(old.open()).id == "job_7"
    assert old.aside == []
