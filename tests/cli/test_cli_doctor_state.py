"""``doctor`` and a state folder with something broken in it: one finding each, and the folder stays as it is."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.findings import Finding, fact
from ima_skills.journal.database import fault_of
from ima_skills.journal.layout import APPLICATION, VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


@pytest.fixture
def state(own_home: Path) -> Path:
    """The state folder of this test."""
    folder = own_home / "state"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def quick_doctor(quick_sandbox: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the two checks that start something; they have tests of their own."""
    for name in ("_courier", "_sandbox"):
        found = Finding(name.strip("_"), "ok", fact("not tried"))
        monkeypatch.setattr(f"ima_skills.cli.examination.{name}", lambda *_, found=found: found)


def checks(ran: Any) -> dict[str, dict[str, str]]:
    return {check["name"]: check for check in ran.document["checks"]}


def failed(ran: Any) -> set[str]:
    return {name for name, check in checks(ran).items() if check["state"] == "failed"}


def contents(folder: Path) -> dict[str, str]:
    """Return what lies in a folder, by digest; what a first look makes by itself is left out."""
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("bad = = toml", "at line 1", id="no TOML"),
        pytest.param("[cap]\nper_day = 5", "does not know cap", id="no such table"),
        pytest.param("[caps]\nper_day = 'many'", "per_day must be a whole number", id="a cap"),
        pytest.param("[plugins]\nallow = 5", "must be a list of names", id="a list"),
        pytest.param("[plugins]\ndeny = ['vidoe']", "no plugin is called 'vidoe'", id="a slip"),
    ],
)
@pytest.mark.usefixtures("quick_doctor")
def test_broken_settings_cost_one_check(text: str, said: str, state: Path, ima: Ima, fits: Fits) -> None:
    """Whatever is wrong in ima_config.toml is one failed check, told once; all the others are made."""
    (state / "ima_config.toml").write_text(text)
    ran = ima("doctor", "--json")
    fits("doctor", ran.document)
    assert (ran.code, failed(ran)) == (6, {"config"})
    found = checks(ran)
    assert found["config"]["detail"].count(said) == 1
    assert found["config"]["hint"]
    assert found["config"]["hint_zh"]
    assert {"python", "registry", "journal", "courier", "sandbox"} < set(found)


def test_without_readable_lists_nobody_else_joins(state: Path, ima: Ima, quick_doctor: None) -> None:
    """It is said that plugins of others are left out meanwhile; with sound settings it is not."""
    assert checks(ima("doctor", "--json"))["plugins"]["state"] == "ok"
    (state / "ima_config.toml").write_text("[plugins]\nallow = 5")
    found = checks(ima("doctor", "--json"))["plugins"]
    assert (found["state"], "are left out" in found["detail"]) == ("warning", True)


def test_a_slip_of_this_command_line_stays_one(ima: Ima, quick_doctor: None) -> None:
    """A name behind --disable-plugin that nobody has is no fault of the installation."""
    ran = ima("doctor", "--disable-plugin", "vidoe", "--json", env={"IMA_SKILLS_NO_THIRD_PARTY": ""})
    assert (ran.code, ran.document["code"]) == (2, "bad-trust")


def test_a_limit_of_the_environment_is_looked_at(ima: Ima, quick_doctor: None) -> None:
    """A limit that cannot be read would stop every create."""
    ran = ima("doctor", "--json", env={"IMA_DAILY_POINTS": "many"})
    assert failed(ran) == {"config"}
    assert "IMA_DAILY_POINTS" in checks(ran)["config"]["detail"]


@pytest.mark.parametrize("value", ["abc", "-5"])
def test_a_variable_that_stands_for_an_option_is_looked_at(value: str, ima: Ima, quick_doctor: None) -> None:
    """Every create ends with it, and so does the health of the installation."""
    assert ima("create", "a kite", env={"IMA_MAX_POINTS": value}).code == 2
    ran = ima("doctor", "--json", env={"IMA_MAX_POINTS": value})
    assert (ran.code, failed(ran)) == (6, {"config"})
    found = checks(ran)["config"]
    assert "IMA_MAX_POINTS" in found["detail"]
    assert value in found["detail_zh"]
    assert found["hint_zh"] == "请更正或取消环境变量 IMA_MAX_POINTS；用法见：ima-skills create --help"


