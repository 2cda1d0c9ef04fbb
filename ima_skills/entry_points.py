"""Find installed third-party plugins without importing anything of theirs.

``importlib.metadata`` costs as much start-up time as click, so it is imported only when some
installed distribution mentions our entry-point group at all.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.installed import mentioning

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import Distribution

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
        fault: Why it cannot be loaded, when its installation is broken.
    """

    name: str
    origin: str
    version: str
    module: str
    fault: str = ""


def third_party_candidates(search_path: Iterable[str] | None = None) -> tuple[Candidate, ...]:
    """Return the plugins of installed distributions other than our own, sorted by name.

    Args:
        search_path: Folders to search; ``sys.path`` by default.
    """
    folders = list(sys.path if search_path is None else search_path)
    if next(mentioning(GROUP, folders), None) is None:
        return ()
    from importlib.metadata import distributions

    found: dict[tuple[str, str], Candidate] = {}
    for distribution in distributions(path=folders):
        for candidate in _candidates(distribution):
            # As with imports, the first folder of the path wins.
            found.setdefault((candidate.name, candidate.origin), candidate)
    return tuple(found[key] for key in sorted(found))


def _candidates(distribution: Distribution) -> tuple[Candidate, ...]:
    """Return the plugins of a distribution; one whose metadata is broken is named with its fault."""
    try:
        if f"[{GROUP}]" not in (distribution.read_text("entry_points.txt") or ""):
            return ()
        origin = str(distribution.metadata["Name"] or "unnamed")
        if origin.replace("_", "-").lower() == OWN_DISTRIBUTION:
            return ()
        version = str(distribution.version or "")
        points = distribution.entry_points.select(group=GROUP)
        return tuple(Candidate(point.name, origin, version, point.module) for point in points)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a distribution costs only itself
        fault = f"its installation is broken: {type(error).__name__}: {error}"
        name = getattr(getattr(distribution, "_path", None), "name", "unnamed")
        return (Candidate(name.partition("-")[0], name, "", "", fault),)
