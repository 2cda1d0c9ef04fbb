"""Whether the wheel of a project holds its data: built once, by the project's own backend, in a copy of its folder."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile, ZipFile

from ima_skills.certify.checks import Check, absent
from ima_skills.certify.versions import is_version, python_fault
from ima_skills.toml_files import TomlError, toml_document

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.certify.process import Place

AREA, _NAME = "project", "the wheel holds the data"
_FILE = "pyproject.toml"
_DATA = (".toml", ".json")
# What some editors write before the first letter; build tools refuse it.
BYTE_MARK = b"\xef\xbb\xbf"
# Neither part of a project nor of a wheel; a virtual environment can be huge.
_ASIDE = shutil.ignore_patterns(
    ".git", ".hg", ".venv", "venv", ".tox", ".nox", "node_modules", "__pycache__", "*.egg-info", "build", "dist",
)  # fmt: skip
_SECONDS = 60.0
_USUAL = "setuptools.build_meta:__legacy__"
_MISSING = 75
# What a frontend does (PEP 517), without fetching anything: where more is needed than is here, it goes no further.
_BUILD = f"""
import importlib, importlib.metadata, json, re, sys
name, folders, out = json.loads(sys.argv[1])
sys.path[:0] = folders
module, _, inner = name.partition(":")
backend = importlib.import_module(module)
for part in filter(None, inner.split(".")):
    backend = getattr(backend, part)
for line in getattr(backend, "get_requires_for_build_wheel", list)():
    try:
        importlib.metadata.version(re.match(r"[\\w.-]+", line)[0])
    except importlib.metadata.PackageNotFoundError:
        sys.exit({_MISSING})
print("\\n" + backend.build_wheel(out))
"""


def wheel_checks(place: Place) -> Iterator[Check]:
    """Yield whether a wheel of the project holds the data that lie in its package.

    Nothing is judged where there is nothing to pack, or where the backend is not installed here.

    Args:
        place: Where the plugin is certified.
    """
    subject = place.subject
    if subject.project is None:
        yield absent(AREA, _NAME)
        return
    source = subject.folders[0]
    package = subject.module.partition(".")[0]
    data = [
        file.relative_to(source).as_posix()
        for file in sorted((source / package).rglob("*"))
        if file.suffix in _DATA and file.is_file()
    ]
    # Without a name or a version, or for another Python, nothing can be built, and that is told where it is.
    named = bool(subject.origin) and (subject.version == "dynamic" or is_version(subject.version))
    named = named and not (subject.python and python_fault(subject.python))
    system = _build_system(subject.project) if data and named else None
    if system is None:
        yield absent(AREA, _NAME)
        return
    packed, fault = _packed(place, subject.project, system)
    if packed is None:
        yield absent(AREA, _NAME)
        return
    if fault:
        yield Check(AREA, _NAME, "wheel-fails", subject.file, "build-system", {"fault": fault})
        return
    lost = [name for name in data if name not in packed]
    words = {"what": lost[0] if lost else "", "count": len(lost)}
    yield Check(AREA, _NAME, "wheel-lacks" if lost else "", subject.file, "build-system", words)


def _build_system(project: Path) -> Mapping[str, Any] | None:
    """Return how a project is built; None when that needs what is not installed."""
    try:
        if begins_with_mark(project):
            return None  # told by a check of its own
        document = toml_document(project / _FILE)
    except (OSError, TomlError):
        return None
    found = document.get("build-system", {})
    system: Mapping[str, Any] = found if isinstance(found, dict) else {}
    needed = system.get("requires", ["setuptools"])
    names = [re.match(r"[A-Za-z0-9._-]+", str(line)) for line in needed if isinstance(needed, list)]
    try:
        for name in filter(None, names):
            version(name[0])
    except PackageNotFoundError:
        return None
    return system


def begins_with_mark(project: Path) -> bool:
    """Tell whether the metadata of a project begin with a byte-order mark."""
    with (project / _FILE).open("rb") as stream:
        return stream.read(len(BYTE_MARK)) == BYTE_MARK


def _aside(folder: str, names: list[str]) -> set[str]:
    """Return what is not copied: what is no part of a project, and what is neither a file nor a folder."""
    odd = {name for name in names if not (Path(folder, name).is_file() or Path(folder, name).is_dir())}
    return odd | set(_ASIDE(folder, names))


def _packed(place: Place, project: Path, system: Mapping[str, Any]) -> tuple[frozenset[str] | None, str]:
    """Return the names in a wheel that was built just now, and why it could not be; None when something is not here."""
    room = place.room / "wheel"
    copy, out = room / "project", room / "out"
    try:
        shutil.copytree(project, copy, symlinks=True, ignore=_aside)
        out.mkdir()
    except (OSError, shutil.Error) as error:
        return frozenset(), f"{type(error).__name__}: {error}"
    folders = [str(copy / str(folder)) for folder in system.get("backend-path", ())]
    task = json.dumps([str(system.get("build-backend", _USUAL)), folders, str(out)])
    try:
        ran = subprocess.run(  # noqa: S603 - the project's own backend, in this very Python
            [sys.executable, "-c", _BUILD, task],
            capture_output=True, text=True, encoding="utf-8", errors="replace",
            cwd=copy, env=place.environ(), check=False, timeout=_SECONDS,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return frozenset(), f"not done within {_SECONDS:g} s"
    if ran.returncode == _MISSING:
        return None, ""
    if ran.returncode != 0:
        return frozenset(), (ran.stderr.strip().splitlines() or ["it gives no reason"])[-1]
    try:
        with ZipFile(out / ran.stdout.strip().splitlines()[-1]) as wheel:
            return frozenset(wheel.namelist()), ""
    except (OSError, BadZipFile, IndexError) as error:
        return frozenset(), f"{type(error).__name__}: {error}"
