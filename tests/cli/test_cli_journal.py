"""The journal on the command line: the same job once, consent, caps, receipts, and what is left behind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]

PROMPT = "a very private kite"
CREATE = ("create", PROMPT, "--json", "--no-wait")
FULL = 100_000
FAILED = '[[fault]]\non = "create"\nkind = "media"\nshape = "failed"\nmessage = "no luck"'


@pytest.fixture
def real(served: Served, monkeypatch: pytest.MonkeyPatch) -> SandboxService:
    """A service on this machine that does not say it is a sandbox, so that its points count as real."""
    monkeypatch.setattr("ima_skills.sandbox.service._MARK", "x-nothing")
    return served()


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No courier comes up, so that what is patched here is what sends."""
    monkeypatch.setattr("ima_skills.courier.sender.Courier.get_ready", lambda _: None)


@pytest.fixture
def state(own_home: Path) -> Path:
    """The state folder."""
    folder = own_home / "state"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def caps(state: Path, **limits: int) -> None:
    """Write the limits of the user."""
    lines = (f"{name} = {value}" for name, value in limits.items())
    (state / "ima_config.toml").write_text("\n".join(["[caps]", *lines]), encoding="utf-8")


def must_fail(ran: Any, fits: Fits, code: int, name: str) -> dict[str, Any]:
    """Check an error and return it."""
    assert (ran.code, ran.document["code"]) == (code, name), ran.out
    fits("error", ran.document)
    document: dict[str, Any] = ran.document
    return document


def test_the_same_command_finds_its_job(real: SandboxService, ima: Ima) -> None:
    """It is said on stderr, nothing more is spent, and ``--new`` makes another one."""
    first = ima(*CREATE)
    again = ima(*CREATE)
    assert again.document == {**first.document, "elapsed_s": again.document["elapsed_s"]}
    assert "nothing more is spent" in again.err
    assert "不会再次扣除积分" in ima(*CREATE, "--language", "zh").err
    assert real.balance() == FULL - 5
    assert ima(*CREATE, "--new").document["task_id"] != first.document["task_id"]
    assert real.balance() == FULL - 10


@pytest.mark.parametrize(
    "words", [("-p", "aspect_ratio=16:9"), ("-n", "2"), ("--user-id", "ann"), ("-m", "nano-banana-pro")]
)
def test_another_wish_is_another_job(words: tuple[str, ...], real: SandboxService, ima: Ima) -> None:
    """Parameters, number, user and model are part of what makes a job the same."""
    first = ima(*CREATE).document
    assert ima(*CREATE, "--yes", *words).document["task_id"] != first["task_id"]


def test_inputs_count_by_content(real: SandboxService, ima: Ima, picture: Path, tmp_path: Path) -> None:
    """The same picture under another name is the same job; another picture is another."""
    wish = (*CREATE, "-t", "image_to_image", "-i")
    copy, other = tmp_path / "copy.png", tmp_path / "other.png"
    copy.write_bytes(picture.read_bytes())
    other.write_bytes(picture.read_bytes() + b"\0")
    first = ima(*wish, str(picture)).document["task_id"]
    assert ima(*wish, str(copy)).document["task_id"] == first
    assert ima(*wish, str(other)).document["task_id"] != first


def test_a_delivered_result_can_be_made_again(served: Served, ima: Ima) -> None:
    """Once it was printed, the same command is a new wish."""
    service = served()
    one, two = ima("create", PROMPT, "--json"), ima("create", PROMPT, "--json")
    assert one.document["task_id"] != two.document["task_id"]
    assert service.balance() == FULL - 10


def test_an_agent_must_consent(real: SandboxService, ima: Ima, fits: Fits, state: Path) -> None:
    """Above the threshold, without a terminal: a word or any cap; nothing is spent before."""
    caps(state, ask_above=4)
    error = must_fail(ima(*CREATE), fits, 4, "needs-consent")
    assert error["details"] == {"model": "SeeDream 4.5", "quoted": 5, "ask_above": 4}
    assert real.balance() == FULL
    assert ima(*CREATE, "--new", "--yes").code == 0
    assert ima(*CREATE, "--new", "--max-points", "5").code == 0
    assert ima(*CREATE, "--new", env={"IMA_MAX_POINTS": "5"}).code == 0
    assert ima(*CREATE, "--new", env={"IMA_DAILY_POINTS": "100"}).code == 0
    assert ima(*CREATE).code == 0  # under way already: nothing is spent, so nobody is asked


