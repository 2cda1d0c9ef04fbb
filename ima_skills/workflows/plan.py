"""A plan as frozen values: steps, what each of them works with, and what each of them costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from attrs import field, frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.request import Request
from ima_skills.fixing import Fix
from ima_skills.routing.result import Use

DURATION: Final = "duration"


@frozen
class PlanStep:
    """One media of a plan, as it was wished for.

    Attributes:
        id: Its name in the plan, for instance ``image-1``.
        task_type: The category.
        prompt: What to make.
        model: Any name of a model; None leaves it to preference, length and default.
        version_id: Leaf id, when one version is meant.
        params: Parameters that were asked for.
        n: Number of outputs.
        inputs: Local paths and addresses.
        uses: Outputs of other steps.
        take: Which attempt at it this is: another number makes it anew.
        fix: Where impossible values may move to, reported; None refuses them.
    """

    id: str
    task_type: str
    prompt: str = field(repr=False)
    model: str | None = None
    version_id: str | None = None
    params: Mapping[str, Any] = field(factory=dict, repr=False)
    n: int = 1
    inputs: tuple[str, ...] = field(default=(), repr=False)
    uses: tuple[Use, ...] = ()
    take: int = 1
    fix: Fix | None = None

    @property
    def media(self) -> str:
        """What comes of it, as the task type's own name says: ``image``, ``video``, ``music``, ``speech``."""
        return self.task_type.rpartition("_to_")[2]

    @property
    def feeds(self) -> tuple[Use, ...]:
        """The outputs that become inputs, which a length does not."""
        return tuple(use for use in self.uses if use.role != DURATION)

    @property
    def lengths(self) -> tuple[Use, ...]:
        """The outputs whose length matters."""
        return tuple(use for use in self.uses if use.role == DURATION)

    @property
    def needs(self) -> tuple[str, ...]:
        """Ids of the steps that come first, each once."""
        return tuple(dict.fromkeys(use.step for use in self.uses))

    def sources(self, made: Mapping[Use, str]) -> tuple[str, ...]:
        """Return all inputs in the order of their roles: first frame and source, own ones, references, last frame.

        Args:
            made: Where each used output is.
        """
        by_place: tuple[list[str], list[str]] = ([], [])
        last = [made[use] for use in self.feeds if use.role == "last_frame"]
        for use in self.feeds:
            if use.role != "last_frame":
                by_place[use.role == "reference"].append(made[use])
        return (*by_place[0], *self.inputs, *by_place[1], *last)

    def request(self, sources: tuple[str, ...], language: str, model: str | None = None) -> Request:
        """Return the request of this step.

        Args:
            sources: Its inputs.
            language: Language of labels and messages.
            model: The model to name; the wished one by default.
        """
        return Request(
            task_type=self.task_type,
            prompt=self.prompt,
            model=model or self.model,
            version_id=self.version_id,
            inputs=sources,
            params=self.params,
            n=self.n,
            language=language,
        )


@frozen
class Price:
    """What a step resolves to on the product list, and what it costs there.

    Attributes:
        asked: The model's name that leads here.
        source: Who chose it: ``explicit``, ``saved``, ``knowledge``, ``default``, or ``length``.
        model_id: Family id.
        model_name: Display name.
        version_id: Leaf id.
        attribute_id: The credit rule that is booked.
        points_per_output: Points for one output.
        total: Points in total.
        parameters: What will be sent.
        changes: What differs from the wish, and why.
        notices: What people should know before they pay, in the plan's language.
        estimate_s: Seconds it takes, low and high.
    """

    asked: str
    source: str
    model_id: str
    model_name: str
    version_id: str
    attribute_id: int
    points_per_output: int
    total: int
    parameters: Mapping[str, Any] = field(repr=False)
    changes: tuple[Change, ...] = ()
    notices: tuple[str, ...] = ()
    estimate_s: tuple[float, float] = (0.0, 0.0)


@frozen
class Choice:
    """A model that is taken when the measured length is not above its bound.

    Attributes:
        up_to_s: The bound in seconds; None for any length.
        price: What it costs.
    """

    up_to_s: float | None
    price: Price


@frozen
class PricedStep:
    """A step with its price.

    Attributes:
        step: The wish.
        marks: What its own inputs are: SHA-256 of a local file, or the address.
        choices: One price, or one for each span of lengths, the shortest first.
        expected: Which of them, judged by the lengths that were ordered.
    """

    step: PlanStep
    marks: tuple[str, ...]
    choices: tuple[Choice, ...]
    expected: int = 0

    @property
    def id(self) -> str:
        """The step's name."""
        return self.step.id

    @property
    def price(self) -> Price:
        """The price that is expected."""
        return self.choices[self.expected].price

    @property
    def most(self) -> int:
        """Points it costs at most."""
        return max(choice.price.total for choice in self.choices)

    def price_for(self, seconds: float | None) -> Price:
        """Return the price that holds for a length; the expected one when nobody knows it."""
        if seconds is None:
            return self.price
        fitting = (c.price for c in self.choices if c.up_to_s is None or seconds <= c.up_to_s)
        return next(fitting, self.choices[-1].price)


@frozen
class Plan:
    """Everything a run needs.

    Attributes:
        id: Its name, and that of its file.
        created: ISO time of its pricing.
        base_url: The service whose list it was priced on.
        sandbox: Whether its points are play money.
        language: Language of labels and messages.
        steps: In an order in which they can be made.
        assumed: What had to be assumed where it was read from elsewhere.
    """

    id: str
    created: str
    base_url: str
    sandbox: bool
    language: str
    steps: tuple[PricedStep, ...]
    assumed: tuple[str, ...] = ()

    @property
    def points(self) -> int:
        """Points that are expected."""
        return sum(item.price.total for item in self.steps)

    @property
    def most(self) -> int:
        """Points at most."""
        return sum(item.most for item in self.steps)

    @property
    def estimate_s(self) -> tuple[float, float]:
        """Seconds along the longest way through the steps, low and high."""
        ends: dict[str, tuple[float, float]] = {}
        for item in self.steps:
            low, high = (max((ends[name][i] for name in item.step.needs), default=0.0) for i in (0, 1))
            ends[item.id] = (low + item.price.estimate_s[0], high + item.price.estimate_s[1])
        return max(e[0] for e in ends.values()), max(e[1] for e in ends.values())

    def step(self, name: str) -> PricedStep | None:
        """Return a step by its id."""
        return next((item for item in self.steps if item.id == name), None)
