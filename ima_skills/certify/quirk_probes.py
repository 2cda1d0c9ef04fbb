"""Quirks: they leave their input alone, answer alike, tell their changes, and do twice, or in any order, the same."""

from __future__ import annotations

from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.certify.bench import Probe
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.samples import PROMPT, leaves_of, some_leaf
from ima_skills.domain.product import ProductLeaf
from ima_skills.domain.request import Parameters, Request
from ima_skills.errors import ImaError
from ima_skills.quirks import Quirk, QuirkChain, chain_for
from ima_skills.testing.quirk_checks import STATIONS, QuirkFault, Station, order_faults, quirk_faults
from ima_skills.testing.wishes import wishes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ima_skills.certify.bench import Bench
    from ima_skills.domain.model_entry import ModelEntry

AREA = "quirks"
_RULES = ("mutates", "answers-differ", "not-idempotent", "silent-change")
# Of the wishes of a leaf: enough to meet every choice.
_SAMPLES = 60


@frozen
class _Setting:
    """A quirk at work: for which model and leaf, with which options.

    A quirk that is at work nowhere is asked as well, but a failure is no fault of its own then: the options that a
    file would give it are not known, or that file cannot be used, which is told where it is.
    """

    model: str
    quirk: Quirk
    leaf: ProductLeaf
    options: Any
    at_work: bool = True

    @property
    def label(self) -> str:
        return f"{self.model} {self.leaf.task_type} {self.quirk.name}"


def quirk_probes(bench: Bench) -> Iterator[Probe]:
    """Yield one probe per quirk, model and task type, and one for the order."""
    settings = list(_settings(bench))
    if not settings:
        yield Probe("quirks:none", AREA, _none)
    for setting in settings:
        yield Probe(f"quirk:{setting.label}", AREA, _checks(setting), patience=4)
    yield Probe("quirks:order", AREA, _order, patience=4)
    yield Probe("quirks:failing", AREA, _failing)


def _settings(bench: Bench) -> Iterator[_Setting]:
    met: set[str] = set()
    for entry in bench.models():
        for task_type in entry.task_types:
            for quirk, leaf in _at_work(bench, entry, task_type):
                met.add(quirk.name)
                yield _Setting(entry.id, quirk, leaf, entry.quirk_options.get(quirk.name, {}))
    for quirk in _own(bench):
        if quirk.name not in met:
            entry, leaf = some_leaf(bench)
            yield _Setting(entry.id, quirk, leaf, {}, at_work=False)


def _at_work(bench: Bench, entry: ModelEntry, task_type: str) -> Iterator[tuple[Quirk, ProductLeaf]]:
    try:
        chain = chain_for(entry, bench.plugins.quirks)
    except ImaError:
        return  # the registry's checks say so
    for leaf in leaves_of(bench.registry, entry, task_type)[:1]:
        yield from ((quirk, leaf) for quirk in chain.quirks)


def _own(bench: Bench) -> list[Quirk]:
    first = bench.join(ima_quirks=lambda: ()).quirks
    return [quirk for name, quirk in bench.plugins.quirks.items() if name not in first]


def _none(_bench: Bench) -> Iterator[Check]:
    yield absent(AREA, "quirks")


def _checks(setting: _Setting) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        for station in STATIONS:
            if getattr(setting.quirk, station) is not None:
                yield from _station(bench, setting, station)

    return checks


def _station(bench: Bench, setting: _Setting, station: Station) -> Iterator[Check]:
    found: dict[str, QuirkFault] = {}
    raised = ""
    with bench.watch.over() as deeds:
        for value, context in _samples(setting.leaf, station):
            try:
                faults = quirk_faults(setting.quirk, station, value, *context, options=setting.options)
            except ImaError as error:
                raised = error.message
                break
            found.update((fault.rule, fault) for fault in faults)
    if raised and not setting.at_work:
        yield absent(AREA, f"{setting.label} {station}: no model that can be used gives it options")
    else:
        yield from _verdicts(setting, station, found, raised)
    for deed in ("network", "writes", "process"):
        objects = [seen.what for seen in deeds if seen.deed == deed]
        words = {"what": ", ".join(objects[:3])}
        yield _check(setting, station, f"no {deed}", f"quirk-{deed}" if objects else "", words)


def _verdicts(
    setting: _Setting, station: Station, found: Mapping[str, QuirkFault], raised: str
) -> Iterator[Check]:
    for rule in _RULES:
        yield _check(setting, station, rule, f"quirk-{rule}" if rule in found else "", {})
    yield _check(setting, station, "works", "quirk-raises" if raised else "", {"fault": raised})


def _check(setting: _Setting, station: Station, what: str, code: str, words: Mapping[str, Any]) -> Check:
    place = f"{setting.quirk.name} ({station})"
    return Check(AREA, f"{setting.label} {station} {what}", code, setting.model, place, words)


def _samples(leaf: ProductLeaf, station: Station) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    if station == "leaf":
        yield leaf, ()
        return
    defaults = {field.name: field.value for field in leaf.form if field.value is not None}
    for wish in wishes(leaf, _SAMPLES):
        if station == "request":
            yield Request(leaf.task_type, PROMPT, params=dict(wish)), ()
        else:
            yield Parameters({**defaults, **wish}, dict(wish)), (leaf,)


def _order(bench: Bench) -> Iterator[Check]:
    """Try every pair of quirks in code of a model in both orders; rules keep the order of their file."""
    some = False
    for entry in bench.models():
        named = [bench.plugins.quirks[name] for name in entry.quirks if name in bench.plugins.quirks]
        for one, other in combinations(named, 2):
            some = True
            yield from _pair(bench, entry, one, other)
    if not some:
        yield absent(AREA, "two quirks in code for one model")


def _pair(bench: Bench, entry: ModelEntry, one: Quirk, other: Quirk) -> Iterator[Check]:
    for task_type in entry.task_types:
        for leaf in leaves_of(bench.registry, entry, task_type)[:1]:
            for station in STATIONS:
                if getattr(one, station) is None or getattr(other, station) is None:
                    continue
                faults = [
                    fault
                    for value, context in _samples(leaf, station)
                    for fault in order_faults(
                        one, other, station, value, *context, options=entry.quirk_options
                    )
                ]
                name = f"{entry.id} {task_type} {station}: {one.name} and {other.name} in any order"
                code = "quirk-order-matters" if faults else ""
                yield Check(AREA, name, code, entry.id, f"{one.name} ({station})", {"other": other.name})


def _failing(bench: Bench) -> Iterator[Check]:
    """Let each quirk of the plugin fail: the error has to name it, and nothing else may come out."""
    _, leaf = some_leaf(bench)

    def fail(*_: Any) -> Any:
        raise ZeroDivisionError("on purpose")

    for quirk in _own(bench):
        chain = QuirkChain((Quirk(quirk.name, quirk.summary, request=fail, leaf=fail, parameters=fail),))
        calls: dict[str, Callable[[], Any]] = {
            "request": partial(chain.on_request, Request(leaf.task_type, PROMPT)),
            "leaf": partial(chain.on_leaf, leaf),
            "parameters": partial(chain.on_parameters, Parameters({}), leaf),
        }
        for station, call in calls.items():
            try:
                call()
            except ImaError as error:
                named = quirk.name in error.message
            else:
                named = False
            code = "" if named else "not-contained"
            yield Check(
                "containment", f"{quirk.name} fails ({station})", code, "", quirk.name, {"what": "raises"}
            )
