"""Hooks: known, of the documented signature, synchronous, of the right kind of answer, and harmless."""

from __future__ import annotations

import inspect
from functools import partial
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from attrs import has
from pluggy import PluginManager, PluginValidationError

from ima_skills import hookspecs
from ima_skills.certify.answers import content_checks
from ima_skills.certify.asking import Hearing, hear
from ima_skills.certify.bench import Probe, stand_in
from ima_skills.certify.checks import Check, absent
from ima_skills.domain.problem import Problem
from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.reflection import GiveUp, Refetch, Retry, Wait
from ima_skills.domain.route import Route
from ima_skills.modality import Modality
from ima_skills.nearest import nearest
from ima_skills.plugin_terms import API_ATTRIBUTE, TermsError, register
from ima_skills.quirks import Quirk
from ima_skills.renderers import Renderer
from ima_skills.well_formed import mistyped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ima_skills.certify.bench import Bench

AREA = "hooks"
# What an answer holds. Hooks that are not here answer with what is checked where it is used.
MANY: Mapping[str, tuple[type, ...]] = {
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
    heard = hear(bench, hook, known_hooks()[name], many=name in MANY, strange=partial(strange_answer, name))
    if heard is None:
        yield absent(AREA, f"{name} answers")
        return
    yield from _answer_checks(bench, name, heard)


def _answer_checks(bench: Bench, name: str, heard: Hearing) -> Iterator[Check]:
    check = partial(_check, name, _file(bench))
    yield check("raises nothing", "hook-raises", heard.fault)
    yield check("answer", "hook-returns", heard.strange)
    if not heard.fault and not heard.strange:
        yield from content_checks(bench, name, heard.answers, _file(bench))
    yield check("leaves alone", "hook-mutates", ", ".join(heard.changed))
    for code, what in heard.beside.told():
        yield check(f"no {code}", f"hook-{code}", what)
    slow = heard.seconds > _MOST_SECONDS
    words = {"ms": round(heard.seconds * 1000), "most": round(_MOST_SECONDS * 1000)}
    yield Check(AREA, f"{name} is quick", "hook-slow" if slow else "", _file(bench), name, words)
    yield check("answers alike", "hook-differs", heard.differs)
    yield check("quotes nobody", "hook-quotes", heard.quotes)
    yield check("without heavy modules", "hook-heavy", ", ".join(heard.heavy))


def _check(name: str, file: str, what: str, code: str, found: str | bool) -> Check:  # noqa: FBT001 - what was found, or whether
    words = {"fault": found, "returned": found, "what": found}
    return Check(AREA, f"{name} {what}", code if found else "", file, name, words)


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


def strange_answer(name: str, answer: Any) -> str:
    """Return the type of what an answer should not hold; empty when all is well.

    Args:
        name: The hook.
        answer: What it answered, a list when it gives many.
    """
    if name in MANY:
        if answer is None:
            return ""
        wrong = (
            [item for item in answer if not isinstance(item, MANY[name])]
            if isinstance(answer, list)
            else [answer]
        )
        return type(wrong[0]).__name__ if wrong else _whose(answer)
    if name == "ima_batch_executor":
        fits = answer is None or callable(getattr(answer, "run", None))
        return "" if fits else type(answer).__name__
    if name in _ONE:
        return _whose([answer]) if answer is None or isinstance(answer, _ONE[name]) else type(answer).__name__
    return ""


def _whose(answers: Iterable[Any]) -> str:
    """Return what in answers of the right class is of another kind than the class says."""
    faults = ((item, mistyped(item)) for item in answers if has(type(item)))
    return next((f"{type(item).__name__} whose {fault}" for item, fault in faults if fault), "")


def _file(bench: Bench) -> str:
    return str(bench.module.__file__ or bench.module.__name__)