def test_a_wrong_address_and_a_wrong_key_are_two_findings(ima: Ima, quick_doctor: None) -> None:
    """Neither is blamed for the other."""
    assert failed(ima("doctor", "--json", env={"IMA_BASE_URL": "nonsense"})) == {"base-url"}
    assert failed(ima("doctor", "--json", env={"IMA_API_KEY": "bad key"})) == {"key"}


def test_a_damaged_sandbox_is_found(state: Path, ima: Ima, quick_doctor: None) -> None:
    """Why, and what to do; the file stays as it is. One that is sound, or not there yet, is fine."""
    assert checks(ima("doctor", "--json"))["sandbox-state"]["detail"] == "none yet"
    assert ima("create", "a kite").code == 0
    path = state / "ima_sandbox" / "sandbox.sqlite3"
    assert checks(ima("doctor", "--json"))["sandbox-state"]["detail"] == str(path)
    for beside in path.parent.glob("sandbox.sqlite3-*"):
        beside.unlink()
    path.write_bytes(b"no database" * 400)
    ran = ima("doctor", "--json")
    assert failed(ran) == {"sandbox-state"}
    found = checks(ran)["sandbox-state"]
    assert found["detail"] == f"{path}: file is not a database"
    assert found["detail_zh"] == f"{path}：不是数据库文件"
    assert found["hint_zh"].endswith("ima-skills sandbox reset")
    assert path.read_bytes() == b"no database" * 400


def test_saved_models_that_cannot_be_understood(state: Path, ima: Ima, quick_doctor: None) -> None:
    """It is found, and the file stays where it is."""
    assert checks(ima("doctor", "--json"))["saved-models"]["state"] == "ok"
    (state / "ima_prefs.json").write_text("not json")
    ran = ima("doctor", "--json")
    assert failed(ran) == {"saved-models"}
    assert contents(state) == {"ima_prefs.json": hashlib.sha256(b"not json").hexdigest()}
    assert "内容无法识别" in ima("doctor", "--language", "zh").out


def _database(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _damaged(path: Path) -> None:
    _database(path, f"PRAGMA application_id={APPLICATION}", "CREATE TABLE jobs (id INTEGER, told TEXT)")
    _database(path, *["INSERT INTO jobs VALUES (1, hex(randomblob(1500)))"] * 20)
    content = bytearray(path.read_bytes())
    content[8192:20000] = b"\xff" * (20000 - 8192)
    path.write_bytes(content)


BROKEN: dict[str, Callable[[Path], object]] = {
    "it is no database": lambda path: path.write_text("short"),
    "file is not a database": lambda path: path.write_bytes(b"long" * 1000),
    "it is not a journal": lambda path: _database(path, "CREATE TABLE songs (id INTEGER)"),
    "it was written by a later version of ima-skills": lambda path: _database(
        path, "CREATE TABLE jobs (id INTEGER)", f"PRAGMA application_id={APPLICATION}",
        f"PRAGMA user_version={VERSION + 1}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("why", list(BROKEN))
@pytest.mark.parametrize("name", ["ima_journal.db", "ima_sandbox/journal.db"])
def test_a_journal_that_cannot_be_read(
    why: str, name: str, state: Path, ima: Ima, quick_doctor: None
) -> None:
    """Either journal: why, and what to do, in both languages; the file is neither mended nor put aside."""
    path = state / name
    path.parent.mkdir(exist_ok=True)
    BROKEN[why](path)
    before = contents(path.parent)
    ran = ima("doctor", "--json")
    assert failed(ran) == {"journal"}
    found = checks(ran)["journal"]
    assert found["detail"] == f"{path}: {why}"
    assert why not in found["detail_zh"]
    assert found["hint"] != found["hint_zh"]
    assert contents(path.parent) == before


def test_a_damaged_page_is_found(tmp_path: Path) -> None:
    """A file with a sound head and a broken body."""
    path = tmp_path / "journal.db"
    _damaged(path)
    assert fault_of(path)


def test_a_journal_in_use_is_sound(state: Path, ima: Ima, quick_doctor: None) -> None:
    """After a job, and while somebody has it open and has written to it, it is fine; nothing is left beside it."""
    assert ima("create", "a kite").code == 0
    path = state / "ima_sandbox" / "journal.db"
    assert checks(ima("doctor", "--json"))["journal"]["detail"] == str(path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO meta VALUES ('x', 'y')")
        connection.commit()
        assert path.with_name("journal.db-wal").exists()
        assert fault_of(path) == ""
    assert not path.with_name("journal.db-wal").exists()
