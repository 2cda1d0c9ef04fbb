"""Run the lines of a batch on one client."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ima_skills.batch import Line, PoolExecutor, ResultFile, Tally, failure, stops_everything
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
    lost: Callable[[ImaError], None] | None = None
    tally: Tally = field(factory=lambda: Tally(0))
    _reserved: int = field(default=0, init=False)
    _begun: set[str] = field(factory=set, init=False)

    async def run(self, lines: Sequence[Line], concurrency: int) -> Tally:
        """Do every line that has no final result yet.

        Args:
            lines: The whole file.
            concurrency: Most lines at once, unless a plugin brings its own executor.

        Returns:
            The tally; a line that fails never stops the others, but a rejected key, an empty account
            and a cap stop further lines from being begun.
        """
        left = [line for line in lines if line.mark not in self.results.done]
        earlier = self._earlier(lines)
        self.tally.total, self.tally.done = len(lines), len(lines) - len(left)
        self.tally.failed = sum(result["status"] != "success" for result in earlier)
        executor = self.client.plugins.batch_executor(concurrency) or PoolExecutor(concurrency)
        await executor.run(left, self._one)
        return self.tally

    def _earlier(self, lines: Sequence[Line]) -> list[Mapping[str, Any]]:
        return [self.results.done[line.mark] for line in lines if line.mark in self.results.done]

    async def _one(self, line: Line) -> None:
        if self.tally.stopped is not None:
            return  # without a result, so that the next run does it
        if line.mark in self._begun:
            return  # an executor of somebody's hands lines over, and none is made twice because of it
        self._begun.add(line.mark)
        try:
            result = await self._made(line)
        except ImaError as error:
            self._failed(line, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs one line, and the journal has its task
            self._failed(line, FaultError(f"something went wrong: {type(error).__name__}", code="internal"))
        else:
            document = {"id": line.id, "line": line.number, "mark": line.mark, **self.describe(result)}
            self._ended(line, document, result.task_id)

    async def _made(self, line: Line) -> Result:
        if line.error is not None:
            raise line.error
        if line.request is None:
            raise AssertionError("a line without request has an error")
        prepared = await self.client.prepare(line.request)
        terms, total = self._terms(line), prepared.quote.total
        held = 0 if await self._is_paid(prepared, terms) else self._reserve(prepared)

        def hear(event: Event) -> None:
            nonlocal held
            if isinstance(event, Created | Reattached):
                # At once: whoever interrupts us is told how many tasks go on, and what was spent.
                self.tally.under_way += 1
                self.tally.points += total if isinstance(event, Created) else 0
                self._reserved, held = self._reserved - held, 0

        try:
            return await self.client.finish(prepared, download=self.media, on_event=hear, terms=terms)
        finally:
            self._reserved -= held

    async def _is_paid(self, prepared: Prepared, terms: Terms) -> bool:
        """Whether an earlier run has created a line's task: to wait for it costs nothing, whatever the cap."""
        if self.max_points is None:
            return False
        engine = self.client.engine
        return engine.journal.under_way(await job_of(engine, prepared, terms), terms) is not None

    def _terms(self, line: Line) -> Terms:
        from attrs import evolve

        folder = str(self.media) if self.media else ""
        # Two equal lines are two jobs: the slot tells them apart, and finds each again.
        return evolve(
            self.terms, slot=f"{self.results.path.resolve()}:{line.mark}", holds=True, folder=folder
        )

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
        document = failure(line, error)
        if stops_everything(error):
            self.tally.stopped = self.tally.stopped or error
        self.tally.exits.append(error.exit_code)
        self._ended(line, document, error.task_id)

    def _ended(self, line: Line, document: Mapping[str, Any], task_id: str | None) -> None:
        try:
            self.results.write(document)
        except OSError as error:
            self.tally.stopped = _unwritable(self.results.path, error)
            return  # not handed over: the next run finds the task in the journal
        final = line.mark in self.results.done
        if final:
            self.tally.done += 1
            self.tally.failed += document["status"] != "success"
        if task_id and final:
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
