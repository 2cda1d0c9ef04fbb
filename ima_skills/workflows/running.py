"""Run a plan: independent steps at the same time, each paid once, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

from ima_skills.batch import Tally, sent_before, status_of, stops_everything
from ima_skills.client import ImaClient
from ima_skills.domain.event import Created, ModelChosen, Quoted, Reattached
from ima_skills.domain.problem import Change
from ima_skills.errors import FaultError, ImaError
from ima_skills.file_rules import user_path
from ima_skills.journal.owner import this_process
from ima_skills.recording import Terms
from ima_skills.workflows.checking import must_be_agreed
from ima_skills.workflows.digest import plan_hash, step_key
from ima_skills.workflows.lengths import measured_length, wanted_length
from ima_skills.workflows.making import must_be_as_priced, outputs_of, sources_of
from ima_skills.workflows.outlook import contents, outlook
from ima_skills.workflows.plan import Plan
from ima_skills.workflows.run_record import Agreement, RunRecord, StepRun
from ima_skills.workflows.store import PlanStore

if TYPE_CHECKING:
    from ima_skills.domain.event import Event
    from ima_skills.domain.task import Result
    from ima_skills.workflows.plan import Price, PricedStep

# Our choice, as for batches: more at once would only queue up at the service.
AT_ONCE = 8
Listener = Callable[["Event"], None]
_NOT_SETTLED = ("intent", "sending", "unknown")


@define
class WorkflowRun:
    """One run over a plan.

    Attributes:
        client: Makes things; its journal finds what an earlier run has begun.
        plan: What was agreed to.
        store: Where the record is kept.
        record: What earlier runs have left, brought up to date here.
        listener: From a step's id and the seconds between lines about it to who hears its events.
        told: Hears what became of a step, and in which state: those of a step run, and ``reused``.
        terms: How the journal is to treat every step.
        resubmit: Steps that may be sent once more although their outcome is unknown.
        outcomes: Step id to its state at the end of this run.
        tally: How far it is.
    """

    client: ImaClient
    plan: Plan
    store: PlanStore
    record: RunRecord
    listener: Callable[[str, float], Listener]
    told: Callable[[str, str], None]
    terms: Terms = field(factory=Terms)
    resubmit: frozenset[str] = frozenset()
    outcomes: dict[str, str] = field(factory=dict, init=False)
    tally: Tally = field(factory=lambda: Tally(0), init=False)
    _agreement: Agreement = field(factory=lambda: Agreement(0), init=False)
    _begun: set[str] = field(factory=set, init=False)
    _found: set[str] = field(factory=set, init=False)
    _tasks: dict[str, asyncio.Task[None]] = field(factory=dict, init=False)
    _gate: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(AT_ONCE), init=False)

    async def run(self) -> Tally:
        """Make every step that is not made yet.

        A step that fails stops only those that need it; a rejected key, an empty account, a cap and a record
        that cannot be written stop further steps from being begun.

        Returns:
            The tally of this run.

        Raises:
            PointsError: ``over-agreed``: more would be spent than was agreed to; nothing was sent.
            FaultError: The record cannot be written; nothing was sent.
        """
        self.tally = Tally(len(self.plan.steps))
        left = sum(step.points for step in outlook(self.plan, self.record).values())
        self._agreement = must_be_agreed(self.plan, self.record, left)
        self.record.plan_hash, self.record.owner = plan_hash(self.plan), this_process()
        self.record.began = self.record.began or self._now()
        self._save()
        try:
            async with asyncio.TaskGroup() as group:
                for item in self.plan.steps:
                    self._tasks[item.id] = group.create_task(self._step(item))
        finally:
            self.record.owner = None
            with suppress(FaultError):  # whoever reads it finds that this process is gone
                self._save()
        return self.tally

    async def _step(self, item: PricedStep) -> None:
        for name in item.step.needs:
            await self._tasks[name]
        if any(self.outcomes[name] not in ("success", "reused") for name in item.step.needs):
            self._end(item, "waiting")
            return
        price = item.price_for(self._length(item))
        key, before = step_key(item, price, contents(item, self.record)), self.record.steps.get(item.id)
        if before is not None and before.state == "success" and before.key == key:
            self.tally.done += 1
            self._end(item, "reused")
            return
        async with self._gate:
            if self.tally.stopped is not None:
                self._end(item, "not-sent")
                return
            await self._attempt(item, price, key)

    async def _attempt(self, item: PricedStep, price: Price, key: str) -> None:
        before = self.record.steps.get(item.id)
        try:
            if before is not None and self._is_unsettled(item, before, key):
                key = before.key  # what was sent is what the record goes on to tell of
                raise sent_before("this step", began=before.began)  # noqa: TRY301 - ended as whatever else ends it
            await self._make(item, price, key)
        except ImaError as error:
            self._failed(item, key, error)
        except Exception as error:  # noqa: BLE001 - a fault of ours costs one step, and the journal has its task
            fault = FaultError(f"something went wrong: {type(error).__name__}", code="internal")
            self._failed(item, key, fault)

    def _is_unsettled(self, item: PricedStep, before: StepRun, key: str) -> bool:
        """Whether a step may have been accepted, and the journal will not say so by itself.

        It does not when it knows nothing of the step any more, and when the step has another form by now.
        """
        if not before.is_lost or item.id in self.resubmit:
            return False
        journal = self.client.engine.journal
        known = journal.standing(self._slot(item, before.key), sandbox=self.plan.sandbox)
        return known is None or (before.key != key and known.state in _NOT_SETTLED)

    async def _make(self, item: PricedStep, price: Price, key: str) -> None:
        spare = self.store.folder / f"{self.plan.id}.files" / "again"
        sources = await sources_of(item, self.plan, self.record, self.client, spare)
        request = item.step.request(sources, self.plan.language, price.asked)
        prepared = await self.client.prepare(request, fix=item.step.fix)
        before = self.record.steps.get(item.id)
        known = before.task_id if before and before.key == key else None
        attends = bool(known and before and before.is_under_way)
        if not attends:  # what was accepted already is waited for, whatever the list says today
            must_be_as_priced(prepared, price)
        leaf = (price.model_id, price.model_name, price.version_id)
        paid = (known, before.points) if attends and before else (None, 0)
        begun = StepRun("running", key, *paid, *leaf, began=self._now())
        kind = self.client.engine.task_type(item.step.task_type)
        hear = self.listener(item.id, kind.progress_s)
        terms = self._terms(item, key)
        terms = evolve(terms, task_id=known or "") if attends else evolve(terms, over=known or "")
        result = await self.client.finish(
            prepared,
            download=self.record.folder,
            on_event=lambda event: self._heard(item, event, begun, price, hear),
            max_points=None if attends else price.total,
            terms=terms,
        )
        await self._keep(item, price, result, kind.media_kind)

    def _heard(self, item: PricedStep, event: Event, begun: StepRun, price: Price, hear: Listener) -> None:
        if isinstance(event, Quoted):
            # The journal has it by now. Whoever finds this without a task, and a journal that knows of nothing,
            # knows that the journal was lost.
            self._begun.add(item.id)
            self._write(item, begun)
        if isinstance(event, Created | Reattached):
            self._has_task(item, event, price)
        if not isinstance(event, ModelChosen):  # the plan has said who chose it
            hear(event)

    def _has_task(self, item: PricedStep, event: Created | Reattached, price: Price) -> None:
        run = self.record.steps[item.id]
        points = event.points if isinstance(event, Created) else price.total
        self.tally.points += event.points if isinstance(event, Created) else 0
        if run.task_id != event.task_id:
            # Also of an earlier run that was killed after its create and before it could write that down.
            self._charge(points)
            run = evolve(run, task_id=event.task_id, points=points)
            self._found.add(item.id)
        with suppress(FaultError):  # the journal has the task; the end of the step will say what is wrong
            self._write(item, run)

    def _charge(self, points: int) -> None:
        self.record.spent += points
        self._agreement.spent += points

    async def _keep(self, item: PricedStep, price: Price, result: Result, media_kind: str) -> None:
        """Write down what was made; only then does the journal hear that it has arrived."""
        outputs = await asyncio.to_thread(outputs_of, result, media_kind)
        run = self.record.steps[item.id]
        changes = (*result.changes, *self._by_length(item, price))
        # A task of an earlier run may have been taken smaller than was ordered; now it is known.
        credit = result.credit if item.id in self._found else run.points
        self._charge(credit - run.points)
        ended = evolve(
            run, state="success", outputs=outputs, changes=changes, points=credit,
            task_id=result.task_id, elapsed_s=round(result.elapsed_s, 3), ended=self._now(),
        )  # fmt: skip
        self._write(item, ended)
        with suppress(FaultError):  # the record counts; at worst the journal keeps the task as open
            self.client.engine.journal.delivered(result.task_id)
        self.tally.done += 1
        self._end(item, "success")

    def _by_length(self, item: PricedStep, price: Price) -> tuple[Change, ...]:
        if price is item.price:
            return ()
        length = self._length(item)
        why = (f"it goes with {length:g} s, as measured", f"实测长度为 {length:g} 秒，与之匹配")
        return (Change("model", item.price.model_name, price.model_name, *why),)

    def _length(self, item: PricedStep) -> float | None:
        return wanted_length(item.step, lambda use: measured_length(self.record.output(use)))

    def _slot(self, item: PricedStep, key: str) -> str:
        """Return what a step in one form is called in the journal: two equal steps are two jobs."""
        return f"workflow:{self.plan.id}:{item.id}:{key}"

    def _terms(self, item: PricedStep, key: str) -> Terms:
        return evolve(
            self.terms,
            slot=self._slot(item, key),
            holds=True,
            folder=self.record.folder,
            resubmit=item.id in self.resubmit,
        )

    def _failed(self, item: PricedStep, key: str, error: ImaError) -> None:
        before = self.record.steps.get(item.id) or StepRun("not-sent", key)
        kept = before if before.key == key else StepRun("not-sent", key)
        state = self._state_after(item, kept, error)
        if stops_everything(error) or error.name == "state-unwritable":
            self.tally.stopped = self.tally.stopped or error
        if state == "unknown":
            named = f"--resubmit {item.id}"
            said = error.hint.replace("--resubmit", named)
            error.hint = said if named in said else f"{said} To send it once more all the same, add {named}."
        self.tally.failed += state == "failed"
        self.tally.exits.append(error.exit_code)
        document = error.as_dict()
        with suppress(FaultError):  # told below, and in the answer of the command
            self._write(item, evolve(kept, state=state, ended=self._now(), error=document,
                                     task_id=error.task_id or kept.task_id))  # fmt: skip
        self._end(item, state)

    def _state_after(self, item: PricedStep, kept: StepRun, error: ImaError) -> Any:
        """Return what an error leaves of a step: what was, or may have been, paid for stays so until its verdict."""
        state = status_of(error)
        if error.task_id or state == "unknown":
            return state
        if kept.is_under_way:
            return "open"
        return "unknown" if kept.is_lost and item.id not in self._begun else state

    def _write(self, item: PricedStep, run: StepRun) -> None:
        self.record.put(item.id, run)
        self._save()

    def _end(self, item: PricedStep, state: str) -> None:
        self.outcomes[item.id] = state
        self.told(item.id, state)

    def _save(self) -> None:
        self.record.updated = self._now()
        self.store.save_record(self.record)

    def _now(self) -> str:
        moment = datetime.fromtimestamp(self.client.engine.clock.now()).astimezone()
        return moment.isoformat(timespec="seconds")


def files_folder(record: RunRecord | None, wanted: str | None, store: PlanStore, plan_id: str) -> str:
    """Return where the files of a plan go: the wanted folder, that of the run before, or one beside the plan."""
    if wanted:
        return str(user_path(wanted))
    return record.folder if record else str(store.folder / f"{plan_id}.files")
