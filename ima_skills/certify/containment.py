"""A plugin that breaks costs only itself: the core goes on when its hooks raise or answer nonsense."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ima_skills.certify.bench import Probe
from ima_skills.certify.checks import Check
from ima_skills.certify.hooks import known_hooks
from ima_skills.certify.samples import PROMPT, USUAL, arguments, prepare
from ima_skills.domain.request import Request
from ima_skills.plugin_faults import is_ctrl_c
from ima_skills.registry import load_registry
from ima_skills.routing import reconsidered

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ima_skills.certify.bench import Bench
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

AREA = "containment"


def containment_probes(bench: Bench) -> Iterator[Probe]:
    """Yield one probe per hook."""
    for name in bench.marked():
        if name in known_hooks():
            yield Probe(f"containment:{name}", AREA, _checks(name), hook=name, patience=3)


def _checks(name: str) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        given = arguments(bench, known_hooks()[name])
        for what, behave in _WAYS.items():
            fault = _survived(bench, name, behave, given)
            words = {"what": what, "fault": fault}
            yield Check(AREA, f"{name} {what}", "not-contained" if fault else "", "", name, words)

    return checks


class _Brittle:
    """Breaks whoever looks at it."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError(name)


def _raise(**_: Any) -> Any:
    raise RuntimeError("on purpose")


def _leave(**_: Any) -> Any:
    raise SystemExit(3)


def _cancel(**_: Any) -> Any:
    from asyncio import CancelledError

    raise CancelledError


def _slip_through(**_: Any) -> Any:
    raise BaseExceptionGroup("on purpose", [GeneratorExit()])


def _refuse_by_mistake(**_: Any) -> Any:
    load_registry((Path("no such folder"),))


_WAYS: Mapping[str, Callable[..., Any]] = {
    "raises": _raise,
    "ends the process": _leave,
    "cancels the task": _cancel,
    "raises what few catch": _slip_through,
    "lets out an error of the core": _refuse_by_mistake,
    "returns a number": lambda **_: 42,
    "returns a text": lambda **_: "nonsense",
    "returns a list of things": lambda **_: [object(), None],
    "returns what breaks": lambda **_: _Brittle(),
}


def _survived(bench: Bench, name: str, behave: Callable[..., Any], given: Mapping[str, Any] | None) -> str:
    """Return what went wrong in the core; empty when a request of the first party was prepared all the same."""

    def hook() -> Any:
        return behave()

    try:
        plugins = bench.join(**{name: hook})
        registry = load_registry(plugins.registry_roots())
        plugins.schema_roots()
        plugins.renderers()
        prepared = prepare(plugins, registry, Request(USUAL, PROMPT))
        if given is not None:
            _ask_again(plugins, registry, name, given)
    except BaseException as error:
        if is_ctrl_c(error):
            raise
        return f"{type(error).__name__}: {error}"
    return "" if prepared.quote.total > 0 else "no price"


def _ask_again(plugins: PluginSet, registry: Registry, name: str, given: Mapping[str, Any]) -> None:
    """Ask the hook where the core asks it, so that its answer is used."""
    askers: dict[str, Callable[..., Any]] = {
        "ima_check_request": plugins.opinions,
        "ima_reflect": plugins.decide,
        "ima_recommend": plugins.recommendation,
        "ima_batch_executor": plugins.batch_executor,
        "ima_observe": plugins.tell,
        "ima_route": lambda text, route: reconsidered(plugins, text, route, registry),
    }
    if name in askers:
        askers[name](**given)
    else:
        list(plugins.ask_each(name, **given))
