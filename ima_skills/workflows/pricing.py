"""Price every step of a plan on the product list of this moment; nothing is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ima_skills.booking import content_mark
from ima_skills.client import ImaClient
from ima_skills.errors import InvalidRequestError, UsageError
from ima_skills.workflows.graph import in_order
from ima_skills.workflows.lengths import (
    choices_by_length,
    expected_choice,
    expected_length,
    length_notice,
    wanted_length,
)
from ima_skills.workflows.plan import Choice, Price, PricedStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.preparing import Prepared
    from ima_skills.workflows.plan import PlanStep

# Who chose a model, where its length has no say.
_FIRM = ("explicit", "saved")


@frozen
class Pricer:
    """Prices the steps of plans.

    Attributes:
        client: Where the product lists are.
        language: Language of labels and messages.
    """

    client: ImaClient
    language: str

    async def priced(self, steps: Sequence[PlanStep]) -> tuple[PricedStep, ...]:
        """Return the steps in order, each with its price.

        Raises:
            InvalidRequestError: The graph is wrong, or steps cannot be made; all of them are named.
            ImaError: A product list cannot be had.
        """
        done: dict[str, PricedStep] = {}
        faults: list[tuple[str, UsageError]] = []
        lengths: dict[str, float | None] = {}
        for step in in_order(steps, self.client.registry):
            try:
                wanted = wanted_length(step, lambda use: lengths.get(use.step))
                done[step.id] = await self._step(step, wanted)
            except UsageError as error:
                faults.append((step.id, error))
            else:
                lengths[step.id] = expected_length(self.client.registry, done[step.id])
        if faults:
            raise _together(faults)
        return tuple(done.values())

    async def prepare(self, step: PlanStep, model: str | None = None) -> Prepared:
        """Return a step as it would be created, with names in place of what is still to be made."""
        promised = {use: f"output:{use.step}:{use.output}" for use in step.feeds}
        request = step.request(step.sources(promised), self.language, model)
        return await self.client.prepare(request, fix=step.fix, promised=tuple(promised.values()))

    async def _step(self, step: PlanStep, wanted: float | None) -> PricedStep:
        prepared = await self.prepare(step)
        choices: tuple[Choice, ...] = ()
        if step.lengths and prepared.pick.source not in _FIRM:
            choices = await choices_by_length(
                step, self.client.registry, lambda name: self._price(step, name)
            )
        choices = choices or (Choice(None, self._priced(prepared)),)
        expected = expected_choice(choices, wanted)
        marks = [await content_mark(item) for item in prepared.inputs if not item.is_promised]
        return PricedStep(
            step, tuple(marks), tuple(self._noticed(choice, step, wanted) for choice in choices), expected
        )

    def _noticed(self, choice: Choice, step: PlanStep, wanted: float | None) -> Choice:
        if choice.up_to_s is not None:
            return choice
        said = length_notice(choice.price, step.task_type, wanted, self.client.registry, self.language)
        return evolve(choice, price=evolve(choice.price, notices=(*choice.price.notices, *said)))

    async def _price(self, step: PlanStep, model: str) -> Price:
        return self._priced(await self.prepare(step, model))

    def _priced(self, prepared: Prepared) -> Price:
        return price_of(
            prepared,
            self.client.engine.cadence(prepared.leaf.task_type, prepared.leaf, prepared).estimate,
            self.language,
        )


def price_of(prepared: Prepared, estimate_s: tuple[float, float], language: str) -> Price:
    """Return what a prepared step resolves to, as the plan keeps it."""
    leaf, quote, entry = prepared.leaf, prepared.quote, prepared.offer.entry
    return Price(
        # By name, so that a preference saved since then does not change what was agreed to.
        asked=prepared.request.model or (entry.id if entry else leaf.model_id),
        source=prepared.pick.source,
        model_id=leaf.model_id,
        model_name=leaf.name,
        version_id=leaf.id,
        attribute_id=quote.attribute_id,
        points_per_output=quote.points_per_output,
        total=quote.total,
        parameters=dict(prepared.parameters.values),
        changes=prepared.changes,
        notices=tuple(notice.say(language) for notice in prepared.notices),
        estimate_s=estimate_s,
    )


def _together(faults: Sequence[tuple[str, UsageError]]) -> UsageError:
    """Return one error for all steps that cannot be made; a single one keeps its own code and details."""
    problems = [
        evolve(problem, pointer=f"/steps/{name}{problem.pointer}")
        for name, error in faults
        for problem in error.problems
    ]
    said = "; ".join(f"{name}: {error.message}" for name, error in faults)
    name, first = faults[0]
    if len(faults) > 1:
        hints = " ".join(dict.fromkeys(f"{step}: {error.hint}" for step, error in faults if error.hint))
        return InvalidRequestError(said, code="bad-plan", problems=problems, hint=hints)
    return type(first)(
        said, code=first.name, problems=problems, hint=first.hint, details={**first.details, "step": name}
    )
