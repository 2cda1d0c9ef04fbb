"""Put a client together: the one place where parts get their defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ima_skills.clock import Clock, SystemClock
from ima_skills.delivering import Direct
from ima_skills.downloading import Downloader
from ima_skills.engine import Engine
from ima_skills.errors import UsageError
from ima_skills.file_rules import FileRules
from ima_skills.network_guard import NetworkGuard, is_loopback_url
from ima_skills.plugin_set import PluginSet, load_plugins
from ima_skills.preferring import Chooser
from ima_skills.refusals import Table
from ima_skills.registry import Registry, load_registry
from ima_skills.schemas import open_schemas
from ima_skills.service import Service
from ima_skills.transport import Transport
from ima_skills.unrecorded import NoJournal

# Those of the service's labels and of our own messages.
LANGUAGES = ("en", "zh")

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    import httpx

    from ima_skills.delivering import Sender
    from ima_skills.preferences import UserPreferences
    from ima_skills.recording import Journal
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
    journal: Journal | None = None,
    files: FileRules | None = None,
    preferences: UserPreferences | None = None,
    sender: Callable[[Sender], Sender] | None = None,
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
    # Nothing but a sandbox's own origin may lead back to this machine.
    hosts = (settings.base_url, settings.upload_base_url)
    transport = Transport(inner, guard=NetworkGuard(hosts, in_process=inner is not None))
    rules = files or FileRules()
    local = rules.local_addresses and (inner is not None or is_loopback_url(settings.base_url))
    service = Service(transport, settings, Table(known.errors), time, language)
    direct = Direct(transport)
    engine = Engine(
        service=service,
        sender=sender(direct) if sender and inner is None else direct,
        registry=known,
        plugins=joined,
        schemas=open_schemas(joined.schema_roots()),
        clock=time,
        rng=rng or random.Random(),  # noqa: S311 - jitter and nonces guard nothing
        degrade=degrade,
        journal=journal or NoJournal(),
        files=evolve(rules, local_addresses=local),
        chooser=Chooser(known, joined, preferences.get) if preferences else Chooser(known, joined),
    )
    return Parts(transport, engine, Downloader(transport, time, rules.on_exists))
