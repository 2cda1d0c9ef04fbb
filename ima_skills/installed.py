"""Which installed distributions mention an entry-point group, found by looking at files and nothing else.

``importlib.metadata`` costs as much start-up time as click, and ``pathlib`` a fifth of it; what only needs to know
whether there is anything at all, or the names, asks here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ENTRY_POINTS = "entry_points.txt"
# Where a wheel and where an older installation keep their name and version.
_METADATA = ("METADATA", "PKG-INFO")
_OWN_PREFIX = "ima_skills-"


def mentioning(group: str, folders: Iterable[str]) -> Iterator[str]:
    """Yield the metadata folders of distributions other than ours whose entry points mention a group.

    Args:
        group: The entry-point group.
        folders: Where to look, in this order; usually ``sys.path``.
    """
    heading = f"[{group}]"
    for folder in folders:
        try:
            names = sorted(os.listdir(folder or "."))  # noqa: PTH208 - see the module's text
        except OSError:
            continue  # sys.path may name folders that do not exist, and zip files
        for name in names:
            if name.endswith((".dist-info", ".egg-info")) and not name.startswith(_OWN_PREFIX):
                entry = f"{folder or '.'}/{name}"
                # Most distributions have no entry points.
                if heading in _text(entry, ENTRY_POINTS):
                    yield entry


def points(entry: str, group: str) -> Iterator[tuple[str, str]]:
    """Yield name and object of the entry points of a group.

    Args:
        entry: A metadata folder.
        group: The entry-point group.
    """
    inside = False
    for line in _text(entry, ENTRY_POINTS).splitlines():
        text = line.partition("#")[0].strip()
        if text.startswith("["):
            inside = text == f"[{group}]"
        elif inside and "=" in text:
            name, _, target = text.partition("=")
            yield name.strip(), target.strip()


def identity(entry: str) -> tuple[str, str]:
    """Return name and version of a distribution, as its metadata or else its folder says."""
    for file in _METADATA:
        head = _text(entry, file).partition("\n\n")[0].splitlines()
        parts = (line.partition(":") for line in head)
        facts = {key.strip().lower(): value.strip() for key, _, value in parts}
        if facts.get("name"):
            return facts["name"], facts.get("version", "")
    name, _, rest = entry.rpartition("/")[2].partition("-")
    return name, rest.rpartition(".")[0]


def _text(entry: str, file: str) -> str:
    """Return a file's text; empty when it cannot be read."""
    try:
        with open(f"{entry}/{file}", encoding="utf-8", errors="replace") as stream:  # noqa: PTH123 - see the module's text
            return stream.read()
    except OSError:
        return ""
