"""Create, and reflect on refusals: at most three creates, never dearer, every change reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.event import Reflected
from ima_skills.domain.problem import Change
from ima_skills.domain.reflection import Attempt, Refetch, Retry, Wait
from ima_skills.errors import ImaError, PointsError
from ima_skills.leaf_schema import leaf_schema
from ima_skills.pricing import canonical, quote
from ima_skills.schemas import check
from ima_skills.service import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.event import Event
    from ima_skills.domain.reflection import Decision, Refusal
    from ima_skills.engine import Engine
    from ima_skills.preparing import Prepared
    from ima_skills.service import Accepted

MAX_CREATES = 3


async def submit(
    engine: Engine, prepared: Prepared, urls: tuple[str, ...], tell: Callable[[Event], None]
) -> tuple[Accepted, Prepared, int]:
    """Send a create until it is accepted, or the refusal is final.

    Args:
        engine: For the service, the decision hook and the clock.
        prepared: What to create.
        urls: Addresses of the inputs.
        tell: Receives each reflection.

    Returns:
        The service's acceptance, what was accepted, and how many creates it took.

    Raises:
        ImaError: The final refusal, an unknown outcome, or a price that rose meanwhile.
    """
    ceiling = prepared.quote.total
    refetched = False
    for number in range(1, MAX_CREATES + 1):
        try:
            return await engine.service.create(prepared.payload(urls)), prepared, number
        except Refused as verdict:
            refusal = verdict.refusal
        attempt = Attempt(number, prepared.leaf, prepared.parameters.values, prepared.quote, refetched)
        decision = engine.plugins.first_answer("ima_reflect", refusal=refusal, attempt=attempt)
        following = None
        if number < MAX_CREATES and _allowed(engine, refusal):
            following = await _follow(engine, prepared, decision)
        if following is None:
            raise engine.service.table.error(refusal, language=prepared.request.language)
        _must_not_be_dearer(following, ceiling)
        refetched = refetched or isinstance(decision, Refetch)
        news = following.changes[len(prepared.changes) :]
        tell(Reflected(number, refusal.code, decision.because, news))
        prepared = following
    raise AssertionError("unreachable: the last round returns or raises")


def _allowed(engine: Engine, refusal: Refusal) -> bool:
    return engine.degrade or refusal.retry != "degrade"


async def _follow(engine: Engine, prepared: Prepared, decision: Decision | None) -> Prepared | None:
    """Return what the next create should be, or None to stop."""
    if isinstance(decision, Wait):
        await engine.clock.sleep(decision.seconds)
        return prepared
    if isinstance(decision, Refetch):
        return _with_price_change(prepared, await engine.refresh(prepared))
    if isinstance(decision, Retry):
        return _rebuilt(prepared, decision)
    return None


def _rebuilt(prepared: Prepared, retry: Retry) -> Prepared | None:
    """Apply a retry's values; a plugin's values are checked and priced like a user's."""
    values = dict(retry.values)
    if check(values, leaf_schema(prepared.leaf)):
        return None
    try:
        price = quote(prepared.leaf, values, prepared.quote.n)
    except ImaError:
        return None  # no price for these values: the refusal stays the user's answer
    parameters = evolve(prepared.parameters, values=canonical(price.rule, values))
    changed = evolve(prepared, parameters=parameters, quote=price, changes=prepared.changes + retry.changes)
    return _with_price_change(prepared, changed)


def _with_price_change(before: Prepared, after: Prepared) -> Prepared:
    """Keep the changes made so far, and report another price."""
    kept = before.changes + tuple(change for change in after.changes if change not in before.changes)
    if after.quote.total != before.quote.total:
        reason = "the price that belongs to what is sent now"
        kept += (Change("points", before.quote.total, after.quote.total, reason),)
    return evolve(after, changes=kept)


def _must_not_be_dearer(prepared: Prepared, ceiling: int) -> None:
    if prepared.quote.total > ceiling:
        raise PointsError(
            f"the price rose from {ceiling} to {prepared.quote.total} points while the job was sent",
            code="price-raised",
            hint="Nothing was charged. Run it again to accept the new price.",
            details={"quoted": ceiling, "now": prepared.quote.total},
        )
