"""Product lists for the commands about models: live, from a sandbox, or the dated copy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.quirks import Quirk
from ima_skills.registry import Registry

if TYPE_CHECKING:
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient


@frozen
class ProductLists:
    """Some task types' lists, and what is needed to read them.

    Attributes:
        pages: One list per task type.
        registry: What is known of the models.
        quirks: The quirks that plugins supply.
        source: Where the lists come from, as fields of a document.
    """

    pages: tuple[Catalogue, ...]
    registry: Registry
    quirks: Mapping[str, Quirk]
    source: Mapping[str, Any]


def offline_lists(choice: PluginChoice, language: str, task_type: str | None) -> ProductLists:
    """Return the dated copies of the lists.

    Args:
        choice: Which plugins take part.
        language: Language of the labels.
        task_type: One task type, or None for all.

    Raises:
        UsageError: There is no such task type.
    """
    from ima_skills.cli.session import load_known

    plugins = choice.load()
    registry = load_known(plugins)
    kinds = _kinds(registry, task_type)
    dates = [registry.snapshot.captured(kind) for kind in kinds]
    return ProductLists(
        tuple(read_catalogue(kind, registry.snapshot.groups(kind, language)) for kind in kinds),
        registry,
        plugins.quirks,
        {
            "source": "snapshot",
            "captured": max((date for date in dates if date), default=None),
            "sandbox": False,
        },
    )


def live_lists(
    connection: Connection, choice: PluginChoice, output: Output, task_type: str | None
) -> ProductLists:
    """Return the lists as the service has them now.

    Args:
        connection: Where the service is.
        choice: Which plugins take part.
        output: Language, and warnings.
        task_type: One task type, or None for all.

    Raises:
        UsageError: There is no such task type.
        ImaError: The lists cannot be had.
    """
    from ima_skills.cli.running import Journal, run
    from ima_skills.cli.session import open_client

    client = open_client(connection, choice, output)
    pages = run(lambda: _catalogues(client, task_type), Journal())
    sandbox = client.engine.service.sandbox_speed is not None
    source = {"source": "live", "captured": None, "sandbox": sandbox}
    return ProductLists(pages, client.registry, client.plugins.quirks, source)


async def _catalogues(client: ImaClient, task_type: str | None) -> tuple[Catalogue, ...]:
    import asyncio

    async with client:
        kinds = _kinds(client.registry, task_type)
        return tuple(await asyncio.gather(*(client.catalogue(kind) for kind in kinds)))


def _kinds(registry: Registry, task_type: str | None) -> tuple[str, ...]:
    known = tuple(registry.task_types)
    if task_type is None:
        return known
    if task_type not in known:
        from ima_skills.preparing import unknown_task_type

        raise unknown_task_type(task_type, known)
    return (task_type,)
