"""The reference files of the ima-knowledge-ai skill: where they may be, and how they are read safely."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Where OpenClaw keeps skills, shared ones and those of the workspace.
_PLACES = ("skills", "workspace/skills")
_SKILL = "ima-knowledge-ai/references"
# The file that is about choosing models is asked first (the skill's own index).
_FIRST = "model-selection.md"
# Our choice: far beyond what a reference file for an agent holds.
MOST_FILES = 40
MOST_BYTES = 256 << 10


def find_folder(environ: Mapping[str, str] | None = None) -> Path | None:
    """Return the folder of the reference files, or None where the skill is not installed.

    Args:
        environ: ``IMA_KNOWLEDGE_DIR`` names the folder; the process's own environment by default.
    """
    env = os.environ if environ is None else environ
    if env.get("IMA_KNOWLEDGE_DIR"):
        places = [Path(env["IMA_KNOWLEDGE_DIR"]).expanduser()]
    else:
        try:
            home = Path.home() / ".openclaw"
        except RuntimeError:  # nobody's home, as in some containers
            return None
        places = [home / place / _SKILL for place in _PLACES]
    return next((place for place in places if place.is_dir()), None)


def read_files(folder: Path) -> Iterator[str]:
    """Yield the text of each reference file, the one about models first.

    Links that lead out of the folder, devices and files of an unlikely size are passed over.

    Args:
        folder: What :func:`find_folder` returned.
    """
    try:
        root = folder.resolve(strict=True)
        names = sorted(path.name for path in root.iterdir() if path.suffix == ".md")
    except OSError:
        return
    names.sort(key=lambda name: name != _FIRST)
    for name in names[:MOST_FILES]:
        text = _read(root, name)
        if text is not None:
            yield text


def _read(root: Path, name: str) -> str | None:
    try:
        path = (root / name).resolve(strict=True)
        if not path.is_relative_to(root) or not stat.S_ISREG(path.stat().st_mode):
            return None
        with path.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except (OSError, RuntimeError):  # unreadable, or links that go round in circles
        return None
    return content.decode("utf-8", "replace") if len(content) <= MOST_BYTES else None
