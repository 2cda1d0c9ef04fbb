"""Find installed third-party plugins without importing anything of theirs.

``importlib.metadata`` costs as much start-up time as click, so it is imported only when some
installed distribution mentions our entry-point group at all.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

GROUP = "ima_skills.plugins"
OWN_DISTRIBUTION = "ima-skills"


@frozen
class Candidate:
    """A plugin that could be loaded.

    Attributes:
        name: Entry-point name.
        origin: Name of the distribution.
        version: Its version.
        module: Module to import.
    """

    name: str
    origin: str
    version: str
    module: str


def third_party_candidates(search_path: Iterable[str] | None = None) -> tuple[Candidate, ...]:
    """Return the plugins of installed distributions other than our own, sorted by name.

    Args:
        search_path: Folders to search; ``sys.path`` by default.
    """
    folders = list(sys.path if search_path is None else search_path)
    if not any(_mentions_group(folder) for folder in folders):
        return ()
    from importlib.metadata import distributions

    found = {
        (candidate.name, candidate.origin): candidate
        for distribution in distributions(path=folders)
        for candidate in _candidates(distribution)
    }
    return tuple(found[key] for key in sorted(found))


def _mentions_group(folder: str) -> bool:
    try:
        entries = [e for e in Path(folder or ".").iterdir() if e.name.endswith((".dist-info", ".egg-info"))]
    except OSError:
        return False  # sys.path may name folders that do not exist, and zip files
    return any(_declares(entry) for entry in entries)


def _declares(entry: Path) -> bool:
    if entry.name.startswith("ima_skills-"):
        return False
    try:
        return f"[{GROUP}]".encode() in (entry / "entry_points.txt").read_bytes()
    except OSError:
        return False  # most distributions have no entry points


def _candidates(distribution: object) -> Iterator[Candidate]:
    from importlib.metadata import Distribution

    if not isinstance(distribution, Distribution):
        raise TypeError("not a distribution")
    origin = str(distribution.metadata["Name"])
    if origin.replace("_", "-").lower() == OWN_DISTRIBUTION:
        return
    for point in distribution.entry_points.select(group=GROUP):
        yield Candidate(point.name, origin, distribution.version, point.module)
