"""Write a tree of files as copies, and replace nothing but what an earlier run of ours has written.

A list of what is ours lies in the folder, with the digest of every file. It is written before the files, naming
the old and the new content, and again after them: a run that is killed in between is simply run again.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from ima_skills.errors import UsageError
from ima_skills.packs.contents import is_script

if TYPE_CHECKING:
    from collections.abc import Mapping

MANIFEST = ".ima-skills-pack.json"
State = Literal["new", "replaced", "same", "removed"]
_FILE, _SCRIPT = 0o644, 0o755
_SHOWN = 5


@frozen
class Step:
    """What becomes of one file.

    Attributes:
        path: Where it is.
        state: What happens to it.
        sha256: Of the content that it gets; empty when it is removed.
        bytes: Likewise its size; 0 when it is removed.
    """

    path: Path
    state: State
    sha256: str = ""
    bytes: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return {"path": str(self.path), "state": self.state, "sha256": self.sha256, "bytes": self.bytes}


def plan(folder: Path, files: Mapping[str, bytes]) -> tuple[Step, ...]:
    """Return what writing a tree would do; nothing is touched.

    Args:
        folder: Where its root goes.
        files: Path below the root, with slashes, to content.

    Raises:
        UsageError: The folder holds what is not ours, or somebody changed what is.
    """
    ours = _ours(folder)
    if ours is None and not _is_free(folder):
        raise UsageError(
            f"{folder} holds files that this command did not write",
            code="foreign-folder",
            hint="Nothing was written. Name another folder, or empty this one.",
            details={"folder": str(folder)},
        )
    known = ours or {}
    _must_be_untouched(folder, {*files, *known}, known, files)
    steps = [_step(folder / path, content) for path, content in files.items()]
    gone = [
        Step(folder / path, "removed") for path in known if path not in files and (folder / path).exists()
    ]
    return (*steps, *gone)


def write(folder: Path, files: Mapping[str, bytes]) -> tuple[Step, ...]:
    """Write a tree, and return what was done.

    Raises:
        UsageError: As :func:`plan`; or the folder cannot be written.
    """
    steps = plan(folder, files)
    ours = _ours(folder) or {}
    digests = {path: [_digest(content)] for path, content in files.items()}
    both = {path: [*ours.get(path, []), *digests.get(path, [])] for path in {*ours, *digests}}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _keep(folder, both)
        for path, content in files.items():
            _put(folder / path, content, _SCRIPT if is_script(path) else _FILE)
        for step in steps:
            if step.state == "removed":
                step.path.unlink(missing_ok=True)
                _prune(step.path.parent, folder)
        _keep(folder, digests)
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written: {error.strerror or type(error).__name__}",
            code="pack-unwritable",
            hint="Name a folder that can be written, and run this again.",
            details={"folder": str(folder), "why": error.strerror or type(error).__name__},
        ) from error
    return steps


def _step(path: Path, content: bytes) -> Step:
    state: State = "new"
    if path.is_file():
        state = "same" if path.read_bytes() == content else "replaced"
    return Step(path, state, _digest(content), len(content))


def _is_free(folder: Path) -> bool:
    return not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))


def _ours(folder: Path) -> dict[str, list[str]] | None:
    """Return path to digests of what we wrote there; None when we never did."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    found = document.get("files") if isinstance(document, dict) else None
    if not isinstance(found, dict) or any(_escapes(path) for path in found):
        return None
    if not all(isinstance(digests, list) for digests in found.values()):
        return None
    return {path: [str(digest) for digest in digests] for path, digests in found.items()}


def _escapes(path: str) -> bool:
    """Tell whether a path would lead out of the folder."""
    parts = path.split("/")
    return Path(path).is_absolute() or "\\" in path or any(part in ("", ".", "..") for part in parts)


def _must_be_untouched(
    folder: Path, paths: set[str], ours: Mapping[str, list[str]], files: Mapping[str, bytes]
) -> None:
    """Refuse to write over files that somebody put there or changed, and through links."""
    changed = []
    for path in sorted(paths):
        place = folder / path
        wanted = [_digest(files[path])] if path in files else []
        if (
            _is_led_away(place, folder)
            or (place.exists() and not place.is_file())
            or (place.is_file() and _digest(place.read_bytes()) not in (*ours.get(path, []), *wanted))
        ):
            changed.append(path)
    if changed:
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        raise UsageError(
            f"somebody else wrote or changed {', '.join(changed[:_SHOWN])}{more} in {folder}",
            code="pack-changed",
            hint="Nothing was written. Move those files away, and run this again.",
            details={"changed": changed},
        )


def _is_led_away(place: Path, folder: Path) -> bool:
    """Tell whether a link stands on the way from the folder to a file in it."""
    while place != folder:
        if place.is_symlink():
            return True
        place = place.parent
    return False


def _put(place: Path, content: bytes, mode: int) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if not (place.is_file() and place.read_bytes() == content):
        staged = place.with_name(f".{place.name}.part")
        # Made anew: in a project that somebody else wrote, a link may lie here and lead to any file of the user's.
        staged.unlink(missing_ok=True)
        with staged.open("xb") as stream:
            stream.write(content)
        staged.replace(place)
    place.chmod(mode)


def _prune(folder: Path, root: Path) -> None:
    """Remove folders that have become empty, up to the root."""
    while folder != root and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _keep(folder: Path, digests: Mapping[str, list[str]]) -> None:
    shown = {path: digests[path] for path in sorted(digests)}
    _put(folder / MANIFEST, f"{json.dumps({'files': shown}, indent=2)}\n".encode(), _FILE)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
