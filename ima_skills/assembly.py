"""Put a client together: the one place where parts get their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.clock import Clock, SystemClock
from ima_skills.downloading import Downloader
from ima_skills.engine import Engine
from ima_skills.errors import UsageError
from ima_skills.plugin_set import PluginSet, load_plugins
from ima_skills.refusals import Table
from ima_skills.registry import Registry, load_registry
from ima_skills.schemas import open_schemas
from ima_skills.service import Service
from ima_skills.transport import Transport

# Those of the service's labels and of our own messages.
LANGUAGES = ("en", "zh")

if TYPE_CHECKING:
    from random import Random

    import httpx

    from ima_skills.settings import Settings


@frozen
class Parts:
    """The parts that a client owns."""

    transport: Transport
    engine: Engine
    downloader: Downloader


def assemble(  # noqa: PLR0913, PLR0917 - everything a client depends on is injected here
    settings: Settings,
    inner: httpx.AsyncBaseTransport | None,
    plugins: PluginSet | None,
    registry: Registry | None,
    clock: Clock | None,
    rng: Random | None,
    language: str,
    *,
    degrade: bool,
) -> Parts:
    """Return the parts of a client; arguments as for :class:`ima_skills.client.ImaClient`.

    Raises:
        UsageError: The service does not have that language.
    """
    import random

    if language not in LANGUAGES:
        raise UsageError(f"the language must be {' or '.join(LANGUAGES)}", code="unknown-language")
    joined = load_plugins() if plugins is None else plugins
    known = load_registry(joined.registry_roots()) if registry is None else registry
    time = clock or SystemClock()
    transport = Transport(inner)
    service = Service(transport, settings, Table(known.errors), time, language)
    engine = Engine(
        service=service,
        registry=known,
        plugins=joined,
        schemas=open_schemas(joined.schema_roots()),
        clock=time,
        rng=rng or random.Random(),  # noqa: S311 - jitter and nonces guard nothing
        degrade=degrade,
    )
    return Parts(transport, engine, Downloader(transport, time))
