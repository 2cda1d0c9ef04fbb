"""What was really made of a wish that an earlier run has sent: the journal's truth in the place of the wish.

A refused create may have been made smaller before it was accepted, and prices change. So whoever comes back to
a task is told what was booked then, not what would be booked now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.telling import UNTOLD
from ima_skills.values import same

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.problem import Change
    from ima_skills.preparing import Prepared
    from ima_skills.recording import Made, Told


def as_made(prepared: Prepared, made: Made) -> Prepared:
    """Return a request as it was made: model, points, parameters and changes.

    Args:
        prepared: The same wish as it would be made today; it supplies the texts that are not written down.
        made: What stands written of the task.
    """
    quote, offer = prepared.quote, prepared.offer
    leaf = evolve(offer.leaf, model_id=made.model_id, id=made.version_id, name=made.model_name)
    points = made.points // made.n
    told = made.told
    return evolve(
        prepared,
        offer=evolve(offer, leaf=leaf),
        quote=evolve(quote, rule=evolve(quote.rule, points=points), n=made.n),
        parameters=evolve(prepared.parameters, values=_values(prepared, told)),
        changes=tuple(_change(change, prepared) for change in told.changes),
    )


def _values(prepared: Prepared, told: Told) -> dict[str, Any]:
    """Return the parameters that were sent; a version that wrote none down leaves those of today."""
    today = prepared.parameters.values
    if not told.params:
        return dict(today)
    # What only repeats the prompt is not written down.
    prompts = {name: value for name, value in today.items() if same(value, prepared.request.prompt)}
    return {**prompts, **{name: _whole(value, today, name) for name, value in told.params.items()}}


def _whole(value: Any, today: Mapping[str, Any], name: str) -> Any:
    """Return a value that was written down; a text that was left out is the one that the same wish has today."""
    return today.get(name, value) if UNTOLD in str(value) else value


def _change(change: Change, prepared: Prepared) -> Change:
    """Return a change with the words that today's wish has for it, where it has the same one."""
    named = (change.param, change.reason)
    return next((one for one in prepared.changes if (one.param, one.reason) == named), change)
