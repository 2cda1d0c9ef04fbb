"""Model entries: what the registry knows about a model, independent of the live product list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from attrs import field, frozen

from ima_skills.domain.task_type import Text

Status = Literal["production", "announced", "retired"]


@frozen
class Texts:
    """Several words or phrases in both languages."""

    en: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()

    def everything(self) -> tuple[str, ...]:
        """Return the phrases of both languages, English first."""
        return self.en + self.zh


@frozen
class Evidence:
    """Where a fact of a registry file comes from.

    Attributes:
        fact: Dotted path of the fact inside the file.
        source: ``capture``, ``document``, ``observed`` or ``inferred``.
        date: ISO date of the source.
        note: Figures that other sources state, when they disagree.
    """

    fact: str
    source: str
    date: str
    note: str = ""


@frozen
class ModelTask:
    """How a model appears in one task type.

    Attributes:
        model_id: Family id in the product list (not unique there).
        version_ids: Known leaf ids, newest first.
        estimate: Seconds a task takes, (low, high).
        offers: Leaves for lists that lack the model, as the file states them; ``offered.offers_of`` reads
            them. Nothing is charged by them.
    """

    model_id: str
    version_ids: tuple[str, ...] = ()
    estimate: tuple[float, float] | None = None
    offers: tuple[Mapping[str, Any], ...] = ()


@frozen
class Progress:
    """A model's own cadence: seconds between looks, and between messages to people."""

    poll_s: float
    message_s: float


@frozen
class ModelEntry:
    """One file of the registry.

    Attributes:
        id: Registry id, equal to the file name.
        name: Display name.
        modality: Name of the modality that declares its task types.
        status: ``production``, ``announced`` or ``retired``.
        task_types: Task type to how the model appears there.
        successor: Registry id to use instead of a retired model.
        launched: ISO date since when it is offered, as far as a source tells.
        sunset: ISO date when it was found to be no longer offered.
        tier: ``budget``, ``standard``, ``premium`` or ``artistic``.
        rules: Quirks that are only data, as the file states them, in the order they are applied, before
            the named ones; ``declared.quirks.rules_of`` reads them.
        quirks: Names of quirks that are code, in the order they are applied.
        quirk_options: Quirk name to the data that quirk works with.
        fallbacks: Registry ids to suggest instead, best first.
        native_params: Parameters the service takes though the form does not list them.
        subscription: Whether the service asks for a subscription.
        aliases: Other names people use.
        version_aliases: Leaf id to other names of just that version.
        use_cases: What the model is good for.
        progress: The model's own cadence.
        defaults: Parameter defaults of ours that differ from the form's.
        facts: Capability facts: ratios, sizes, durations, fixed output length and so on.
        limits: What the model's moderation refuses.
        evidence: Where each fact comes from.
        kept: What was worked out from the rest, so that it is worked out once.
    """

    id: str
    name: str
    modality: str
    status: Status
    task_types: Mapping[str, ModelTask] = field(factory=dict)
    successor: str | None = None
    launched: str | None = None
    sunset: str | None = None
    tier: str | None = None
    rules: tuple[Mapping[str, Any], ...] = ()
    quirks: tuple[str, ...] = ()
    quirk_options: Mapping[str, Mapping[str, Any]] = field(factory=dict)
    fallbacks: tuple[str, ...] = ()
    native_params: tuple[str, ...] = ()
    subscription: bool = False
    aliases: Texts = Texts()
    version_aliases: Mapping[str, tuple[str, ...]] = field(factory=dict)
    use_cases: Texts = Texts()
    progress: Progress | None = None
    defaults: Mapping[str, Any] = field(factory=dict)
    facts: Mapping[str, Any] = field(factory=dict)
    limits: Text | None = None
    evidence: tuple[Evidence, ...] = ()
    # What was read of the rules, once somebody asked: reading costs more than all else about a quirk.
    kept: dict[str, Any] = field(factory=dict, init=False, eq=False, repr=False)

    def names(self) -> tuple[str, ...]:
        """Return every name of the model itself: id, display name, aliases."""
        return (self.id, self.name, *self.aliases.everything())
