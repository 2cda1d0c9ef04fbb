"""Printing: widths, encodings, progress, closed pipes."""

from __future__ import annotations

import io
import json
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.cli import progress
from ima_skills.cli.layout import padded, pairs, shortened, span, table, width
from ima_skills.cli.output import Output, ReaderGoneError
from ima_skills.cli.progress import Bars, Lines, describe, open_board
from ima_skills.cli.sentences import merged
from ima_skills.cli.texts import TEXTS as SHARED
from ima_skills.cli.texts import say
from ima_skills.cli.wording import plain, setting, size
from ima_skills.domain.event import (
    Created,
    Downloaded,
    Event,
    Finished,
    JournalTrouble,
    ModelChosen,
    PollTrouble,
    Progressed,
    Quoted,
    Reattached,
    Reflected,
    Uploaded,
)
from ima_skills.domain.product import CreditRule
from ima_skills.domain.request import Quote
from ima_skills.domain.task import Result

if TYPE_CHECKING:
    from ima_skills.clock import FakeClock

TEXTS = {**SHARED, **merged("TEXTS")}
RESULT = Result("t", "text_to_image", "success", (), "m", "M", "v", 5, {}, (), 1.0, sandbox=True)
QUOTED = Quoted("text_to_image", "SeeDream 4.5", "v", Quote(CreditRule(1, 5), 2), (20.0, 40.0), ())
EVENTS: tuple[Event, ...] = (
    ModelChosen("text_to_image", "m", "SeeDream 4.5", "explicit"),
    ModelChosen("text_to_image", "m", "SeeDream 4.5", "saved"),
    ModelChosen("text_to_image", "m", "SeeDream 4.5", "knowledge"),
    ModelChosen("text_to_image", "m", "SeeDream 4.5", "default"),
    QUOTED,
    Uploaded(0, 2),
    Created("task_1", 1),
    Reattached("task_1"),
    JournalTrouble("task_1", "the disk is full"),
    Reflected(1, "service-fault", "one step smaller", ()),
    Progressed("task_1", 12.4, 31, 0, 1),
    Progressed("task_1", 12.4, 31, 1, 2),
    PollTrouble("task_1", "no answer came back"),
    PollTrouble("task_1", "no answer came back", "network", 2, 5.0, 595.0),
    Downloaded("task_1", 0, "out/x.png", 5),
    Finished(RESULT),
)


@given(st.text())
def test_padding_reaches_the_width(text: str) -> None:
    """Whatever the characters, a padded text fills its column and a shortened one fits it."""
    assert width(padded(text, 30)) == max(30, width(text))
    assert width(shortened(text, 7)) <= 7


def test_widths_of_characters() -> None:
    """Chinese characters are two cells wide, combining marks none."""
    assert [width(text) for text in ("ab", "万", "e\u0301", "，", "")] == [2, 2, 1, 2, 0]
    assert shortened("万万万万", 5) == "万万…"


def test_columns() -> None:
    """The last column is not padded; a pair without value is left out."""
    assert list(table(("模型", "b"), (("x", "yy"),))) == ["模型  b", "x     yy"]
    assert list(pairs((("a", "1"), ("none", ""), ("bbb", "2")), 1)) == [" a    1", " bbb  2"]


def test_figures() -> None:
    """Spans, sizes, seconds and settings as people write them."""
    assert [span(5, 5), span(25, 120), span(None, 1)] == ["5", "25-120", "-"]
    assert [size(10), size(2048), size(3 << 20)] == ["10 B", "2 KiB", "3.0 MiB"]
    assert [plain(0.34), plain(12.6)] == ["0.3", "13"]
    assert setting({"a": True, "b": "", "c": None, "d": 5, "e": {"x": 1}}) == 'a true, d 5, e {"x": 1}'


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_has_a_line(event: Event, language: str) -> None:
    """Whatever happens is told in both languages; Chinese lines hold no English sentence."""
    line = describe(event, Output(language))
    assert line
    assert (line.isascii()) == (language == "en")


def test_estimates_are_in_the_listeners_seconds() -> None:
    """A sandbox that runs sixty times as fast says so in its estimates."""
    assert "10 points, about 20 to 40 s" in describe(QUOTED, Output())
    assert "about 0.3 to 0.7 s" in describe(QUOTED, Output(), 60.0)


