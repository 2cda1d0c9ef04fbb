"""Find models by what they can do, for what it costs: every answer is priced for the very wish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.choosing import newest
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.product import ProductLeaf
from ima_skills.errors import ImaError
from ima_skills.fixing import resolve_priced
from ima_skills.parameters import Offer
from ima_skills.quirks import Quirk, chain_for
from ima_skills.registry import Registry, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.request import Request


@frozen
class Criteria:
    """What a model must be and do.

    Attributes:
        words: Each word in them must occur in a name, alias or use case.
        params: Parameters that it must take with exactly these values.
        tier: Its tier.
        audio: Whether its results carry sound; None does not care.
        max_points: Most points for the whole request.
        n: Number of outputs.
    """

    words: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(factory=dict)
    tier: str | None = None
    audio: bool | None = None
    max_points: int | None = None
    n: int = 1


@frozen
class Hit:
    """A model that meets the criteria.

    Attributes:
        leaf: Its newest version.
        entry: What the registry knows of it.
        points: Price of the whole request.
        params: The parameters that would be sent.
    """

    leaf: ProductLeaf
    entry: ModelEntry | None
    points: int
    params: Mapping[str, Any]


def search(
    registry: Registry, quirks: Mapping[str, Quirk], pages: Iterable[Catalogue], criteria: Criteria
) -> tuple[Hit, ...]:
    """Return every model that meets all criteria, cheapest first.

    Args:
        registry: Names, tiers and facts.
        quirks: Quirk name to quirk.
        pages: Product lists, one per task type.
        criteria: What is wanted.
    """
    hits = [
        hit for page in pages for leaf in families(page) for hit in _hit(registry, quirks, leaf, criteria)
    ]
    return tuple(sorted(hits, key=lambda hit: (hit.points, hit.leaf.name, hit.leaf.task_type)))


def families(page: Catalogue) -> list[ProductLeaf]:
    """Return the newest leaf of each family of a list."""
    found: dict[str, list[ProductLeaf]] = {}
    for leaf in page.leaves:
        found.setdefault(leaf.model_id, []).append(leaf)
    return [newest(leaves) for leaves in found.values()]


def _hit(
    registry: Registry, quirks: Mapping[str, Quirk], leaf: ProductLeaf, criteria: Criteria
) -> Iterator[Hit]:
    entry = registry.by_model_id(leaf.model_id, leaf.task_type)
    if not _is_wanted(leaf, entry, criteria):
        return
    try:
        offer, wishes = prepare_offer(registry, quirks, leaf, _request(leaf, criteria))
        priced = resolve_priced(offer, wishes, criteria.n)
    except ImaError:
        return  # it cannot do what is asked
    if criteria.params.keys() & {c.param for c in priced.parameters.changes if c.applied is None}:
        return  # it would only ignore a part of the wish
    if criteria.max_points is None or priced.quote.total <= criteria.max_points:
        yield Hit(leaf, entry, priced.quote.total, priced.parameters.values)


def prepare_offer(
    registry: Registry, quirks: Mapping[str, Quirk], leaf: ProductLeaf, request: Request
) -> tuple[Offer, Mapping[str, Any]]:
    """Return a leaf as its quirks complete it, and the wishes as they read them.

    Raises:
        ImaError: A quirk refuses the wish, or is missing.
    """
    entry = registry.by_model_id(leaf.model_id, leaf.task_type)
    chain = chain_for(entry, quirks, request.language)
    read = chain.on_request(request)
    return Offer(chain.on_leaf(leaf), registry.task_types[leaf.task_type], entry), read.params


def _request(leaf: ProductLeaf, criteria: Criteria) -> Request:
    from ima_skills.domain.request import Request

    return Request(leaf.task_type, "", params=criteria.params, n=criteria.n)


def _is_wanted(leaf: ProductLeaf, entry: ModelEntry | None, criteria: Criteria) -> bool:
    tier = entry.tier if entry else None
    audio = bool(entry.facts.get("audio")) if entry else False
    if criteria.tier not in (None, tier) or criteria.audio not in (None, audio):
        return False
    known = (*entry.names(), *entry.use_cases.everything()) if entry else ()
    text = " ".join(name_key(name) for name in (leaf.name, leaf.model_id, leaf.id, *known))
    return all(name_key(word) in text for word in " ".join(criteria.words).split())
