"""Hooks: known, of the documented signature, synchronous, of the right kind of answer, and harmless."""

from __future__ import annotations

import inspect
import io
import os
import time
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from attrs import frozen
from pluggy import PluginManager, PluginValidationError

from ima_skills import hookspecs
from ima_skills.certify.answers import content_checks
from ima_skills.certify.bench import Probe, stand_in
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.samples import arguments
from ima_skills.certify.watch import Seen
from ima_skills.domain.problem import Problem
from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.reflection import GiveUp, Refetch, Retry, Wait
from ima_skills.domain.route import Route
from ima_skills.errors import ImaError
from ima_skills.lending import own_copy
from ima_skills.modality import Modality
from ima_skills.nearest import nearest
from ima_skills.plugin_terms import API_ATTRIBUTE, TermsError, register
from ima_skills.quirks import Quirk
from ima_skills.renderers import Renderer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ima_skills.certify.bench import Bench

AREA = "hooks"
# What an answer holds. Hooks that are not here answer with what is checked where it is used.
_MANY: Mapping[str, tuple[type, ...]] = {
    "ima_modalities": (Modality,),
    "ima_quirks": (Quirk,),
    "ima_registry_roots": (Traversable,),
    "ima_schema_roots": (Traversable,),
    "ima_check_request": (Problem,),
    "ima_sandbox_renderers": (Renderer,),
}
_ONE: Mapping[str, tuple[type, ...]] = {
    "ima_reflect": (Retry, Refetch, Wait, GiveUp),
    "ima_recommend": (Recommendation,),
    "ima_route": (Route,),
    "ima_observe": (),
}
# Our choice: hooks are asked on every road, so they must not be felt.
_MOST_SECONDS = 0.25


@frozen
class Asked:
    """What came of asking a hook.

    Attributes:
        answer: Its answer, a list when the hook gives many.
        fault: What it raised.
        seconds: How long it took.
        deeds: What it did that is forbidden.
        printed: What it wrote.
    """

    answer: Any
    fault: str
    seconds: float
    deeds: tuple[Seen, ...]
    printed: str


def known_hooks() -> dict[str, tuple[str, ...]]:
    """Return every hook of ima-skills and the names of its arguments."""
    named = {name: getattr(hookspecs, name) for name in dir(hookspecs) if name.startswith("ima_")}
    return {name: tuple(inspect.signature(spec).parameters) for name, spec in named.items() if callable(spec)}


def hook_probes(bench: Bench) -> Iterator[Probe]:
    """Yield one probe for all hooks together, then one for each."""
    yield Probe("hooks", AREA, _all_hooks)
    for name in bench.marked():
        if name in known_hooks():
            yield Probe(f"hook:{name}", AREA, _one(name), hook=name)


def _all_hooks(bench: Bench) -> Iterator[Check]:
    known = known_hooks()
    marked = bench.marked()
    if not marked:
        yield absent(AREA, "the plugin implements no hook")
    _, fault = _terms({}, getattr(bench.module, API_ATTRIBUTE, None))
    yield Check(
        AREA,
        "written for these hooks",
        "hook-version" if fault else "",
        _file(bench),
        API_ATTRIBUTE,
        {"fault": fault},
    )
    for name, hook in marked.items():
        # An optional hook is one of a newer version, which the plugin can do without.
        optional = getattr(hook, f"{hookspecs.PROJECT}_impl")["optionalhook"]
        code = "" if name in known or optional else "hook-unknown"
        yield Check(AREA, f"{name} exists", code, _file(bench), name, {"nearest": nearest(name, list(known))})
        if code:
            bench.leave_out(name)
    for name in vars(bench.module):
        if name in known and name not in marked and callable(getattr(bench.module, name)):
            yield Check(AREA, f"{name} is marked", "hook-unmarked", _file(bench), name)


def _one(name: str) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        bad = False
        for found in _hook_checks(bench, name):
            bad = bad or found.code in _UNUSABLE
            yield found
        if bad:
            bench.leave_out(name)

    return checks


_UNUSABLE = ("hook-signature", "hook-async", "hook-raises", "hook-returns")


def _hook_checks(bench: Bench, name: str) -> Iterator[Check]:
    hook, file = bench.marked()[name], _file(bench)
    warning, fault = _terms({name: hook})
    yield Check(AREA, f"{name} signature", "hook-signature" if fault else "", file, name, {"fault": fault})
    yield Check(
        AREA, f"{name} has a future", "hook-deprecated" if warning else "", file, name, {"fault": warning}
    )
    waits = inspect.iscoroutinefunction(hook) or inspect.isasyncgenfunction(hook)
    yield Check(AREA, f"{name} is synchronous", "hook-async" if waits else "", file, name)
    if fault or waits:
        return
    given = arguments(bench, known_hooks()[name])
    if given is None:
        yield absent(AREA, f"{name} answers")
        return
    yield from _answer_checks(bench, name, hook, given)


