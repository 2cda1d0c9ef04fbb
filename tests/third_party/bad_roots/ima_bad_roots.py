"""A third-party plugin whose folders are missing, broken, or no folders at all."""

from __future__ import annotations

from pathlib import Path

from ima_skills.hookspecs import hookimpl

HERE = Path(__file__).parent


@hookimpl
def ima_registry_roots() -> list[object]:
    """Return a broken registry, a missing one and a text."""
    return [HERE / "registry", HERE / "nowhere", "registry"]


@hookimpl
def ima_schema_roots() -> list[object]:
    """Return a missing folder and a number."""
    return [HERE / "nowhere", 5]
