"""Check registry files: each against its schema, then all of them against each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ima_skills.cli.registry_faults import FileFault, fault, of_problem
from ima_skills.odd_letters import odd_texts
from ima_skills.registry import OTHER_FOLDERS
from ima_skills.toml_files import not_finite, toml_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.resources.abc import Traversable

    from ima_skills.schemas import SchemaStore

# Tables at the top of a root; each obeys the schema of its own name.
TABLES = ("task_types", "defaults", "errors", "advice", "failures")
CATALOGUE = "catalogue"
# What is said to people may have several lines.
_SPOKEN = ("messages", "platform", "failures", "advice")


@frozen
class RegistryFile:
    """One readable file of a registry root.

    Attributes:
        path: Where it is.
        place: Its path below the root.
        schema: Name of the schema it obeys.
        document: What it holds.
    """

    path: str
    place: tuple[str, ...]
    schema: str
    document: Mapping[str, Any]


@define
class Survey:
    """What was found in some roots.

    Attributes:
        files: The files that could be read.
        faults: Everything wrong so far.
        count: Number of files seen, readable or not.
    """

    files: list[RegistryFile] = field(factory=list)
    faults: list[FileFault] = field(factory=list)
    count: int = 0

    def of(self, schema: str) -> Iterator[RegistryFile]:
        """Yield the files that obey a schema."""
        return (file for file in self.files if file.schema == schema)


def survey(roots: tuple[Traversable, ...], schemas: SchemaStore) -> Survey:
    """Read every file of some roots and check each against its schema.

    Args:
        roots: Registry roots.
        schemas: Where the schemas are.
    """
    found = Survey()
    for root in roots:
        for place, file in _walk(root, ()):
            schema = schema_of(place)
            if schema is not None:
                add_file(found, file, place, schema, schemas)
    return found


def add_file(
    found: Survey, file: Traversable, place: tuple[str, ...], schema: str, schemas: SchemaStore
) -> None:
    """Read one file into a survey and check it against its schema."""
    found.count += 1
    try:
        document = _read(file)
    except (OSError, ValueError) as error:  # bad TOML, JSON and UTF-8 are all ValueErrors
        found.faults.append(fault(str(file), "", "unreadable", "unreadable", fault=error))
        return
    problems = schemas.problems(schema, document)
    found.faults.extend(of_problem(str(file), problem) for problem in problems)
    found.faults.extend(
        fault(str(file), pointer, "not-finite", "not-finite", str(number))
        for pointer, number in not_finite(document)
    )
    if schema != CATALOGUE:  # a captured list is what the service said
        found.faults.extend(
            fault(str(file), pointer, "odd-letter", "odd-letter", letter)
            for pointer, letter in odd_texts(document, layout=schema in _SPOKEN)
        )
    if isinstance(document, dict):
        found.files.append(RegistryFile(str(file), place, schema, document))


def _read(file: Traversable) -> Any:
    """Return what a TOML or JSON file holds.

    Raises:
        OSError: It cannot be read.
        ValueError: It is neither.
    """
    if not file.name.endswith(".json"):
        return toml_document(file)
    try:
        return json.loads(file.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def schema_of(place: tuple[str, ...]) -> str | None:
    """Return the schema that a file below a root obeys, None for a file that is none of ours."""
    name, _, suffix = place[-1].rpartition(".")
    if place[0] == CATALOGUE:
        return CATALOGUE if suffix == "json" else None
    if suffix != "toml":
        return None
    if len(place) == 1:
        return name if name in TABLES else None
    return OTHER_FOLDERS.get(place[0], "model")


def _walk(folder: Traversable, above: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        place = (*above, entry.name)
        # Whatever it is, what has such a name keeps the registry from loading unless it is a file.
        if entry.is_file() or entry.name.endswith(".toml"):
            yield place, entry
        elif entry.is_dir():
            yield from _walk(entry, place)


def table(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a table of a document; an empty one where it has none, for its schema says so already."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def items(document: Mapping[str, Any], key: str) -> list[Any]:
    """Return a list of a document; an empty one where it has none."""
    value = document.get(key)
    return value if isinstance(value, list) else []
