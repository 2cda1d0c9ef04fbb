"""What the pack holds: read from the installation, with this version filled in."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ima_skills.resources import data_root
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable

SKILLS = "skills"
_VERSION_LINE = re.compile(r'^  version: "[^"\n]*"$', re.MULTILINE)
# What Python leaves beside scripts that were run.
_BY_PRODUCTS = ("__pycache__",)


def pack_files() -> Mapping[str, bytes]:
    """Return every file of the pack: path below its root, with slashes, to content, sorted by path.

    Raises:
        FileNotFoundError: The installation lacks the pack.
    """
    found = dict(_walk(data_root("pack"), ""))
    return {path: _stamped(path, found[path]) for path in sorted(found)}


def skills_of(files: Mapping[str, bytes]) -> Mapping[str, Mapping[str, bytes]]:
    """Return each skill of a pack: name to its files, with paths below the skill's own folder."""
    skills: dict[str, dict[str, bytes]] = {}
    for path, content in files.items():
        top, _, rest = path.partition("/")
        name, _, inner = rest.partition("/")
        if top == SKILLS and inner:
            skills.setdefault(name, {})[inner] = content
    return skills


def is_script(path: str) -> bool:
    """Tell whether a file of the pack is there to be run."""
    return "/scripts/" in f"/{path}" and path.endswith(".py")


def _walk(folder: Traversable, above: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        path = f"{above}{entry.name}"
        if entry.name.startswith(".") or entry.name in _BY_PRODUCTS:
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{path}/")
        else:
            yield path, entry.read_bytes()


def _stamped(path: str, content: bytes) -> bytes:
    """Return a file with the version of this program in it, where it states one."""
    if path.endswith("/SKILL.md"):
        return _VERSION_LINE.sub(f'  version: "{VERSION}"', content.decode(), count=1).encode()
    if path == "plugin.json":
        document = json.loads(content) | {"version": VERSION}
        return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()
    return content
