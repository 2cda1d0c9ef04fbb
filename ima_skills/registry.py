"""The registry: model entries, task types, defaults and error codes, read from TOML files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import cattrs
from attrs import field, frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.task_type import TaskType, Text
from ima_skills.errors import RegistryError
from ima_skills.resources import data_root
from ima_skills.snapshot import Snapshot
from ima_skills.toml_files import TomlError, not_finite, toml_document

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

T = TypeVar("T")
Read = Callable[[Traversable], dict[str, Any]]
# Folders of a registry root that hold no models, and the schema of the TOML files in them.
OTHER_FOLDERS: Mapping[str, str | None] = {
    "catalogue": None,
    "conformance": "conformance",
    "messages": "messages",
    "platforms": "platform",
    "vocabulary": "vocabulary",
}
RetryClass = Literal["never", "complete", "reselect", "degrade", "refetch", "wait"]


@frozen
class ErrorCode:
    """One row of the registry's error table.

    Attributes:
        code: Our stable name.
        service_codes: Codes of the service that mean it.
        markers: Message parts that mean it when the code is missing or generic.
        exit_code: Exit code of the CLI.
        retry: What reflection may do about it.
        generic: Whether the code alone says little, so that markers of other rows win.
        meaning: What happened, for people.
        advice: The next step, for people.
        link: Page that helps.
    """

    code: str
    exit_code: int
    retry: RetryClass
    meaning: Text
    advice: Text
    service_codes: tuple[int, ...] = ()
    markers: tuple[str, ...] = ()
    generic: bool = False
    link: str | None = None


@frozen
class Default:
    """Models to take when the user names none: registry ids; with the settings that make ``budget`` cheapest."""

    model: str
    budget: str | None = None
    budget_params: Mapping[str, Any] = field(factory=dict)
    premium: str | None = None


@frozen
class Tip:
    """Advice that no product list holds; see ``registry/advice.toml`` for when it applies.

    Attributes:
        code: Stable name.
        task_types: Task types in which it applies.
        text: The advice.
        params: It applies when one of these parameters was refused.
        pattern: And the value that was asked for matches this expression.
        models: It applies to these models only, by registry id.
        words: It applies when the prompt holds one of these.
    """

    code: str
    task_types: tuple[str, ...]
    text: Text
    params: tuple[str, ...] = ()
    pattern: str | None = None
    models: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


@frozen
class Match:
    """A model found by one of its names, and the version when the name was that exact."""

    entry: ModelEntry
    version_id: str | None = None


@frozen
class Registry:
    """Everything the registry roots hold together.

    Attributes:
        models: Registry id to entry.
        task_types: Name to task type, in the order of the file.
        defaults: Task type to default models.
        errors: The error table, most specific first as written.
        snapshot: The offline product list.
        sources: Registry id to the file it came from.
        tips: Advice beyond what the product list tells.
    """

    models: Mapping[str, ModelEntry]
    task_types: Mapping[str, TaskType]
    defaults: Mapping[str, Default]
    errors: tuple[ErrorCode, ...]
    snapshot: Snapshot
    sources: Mapping[str, str] = field(factory=dict)
    tips: tuple[Tip, ...] = ()

    def find(self, name: str) -> Match | None:
        """Return the model that goes by ``name``: registry id, display name, alias or version.

        Letter case and spaces do not matter. Family ids are looked up with :meth:`by_model_id`.
        """
        wanted = name_key(name)
        for entry in self.models.values():
            if any(name_key(known) == wanted for known in entry.names()):
                return Match(entry)
        for entry in self.models.values():
            for version_id, names in _versions(entry):
                if any(name_key(known) == wanted for known in (version_id, *names)):
                    return Match(entry, version_id)
        return None

    def by_budget(self, task_type: str, budget: str) -> str | None:
        """Return the registry id of the ``cheapest`` or ``best`` pick of a task type; None for any other word."""
        default = self.defaults.get(task_type)
        return {"cheapest": default.budget, "best": default.premium}.get(budget) if default else None

    def picked(
        self, task_type: str, budget: str, unwanted: Collection[str], params: Mapping[str, Any]
    ) -> tuple[str | None, dict[str, Any]]:
        """Return the model and the settings of a wish that names no model; None leaves it to preference and default.

        Args:
            task_type: The category.
            budget: ``cheapest``, with the settings that make it so unless others are named, ``best``, or any other word.
            unwanted: Registry ids of models that are not wanted.
            params: The settings that are named.
        """
        default = self.defaults.get(task_type)
        model = self.by_budget(task_type, budget)
        if model is None and unwanted:
            model = self.other_than(task_type, unwanted)
        cheap = default.budget_params if default and budget == "cheapest" else {}
        return model, {**cheap, **params}

    def other_than(self, task_type: str, unwanted: Collection[str]) -> str | None:
        """Return the registry id of the default of a task type, or of what stands in for it, that is not unwanted."""
        default = self.defaults.get(task_type)
        entry = self.models.get(default.model) if default else None
        tried = (entry.id, *entry.fallbacks) if entry else ()
        offered = [
            name for name in tried if name in self.models and task_type in self.models[name].task_types
        ]
        return next((name for name in offered if name not in unwanted), None)

    def by_model_id(self, model_id: str, task_type: str | None = None) -> ModelEntry | None:
        """Return the entry that uses a family id, in one task type or in any."""
        for entry in self.models.values():
            for name, task in entry.task_types.items():
                if task.model_id == model_id and task_type in (None, name):
                    return entry
        return None


def name_key(name: str) -> str:
    """Return the form in which names of models are compared: case and spaces dropped."""
    return "".join(name.casefold().split())


def load_registry(extra_roots: tuple[Traversable, ...] = (), read: Read | None = None) -> Registry:
    """Read the first-party registry and any further roots.

    Args:
        extra_roots: Roots that plugins bring: ``<modality>/*.toml`` and ``catalogue/``.
        read: Reads one TOML file; :func:`read_toml` by default.

    Raises:
        RegistryError: A file cannot be read, has the wrong shape, or repeats an id.
    """
    base = data_root("registry")
    return load_registry_from((base, *extra_roots), read)


def load_registry_from(roots: tuple[Traversable, ...], read: Read | None = None) -> Registry:
    """Read a registry from explicit roots, the first party's first.

    Args:
        roots: The roots.
        read: As for :func:`load_registry`.

    Raises:
        RegistryError: As :func:`load_registry`.
    """
    _must_be_folders(roots)
    source = _Source(roots, read or read_toml, strict_converter())
    models: dict[str, ModelEntry] = {}
    sources: dict[str, str] = {}
    for file in _model_files(roots):
        entry = _shape(source.converter, file, source.read(file), ModelEntry)
        if entry.id in models:
            raise RegistryError(f"{file}: model {entry.id!r} is already defined in {sources[entry.id]}")
        models[entry.id] = entry
        sources[entry.id] = str(file)
    return Registry(
        models=models,
        task_types=_merged(source, "task_types.toml", "task_types", TaskType),
        defaults=_merged(source, "defaults.toml", "defaults", Default),
        errors=tuple(_listed(source, "errors.toml", "error", ErrorCode)),
        tips=tuple(_listed(source, "advice.toml", "tip", Tip)),
        snapshot=Snapshot(roots, tuple(models.values())),
        sources=sources,
    )


def _must_be_folders(roots: tuple[Traversable, ...]) -> None:
    for root in roots:
        if not root.is_dir():
            raise RegistryError(
                f"{root}: a registry root must be a folder", hint="Run: ima-skills plugins list"
            )


def _versions(entry: ModelEntry) -> Iterator[tuple[str, tuple[str, ...]]]:
    seen: set[str] = set()
    for task in entry.task_types.values():
        for version_id in task.version_ids:
            if version_id not in seen:
                seen.add(version_id)
                yield version_id, tuple(entry.version_aliases.get(version_id, ()))


def _model_files(roots: tuple[Traversable, ...]) -> Iterator[Traversable]:
    for root in roots:
        for folder in sorted(root.iterdir(), key=lambda entry: entry.name):
            if folder.is_dir() and folder.name not in OTHER_FOLDERS:
                files = (file for file in folder.iterdir() if file.name.endswith(".toml"))
                yield from sorted(files, key=lambda file: file.name)


def read_toml(file: Traversable) -> dict[str, Any]:
    """Read one TOML file.

    Raises:
        RegistryError: It cannot be read, is not TOML, or holds nan or inf; the message names file and place.
    """
    try:
        document = toml_document(file)
    except (OSError, TomlError) as error:
        raise RegistryError(f"{file}: {error}", hint="Run: ima-skills registry check") from error
    for place, number in not_finite(document):
        # Nothing that is compared with it is ever right or wrong: neither a bound nor a price.
        raise RegistryError(f"{file}: {place}: {number} is no number", hint="Run: ima-skills registry check")
    return document


def _shape(converter: cattrs.Converter, file: Traversable, data: Any, cls: type[T]) -> T:
    try:
        return structure(converter, data, cls)
    except StructureError as error:
        raise RegistryError(
            f"{file}: {error}", problems=error.problems, hint="Run: ima-skills registry check"
        ) from error


@frozen
class _Source:
    """Where files come from, how they are read, and what gives them their shape."""

    roots: tuple[Traversable, ...]
    read: Read
    converter: cattrs.Converter

    def tables(self, name: str) -> Iterator[tuple[Traversable, dict[str, Any]]]:
        for root in self.roots:
            file = root.joinpath(name)
            if file.is_file():
                yield file, self.read(file)


def _rows(file: Traversable, data: dict[str, Any], name: str, kind: type) -> Any:
    rows = data.get(name, kind())
    if isinstance(rows, kind):
        return rows
    raise RegistryError(f"{file}: {name} has the wrong shape", hint="Run: ima-skills registry check")


def _merged(source: _Source, name: str, table: str, cls: type[T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for file, data in source.tables(name):
        for key, row in _rows(file, data, table, dict).items():
            if key in found:
                raise RegistryError(f"{file}: {table} {key!r} is already defined by another registry root")
            named = {"name": key, **row} if cls is TaskType and isinstance(row, dict) else row
            found[key] = _shape(source.converter, file, named, cls)
    return found


def _listed(source: _Source, name: str, table: str, cls: type[T]) -> Iterator[T]:
    for file, data in source.tables(name):
        for row in _rows(file, data, table, list):
            yield _shape(source.converter, file, row, cls)
