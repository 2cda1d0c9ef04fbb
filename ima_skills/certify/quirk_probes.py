"""Quirks: they leave their input alone, answer alike, tell their changes, and do twice, or in any order, the same."""

from __future__ import annotations

from functools import partial
from itertools import combinations, islice
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.certify.bench import Probe
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.samples import PROMPT, leaves_of, some_leaf
from ima_skills.certify.trials import addresses, input_counts, rare_wishes
from ima_skills.certify.witness import error_said, witnessed
from ima_skills.domain.media_facts import MediaFacts, PlacedInput
from ima_skills.domain.product import ProductLeaf
from ima_skills.domain.request import Parameters, Request
from ima_skills.errors import ImaError, PluginError
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
        yield from _inputs(bench, setting)

    return checks


def _station(bench: Bench, setting: _Setting, station: Station) -> Iterator[Check]:
    found: dict[str, QuirkFault] = {}
    raised = ""
    samples = list(_samples(bench, setting.leaf, station))
    with witnessed(bench) as seen:
        for label, value, context in samples:
            bench.note(label)
            try:
                faults = quirk_faults(setting.quirk, station, value, *context, options=setting.options)
            except ImaError as error:
                raised = error_said(error, label)
                break
            found.update((fault.rule, fault) for fault in faults)
    if raised and not setting.at_work:
        yield absent(AREA, f"{setting.label} {station}: no model that can be used gives it options")
    else:
        yield from _verdicts(setting, station, found, raised)
    for code, what in seen.told():
        yield _check(setting, station, f"no {code}", f"quirk-{code}" if what else "", {"what": what})


def _verdicts(
    setting: _Setting, station: Station, found: Mapping[str, QuirkFault], raised: str
) -> Iterator[Check]:
    for rule in _RULES:
        yield _check(setting, station, rule, f"quirk-{rule}" if rule in found else "", {})
    yield _check(setting, station, "works", "quirk-raises" if raised else "", {"fault": raised})


def _check(setting: _Setting, station: str, what: str, code: str, words: Mapping[str, Any]) -> Check:
    place = f"{setting.quirk.name} ({station})"
    return Check(AREA, f"{setting.label} {station} {what}", code, setting.model, place, words)


def _samples(bench: Bench, leaf: ProductLeaf, station: Station) -> Iterator[tuple[str, Any, tuple[Any, ...]]]:
    """Yield what a quirk is given, each with what is rare about it."""
    if station == "leaf":
        yield "", leaf, ()
        return
    defaults = {field.name: field.value for field in leaf.form if field.value is not None}
    for wish in wishes(leaf, _SAMPLES):
        label = ", ".join(f"{name}={value}" for name, value in wish.items())
        if station == "request":
            yield label, Request(leaf.task_type, PROMPT, params=dict(wish)), ()
        else:
            yield label, Parameters({**defaults, **wish}, dict(wish)), (leaf,)
    if station == "request":
        usual = Request(leaf.task_type, PROMPT)
        yield from ((label, wish, ()) for label, wish in rare_wishes(bench, usual, leaf))


def outcomes(bench: Bench, most: int) -> Iterator[tuple[str, list[Any]]]:
    """Yield each quirk at each of its stations, and what it makes of what it is given.

    Args:
        bench: The plugin.
        most: Most values that each is given.
    """
    for setting in _settings(bench):
        chain = QuirkChain((setting.quirk,), {setting.quirk.name: setting.options})
        for station in STATIONS:
            if getattr(setting.quirk, station) is not None:
                samples = islice(_samples(bench, setting.leaf, station), most)
                results = [_outcome(chain, station, value, context) for _, value, context in samples]
                yield f"{setting.label} ({station})", results


def _outcome(chain: QuirkChain, station: Station, value: Any, context: tuple[Any, ...]) -> Any:
    try:
        return getattr(chain, f"on_{station}")(value, *context)
    except ImaError as error:
        return error.name


def _inputs(bench: Bench, setting: _Setting) -> Iterator[Check]:
    """Yield whether a quirk that looks at inputs, or places them, does so for every number of them."""
    quirk, task_type = setting.quirk, setting.leaf.task_type
    if quirk.check_inputs is None and quirk.place_inputs is None:
        return
    chain = QuirkChain((quirk,), {quirk.name: setting.options})
    raised = ""
    with witnessed(bench) as seen:
        for count in input_counts(bench, task_type):
            for what, facts in _measured().items():
                try:
                    chain.input_problems(task_type, (facts,) * count)
                    chain.placed(task_type, tuple(PlacedInput(url, facts) for url in addresses(count)))
                except PluginError as error:
                    raised = raised or error_said(error, f"inputs: {count}, {what}")
                except ImaError:
                    continue  # to refuse them is an answer
    if raised and not setting.at_work:
        yield absent(AREA, f"{setting.label} inputs: no model that can be used gives it options")
    else:
        yield _check(setting, "inputs", "works", "quirk-raises" if raised else "", {"fault": raised})
    for code, what in seen.told():
        yield _check(setting, "inputs", f"no {code}", f"quirk-{code}" if what else "", {"what": what})


def _measured() -> dict[str, MediaFacts | None]:
    """Return what may be known of an input."""
    return {
        "an address": None,
        "a small picture": MediaFacts("picture", "png", 70, 1, 1),
        "a tall picture": MediaFacts("picture", "webp", 20_000_000, 1000, 9000),
        "a clip": MediaFacts("video", "mp4", 1_000_000, 1280, 720, 5.04, 23.976),
        "a sound": MediaFacts("audio", "mp3", 100_000, duration_s=0.2),
    }


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
                samples = _samples(bench, leaf, station)
                try:
                    faults = [
                        fault
                        for _, value, context in samples
                        for fault in order_faults(
                            one, other, station, value, *context, options=entry.quirk_options
                        )
                    ]
                except PluginError:
                    continue  # told where each is tried alone
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