def test_what_is_brought_home_meanwhile_is_not_made_again(
    real: SandboxService, ima: Ima, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody was asked because the job was under way: then that task it is, whoever finishes it first."""
    from ima_skills.journal.router import Books

    caps(state, ask_above=4)
    first = ima(*CREATE, "--yes").document["task_id"]
    under_way = Books.under_way

    def finished(books: Books, job: Any, terms: Any) -> str | None:
        found = under_way(books, job, terms)
        if found:
            books.ended(found, "success", ())
            books.delivered(found)
        return found

    monkeypatch.setattr(Books, "under_way", finished)
    assert ima(*CREATE).document["task_id"] == first
    assert real.balance() == FULL - 5


@pytest.mark.parametrize(
    ("language", "words"), [("en", "costs 5 points. Go on?"), ("zh", "需要 5 积分，是否继续？")]
)
def test_a_person_is_asked(  # noqa: PLR0913, PLR0917 - the fixtures it needs
    language: str,
    words: str,
    real: SandboxService,
    ima: Ima,
    fits: Fits,
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a terminal there is a question; no means no, and ``--yes`` asks nothing."""
    caps(state, ask_above=4)
    monkeypatch.setattr("ima_skills.cli.output.Output.asks", lambda _: True)
    asked = ima(*CREATE, "--language", language, stdin="n\n")
    must_fail(asked, fits, 4, "declined")
    assert words in asked.err
    assert real.balance() == FULL
    agreed = ima(*CREATE, "--language", language, stdin="y\n")
    assert (agreed.code, real.balance()) == (0, FULL - 5)
    assert words not in ima(*CREATE, "--new", "--yes").err
    assert ima(*CREATE, "--new", stdin="").code == 130


def test_nobody_is_asked_for_play_money(quick_sandbox: None, ima: Ima, state: Path) -> None:
    """A sandbox costs nothing."""
    caps(state, ask_above=0)
    assert ima(*CREATE).code == 0


def test_the_daily_cap(real: SandboxService, ima: Ima, fits: Fits, state: Path) -> None:
    """All runs of a day together; the refusal says what is left, and the lower of the two limits counts."""
    caps(state, per_day=12)
    assert [ima(*CREATE, "--new").code for _ in range(2)] == [0, 0]
    error = must_fail(ima(*CREATE, "--new"), fits, 4, "over-daily-cap")
    assert (error["details"]["left"], error["details"]["cap"]) == (2, 12)
    assert "2 of today's 12" in error["message"]
    error = must_fail(ima(*CREATE, "--new", env={"IMA_DAILY_POINTS": "10"}), fits, 4, "over-daily-cap")
    assert error["details"]["left"] == 0
    assert real.balance() == FULL - 10


def test_the_cap_of_a_user(real: SandboxService, ima: Ima, fits: Fits, state: Path) -> None:
    """Each has its own; ``IMA_USER_ID`` names one too."""
    caps(state, per_user_per_day=5)
    assert ima(*CREATE, "--user-id", "ann").code == 0
    must_fail(ima(*CREATE, "--new", "--user-id", "ann"), fits, 4, "over-daily-cap")
    assert ima(*CREATE, env={"IMA_USER_ID": "bob"}).code == 0


@pytest.mark.parametrize(
    "text",
    [
        "[caps]\nper_day = -1",
        "[caps]\nper_dya = 5",
        "caps = 5",
        "[caps",
        "[caps]\nper_day = true",
        "\xff",
        "[capz]\nper_day = 1",
        "per_day = 1",
    ],
)
def test_limits_that_cannot_be_read(
    text: str, real: SandboxService, ima: Ima, fits: Fits, state: Path
) -> None:
    """Nothing is spent on a guess."""
    (state / "ima_config.toml").write_bytes(text.encode("latin-1"))
    must_fail(ima(*CREATE), fits, 2, "bad-caps")
    assert real.balance() == FULL


def test_a_bad_limit_in_the_environment(real: SandboxService, ima: Ima, fits: Fits) -> None:
    """The same for ``IMA_DAILY_POINTS``."""
    must_fail(ima(*CREATE, env={"IMA_DAILY_POINTS": "many"}), fits, 2, "bad-caps")
    assert real.balance() == FULL


def test_without_a_journal_nothing_is_spent(real: SandboxService, ima: Ima, fits: Fits, state: Path) -> None:
    """A file that cannot be made ends it before the create; ``IMA_NO_WRITE=1`` goes without, and leaves no file."""
    (state / "ima_journal.db").mkdir()
    error = must_fail(ima(*CREATE), fits, 6, "journal-unwritable")
    assert "IMA_NO_WRITE=1" in error["hint"]
    assert real.balance() == FULL
    (state / "ima_journal.db").rmdir()
    for name in (".ima_journal.lock",):
        (state / name).unlink()
    assert ima(*CREATE, env={"IMA_NO_WRITE": "1"}).code == 0
    assert real.balance() == FULL - 5
    assert not list(state.glob("*journal*"))


def test_a_cap_needs_a_journal(real: SandboxService, ima: Ima, fits: Fits, state: Path) -> None:
    """A limit that nobody can keep is no limit, so nothing is spent; what only reads goes on."""
    caps(state, per_day=100)
    none = {"IMA_NO_WRITE": "1"}
    must_fail(ima(*CREATE, env=none), fits, 6, "journal-unwritable")
    assert real.balance() == FULL
    must_fail(ima("tasks", "forget", "job_1", "--json", env=none), fits, 6, "no-journal")
    for words in (("tasks", "list"), ("tasks", "collect"), ("spend",)):
        assert ima(*words, "--json", env=none).code == 0
    assert not list(state.glob("*journal*"))


@pytest.mark.usefixtures("alone")
def test_trouble_after_acceptance_loses_no_task(
    real: SandboxService, ima: Ima, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up between the create and its verdict: the task is in the answer and on stderr."""

    def full(*_: Any) -> None:
        raise FaultError("the disk is full", code="journal-unwritable")

    monkeypatch.setattr("ima_skills.journal.record.FileRecord.accepted", full)
    ran = ima(*CREATE)
    assert ran.code == 0
    assert (
        f"task {ran.document['task_id']} is not touched by it, but something about it could not be" in ran.err
    )
    assert f"task {ran.document['task_id']} is created" in ran.err


def test_a_broken_journal_spends_nothing(real: SandboxService, ima: Ima, fits: Fits, state: Path) -> None:
    """What was spent and what is unknown cannot be known; reading says so, and a new one begins on demand only."""
    broken = state / "ima_journal.db"
    broken.write_bytes(b"garbage" * 1000)
    error = must_fail(ima(*CREATE), fits, 6, "journal-damaged")
    assert "tasks new-journal" in error["hint"]
    assert real.balance() == FULL
    for words in (("tasks", "list"), ("spend",), ("tasks", "collect")):
        ran = ima(*words)
        assert (ran.code, str(broken) in ran.err) == (0, True)
    assert broken.read_bytes() == b"garbage" * 1000
    ran = ima("tasks", "new-journal", "--json")
    fits("new_journal", ran.document)
    (kept,) = state.glob("ima_journal.db.corrupt-*")
    assert ran.document == {"kept": [str(kept)]}
    assert kept.read_bytes() == b"garbage" * 1000
    assert ima(*CREATE).code == 0
    assert ima("tasks", "new-journal", "--json").document == {"kept": []}


def test_what_was_spent_can_be_read_with_a_full_disk(real: SandboxService, ima: Ima, state: Path) -> None:
    """A folder that cannot be written keeps nobody from ids and receipts; IMA_NO_WRITE neither."""
    assert ima(*CREATE, "--no-wait").code == 0
    (state / ".ima_journal.lock").unlink()
    (state / ".ima_journal.lock").mkdir()  # stands for a folder that cannot be written, also for root
    for env in ({}, {"IMA_NO_WRITE": "1"}):
        assert len(ima("tasks", "list", "--json", env=env).document["tasks"]) == 1
        assert ima("spend", "--json", env=env).document["points"] == 5


def test_a_dry_run_leaves_no_trace(real: SandboxService, ima: Ima, state: Path) -> None:
    """It neither opens nor makes the journal."""
    assert ima(*CREATE[:3], "--dry-run").code == 0
    assert not list(state.rglob("*journal*"))


def test_no_prompt_and_no_key_in_any_file(real: SandboxService, ima: Ima, state: Path) -> None:
    """Unless the user wants the prompt kept; the key never is."""

    def found(word: str) -> list[Path]:
        files = (path for path in state.rglob("*") if path.is_file())
        return [path for path in files if word.encode() in path.read_bytes()]

    ima(*CREATE)
    assert found(PROMPT) == []
    ima(*CREATE, "--new", "--keep-prompts")
    assert found(PROMPT) != []
    assert found(real.options.api_key) == []
    prompts = [item["prompt"] for item in ima("tasks", "list", "--all", "--json").document["tasks"]]
    assert prompts == [PROMPT, None]


def test_list_and_forget(real: SandboxService, ima: Ima, fits: Fits) -> None:
    """What is under way is listed until it is forgotten; its receipt stays."""
    task_id = ima(*CREATE).document["task_id"]
    listed = ima("tasks", "list", "--json").document
    fits("tasks", listed)
    assert (listed["outstanding"], listed["unknown"]) == (1, 0)
    assert [(item["id"], item["state"], item["points"]) for item in listed["tasks"]] == [
        (task_id, "accepted", 5)
    ]
    assert task_id in ima("tasks", "list").out
    assert "tasks collect" in ima("tasks", "list").out
    assert "进行中" in ima("tasks", "list", "--language", "zh").out
    forgotten = ima("tasks", "forget", task_id, "--json").document
    fits("tasks", forgotten)
    assert forgotten["tasks"][0]["state"] == "forgotten"
    assert "tasks list --all" in ima("tasks", "list").out
    assert ima("tasks", "list", "--sandbox").out == "No jobs.\n"
    assert [item["id"] for item in ima("tasks", "list", "--all", "--json").document["tasks"]] == [task_id]
    assert ima("spend", "--json").document["points"] == 5
    assert ima("tasks", "list", "--all", "--sandbox", "--json").document["tasks"] == []


def test_forget_what_is_not_there(ima: Ima, fits: Fits) -> None:
    """An id that the journal does not know."""
    must_fail(ima("tasks", "forget", "task_nobody", "--json"), fits, 2, "not-in-journal")


@pytest.mark.usefixtures("alone")
def test_an_unknown_outcome(
    real: SandboxService, ima: Ima, fits: Fits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed, shown, counted beside the sum, and made again only with ``--resubmit`` or once forgotten."""
    from ima_skills.transport import SendError, Transport

    call = Transport.call

    async def lost(transport: Transport, method: str, url: str, **more: Any) -> Any:
        if url.endswith("tasks/create"):
            raise SendError("the line broke", left=True)
        return await call(transport, method, url, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Transport, "call", lost)
        first = must_fail(ima(*CREATE), fits, 7, "outcome-unknown")
    assert (first["details"]["points"], "--resubmit" in first["hint"]) == (5, True)
    again = must_fail(ima(*CREATE), fits, 7, "outcome-unknown")
    assert "5 points may have been charged" in again["message"]
    name = again["details"]["jobs"][0]
    assert name == "job_1"
    shown = ima("tasks", "show", name, "--json").document
    fits("tasks", shown)
    assert (shown["tasks"][0]["state"], shown["tasks"][0]["reason"]) == ("unknown", "the line broke")
    assert "UNKNOWN" in ima("tasks", "list").out
    spent = ima("spend", "--json").document
    assert (spent["points"], spent["unknown"]) == (0, {"points": 5, "jobs": ["job_1"]})
    assert "5 more may have been charged" in ima("spend").out
    assert real.balance() == FULL
    ima("tasks", "forget", name)
    assert (ima(*CREATE).code, real.balance()) == (0, FULL - 5)


def test_collect(served: Served, ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """Everything outstanding comes home, into the given folder or the one that the job was given."""
    served()
    first = ima(*CREATE, "--download", str(tmp_path / "own")).document["task_id"]
    second = ima(*CREATE, "-t", "text_to_video").document["task_id"]
    ran = ima("tasks", "collect", "--json")
    assert ran.code == 0, ran.out
    fits("collect", ran.document)
    told = {item["task_id"]: item for item in ran.document["tasks"]}
    assert list(told) == [first, second]
    assert told[first]["files"] == [str(tmp_path / "own" / f"{first}-1.png")]
    assert told[second]["files"] == []
    assert Path(told[first]["files"][0]).is_file()
    assert ima("tasks", "collect").out.startswith("Nothing is outstanding")
    third = ima(*CREATE).document["task_id"]
    assert f"{third}: done" in ima("tasks", "collect", "--download", str(tmp_path / "all")).out
    assert [path.stem for path in (tmp_path / "all").iterdir()] == [f"{third}-1"]


def test_collect_what_failed(served: Served, ima: Ima, fits: Fits) -> None:
    """A failed task is an answer too: exit code 1, its reason, and it is outstanding no more."""
    served(FAILED)
    ima(*CREATE)
    ran = ima("tasks", "collect", "--json")
    fits("collect", ran.document)
    assert (ran.code, ran.document["left"]) == (1, 0)
    assert ran.document["tasks"][0]["error"] == {"code": "job-failed", "message": "no luck"}
    assert ima("tasks", "collect").code == 0
    spent = ima("spend", "--sandbox", "--json").document
    assert spent["may_be_refunded"]["points"] == 5


def test_collect_what_is_not_done(served: Served, ima: Ima, fits: Fits) -> None:
    """What still runs stays outstanding: exit code 5."""
    served(speed=1.0)
    task_id = ima(*CREATE).document["task_id"]
    ran = ima("tasks", "collect", "--deadline", "0.2", "--json")
    fits("collect", ran.document)
    assert (ran.code, ran.document["left"]) == (5, 1)
    assert ran.document["tasks"][0]["error"]["code"] == "deadline"
    assert f"{task_id}: not finished" in ima("tasks", "collect", "--deadline", "0.2").out


def test_collect_names_what_lies_elsewhere(served: Served, ima: Ima, fits: Fits) -> None:
    """A task of another service is not asked for here, and not forgotten."""
    served(speed=1.0)
    ima(*CREATE)
    served()
    ran = ima("tasks", "collect", "--json")
    fits("collect", ran.document)
    assert (ran.code, ran.document["tasks"], ran.document["elsewhere"]) == (0, [], 1)
    assert "1 more at another service" in ima("tasks", "collect").out


def test_collect_in_the_sandbox(quick_sandbox: None, ima: Ima, fits: Fits) -> None:
    """The sandbox of this process has outstanding tasks of its own."""
    task_id = ima(*CREATE).document["task_id"]
    document = ima("tasks", "collect", "--json").document
    fits("collect", document)
    assert [(item["task_id"], item["sandbox"]) for item in document["tasks"]] == [(task_id, True)]


def test_waiting_hands_over(served: Served, ima: Ima) -> None:
    """After ``tasks wait`` has printed it, nothing is outstanding."""
    served()
    task_id = ima(*CREATE).document["task_id"]
    waited = ima("tasks", "wait", task_id, "--json").document
    assert (waited["credit"], waited["version_id"] is not None) == (5, True)
    assert ima("tasks", "list", "--sandbox", "--json").document["outstanding"] == 0


def test_waiting_needs_no_journal(served: Served, ima: Ima, state: Path) -> None:
    """A journal that cannot be read keeps nobody from a task that was paid for."""
    served()
    task_id = ima(*CREATE).document["task_id"]
    book = state / "ima_sandbox" / "journal.db"
    for path in book.parent.glob("journal.db*"):
        path.unlink()
    book.mkdir()
    ran = ima("tasks", "wait", task_id, "--json")
    assert (ran.code, ran.document["status"]) == (0, "success")
    assert "cannot be kept" in ran.err


def test_spend(real: SandboxService, ima: Ima, fits: Fits) -> None:
    """By model, day and user; since a date or for days."""
    ima(*CREATE, "--user-id", "ann")
    ima(*CREATE, "--user-id", "bob", "-n", "2")
    groups = {}
    for by in ("model", "day", "user"):
        document = ima("spend", "--by", by, "--since", "7d", "--json").document
        fits("spend", document)
        assert (document["points"], document["jobs"], document["sandbox"]) == (15, 2, False)
        groups[by] = [(group["name"], group["points"], group["jobs"]) for group in document["groups"]]
    assert groups["model"] == [("SeeDream 4.5", 15, 2)]
    assert groups["user"] == [("ann", 5, 1), ("bob", 10, 1)]
    assert len(groups["day"]) == 1
    assert ima("spend", "--since", "2999-01-01", "--json").document["points"] == 0
    assert "15 points, 2 jobs" in ima("spend", "--by", "user").out
    assert "共 15 积分" in ima("spend", "--language", "zh").out


@pytest.mark.parametrize("since", ["yesterday", "0d", "2026-13-01", "99999d9", ""])
def test_a_date_that_is_none(since: str, ima: Ima, fits: Fits) -> None:
    """It is said how to write one; an empty one is none given."""
    ran = ima("spend", "--since", since, "--json")
    if since:
        must_fail(ran, fits, 2, "bad-date")
    else:
        fits("spend", ran.document)


def test_play_money_stays_apart(quick_sandbox: None, ima: Ima, state: Path) -> None:
    """A sandbox's job is in the sandbox's journal, and goes when the sandbox is reset."""
    ima(*CREATE)
    assert not (state / "ima_journal.db").exists()
    assert json.loads(ima("spend", "--json").out)["points"] == 5
    assert "no points were spent" in ima("spend").out
    ima("sandbox", "reset")
    assert ima("spend", "--json").document["points"] == 0
