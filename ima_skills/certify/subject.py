"""The plugin to certify: a project's folder, or the name of one that is installed."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.entry_points import GROUP, OWN_DISTRIBUTION, third_party_candidates
from ima_skills.errors import UsageError
from ima_skills.file_rules import user_path
from ima_skills.nearest import nearest
from ima_skills.toml_files import TomlError, toml_document

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import PackageMetadata

_PROJECT_FILE = "pyproject.toml"


@frozen
class Subject:
    """A plugin that is to be certified.

    Attributes:
        name: Its name: that of its entry point.
        module: Its module.
        origin: Its distribution.
        version: Version of that; ``dynamic`` where the backend of a project finds it out, empty where nobody does.
        requires: What the distribution depends on, as its metadata say it.
        python: The Python that it asks for; empty when it does not say.
        description: Its one line.
        points: How many plugins the distribution brings.
        project: The project's folder; None for an installed plugin.
        folders: Folders to import from before all others.
        file: Where its metadata are.
    """

    name: str
    module: str
    origin: str
    version: str
    requires: tuple[str, ...] = ()
    python: str = ""
    description: str = ""
    points: int = 1
    project: Path | None = None
    folders: tuple[Path, ...] = ()
    file: str = ""


def find_subject(target: str) -> Subject:
    """Return the plugin at a folder, or the installed one of a name.

    Args:
        target: A project's folder, or the name of an installed plugin or of its distribution.

    Raises:
        UsageError: There is none.
    """
    folder = user_path(target) if target.startswith("~") else Path(target)
    if folder.is_dir():
        return _of_project(folder.resolve())
    return _of_installed(target)


def _of_project(folder: Path) -> Subject:
    file = folder / _PROJECT_FILE
    try:
        document = toml_document(file)
    except (OSError, TomlError) as error:
        raise _none(f"{file} cannot be read: {error}") from error
    project = _table(document, "project")
    points = plugin_points(document)
    if not points:
        raise _none(f"{file} has no entry point in the group {GROUP}")
    name, module = next(iter(points.items()))
    module = str(module).partition(":")[0]
    return Subject(
        name=name,
        module=module,
        origin=str(project.get("name", "")),
        version=str(project.get("version", "") or ("dynamic" if "version" in _listed(project) else "")),
        requires=tuple(map(str, project.get("dependencies", ()))),
        python=str(project.get("requires-python", "")),
        description=str(project.get("description", "")),
        points=len(points),
        project=folder,
        folders=(_source(folder, module),),
        file=str(file),
    )


def plugin_points(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the plugins that a project's metadata declare: name to module.

    Args:
        document: What its ``pyproject.toml`` holds.
    """
    return _table(_table(_table(document, "project"), "entry-points"), GROUP)


def _listed(project: Mapping[str, Any]) -> list[Any]:
    """Return what a project leaves to its backend to find out."""
    found = project.get("dynamic")
    return found if isinstance(found, list) else []


def _source(folder: Path, module: str) -> Path:
    """Return the folder of a project from which its module is imported."""
    head = module.partition(".")[0]
    for place in (folder, folder / "src"):
        if (place / head).is_dir() or (place / f"{head}.py").is_file():
            return place
    raise _none(f"the module {module!r} is neither in {folder} nor in its src")


def _of_installed(name: str) -> Subject:
    from importlib.metadata import distribution

    candidates = third_party_candidates(sys.path)
    found = next((item for item in candidates if name in (item.name, item.origin)), None)
    if found is None or found.fault:
        known = [item.name for item in candidates]
        close = nearest(name, known)
        raise _none(
            f"{name!r} is neither a folder nor an installed plugin",
            f" Did you mean {close}?" if close else "",
            {"name": name, "nearest": close},
        )
    data = distribution(found.origin)
    points = data.entry_points.select(group=GROUP)
    return Subject(
        name=found.name,
        module=found.module,
        origin=found.origin,
        version=found.version,
        requires=tuple(data.requires or ()),
        python=_said(data.metadata, "Requires-Python"),
        description=_said(data.metadata, "Summary"),
        points=len(points),
        file=str(data.locate_file("")),
    )


def depends_on_core(subject: Subject) -> bool:
    """Tell whether the metadata name ima-skills."""
    names = (re.match(r"[A-Za-z0-9._-]+", line) for line in subject.requires)
    return any(re.sub(r"[-_.]+", "-", name[0]).lower() == OWN_DISTRIBUTION for name in names if name)


def _said(metadata: PackageMetadata, name: str) -> str:
    return metadata[name] if name in metadata else ""  # noqa: SIM401 - the protocol of metadata has no get


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _none(message: str, more: str = "", details: Mapping[str, Any] | None = None) -> UsageError:
    return UsageError(
        message,
        code="no-plugin",
        hint=f"Name a project's folder or a plugin of ima-skills plugins list.{more}",
        details=details,
    )
