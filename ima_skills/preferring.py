"""Which model a wish will use: the one it names, else the saved one, else the recommended one, else the default.

The order is that of the service's documents, in their later edition. Deciding is pure: what was saved and what
is recommended come in as values, and nothing is written here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from attrs import evolve, field, frozen

from ima_skills.domain.event import ModelChosen
from ima_skills.domain.request import Request
from ima_skills.domain.task_type import Text
from ima_skills.plugin_set import PluginSet
from ima_skills.preferences import Preference
from ima_skills.registry import Registry

if TYPE_CHECKING:
    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.recommendation import Recommendation

Source = Literal["explicit", "saved", "knowledge", "default"]
_BY_OTHERS = ("saved", "knowledge")


@frozen
class Advised:
    """A recommended model, as the registry knows it.

    Attributes:
        model_id: Family id in the task type.
        name: Display name.
        reason: Why, for people.
    """

    model_id: str
    name: str
    reason: Text


@frozen
class Pick:
    """Which model a wish uses, and who chose it.

    Attributes:
        model: What to ask for by name; None takes the default model.
        source: Who chose it.
        saved: What the user has saved for the task type.
        advised: What is recommended for it.
        stale: What was saved and is no longer offered.
    """

    model: str | None = None
    source: Source = "default"
    saved: Preference | None = None
    advised: Advised | None = None
    stale: Preference | None = None

    def applied(self, request: Request) -> Request:
        """Return the wish with the model that was picked."""
        return evolve(request, model=self.model) if self.source in _BY_OTHERS else request

    def told(self, leaf: ProductLeaf, language: str) -> ModelChosen:
        """Return the pick as an event.

        Args:
            leaf: What will be booked.
            language: ``en`` or ``zh``.
        """
        other = self.advised if self.advised and self.advised.model_id != leaf.model_id else None
        # A model that was named is nobody's to question; a habit is (the skill documents).
        hint = other if self.source == "saved" else None
        why = hint or (self.advised if self.source == "knowledge" else None)
        departed = self.source == "explicit" and self.saved and self.saved.model_id != leaf.model_id
        return ModelChosen(
            task_type=leaf.task_type,
            model_id=leaf.model_id,
            model_name=leaf.name,
            source=self.source,
            recommended=hint.name if hint else None,
            reason=why.reason.say(language) if why else None,
            previous=self.saved.model_name if departed and self.saved else None,
            stale=self.stale.model_name if self.stale else None,
        )


def named(request: Request) -> Pick:
    """Return the pick of a wish that nobody else has a say in."""
    unnamed = request.model is None or (isinstance(request.model, str) and not request.model.strip())
    return Pick(request.model, "default" if unnamed and not request.version_id else "explicit")


def decide(
    request: Request,
    saved: Preference | None,
    advised: Advised | None,
    is_offered: Callable[[str], bool],
) -> Pick:
    """Return which model to use.

    Args:
        request: The wish.
        saved: What the user has saved for its task type.
        advised: What is recommended for it.
        is_offered: Tells whether a family id can be booked in the task type.
    """
    plain = named(request)
    if plain.source == "explicit":
        return evolve(plain, saved=saved)
    good = advised if advised and is_offered(advised.model_id) else None
    if saved is not None and is_offered(saved.model_id):
        return Pick(saved.model_id, "saved", saved, good)
    if good is not None:
        return Pick(good.model_id, "knowledge", saved, good, stale=saved)
    return Pick(None, "default", saved, stale=saved)


@frozen
class Chooser:
    """Chooses models for the wishes of one user.

    Attributes:
        registry: Knows models and defaults.
        plugins: May recommend.
        saved: From a task type to what the user has saved for it; nothing by default.
    """

    registry: Registry
    plugins: PluginSet
    saved: Callable[[str], Preference | None] = field(default=lambda _: None)

    def begin(self, request: Request) -> Choosing:
        """Look up what is saved and what is recommended, once per wish."""
        saved = self.saved(request.task_type)
        explicit = named(request).source == "explicit"
        return Choosing(self.registry, request, saved, None if explicit else self._advised(request))

    def _advised(self, request: Request) -> Advised | None:
        able = usable_models(self.registry, request.task_type)
        found = self.plugins.recommendation(request, able) if able else None
        return _known(self.registry, found, request.task_type) if found else None


@frozen
class Choosing:
    """One wish whose model is being chosen; the product list may come later and change the answer."""

    registry: Registry
    request: Request
    saved: Preference | None
    advised: Advised | None

    def pick(self, catalogue: Catalogue | None = None) -> Pick:
        """Return which model to use.

        Args:
            catalogue: The live product list of the task type; None as long as only the registry is at hand.
        """
        return decide(self.request, self.saved, self.advised, lambda name: self._is_offered(name, catalogue))

    def _is_offered(self, model_id: str, catalogue: Catalogue | None) -> bool:
        entry = self.registry.by_model_id(model_id, self.request.task_type)
        if entry is not None and entry.status == "retired":
            return False
        return catalogue is None or any(leaf.model_id == model_id for leaf in catalogue.leaves)


def usable_models(registry: Registry, task_type: str) -> tuple[ModelEntry, ...]:
    """Return the models that can be booked in a task type, as far as the registry knows."""
    return tuple(
        entry
        for entry in registry.models.values()
        if entry.status == "production" and task_type in entry.task_types
    )


def _known(registry: Registry, advice: Recommendation, task_type: str) -> Advised | None:
    """Return a recommendation that names a usable model; any other one is none."""
    match = registry.find(advice.model)
    entry = match.entry if match else registry.by_model_id(advice.model, task_type)
    if entry is None or entry not in usable_models(registry, task_type):
        return None
    return Advised(entry.task_types[task_type].model_id, entry.name, advice.reason)