def _answer_checks(
    bench: Bench, name: str, hook: Callable[..., Any], given: Mapping[str, Any]
) -> Iterator[Check]:
    file = _file(bench)
    before = {word: own_copy(value) for word, value in given.items()}
    first = ask(bench, hook, given, many=name in _MANY)
    changed = [word for word, value in given.items() if value != before[word]]
    given = before
    yield Check(
        AREA,
        f"{name} raises nothing",
        "hook-raises" if first.fault else "",
        file,
        name,
        {"fault": first.fault},
    )
    strange = "" if first.fault else _strange(name, first.answer)
    yield Check(AREA, f"{name} answer", "hook-returns" if strange else "", file, name, {"returned": strange})
    if not first.fault and not strange:
        yield from content_checks(bench, name, first.answer, file)
    code = "hook-mutates" if changed else ""
    yield Check(AREA, f"{name} leaves alone", code, file, name, {"what": ", ".join(changed)})
    for deed in ("network", "writes", "process"):
        objects = [seen.what for seen in first.deeds if seen.deed == deed]
        yield Check(
            AREA,
            f"{name} no {deed}",
            f"hook-{deed}" if objects else "",
            file,
            name,
            {"what": ", ".join(objects)},
        )
    slow = first.seconds > _MOST_SECONDS
    words = {"ms": round(first.seconds * 1000), "most": round(_MOST_SECONDS * 1000)}
    yield Check(AREA, f"{name} is quick", "hook-slow" if slow else "", file, name, words)
    key = os.environ.get("IMA_API_KEY", "")
    shown = bool(key) and key in first.printed
    yield Check(AREA, f"{name} keeps the key to itself", "hook-prints-key" if shown else "", file, name)
    noisy = bool(first.printed.strip()) and not shown
    yield Check(AREA, f"{name} prints nothing", "hook-prints" if noisy else "", file, name)
    again = ask(bench, hook, given, many=name in _MANY)
    differs = not first.fault and _gist(first.answer) != _gist(again.answer)
    yield Check(AREA, f"{name} answers alike", "hook-differs" if differs else "", file, name)


def ask(bench: Bench, hook: Callable[..., Any], given: Mapping[str, Any], *, many: bool) -> Asked:
    """Ask a hook as the core does, with no more arguments than it takes, and watch what it does."""
    taken = inspect.signature(hook).parameters
    answer, fault, printed, start = None, "", io.StringIO(), time.perf_counter()
    with bench.watch.over() as deeds, redirect_stdout(printed), redirect_stderr(printed):
        try:
            answer = hook(**{name: value for name, value in given.items() if name in taken})
            answer = list(answer) if many and isinstance(answer, Iterable) else answer
        except ImaError as error:
            # To refuse is an answer of the hooks that judge a request.
            fault = "" if "request" in given else f"{type(error).__name__}: {error}"
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises is what we came to see
            fault = f"{type(error).__name__}: {error}"
    return Asked(answer, fault, time.perf_counter() - start, tuple(deeds), printed.getvalue())


def _terms(hooks: Mapping[str, Callable[..., Any]], api: Any = None) -> tuple[str, str]:
    """Return what hooks should change before long, and why they would be refused; as the core finds it."""
    manager = PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    module = stand_in("probe", hooks)
    if api is not None:
        setattr(module, API_ATTRIBUTE, api)
    try:
        return register(manager, module, "probe"), ""
    except (PluginValidationError, TermsError) as error:
        return "", str(error).splitlines()[-1]


def _strange(name: str, answer: Any) -> str:
    """Return the type of what an answer should not hold; empty when all is well."""
    if name in _MANY:
        if answer is None:
            return ""
        wrong = (
            [item for item in answer if not isinstance(item, _MANY[name])]
            if isinstance(answer, list)
            else [answer]
        )
        return type(wrong[0]).__name__ if wrong else ""
    if name == "ima_batch_executor":
        fits = answer is None or callable(getattr(answer, "run", None))
        return "" if fits else type(answer).__name__
    if name in _ONE:
        return "" if answer is None or isinstance(answer, _ONE[name]) else type(answer).__name__
    return ""


def _gist(answer: Any) -> Any:
    """Return what two answers must have in common; functions in them are made anew every time."""
    items = answer if isinstance(answer, list) else [answer]
    return [getattr(item, "name", None) or str(type(item)) for item in items]


def _file(bench: Bench) -> str:
    return str(bench.module.__file__ or bench.module.__name__)
