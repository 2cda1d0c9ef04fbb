"""Arguments for hooks: what a real request would hand to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.catalogue import read_catalogue
from ima_skills.domain.event import Created
from ima_skills.domain.reflection import Attempt, Refusal
from ima_skills.domain.request import Parameters, Quote, Request
from ima_skills.preparing import Preparer
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills.certify.bench import Bench
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.route import Route
    from ima_skills.plugin_set import PluginSet
    from ima_skills.preparing import Prepared
    from ima_skills.registry import Registry

USUAL = "text_to_image"
PROMPT = "a quiet bay at dusk"


def leaves_of(registry: Registry, entry: ModelEntry, task_type: str) -> tuple[ProductLeaf, ...]:
    """Return the leaves that lists from files have of a model."""
    listed = read_catalogue(task_type, registry.snapshot.groups(task_type)).leaves
    return tuple(leaf for leaf in listed if leaf.model_id == entry.task_types[task_type].model_id)


def some_leaf(bench: Bench) -> tuple[ModelEntry, ProductLeaf]:
    """Return a leaf of the plugin's first model that has one, else one of the first party."""
    for entry in (*bench.models(), *bench.first_party.models.values()):
        for task_type in entry.task_types:
            found = leaves_of(bench.registry, entry, task_type)
            if found:
                return entry, found[0]
    raise LookupError("the first party's lists have leaves")


def arguments(bench: Bench, names: tuple[str, ...]) -> Mapping[str, Any] | None:
    """Return arguments of a hook by their names; None when one is not known here."""
    entry, leaf = some_leaf(bench)
    # Who is asked for a recommendation is asked about a wish that names no model.
    named = None if "models" in names else entry.id
    request = Request(leaf.task_type, PROMPT, model=named)
    quote = Quote(leaf.rules[0], 1)
    values = Parameters(dict(leaf.rules[0].attributes)).values
    known: dict[str, Any] = {
        "request": request,
        "entry": entry,
        "leaf": leaf,
        "refusal": Refusal("service-fault", 500, "degrade", "too heavy"),
        "attempt": Attempt(1, leaf, values, quote),
        "event": Created("task_sample", 1),
        "models": tuple(
            model for model in bench.registry.models.values() if leaf.task_type in model.task_types
        ),
        "concurrency": 2,
        "text": PROMPT,
    }
    if "route" in names:
        known["route"] = open_routing(bench)(PROMPT)
    return {name: known[name] for name in names} if set(names) <= known.keys() else None


def prepare(plugins: PluginSet, registry: Registry, request: Request) -> Prepared:
    """Return a request as the core would prepare it, on lists from files.

    Raises:
        ImaError: As for a real request.
    """
    preparer = Preparer(registry, plugins, open_schemas(plugins.schema_roots()))
    return preparer.build(preparer.check(request), preparer.snapshot(request.task_type))


def open_routing(bench: Bench) -> Callable[[str], Route]:
    """Return how wishes are understood before the plugin's hook is asked."""
    from ima_skills.resources import data_root
    from ima_skills.routing import open_router
    from ima_skills.routing.vocabulary import load_vocabulary

    return open_router(bench.registry, load_vocabulary((data_root("registry"),))).route
