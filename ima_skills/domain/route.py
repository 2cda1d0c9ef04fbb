"""What understanding a wish yields, as frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

PreferenceAction = Literal["save", "once", "clear", "none"]
Budget = Literal["cheapest", "best", "another", "none"]
# What a step does with the output of another one.
Role = Literal["source", "first_frame", "last_frame", "reference", "duration"]


@frozen
class Use:
    """The output of another step that a step works with.

    Attributes:
        step: Id of that step.
        role: What becomes of it: the picture to change, a frame, a reference, or only its length.
        output: Which of its outputs, from 1.
    """

    step: str
    role: Role
    output: int = 1


@frozen
class Step:
    """One of several media that a wish asks for.

    Attributes:
        id: ``<media>-<number>``, unique in the route, for instance ``image-1``.
        media: ``image``, ``video``, ``music``, ``speech``, or what a plugin adds.
        task_type: The category.
        prompt: What to make.
        model_id: Family id of a model that was named; None leaves it to preference and default.
        params: Parameters that were asked for.
        n: Number of outputs.
        uses: Outputs of earlier steps, in the order of the inputs.
        version_id: One version of the model, when the name was that exact.
        inputs: Files and addresses that were given, for the first step that takes them.
    """

    id: str
    media: str
    task_type: str
    prompt: str = field(repr=False)
    model_id: str | None = None
    params: Mapping[str, Any] = field(factory=dict)
    n: int = 1
    uses: tuple[Use, ...] = ()
    version_id: str | None = None
    inputs: tuple[str, ...] = field(default=(), repr=False)


@frozen
class PreferenceWish:
    """What to do about the saved model.

    Attributes:
        action: ``save`` the named model, use it ``once``, ``clear`` what is saved, or ``none``.
        model_id: Family id of the model that was named.
    """

    action: PreferenceAction = "none"
    model_id: str | None = None


@frozen
class Clarify:
    """The one question that has to be answered first."""

    question: str
    options: tuple[str, ...]


@frozen
class Inquiry:
    """A question about us: nothing is to be made.

    Attributes:
        about: What it is about: ``offer``, ``price``, ``earlier``, ``spent``, ``preferences``, or a plugin's.
        command: The command that answers, without the program's name; empty for talk that needs none.
    """

    about: str
    command: tuple[str, ...]


@frozen
class Route:
    """How a wish was understood.

    Attributes:
        media: What is wanted, in the order of making.
        task_type: The category of a single wish; None where it takes an answer first, or for several steps.
        prompt: What to make, without the words that were read as settings.
        model_id: Family id of the model that was named.
        model_name: Its display name.
        params: Parameters that were asked for.
        n: Number of outputs.
        inputs: Files and addresses, in the order of their roles.
        preference: What to do about the saved model.
        budget: Whether the cheapest, the best or another model than before is wanted.
        consistency: Whether the same subject as before is wanted.
        steps: One for each media where several are wanted.
        clarify: The question, or None when nothing is missing.
        confidence: 0 to 1.
        version_id: One version of the model, when the name was that exact.
        notes: Why it was understood so: short codes, see ``docs/routing.md``.
        max_points: The most points that it may cost, where that was said.
        inquiry: What it asks about us, where nothing is to be made.
        unwanted: Registry ids of models that it does not want.
    """

    media: tuple[str, ...]
    task_type: str | None
    prompt: str = field(repr=False)
    model_id: str | None = None
    model_name: str | None = None
    params: Mapping[str, Any] = field(factory=dict)
    n: int = 1
    inputs: tuple[str, ...] = field(default=(), repr=False)
    preference: PreferenceWish = field(factory=PreferenceWish)
    budget: Budget = "none"
    consistency: bool = False
    steps: tuple[Step, ...] = ()
    clarify: Clarify | None = None
    confidence: float = 1.0
    version_id: str | None = None
    notes: tuple[str, ...] = ()
    max_points: int | None = None
    inquiry: Inquiry | None = None
    unwanted: tuple[str, ...] = ()
