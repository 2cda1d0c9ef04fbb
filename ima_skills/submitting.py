"""Create, and reflect on refusals: at most three creates, never dearer, every change reported."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.domain.event import JournalTrouble, Reflected
from ima_skills.domain.problem import Change
from ima_skills.domain.reflection import Attempt, Refetch, Retry, Wait
from ima_skills.errors import FaultError, ImaError, OutcomeUnknownError, PointsError
from ima_skills.leaf_schema import OUTPUTS, leaf_schema
from ima_skills.pricing import canonical, quote
from ima_skills.reflection import LONGEST_WAIT_S, MAX_CREATES
from ima_skills.schemas import check
from ima_skills.sendable import unsendable
from ima_skills.service import Refused
from ima_skills.unrecorded import NoRecord
from ima_skills.values import same

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from ima_skills.clock import Clock
    from ima_skills.delivering import Delivery
    from ima_skills.domain.event import Event
    from ima_skills.domain.media_facts import PlacedInput
    from ima_skills.domain.reflection import Decision
    from ima_skills.engine import Engine
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Record
    from ima_skills.service import Accepted

_JITTER = 0.1
_LIST_CHANGED = ("the product list changed in the meantime", "产品列表在此期间有变化")
_NEW_PRICE = ("the price that belongs to what is sent now", "与实际提交内容对应的价格")
# Our choice: for this long a verdict is waited for by somebody who has been told to stop.
_GRACE_S = 5.0


async def submit(
    engine: Engine,
    prepared: Prepared,
    placed: tuple[PlacedInput, ...],
    tell: Callable[[Event], None],
    record: Record | None = None,
) -> tuple[Accepted, Prepared, int]:
    """Send a create until it is accepted, or the refusal is final.

    Args:
        engine: For the service, the decision hook and the clock.
        prepared: What to create.
        placed: The uploaded inputs.
        tell: Receives each reflection.
        record: Written before each create and after each verdict.

    Returns:
        The service's acceptance, what was accepted, and how many creates it took.

    Raises:
        ImaError: The final refusal, an unknown outcome, or a price that rose meanwhile.
    """
    first, refetched = prepared, False
    for number in range(1, MAX_CREATES + 1):
        try:
            return await _sent(engine, prepared, placed, tell, number, record), prepared, number
        except Refused as verdict:
            refusal = verdict.refusal
        attempt = Attempt(number, prepared.leaf, prepared.parameters.values, prepared.quote, refetched)
        decision = engine.plugins.decide(refusal, attempt)
        following = await _following(engine, first, prepared, decision) if number < MAX_CREATES else None
        if following is None or decision is None:
            error = engine.service.table.error(refusal, language=prepared.request.language)
            error.details["quoted"] = prepared.quote.total
            raise engine.preparer.after_refusal(error, prepared)
        news = following.changes[len(prepared.changes) :]
        tell(Reflected(number, refusal.code, decision.because, news))
        if isinstance(decision, Wait):
            # Many clients are told to wait at once; they should not come back at once.
            await engine.clock.sleep(decision.seconds * (1 + _JITTER * engine.rng.random()))
        refetched = refetched or isinstance(decision, Refetch)
        prepared = following
    raise AssertionError("unreachable: the last round returns or raises")


async def _sent(  # noqa: PLR0913, PLR0917 - the parts of one create
    engine: Engine,
    prepared: Prepared,
    placed: tuple[PlacedInput, ...],
    tell: Callable[[Event], None],
    number: int,
    record: Record | None,
) -> Accepted:
    """Send one create and return its acceptance; the sender has written the verdict down."""
    import asyncio

    book, service = record or NoRecord(), engine.service
    await asyncio.sleep(0)  # a cancellation that is due takes effect before anything leaves
    order = service.order(prepared.payload(placed), number, prepared.quote.total)
    delivery = await _heard(engine.sender.deliver(order, book), engine.clock)
    if delivery.trouble and delivery.task_id:
        tell(JournalTrouble(delivery.task_id, delivery.trouble))
    try:
        return service.accepted(delivery)
    except Refused as verdict:
        with suppress(FaultError):  # the refusal is the news; the journal has the service's number for it
            book.again(verdict.refusal.code)
        raise
    except OutcomeUnknownError as error:
        error.details["points"] = prepared.quote.total
        if record is not None:
            error.advise("Only --resubmit sends the same job once more.")
        raise


async def _heard(create: Coroutine[Any, Any, Delivery], clock: Clock) -> Delivery:
    """Wait for the answer to a create, for a moment even when the caller is cancelled: only it names the task.

    A cancellation takes effect at the caller's next wait when the task has got its name by then, and at once
    when it has not. A second one ends the moment.

    Args:
        create: The call; nothing takes it back once it has left.
        clock: For the moment.

    Raises:
        CancelledError: There was no acceptance within the moment.
        FaultError: As :meth:`Sender.deliver`.
    """
    import asyncio

    sent, caller = asyncio.ensure_future(create), asyncio.current_task()
    try:
        return await asyncio.shield(sent)
    except asyncio.CancelledError:
        moment = asyncio.ensure_future(clock.sleep(_GRACE_S))
        try:
            await asyncio.wait((sent, moment), return_when=asyncio.FIRST_COMPLETED)
        finally:
            moment.cancel()
            sent.cancel()  # does nothing to what has an answer
        if caller is None or not sent.done() or sent.cancelled():
            raise
        if sent.exception() is not None or sent.result().task_id is None:
            raise
        caller.uncancel()
        caller.cancel()
        return sent.result()


async def _following(
    engine: Engine, first: Prepared, prepared: Prepared, decision: Decision | None
) -> Prepared | None:
    """Return what the next create should be, or None to stop."""
    if isinstance(decision, Wait):
        return prepared if 0 <= decision.seconds <= LONGEST_WAIT_S else None
    if isinstance(decision, Refetch):
        return await _refetched(engine, first, prepared)
    if isinstance(decision, Retry):
        return _retried(engine, first, prepared, decision)
    return None


async def _refetched(engine: Engine, first: Prepared, prepared: Prepared) -> Prepared | None:
    """Rebuild from a fresh list, keeping what earlier retries changed."""
    fresh = await engine.refresh(prepared)
    earlier = _differences(first.parameters.values, prepared.parameters.values)
    following = _with_values(fresh, {**fresh.parameters.values, **earlier}) if earlier else fresh
    if following is None:
        return None
    _must_not_be_dearer(following, first.quote.total)
    return _reported(prepared, following, following.changes, _LIST_CHANGED)


def _retried(engine: Engine, first: Prepared, prepared: Prepared, retry: Retry) -> Prepared | None:
    """Apply a retry's values; they are held to the same rules as a user's, whoever decided."""
    values = {**_as_mapping(retry.values), OUTPUTS: prepared.parameters.values[OUTPUTS]}
    before = prepared.parameters.values
    altered = [name for name in before if name not in values or not same(values[name], before[name])]
    if unsendable(values) or values.keys() - _settable(prepared) or (altered and not engine.degrade):
        return None
    following = _with_values(prepared, values)
    if following is None or following.quote.total > first.quote.total:
        return None
    return _reported(prepared, following, retry.changes, (retry.because, ""))


def _as_mapping(values: Any) -> dict[str, Any]:
    return dict(values) if hasattr(values, "keys") else {}


def _settable(prepared: Prepared) -> set[str]:
    """Return the parameters that a retry may set: those of the model, never the prompt or the price."""
    priced = {name for rule in prepared.leaf.rules for name in rule.attributes}
    return prepared.offer.names() | priced | set(prepared.parameters.values)


def _with_values(prepared: Prepared, values: Mapping[str, Any]) -> Prepared | None:
    """Return the request with other values, or None when the leaf does not take or price them."""
    if check(dict(values), leaf_schema(prepared.leaf)):
        return None
    try:
        price = quote(prepared.leaf, values, prepared.quote.n)
    except ImaError:
        return None  # no price for these values: the refusal stays the user's answer
    return evolve(
        prepared,
        parameters=evolve(prepared.parameters, values=canonical(price.rule, values)),
        quote=price,
    )


def _reported(
    before: Prepared, after: Prepared, told: tuple[Change, ...], reason: tuple[str, str]
) -> Prepared:
    """Return ``after`` with every change so far: those that are told, if true, and those that are not."""
    old, new = before.parameters.values, after.parameters.values
    changes = [*before.changes, *(c for c in told if c not in before.changes and _is_true(c, new))]
    said = {change.param for change in changes[len(before.changes) :]}
    unsaid = [name for name in {**old, **new} if name not in said and not same(old.get(name), new.get(name))]
    changes += [Change(name, old.get(name), new.get(name), *reason) for name in unsaid]
    if after.quote.total != before.quote.total:
        changes.append(Change("points", before.quote.total, after.quote.total, *_NEW_PRICE))
    return evolve(after, changes=tuple(changes))


def _is_true(change: Change, values: Mapping[str, Any]) -> bool:
    """Whether a change says what is sent; one about a name that is not sent is about the wish."""
    return change.param not in values or same(values[change.param], change.applied)


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in new.items() if not same(old.get(name), value)}


def _must_not_be_dearer(prepared: Prepared, ceiling: int) -> None:
    if prepared.quote.total > ceiling:
        raise PointsError(
            f"the price rose from {ceiling} to {prepared.quote.total} points while the job was sent",
            code="price-raised",
            hint="Nothing was charged. Run it again to accept the new price.",
            details={"quoted": ceiling, "now": prepared.quote.total},
        )
