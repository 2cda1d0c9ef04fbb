"""The rows of ``models list``: from the live list, or from the registry's dated copy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from importlib.resources.abc import Traversable

    from ima_skills.catalogue import Catalogue
    from ima_skills.cli.session import PluginChoice
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.registry import Registry

Row = dict[str, Any]
_CACHE = "models"
_FIELDS = {
    "task_type",
    "model_id",
    "version_id",
    "name",
    "points_from",
    "points_to",
    "aliases",
    "status",
    "id",
    "estimate_s",
}
# A model of the live list that the registry has no file for.
NEW = "new"


def offline_rows(choice: PluginChoice | None = None) -> tuple[list[Row], str | None]:
    """Return every row that is known offline, and the date of the list.

    They are remembered until a registry file changes, because deriving them takes longer than
    everything else that a listing does.

    Args:
        choice: Which plugins take part; all by default.
    """
    from ima_skills.registry_cache import fingerprint, recall, remember
    from ima_skills.settings import state_home

    roots = _roots(choice)
    mark = fingerprint(VERSION, roots)
    folder = state_home() / "cache"
    kept = _sound(recall(folder, _CACHE, mark)) if mark else None
    if kept is not None:
        return kept
    rows, captured = _derive(roots)
    if mark:
        remember(folder, _CACHE, mark, {"rows": rows, "captured": captured})
    return rows, captured


def catalogue_rows(registry: Registry, catalogue: Catalogue) -> Iterator[Row]:
    """Yield a row for each leaf of a product list."""
    kind = registry.task_types.get(catalogue.task_type)
    for leaf in catalogue.leaves:
        entry = registry.by_model_id(leaf.model_id, catalogue.task_type)
        yield _leaf_row(leaf, entry, kind.estimate if kind else None)


def unlisted_rows(registry: Registry, listed: Iterable[Row]) -> Iterator[Row]:
    """Yield rows for models of the registry that no list has: announced and retired ones."""
    seen = {(row["id"], row["task_type"]) for row in listed}
    for entry in registry.models.values():
        for name in entry.task_types or (None,):
            if (entry.id, name) not in seen:
                yield _entry_row(entry, name)


def _roots(choice: PluginChoice | None) -> tuple[Traversable, ...]:
    from ima_skills.entry_points import third_party_candidates
    from ima_skills.resources import data_root

    first = data_root("registry")
    # First-party plugins bring no roots of their own, so without third parties none need be loaded.
    if (choice and not choice.third_party) or not third_party_candidates():
        return (first,)
    from ima_skills.cli.session import PluginChoice as Choice

    return (first, *(choice or Choice()).load().registry_roots())


def _derive(roots: tuple[Traversable, ...]) -> tuple[list[Row], str | None]:
    from ima_skills.catalogue import read_catalogue
    from ima_skills.registry import load_registry_from

    registry = load_registry_from(roots)
    rows: list[Row] = []
    dates = []
    for name in registry.task_types:
        rows += catalogue_rows(registry, read_catalogue(name, registry.snapshot.groups(name)))
        dates.append(registry.snapshot.captured(name))
    rows += unlisted_rows(registry, rows)
    return rows, max((date for date in dates if date), default=None)


def _leaf_row(leaf: ProductLeaf, entry: ModelEntry | None, usual: tuple[float, float] | None) -> Row:
    from ima_skills.pricing import price_span

    span = price_span(leaf) or (None, None)
    task = entry.task_types.get(leaf.task_type) if entry else None
    estimate = leaf.estimate or (task.estimate if task else None) or usual
    return {
        "task_type": leaf.task_type,
        "model_id": leaf.model_id,
        "version_id": leaf.id,
        "name": leaf.name,
        "points_from": span[0],
        "points_to": span[1],
        "aliases": _aliases(entry, leaf.id),
        "status": entry.status if entry else NEW,
        "id": entry.id if entry else None,
        "estimate_s": list(estimate) if estimate else None,
    }


def _entry_row(entry: ModelEntry, task_type: str | None) -> Row:
    task = entry.task_types.get(task_type) if task_type else None
    return {
        "task_type": task_type,
        "model_id": task.model_id if task else None,
        "version_id": None,
        "name": entry.name,
        "points_from": None,
        "points_to": None,
        "aliases": _aliases(entry),
        "status": entry.status,
        "id": entry.id,
        "estimate_s": list(task.estimate) if task and task.estimate else None,
    }


def _aliases(entry: ModelEntry | None, version_id: str = "") -> list[str]:
    if entry is None:
        return []
    return [*entry.aliases.everything(), *entry.version_aliases.get(version_id, ())]


def _sound(kept: Any) -> tuple[list[Row], str | None] | None:
    """Return remembered rows, or None where a file is damaged and still JSON."""
    if not isinstance(kept, dict) or not isinstance(kept.get("rows"), list):
        return None
    rows: list[Row] = kept["rows"]
    if not all(isinstance(row, dict) and row.keys() == _FIELDS for row in rows):
        return None
    return rows, kept.get("captured")
