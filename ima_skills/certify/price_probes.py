"""Everything that a model offers, priced and sent: the sandbox accepts it and charges exactly the quote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.certify.bench import model_probes
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.samples import PROMPT, leaves_of, prepare
from ima_skills.declared.quirks import rules_of
from ima_skills.domain.request import Request
from ima_skills.errors import ImaError, InvalidRequestError
from ima_skills.quirks import chain_for
from ima_skills.testing.desk import Desk
from ima_skills.testing.wishes import wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.certify.bench import Bench, Probe
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.preparing import Prepared

AREA = "prices"
_ADDRESS = "https://example.org/{}.png"


def price_probes(bench: Bench) -> Iterator[Probe]:
    """Yield one probe per model and task type."""
    yield from model_probes(bench, AREA, _checks, patience=6)


def _checks(entry: ModelEntry, task_type: str) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        leaves = leaves_of(bench.registry, entry, task_type)
        if not leaves:
            yield absent(AREA, f"{entry.id} {task_type} has neither offers nor a captured list")
        for leaf in leaves:
            desk = Desk(bench.registry, bench.room / "desks" / f"{entry.id}-{leaf.id}-{task_type}")
            try:
                yield from _leaf(bench, desk, entry, leaf)
            finally:
                desk.close()

    return checks


def _leaf(bench: Bench, desk: Desk, entry: ModelEntry, leaf: ProductLeaf) -> Iterator[Check]:
    file = bench.registry.sources.get(entry.id, entry.id)
    try:
        shaped = chain_for(entry, bench.plugins.quirks).on_leaf(leaf)
    except ImaError as error:
        name = f"{entry.id} {leaf.task_type} {leaf.id}: form"
        yield Check(AREA, name, "price-refused", file, leaf.id, {"fault": error.message})
        return
    for params in (*wishes(shaped), *_spoken(entry)):
        shown = ", ".join(f"{name}={value}" for name, value in params.items()) or "as it is"
        yield _check(bench, desk, entry, leaf, params, 1, shown)
    for n in range(2, bench.registry.task_types[leaf.task_type].n_max + 1):
        yield _check(bench, desk, entry, leaf, {}, n, f"{n} outputs")


def _spoken(entry: ModelEntry) -> Iterator[dict[str, Any]]:
    """Yield a wish for each word that a declared rule understands."""
    for rule in rules_of(entry):
        if rule.map is not None:
            yield from ({rule.map.param: word} for word in rule.map.values)


def _check(  # noqa: PLR0913, PLR0917 - what a check is about
    bench: Bench, desk: Desk, entry: ModelEntry, leaf: ProductLeaf, params: dict[str, Any], n: int, shown: str
) -> Check:
    name = f"{entry.id} {leaf.task_type} {leaf.id}: {shown}"
    file = bench.registry.sources.get(entry.id, entry.id)
    try:
        prepared = prepare(bench.plugins, bench.registry, _request(bench, leaf, params, n))
    except InvalidRequestError as error:
        if {problem.rule for problem in error.problems} <= {"disabled"}:
            return absent(AREA, f"{name}: not available together")
        return Check(AREA, name, "price-refused", file, shown, {"fault": error.message})
    except ImaError as error:
        return Check(AREA, name, "price-refused", file, shown, {"fault": error.message})
    return _charged(desk, prepared, name, file, shown)


def _charged(desk: Desk, prepared: Prepared, name: str, file: str, shown: str) -> Check:
    receipt = desk.create(prepared.payload())
    if not receipt.accepted:
        return Check(
            AREA, name, "price-not-accepted", file, shown, {"fault": f"{receipt.code} {receipt.message}"}
        )
    if receipt.points != prepared.quote.total:
        words = {"quoted": prepared.quote.total, "charged": receipt.points}
        return Check(AREA, name, "price-differs", file, shown, words)
    return Check(AREA, name)


def _request(bench: Bench, leaf: ProductLeaf, params: dict[str, Any], n: int) -> Request:
    inputs = bench.registry.task_types[leaf.task_type].inputs.minimum
    return Request(
        leaf.task_type, PROMPT, model=leaf.model_id, version_id=leaf.id, params=params, n=n,
        inputs=tuple(_ADDRESS.format(index) for index in range(inputs)),
    )  # fmt: skip
