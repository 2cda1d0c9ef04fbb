"""Run the lines of a batch on one client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from ima_skills.batch import Line, PoolExecutor, Tally, failure, head, sent_before, stops_everything
from ima_skills.batch_results import ResultFile
from ima_skills.booking import job_of
from ima_skills.client import ImaClient
from ima_skills.domain.event import Created, Reattached
from ima_skills.domain.task import Result
from ima_skills.errors import FaultError, ImaError, PointsError
from ima_skills.recording import Terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.event import Event
    from ima_skills.preparing import Prepared

Told = Callable[[Tally], None]
_LASTING = ("open", "unknown")


@define
class BatchRun:
    """One run over a jobs file.

    Attributes:
        client: Makes things; its journal finds what an earlier run has begun.
        results: Where results go.
        describe: A result as its JSON document.
        told: Hears of every line that ends.
        max_points: Most points that this run may spend.
        media: Folder for media files; None leaves them at the service.
        terms: How the journal is to treat every line.
        guard: Called before a line that may cost, when the service is known; raises what forbids to spend.
        lost: Hears what ended a line that did not work, for a log.
        tally: How far it is.
    """

    client: ImaClient
    results: ResultFile
    describe: Callable[[Result], dict[str, Any]]
    told: Told
    max_points: int | None = None
    media: Path | None = None
    terms: Terms = field(factory=Terms)
    guard: Callable[[], None] | None = None
    lost: Callable[[ImaError], None] | None = None
    tally: Tally = field(factory=lambda: Tally(0))
    _reserved: int = field(default=0, init=False)
    _begun: set[str] = field(factory=set, init=False)
    _tasks: dict[str, str] = field(factory=dict, init=False)
    _contents: dict[str, str] = field(factory=dict, init=False)

    async def run(self, lines: Sequence[Line], concurrency: int) -> Tally:
        """Do every line that has no final result yet.

        Args:
            lines: The whole file.
            concurrency: Most lines at once, unless a plugin brings its own executor.

        Returns:
            The tally; a line that fails never stops the others, but a rejected key, an empty account, a cap and
            a journal that cannot be kept stop further lines from being begun.
        """
        left = [line for line in lines if not self.results.is_final(line)]
        made = [line for line in lines if self.results.is_final(line)]
        self.tally.total, self.tally.done = len(lines), len(made)
        self.tally.failed = sum(self.results.rows[line.mark]["status"] != "success" for line in made)
        self.tally.stale = [line for line in made if self.results.is_stale(line)]
        executor = self.client.plugins.batch_executor(concurrency) or PoolExecutor(concurrency)
        await executor.run(left, self._one)
        return self.tally

    async def _one(self, line: Line) -> None:
        if self.tally.stopped is not None:
            return  # without a result, so that the next run does it
        if line.mark in self._begun:
            return  # an executor of somebody's hands lines over, and none is made twice because of it
        self._begun.add(line.mark)
        try:
            result = await self._made(line)
            document = {**self._head(line), **self.describe(result)}
        except ImaError as error:
            self._failed(line, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs one line, and the journal has its task
            self._failed(line, FaultError(f"something went wrong: {type(error).__name__}", code="internal"))
        else:
            self._ended(line, document)

    async def _made(self, line: Line) -> Result:
        if line.error is not None:
            raise line.error
        if line.request is None:
            raise AssertionError("a line without request has an error")
        prepared = await self.client.prepare(line.request)
        terms, held = self._terms(line), 0
        if not await self._is_paid(prepared, terms):
            if self.guard is not None:
                self.guard()
            with self.client.engine.preparer.thrifty(prepared):
                held = self._reserve(prepared)

        def hear(event: Event) -> None:
            nonlocal held
            if isinstance(event, Created | Reattached):
                # At once: whoever interrupts us is told how many tasks go on, and what was spent.
                self.tally.under_way += 1
                self._tasks[line.mark] = event.task_id
                if isinstance(event, Reattached):
                    self._contents[line.mark] = self._content_of(line, event.task_id, terms)
                self._reserved, held = self._reserved - held, 0
            if isinstance(event, Created):
                self.results.charged[event.task_id] = event.points
                self.tally.points += event.points

        try:
            result = await self.client.finish(prepared, download=self.media, on_event=hear, terms=terms)
        finally:
            self._reserved -= held
        news = tuple(change for change in result.changes if change not in prepared.changes)
        if news:
            self.tally.reduced.append((line, news))
        return result

    def _content_of(self, line: Line, task_id: str, terms: Terms) -> str:
        """Return the digest of the text that a task was made from; empty when it was another one than now."""
        before = self.results.rows.get(line.mark, {})
        if before.get("task_id") == task_id:
            return str(before.get("content", line.content))
        with suppress(FaultError):  # then nobody can say
            journal, plays = self.client.engine.journal, self.client.engine.service.sandbox_speed is not None
            found = journal.standing(terms.alias, sandbox=plays)
            return line.content if found and found.task_id == task_id else ""
        return line.content

    def _head(self, line: Line) -> dict[str, Any]:
        return head(line) | {"content": self._contents.get(line.mark, line.content)}

    async def _is_paid(self, prepared: Prepared, terms: Terms) -> bool:
        """Whether an earlier run has created a line's task: to wait for it costs nothing, whatever the cap."""
        if self.max_points is None or terms.task_id:
            return bool(terms.task_id)
        engine = self.client.engine
        return engine.journal.under_way(await job_of(engine, prepared, terms), terms) is not None

    def _terms(self, line: Line) -> Terms:
        """Return how the journal is to treat a line, with what earlier runs have written down of it.

        Raises:
            OutcomeUnknownError: It may have been paid for, and only the results file knows of that.
        """
        engine = self.client.engine
        base_url, plays = engine.service.settings.base_url, engine.service.sandbox_speed is not None
        # The folder may be moved and belongs to somebody; the batch stays the batch.
        slot = f"batch:{base_url}:{self.results.batch}:{line.mark}"
        terms = evolve(
            self.terms,
            slot=slot,
            alias=f"{slot}:{line.content}",
            over=self.results.over.get(line.mark, ""),
            place=f"{self.results.path.resolve()}:{line.mark}",
            holds=True,
            folder=str(self.media) if self.media else "",
        )
        before = self.results.rows.get(line.mark, {})
        status, task_id = before.get("status"), str(before.get("task_id") or "")
        if status not in _LASTING or engine.journal.standing(terms.slot, sandbox=plays):
            return terms  # what the journal knows of it is newer, or as new
        if task_id:
            return evolve(terms, task_id=task_id)
        if not terms.resubmit:
            raise sent_before("this line", line=line.number)
        return terms

    def _reserve(self, prepared: Prepared) -> int:
        total, spent = prepared.quote.total, self.tally.points + self._reserved
        if self.max_points is not None and spent + total > self.max_points:
            raise PointsError(
                f"this line costs {total} points, and {self.max_points - spent} of {self.max_points} are left.",
                code="over-cap",
                hint="Raise --max-points and run the same command again; finished lines are not run twice.",
                details={"quoted": total, "left": self.max_points - spent},
            )
        self._reserved += total
        return total

    def _failed(self, line: Line, error: ImaError) -> None:
        if self.lost is not None:
            self.lost(error)
        if stops_everything(error):
            self.tally.stopped = self.tally.stopped or error
        self.tally.exits.append(error.exit_code)
        # Whatever went wrong after its create, a line has its task.
        error.task_id = error.task_id or self._tasks.get(line.mark)
        credit = self.results.charged.get(error.task_id or "")
        document = failure(line, error, credit, saves=self.media is not None) | self._head(line)
        before = self.results.rows.get(line.mark, {})
        if not error.task_id and document["status"] != "unknown" and before.get("status") in _LASTING:
            # What was, or may have been, paid for stays so until its verdict.
            document |= {name: before.get(name) for name in ("status", "task_id", "credit")}
        self._ended(line, document, error)

    def _ended(self, line: Line, document: Mapping[str, Any], error: ImaError | None = None) -> None:
        try:
            self.results.write(document)
        except OSError as trouble:
            self.tally.stopped = _unwritable(self.results.path, trouble)
            return  # not handed over: the next run finds the task in the journal
        if document["status"] in ("success", "failed"):
            self.tally.done += 1
            self.tally.failed += document["status"] != "success"
            if document["status"] == "success" and self.results.is_stale(line):
                self.tally.stale.append(line)
        elif error is not None:
            self.tally.hold(error)
        task_id = document.get("task_id")
        if task_id and self.results.is_final(line) and not (error and "outstanding" in error.details):
            # The result is in the file, which is what counts; at worst the journal keeps the task as open.
            with suppress(FaultError):
                self.client.engine.journal.delivered(task_id)
        self.told(self.tally)


def _unwritable(path: Path, error: OSError) -> FaultError:
    return FaultError(
        f"{path.name} cannot be written: {error.strerror or type(error).__name__}",
        code="results-unwritable",
        hint="Nothing is lost: make room and run the same command again.",
    )


def exit_code(tally: Tally) -> int:
    """Return the exit code of a run: what stopped it, else the gravest of its lines.

    0 all done · 7 an outcome is unknown · 5 tasks are still running · 1 lines have failed.
    """
    if tally.stopped is not None:
        return tally.stopped.exit_code
    for code in (7, 6, 5):
        if code in tally.exits:
            return code
    return 1 if tally.failed or tally.done < tally.total else 0
