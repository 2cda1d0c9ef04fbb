"""What every desk of the sandbox stands on: memory, addresses, time, switches."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from pathlib import Path

from attrs import frozen

from ima_skills.clock import Clock
from ima_skills.sandbox.database import STATE_FILE, Database
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.site import Site

_NAME_BYTES = 16


@frozen
class Ground:
    """The common ground of a sandbox.

    Attributes:
        database: The memory.
        site: Addresses and files.
        staging: Folder for unfinished files, on the same file system as the site's.
        clock: Time.
        options: The switches.
        fresh: Returns a new unguessable name.
    """

    database: Database
    site: Site
    staging: Path
    clock: Clock
    options: Options
    fresh: Callable[[], str]


def open_ground(state: Path, clock: Clock, options: Options, fresh: Callable[[], str] | None) -> Ground:
    """Open a state folder, and make it when it does not exist."""
    # Prompts are in there: nobody else's business on a shared machine.
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    staging = state / "staging"
    staging.mkdir(exist_ok=True)
    return Ground(
        database=Database(state / STATE_FILE),
        site=Site(options.base_url, state / "cdn"),
        staging=staging,
        clock=clock,
        options=options,
        fresh=fresh or fresh_name,
    )


def fresh_name() -> str:
    """Return a name that nobody can guess."""
    return secrets.token_hex(_NAME_BYTES)
