"""Rules over the message files together: every language says the same things, every failure has its words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.cli.registry_check import items
from ima_skills.cli.registry_faults import fault
from ima_skills.domain.problem import pointer_to
from ima_skills.messages.texts import flatten, unlike

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.cli.registry_check import RegistryFile, Survey
    from ima_skills.cli.registry_faults import FileFault
    from ima_skills.messages.texts import Words

Languages = dict[str, "RegistryFile"]
_REFERENCE = "en"
_MISSING = "text-missing"


def message_faults(found: Survey) -> Iterator[FileFault]:
    """Yield every fault between message, platform and failure files.

    Args:
        found: The files, those of the first party first.
    """
    for schema, key in (("messages", "language"), ("platform", "name")):
        for file in found.of(schema):
            yield from _name_faults(file, key)
    yield from _platform_faults(found)
    roots = _by_root(found)
    for languages in roots.values():
        yield from _root_faults(languages)
    own = next(iter(roots.values()), {})
    for languages in list(roots.values())[1:]:
        yield from _join_faults(own, languages)
    yield from _failure_faults(found, own)


def _name_faults(file: RegistryFile, key: str) -> Iterator[FileFault]:
    name = file.document.get(key)
    if name is not None and file.place[-1] != f"{name}.toml":
        yield fault(file.path, f"/{key}", "file-name", "file-name", name, instead=f"{name}.toml")


def _platform_faults(found: Survey) -> Iterator[FileFault]:
    """Yield platforms that an earlier root has: they are found by the names of their files, and the first is used."""
    owners: dict[str, RegistryFile] = {}
    for file in found.of("platform"):
        name = file.place[-1].removesuffix(".toml")
        owner = owners.setdefault(name, file)
        if owner is not file:
            yield fault(file.path, "/name", "twice", "platform-twice", name, other=owner.path)


def _by_root(found: Survey) -> dict[str, Languages]:
    roots: dict[str, Languages] = {}
    for file in found.of("messages"):
        root = file.path[: -len("/".join(file.place))]
        roots.setdefault(root, {})[str(file.document.get("language"))] = file
    return roots


def _root_faults(languages: Languages) -> Iterator[FileFault]:
    """Yield what the languages of one root do not have in common."""
    first = languages.get(_REFERENCE) or next(iter(languages.values()))
    for file in languages.values():
        if file is not first:
            yield from _unlike(first, file)
            yield from (found for found in _unlike(file, first) if found.rule == _MISSING)


def _join_faults(own: Languages, languages: Languages) -> Iterator[FileFault]:
    """Yield what a further root repeats of ours, and what a language of its own lacks."""
    for language, file in languages.items():
        if language in own:
            taken = _words(own[language])
            for key in _words(file):
                if key in taken:
                    yield fault(file.path, _place(key), "twice", "text-twice", other=own[language].path)
        elif _REFERENCE in own:
            yield from _unlike(own[_REFERENCE], file)


def _unlike(one: RegistryFile, other: RegistryFile) -> Iterator[FileFault]:
    for key, what in unlike(_words(one), _words(other)):
        yield fault(other.path, _place(key), what, what, other=one.path)


def _place(key: str) -> str:
    return pointer_to(*key.split("."))


def _words(file: RegistryFile) -> Mapping[str, Words]:
    document = {name: value for name, value in file.document.items() if name != "language"}
    try:
        return dict(flatten(document))
    except TypeError:
        return {}  # the schema has said so already


def _failure_faults(found: Survey, own: Languages) -> Iterator[FileFault]:
    codes: dict[str, str] = {}
    said = {
        key for languages in _by_root(found).values() for file in languages.values() for key in _words(file)
    }
    listed = (row for file in found.of("errors") for row in items(file.document, "error"))
    rows = {str(row.get("code")) for row in listed if isinstance(row, dict)}
    for file in found.of("failures"):
        for index, row in enumerate(items(file.document, "failure")):
            if not isinstance(row, dict):
                continue  # the schema has said so already
            pointer, name, link = f"/failure/{index}", row.get("name"), row.get("link_of")
            if own and f"failures.{name}.reason" not in said:
                yield fault(file.path, f"{pointer}/name", "missing-text", "no-reason", name)
            if link is not None and link not in rows:
                yield fault(file.path, f"{pointer}/link_of", "missing-error", "missing-error", link, rows)
            for code in items(row, "codes"):
                if codes.setdefault(str(code), pointer) != pointer:
                    yield fault(file.path, f"{pointer}/codes", "twice", "code-twice", code)
