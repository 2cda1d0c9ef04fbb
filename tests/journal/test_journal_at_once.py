"""Many processes and threads at the same journal."""

from __future__ import annotations

import multiprocessing
import threading
from typing import TYPE_CHECKING, Any

from ima_skills.clock import FakeClock
from ima_skills.errors import PointsError
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Terms

if TYPE_CHECKING:
    from collections.abc import Callable


def test_two_processes_and_one_wish(bench: Any) -> None:
    """Exactly one of many processes that ask at once gets the row; the file is made by whoever is first."""
    answers = _processes(bench, ["same"] * 6, 1000)
    assert sorted(answers) == ["Busy"] * 5 + ["FileRecord"]


def test_many_processes_and_one_cap(bench: Any) -> None:
    """Of wishes for twice as many points as the cap has, exactly as many pass as fit."""
    answers = _processes(bench, [str(number) for number in range(8)], 45)
    assert sorted(answers) == ["FileRecord"] * 4 + ["over-daily-cap"] * 4


def _processes(bench: Any, marks: list[str], cap: int) -> list[str]:
    """Let processes open jobs at the same moment and return what each was told; all live to the end."""
    context = multiprocessing.get_context("fork")
    signals = start, end, answers = context.Event(), context.Event(), context.Queue()
    running = [context.Process(target=_ask, args=(bench, mark, cap, signals)) for mark in marks]
    for process in running:
        process.start()
    start.set()
    told = [answers.get(timeout=20) for _ in running]
    end.set()
    for process in running:
        process.join(20)
    return told


def _ask(bench: Any, mark: str, cap: int, signals: Any) -> None:
    start, end, answers = signals
    start.wait(20)
    journal = FileJournal(bench.path, clock=FakeClock(), caps=Caps(per_day=cap), warn=print)
    try:
        answers.put(type(journal.open(bench.job(mark, 10), Terms())).__name__)
    except PointsError as error:
        answers.put(error.name)
    end.wait(20)
    journal.close()


def test_twenty_threads_and_one_cap(bench: Any) -> None:
    """The same inside one process, over one connection."""
    journal = bench.open(per_day=70)
    told: list[str] = []

    def ask(number: int) -> None:
        try:
            told.append(type(bench.begin(journal, str(number))).__name__)
        except PointsError as error:
            told.append(error.name)

    _at_once(ask, 20)
    assert sorted(told) == ["FileRecord"] * 7 + ["over-daily-cap"] * 13
    assert sum(item.points for item in journal.entries()) == 70


def _at_once(work: Callable[[int], None], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
