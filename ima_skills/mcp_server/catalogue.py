"""Models for agents: priced rows of the live list, and a compact overview from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ima_skills.mcp_server.views import ModelRow, ModelsView
from ima_skills.searching import Criteria, Hit, search

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.client import ImaClient

Row = TypeVar("Row")


async def models_view(  # noqa: PLR0913, PLR0917 - the tool's own parameters
    client: ImaClient,
    task_type: str,
    words: str,
    params: Mapping[str, Any],
    max_points: int,
    limit: int,
    offset: int,
) -> ModelsView:
    """Return the models that can do something, the cheapest first.

    Args:
        client: For the live lists.
        task_type: One task type; empty for all.
        words: Each must occur in a name or use case.
        params: What the model must be able to do.
        max_points: Most points; 0 for any.
        limit: Most rows.
        offset: Rows to pass over.

    Raises:
        UsageError: There is no such task type.
        ImaError: The lists cannot be had.
    """
    import asyncio

    kinds = (task_type,) if task_type else tuple(client.registry.task_types)
    pages = await asyncio.gather(*(client.catalogue(kind) for kind in kinds))
    criteria = Criteria(words=tuple(words.split()), params=params, max_points=max_points or None)
    hits = search(client.registry, client.plugins.quirks, pages, criteria)
    shown, place = page_of(hits, limit, offset)
    return ModelsView(models=[_row(client, hit) for hit in shown], **place)


def page_of(rows: Sequence[Row], limit: int, offset: int) -> tuple[Sequence[Row], dict[str, int]]:
    """Return a page of rows, and where it stands among all of them as the views tell it."""
    shown = rows[offset : offset + limit]
    following = offset + len(shown)
    following = following if following < len(rows) else -1
    return shown, {"total": len(rows), "offset": offset, "next_offset": following}


def overview(client: ImaClient) -> dict[str, Any]:
    """Return task types with their inputs, default models and model names; needs no network."""
    registry = client.registry
    named: dict[str, list[str]] = {name: [] for name in registry.task_types}
    for entry in registry.models.values():
        if entry.status == "production":
            for name in entry.task_types:
                named[name].append(entry.name)
    return {"task_types": [_kind(client, name, models) for name, models in named.items()]}


def _kind(client: ImaClient, name: str, models: list[str]) -> dict[str, Any]:
    kind, default = client.registry.task_types[name], client.registry.defaults.get(name)
    inputs = {"min": kind.inputs.minimum, "max": kind.inputs.maximum}
    chosen = default.model if default else None
    return {"task_type": name, "inputs": inputs, "default": chosen, "models": models}


def _row(client: ImaClient, hit: Hit) -> ModelRow:
    estimate = client.engine.cadence(hit.leaf.task_type, hit.leaf).estimate
    return ModelRow(
        name=hit.leaf.name,
        task_type=hit.leaf.task_type,
        model_id=hit.leaf.model_id,
        version_id=hit.leaf.id,
        points=hit.points,
        tier=(hit.entry.tier if hit.entry else None) or "",
        estimate_s=list(estimate),
    )