def test_lines_are_sparse(fake_clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    """Steps are told at once, progress and trouble no oftener than the pause."""
    tell = Lines(Output(), fake_clock.monotonic).job("kite", 15)
    told = []
    for _ in range(20):
        tell(Progressed("t", 0, 0, 0, 1))
        tell(PollTrouble("t", "no answer"))
        fake_clock.jump(2)
        told += capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert all(line.startswith("kite: ") for line in told)
    tell(Created("t", 1))
    assert capsys.readouterr().err == "kite: task t is created\n"


def test_an_outage_is_told_at_once(fake_clock: FakeClock, capsys: pytest.CaptureFixture[str]) -> None:
    """From the second failed look on: since when, until when, and that nothing is lost; repeated at the usual pace."""
    tell = Lines(Output(), fake_clock.monotonic, flags=" --sandbox").job("", 15)
    told = []
    for count in range(1, 9):
        tell(PollTrouble("t", "no answer", "network", count, 5.0 * (count - 1), 600.0))
        fake_clock.jump(5)
        told.append(capsys.readouterr().err.strip())
    assert [bool(line) for line in told] == [False, True, False, False, True, False, False, True]
    pattern = r"no answer: 2 looks in a row have failed since (..:..:..), and it goes on until (..:..:..)\..*"
    found = re.fullmatch(pattern, told[1])
    assert found
    since, until = (datetime.strptime(moment, "%H:%M:%S").replace(tzinfo=UTC) for moment in found.groups())
    assert 604 <= (until - since).total_seconds() % 86400 <= 606
    assert told[1].endswith("can be collected later: ima-skills tasks wait t --sandbox")


def test_an_agent_host_hears_of_an_outage_once(
    fake_clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """It keeps the last words of a command: one line, and none about progress."""
    tell = Lines(Output(), fake_clock.monotonic, hushed=True).job("", 15)
    for count in range(1, 9):
        tell(PollTrouble("t", "no answer", "network", count, 5.0 * count, 600.0))
        tell(Progressed("t", 0, 0, 0, 1))
        fake_clock.jump(20)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_lines_of_a_fast_sandbox_keep_a_pause(
    fake_clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """However fast its time runs, a second passes between two lines."""
    tell = Lines(Output(), fake_clock.monotonic, 1000.0).job("", 15)
    for _ in range(10):
        tell(Progressed("t", 0, 0, 0, 1))
        fake_clock.jump(0.2)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_bars_on_a_terminal(monkeypatch: pytest.MonkeyPatch, fake_clock: FakeClock) -> None:
    """With rich and somebody watching, progress is a live bar on stderr."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with open_board(Output(), fake_clock.monotonic) as board:
        assert isinstance(board, Bars)
        tell = board.job("", 15)
        for event in EVENTS:
            tell(event)
        (task,) = board._progress.tasks
        assert (task.description, task.completed) == ("SeeDream 4.5", 100)


def test_bars_do_not_repeat_an_outage(
    monkeypatch: pytest.MonkeyPatch, fake_clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Under a live bar it is told at the second failed look, and then about once a minute."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    told = []
    with open_board(Output(), fake_clock.monotonic, None, " --sandbox") as board:
        tell = board.job("", 15)
        capsys.readouterr()
        for count in range(1, 25):
            tell(PollTrouble("t", "no answer", "network", count, 5.0 * count, 600.0))
            if "no answer" in capsys.readouterr().err:
                told.append(count)
    assert told == [1, 2, 12, 24]


def test_lines_without_rich(monkeypatch: pytest.MonkeyPatch, fake_clock: FakeClock) -> None:
    """Without the extra a terminal gets lines too."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "find_spec", lambda _: None)
    with open_board(Output(), fake_clock.monotonic) as board:
        assert isinstance(board, Lines)


class _Ascii(io.TextIOWrapper):
    """A stream that knows no Chinese."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="ascii")

    def written(self) -> str:
        self.flush()
        buffer = self.buffer
        assert isinstance(buffer, io.BytesIO)
        return buffer.getvalue().decode("ascii")


def test_a_stream_without_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON stays JSON, and text is escaped instead of failing after a paid job."""
    stream = _Ascii()
    monkeypatch.setattr(sys, "stdout", stream)
    output = Output("zh", as_json=True)
    output.document({"title": "风筝"}, ())
    assert json.loads(stream.written()) == {"title": "风筝"}
    Output("zh").document({}, ["风筝"])
    assert "\\u98ce\\u7b5d" in stream.written()


class _Closed(io.StringIO):
    def write(self, text: str) -> int:
        raise BrokenPipeError


def test_a_closed_stdout_is_told_and_a_closed_stderr_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody reads the answer: the command ends. Nobody reads the progress: a paid job goes on."""
    monkeypatch.setattr(sys, "stdout", _Closed())
    with pytest.raises(ReaderGoneError):
        Output().text("x")
    monkeypatch.setattr(sys, "stderr", _Closed())
    Output().aside("x")


def test_both_languages_fill_the_same_gaps() -> None:
    """Every text has the same placeholders in both languages, and is really in its language."""
    from string import Formatter

    def gaps(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, (english, chinese) in TEXTS.items():
        assert gaps(english) == gaps(chinese), key
        assert not any("\u4e00" <= character <= "\u9fff" for character in english), key
        # What is typed or filled in is the same in every language.
        words = re.sub(r"\{\w+\}|pip install \S+", "", english)
        assert english != chinese or not words, key


def test_say_falls_back_to_english() -> None:
    """Any language but Chinese is spoken to in English."""
    assert say("fr", "status.success") == say("en", "status.success") == "done"
    values: dict[str, Any] = {"points": 3}
    assert say("zh", "sandbox.balance", **values) == "剩余 3 积分"
