"""What a good colleague says when a wish cannot be granted: why, who can, for how much, and a tip.

Who can is computed from the product list; tips that no list holds come from the registry.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ima_skills.differing import differing, seen
from ima_skills.domain.task_type import Text
from ima_skills.errors import CredentialError, ImaError, PointsError
from ima_skills.fixing import resolve_priced
from ima_skills.nearest import magnitude
from ima_skills.parameters import Offer, known_name
from ima_skills.quirks import Quirk
from ima_skills.registry import Registry
from ima_skills.searching import families, prepare_offer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.problem import Problem
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Request
    from ima_skills.registry import Tip

MOST = 3
NEXT = 2
_TIERS = {"budget": 0, "standard": 1, "artistic": 1, "premium": 2}
# Our choice: settings of one model that are tried before it is given up.
_TRIES = 3
_GATE = "subscription-required"


@frozen
class Alternative:
    """A model that can do it, or comes near.

    Attributes:
        model: Registry id, else family id: what ``--model`` takes.
        name: Display name.
        task_type: Where it does so.
        params: The parameters to ask for.
        points: The price of the whole request.
        exact: Whether it does exactly what was asked.
        differs: Its settings that are other than those that were chosen, where people see or hear it: asked for
            or not, a shorter clip for fewer points is another clip.
    """

    model: str
    name: str
    task_type: str
    params: Mapping[str, Any]
    points: int
    exact: bool
    differs: Mapping[str, Any] = field(factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {
            "model": self.model,
            "name": self.name,
            "task_type": self.task_type,
            "params": dict(self.params),
            "points": self.points,
            "exact": self.exact,
            "differs": dict(self.differs),
        }


@frozen
class Advice:
    """Structured advice.

    Attributes:
        code: Stable name of the first tip, else ``other-model``, ``nearest`` or ``none``.
        reason: What stands in the way.
        alternatives: At most three, best first.
        tips: What else helps.
    """

    code: str
    reason: Text
    alternatives: tuple[Alternative, ...] = ()
    tips: tuple[Text, ...] = field(default=())

    def as_dict(self, language: str = "en") -> dict[str, Any]:
        """Return the JSON form with texts in one language."""
        return {
            "code": self.code,
            "reason": self.reason.say(language),
            "alternatives": [alternative.as_dict() for alternative in self.alternatives],
            "tips": [tip.say(language) for tip in self.tips],
        }

    def sentence(self, language: str = "en") -> str:
        """Return alternatives and tips as one text for people."""
        parts = [say_alternatives(self.alternatives, language)] if self.alternatives else []
        return " ".join((*parts, *(tip.say(language) for tip in self.tips)))


def say_alternatives(alternatives: Sequence[Alternative], language: str = "en") -> str:
    """Return alternatives with their prices as one sentence."""
    chinese = language == "zh"
    unit = "积分" if chinese else " points"
    offers = [f"{a.name}{_said({**a.params, **a.differs})} ({a.points}{unit})" for a in alternatives]
    return f"可选：{'、'.join(offers)}。" if chinese else f"Instead: {', '.join(offers)}."


@frozen
class Adviser:
    """Gives advice on one product list.

    Attributes:
        registry: Names, fallbacks and tips.
        quirks: Quirk name to quirk.
    """

    registry: Registry
    quirks: Mapping[str, Quirk]

    def on_refusal(
        self, request: Request, catalogue: Catalogue, model_id: str, problems: Sequence[Problem]
    ) -> Advice:
        """Return advice on a request that its model cannot serve.

        Args:
            request: The wish.
            catalogue: The product list of its task type.
            model_id: Family id of the model that cannot.
            problems: What is wrong.
        """
        # A value that was wrong here must be listed elsewhere; a free-text parameter proves nothing.
        wrong = {problem.place for problem in problems if problem.value is not None}
        found = self._alternatives(request, catalogue, model_id, wrong, request.params)
        tips = tuple(self._tips(request, model_id, problems))
        kind = "other-model" if any(a.exact for a in found) else "nearest"
        code = tips[0].code if tips else (kind if found else "none")
        return Advice(code, _reason(problems, found), found, tuple(tip.text for tip in tips))

    def on_wish(self, request: Request, model_id: str) -> tuple[Text, ...]:
        """Return tips on a request that can be served and may still disappoint."""
        return tuple(tip.text for tip in self._tips(request, model_id, ()))

    def instead_of(
        self, request: Request, catalogue: Catalogue, leaf: ProductLeaf, error: ImaError
    ) -> tuple[Alternative, ...]:
        """Return who could do a request that the service refused for good.

        Where points are short only what costs less, and below a cap only what it has room for; where a
        subscription is asked for only models without that condition; never for a rejected key, which no
        model cures.

        Args:
            request: The wish.
            catalogue: The product list it was priced on.
            leaf: The leaf that was refused.
            error: The refusal.
        """
        if isinstance(error, CredentialError):
            return ()
        spent, room = error.details.get("quoted"), error.details.get("left", error.details.get("cap"))
        mine = self._effective(request, leaf)
        found = [a for a in self._alternatives(request, catalogue, leaf.model_id, set(), mine) if a.exact]
        if error.name == _GATE:
            return tuple(a for a in found if not self._is_gated(a.model))
        if isinstance(error, PointsError) and isinstance(spent, int):
            above = min(spent, room + 1) if isinstance(room, int) else spent
            cheaper = [a for a in found if a.points < above]
            others = cheaper or self._below(request, catalogue, leaf.model_id, above, mine)
            return (*others, *self._smaller(leaf, request.n, above, mine))
        return tuple(found)

    def neighbours(
        self, request: Request, catalogue: Catalogue, leaf: ProductLeaf, total: int
    ) -> tuple[tuple[Alternative, ...], tuple[Alternative, ...]]:
        """Return other models that do exactly the same: the next cheaper ones, and those of a better tier.

        Args:
            request: The wish.
            catalogue: The product list it was priced on.
            leaf: The leaf that was chosen.
            total: What it costs there.
        """
        values = self._effective(request, leaf)
        others = [other for other in families(catalogue) if other.model_id != leaf.model_id]
        found = (offer for other in others for _, offer in self._offer(request, other, set(), values))
        offers = [offer for offer in found if offer.exact]
        mine = self._tier(self.registry.by_model_id(leaf.model_id, leaf.task_type))
        cheaper = sorted((o for o in offers if o.points < total), key=lambda o: -o.points)[:NEXT]
        named = {offer.model for offer in cheaper}  # one that is better and cheaper is named once
        better = sorted(
            (
                o
                for o in offers
                if self._tier(self.registry.models.get(o.model)) > mine and o.model not in named
            ),
            key=lambda o: o.points,
        )
        return tuple(cheaper), tuple(better[:NEXT])

    def points_with(self, request: Request, catalogue: Catalogue, name: str) -> int | None:
        """Return what a request costs with another model; None when that cannot do exactly the same.

        Args:
            request: The wish.
            catalogue: The product list of its task type.
            name: The other model, by one of its names.
        """
        match = self.registry.find(name)
        task = match.entry.task_types.get(request.task_type) if match else None
        leaves = [leaf for leaf in families(catalogue) if task and leaf.model_id == task.model_id]
        offers = (
            offer for leaf in leaves for _, offer in self._offer(request, leaf, set(), {}) if offer.exact
        )
        return next((offer.points for offer in offers), None)

    @staticmethod
    def _tier(entry: ModelEntry | None) -> int:
        return _TIERS.get(entry.tier or "", 1) if entry else 1

    def _effective(self, request: Request, leaf: ProductLeaf) -> Mapping[str, Any]:
        """Return what a leaf makes of a request, as people see it; only the wishes where it makes nothing of it."""
        try:
            offer, wishes = prepare_offer(self.registry, self.quirks, leaf, request)
            return seen(offer.leaf, resolve_priced(offer, wishes, request.n, "nearest").parameters.values)
        except ImaError:
            return request.params

    def _smaller(
        self, leaf: ProductLeaf, n: int, above: int, mine: Mapping[str, Any]
    ) -> Iterator[Alternative]:
        """Yield the same model at its lowest price, when that is below a number of points."""
        rule = min(leaf.rules, key=lambda rule: rule.points)
        entry = self.registry.by_model_id(leaf.model_id, leaf.task_type)
        if rule.points * n < above:
            name, total = entry.id if entry else leaf.model_id, rule.points * n
            differs = differing(mine, seen(leaf, rule.attributes))
            yield Alternative(
                name, leaf.name, leaf.task_type, rule.attributes, total, exact=False, differs=differs
            )

    def _below(
        self, request: Request, catalogue: Catalogue, model_id: str, above: int, mine: Mapping[str, Any]
    ) -> list[Alternative]:
        """Return other models with the best settings that cost less than a number of points, the dearest first."""
        found = []
        for leaf in families(catalogue):
            rules = (rule for rule in leaf.rules if rule.points * request.n < above)
            best = sorted(rules, key=lambda rule: -rule.points)[:_TRIES] if leaf.model_id != model_id else ()
            wishes = (evolve(request, params={**request.params, **rule.attributes}) for rule in best)
            offers = (offer for wish in wishes for _, offer in self._offer(wish, leaf, set(), mine))
            good = next((offer for offer in offers if offer.exact and offer.points < above), None)
            if good is not None:
                found.append(evolve(good, exact=False))
        return sorted(found, key=lambda offer: -offer.points)[:NEXT]

    def _is_gated(self, model: str) -> bool:
        entry = self.registry.models.get(model)
        return entry is not None and entry.subscription

    def _alternatives(
        self,
        request: Request,
        catalogue: Catalogue,
        model_id: str,
        wrong: set[str],
        mine: Mapping[str, Any],
    ) -> tuple[Alternative, ...]:
        candidates = [leaf for leaf in families(catalogue) if leaf.model_id != model_id]
        offers = [offer for leaf in candidates for offer in self._offer(request, leaf, wrong, mine)]
        liked = self._fallbacks(model_id, catalogue.task_type)
        exact = sorted((o for o in offers if o[1].exact), key=lambda o: (liked(o[1].model), o[1].points))
        # Near misses help only where nobody can do exactly what was asked.
        near = sorted((o for o in offers if not o[1].exact), key=lambda o: (o[0], o[1].points))
        return tuple(alternative for _, alternative in (exact or near)[:MOST])

    def _fallbacks(self, model_id: str, task_type: str) -> Callable[[str], int]:
        """Return a rank for models: what the registry recommends instead comes first."""
        entry = self.registry.by_model_id(model_id, task_type)
        order = entry.fallbacks if entry else ()
        return lambda model: order.index(model) if model in order else len(order)

    def _offer(
        self, request: Request, leaf: ProductLeaf, wrong: set[str], mine: Mapping[str, Any]
    ) -> Iterator[tuple[float, Alternative]]:
        """Yield what a leaf would make of a request and how far it is from it, where it makes anything of it.

        Args:
            request: The wish.
            leaf: The leaf.
            wrong: Parameters whose values were wrong elsewhere.
            mine: Settings to tell the differences from.
        """
        entry = self.registry.by_model_id(leaf.model_id, leaf.task_type)
        try:
            offer, wishes = prepare_offer(self.registry, self.quirks, leaf, request)
            priced = resolve_priced(offer, wishes, request.n, "nearest")
        except ImaError:
            return  # this model is no help
        lost = [name for name, value in priced.moved.items() if value is None]
        far = _distance(wishes, priced.moved)
        if lost or math.isinf(far) or not _listed(offer, wishes, wrong):
            return
        params = {name: priced.moved.get(name, value) for name, value in wishes.items()}
        name = entry.id if entry else leaf.model_id
        differs = differing(mine, seen(offer.leaf, priced.parameters.values))
        total, exact = priced.quote.total, far == 0.0
        yield far, Alternative(name, leaf.name, leaf.task_type, params, total, exact, differs)

    def _tips(self, request: Request, model_id: str, problems: Sequence[Problem]) -> Iterator[Tip]:
        entry = self.registry.by_model_id(model_id, request.task_type)
        for tip in self.registry.tips:
            fits = request.task_type in tip.task_types
            mine = not tip.models or (entry is not None and entry.id in tip.models)
            if fits and mine and (_on_params(tip, problems) or _on_words(tip, request.prompt)):
                yield tip


def _listed(offer: Offer, wishes: Mapping[str, Any], wrong: set[str]) -> bool:
    """Whether the form lists every parameter whose value was wrong elsewhere."""
    names = {item.name for item in offer.leaf.form} | offer.ui_names()
    return all(known_name(wish, names) is not None for wish in wishes if wish in wrong)


def _distance(wishes: Mapping[str, Any], moved: Mapping[str, Any]) -> float:
    """Return how far values moved, as a sum of logarithmic ratios; words count as infinitely far."""
    total = 0.0
    for name, value in moved.items():
        before, after = magnitude(wishes.get(name)), magnitude(value)
        if before is None or after is None:
            return math.inf
        total += abs(math.log(after / before))
    return total


def _on_params(tip: Tip, problems: Sequence[Problem]) -> bool:
    for problem in problems:
        if problem.place not in tip.params:
            continue
        if tip.pattern is None or re.search(tip.pattern, str(problem.value), re.IGNORECASE):
            return True
    return False


def _on_words(tip: Tip, prompt: str) -> bool:
    text = f" {prompt.casefold()} "
    return any(word.casefold() in text for word in tip.words)


def _reason(problems: Sequence[Problem], found: tuple[Alternative, ...]) -> Text:
    what = "; ".join(problem.message for problem in problems)
    # What is wrong with each is said in English only; in Chinese the settings are named.
    names = "、".join(dict.fromkeys(p.place for p in problems if p.pointer.startswith("/params/")))
    such = f"这样的设置：{names}" if names else "这样的要求"
    if any(alternative.exact for alternative in found):
        return Text(f"This model cannot: {what}", f"该模型不支持{such}")
    return Text(f"No model can: {what}", f"没有模型支持{such}")


def _said(params: Mapping[str, Any]) -> str:
    return f" [{', '.join(f'{name} {value}' for name, value in params.items())}]" if params else ""
