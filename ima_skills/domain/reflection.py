"""What reflection is asked after a refused create, and what it may answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.domain.problem import Change
from ima_skills.domain.product import ProductLeaf
from ima_skills.domain.request import Quote


@frozen
class Refusal:
    """The service's own verdict on a create: nothing was charged.

    Attributes:
        code: Our stable name, for instance ``no-exact-rule``.
        service_code: The number the service gave.
        retry: What the error table says may help: ``complete``, ``reselect``, ``degrade``,
            ``refetch``, ``wait`` or ``never``.
        message: The service's words, cleaned.
        retry_after_s: Seconds the service asked us to wait, when it did.
    """

    code: str
    service_code: int | None
    retry: str
    message: str = field(repr=False)
    retry_after_s: float | None = None


@frozen
class Attempt:
    """One create that was refused.

    Attributes:
        number: 1 for the first.
        leaf: The leaf it named.
        values: The effective parameters it sent, defaults included.
        quote: The price it stated.
        refetched: Whether the product list was already fetched again.
    """

    number: int
    leaf: ProductLeaf
    values: Mapping[str, Any] = field(repr=False)
    quote: Quote
    refetched: bool = False


@frozen
class Retry:
    """Send another create with these values; it is validated and priced again first."""

    values: Mapping[str, Any] = field(repr=False)
    changes: tuple[Change, ...]
    because: str


@frozen
class Refetch:
    """Fetch the product list again and rebuild the create from it."""

    because: str


@frozen
class Wait:
    """Wait, then send the very same create again; only after an answer that refused it."""

    seconds: float
    because: str


@frozen
class GiveUp:
    """Stop; the refusal is the user's answer."""

    because: str


Decision = Retry | Refetch | Wait | GiveUp
