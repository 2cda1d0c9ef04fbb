"""Read how to speak to people: languages, platforms and failures of the registry and of plugins."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.errors import RegistryError, UsageError
from ima_skills.messages.failures import Failure, Failures
from ima_skills.messages.platform import Platform
from ima_skills.messages.texts import Lines, flatten
from ima_skills.nearest import choice_facts, choices
from ima_skills.registry import Registry, read_toml
from ima_skills.resources import data_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.messages.texts import Words
    from ima_skills.plugin_set import PluginSet

T = TypeVar("T")
_MESSAGES, _PLATFORMS, _FAILURES = "messages", "platforms", "failures.toml"
_HINT = "Run: ima-skills registry check"


@frozen
class Manner:
    """How to speak to one user.

    Attributes:
        lines: The words.
        platform: Where they are read.
        failures: Which errors mean the same.
        registry: Names of task types, tiers of models, pages that help.
    """

    lines: Lines
    platform: Platform
    failures: Failures
    registry: Registry


@frozen
class _Source:
    """One registry root, and the plugin that brought it; None for the first party."""

    root: Traversable
    plugin: str | None = None


def open_manner(
    registry: Registry, plugins: PluginSet, language: str = "en", platform: str = "plain"
) -> Manner:
    """Return how to speak in a language on a platform.

    Args:
        registry: What is known of models and task types.
        plugins: May bring languages, platforms, texts and failures; a faulty file costs only its plugin.
        language: One of :func:`languages`.
        platform: One of :func:`platforms`.

    Raises:
        UsageError: There is no such language or platform; those there are, are named.
        RegistryError: A file of the first party is wrong.
    """
    sources = _sources(plugins)
    _must_be_known("platform", platform, _names(sources, _PLATFORMS))
    _must_be_known("language", language, _names(sources, _MESSAGES))
    return Manner(
        Lines(language, _words(sources, language, plugins)),
        _platform(sources, platform),
        Failures(tuple(_rows(sources, plugins))),
        registry,
    )


def languages(plugins: PluginSet) -> tuple[str, ...]:
    """Return the languages that messages can be in."""
    return _names(_sources(plugins), _MESSAGES)


def platforms(plugins: PluginSet) -> tuple[str, ...]:
    """Return the platforms that messages can be for."""
    return _names(_sources(plugins), _PLATFORMS)


def _sources(plugins: PluginSet) -> tuple[_Source, ...]:
    brought = (_Source(root, name) for name, root in plugins.owned_registry_roots())
    return (_Source(data_root("registry")), *brought)


def _files(source: _Source, folder: str) -> Iterator[Traversable]:
    place = source.root.joinpath(folder)
    if place.is_dir():
        files = (file for file in place.iterdir() if file.name.endswith(".toml"))
        yield from sorted(files, key=lambda file: file.name)


def _names(sources: tuple[_Source, ...], folder: str) -> tuple[str, ...]:
    found = (file.name.removesuffix(".toml") for source in sources for file in _files(source, folder))
    return tuple(dict.fromkeys(found))


def _must_be_known(what: str, name: str, known: tuple[str, ...]) -> None:
    if name not in known:
        raise UsageError(
            f"no {what} for messages is called {name!r}",
            code="unknown-message-form",
            hint=choices(name, known),
            details=choice_facts(name, known),
        )


def _words(sources: tuple[_Source, ...], language: str, plugins: PluginSet) -> dict[str, Words]:
    """Return the texts of a language; what it lacks is said in English, and the first party's words stay."""
    found: dict[str, Words] = {}
    for spoken in dict.fromkeys((language, "en")):
        for source in sources:
            for file in _files(source, _MESSAGES):
                if file.name == f"{spoken}.toml":
                    found = {**_texts(source, file, plugins), **found}
    return found


def _texts(source: _Source, file: Traversable, plugins: PluginSet) -> dict[str, Words]:
    try:
        return dict(flatten(read_toml(file)))
    except (TypeError, RegistryError) as error:
        _blame_or_raise(source, file, error, plugins)
        return {}


def _platform(sources: tuple[_Source, ...], name: str) -> Platform:
    """Return a platform; of two of one name the first party's is taken."""
    files = (file for source in sources for file in _files(source, _PLATFORMS))
    file = next(file for file in files if file.name == f"{name}.toml")
    return _shaped(file, read_toml(file), Platform)


def _rows(sources: tuple[_Source, ...], plugins: PluginSet) -> Iterator[Failure]:
    for source in sources:
        file = source.root.joinpath(_FAILURES)
        if not file.is_file():
            continue
        try:
            rows = [_shaped(file, row, Failure) for row in read_toml(file).get("failure", ())]
        except RegistryError as error:
            _blame_or_raise(source, file, error, plugins)
        else:
            yield from rows


def _shaped(file: Traversable, data: Any, cls: type[T]) -> T:
    try:
        return structure(strict_converter(), data, cls)
    except StructureError as error:
        raise RegistryError(f"{file}: {error}", problems=error.problems, hint=_HINT) from error


def _blame_or_raise(source: _Source, file: Traversable, error: Exception, plugins: PluginSet) -> None:
    """Let a faulty file cost its plugin only; one of ours must not go unnoticed."""
    if source.plugin is not None:
        plugins.blame(source.plugin, f"{file}: {error}")
    elif isinstance(error, RegistryError):
        raise error
    else:
        raise RegistryError(f"{file}: {error}", hint=_HINT) from error
