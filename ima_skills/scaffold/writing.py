"""Fill templates with names, and write a project."""

from __future__ import annotations

from importlib.resources import files
from string import Template
from typing import TYPE_CHECKING, Literal

from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ima_skills.scaffold.names import Names

Kind = Literal["model", "quirk", "modality", "messages"]
KINDS: tuple[Kind, ...] = ("model", "quirk", "modality", "messages")
_SUFFIX = ".tmpl"


def project_files(names: Names, kind: Kind) -> dict[str, str]:
    """Return the files of a new project: path to text.

    Args:
        names: What its parts are called.
        kind: What it brings.
    """
    templates = files("ima_skills.scaffold") / "templates"
    places = names.places()
    found: dict[str, str] = {}
    for folder in ("common", kind):
        for path, template in _templates(templates / folder, ""):
            filled = Template(template.read_text(encoding="utf-8")).substitute(places)
            found[_path(path, places)] = filled
    return dict(sorted(found.items()))


def write_project(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write a project into a folder that is not there yet; return the files.

    Raises:
        UsageError: The folder is there, or cannot be made; nothing was written over.
    """
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise UsageError(
            f"{folder} is there already", code="not-empty", hint="Name a new folder; nothing was changed."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be made: {error.strerror}", code="folder-unusable", hint="Name another folder."
        ) from error
    written = []
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
        written.append(path)
    return tuple(written)


def _templates(folder: Traversable, above: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir():
            yield from _templates(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(_SUFFIX):
            yield f"{above}{entry.name.removesuffix(_SUFFIX)}", entry


def _path(path: str, places: Mapping[str, str]) -> str:
    for name in ("module", "plugin", "model", "word"):
        path = path.replace(f"__{name}__/", f"{places[name]}/").replace(f"__{name}__.", f"{places[name]}.")
    return path.replace("__text_to_word__", f"text_to_{places['word']}")
