"""The names of a new plugin: all of them follow from one, and none of them is taken."""

from __future__ import annotations

import re
from importlib.util import find_spec
from typing import TYPE_CHECKING
from zlib import crc32

from attrs import frozen

from ima_skills.errors import UsageError
from ima_skills.messages.manner import platforms

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

_PREFIX = "ima-skills-"
# Lower-case words with dashes: equal to its own normal form (PEP 503), and an identifier with underscores.
_PATTERN = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 40
# Ids of prices must differ between all lists; the service's own are below this.
_FIRST_ID = 910_000_000
_ROOM = 8_000_000


@frozen
class Names:
    """What the parts of a new plugin are called.

    Attributes:
        plugin: Name of the entry point, for instance ``paper-kite``.
    """

    plugin: str

    @property
    def project(self) -> str:
        """The distribution."""
        return f"{_PREFIX}{self.plugin}"

    @property
    def word(self) -> str:
        """As part of an identifier."""
        return self.plugin.replace("-", "_")

    @property
    def module(self) -> str:
        """The package."""
        return f"ima_skills_{self.word}"

    @property
    def title(self) -> str:
        """For people."""
        return self.plugin.replace("-", " ").title()

    @property
    def model(self) -> str:
        """Registry id of the model."""
        return f"{self.plugin}-1"

    def places(self) -> dict[str, str]:
        """Return what the places of a template are filled with."""
        first_id = _FIRST_ID + crc32(self.plugin.encode()) % _ROOM * 10
        return {
            "plugin": self.plugin,
            "project": self.project,
            "word": self.word,
            "module": self.module,
            "title": self.title,
            "spoken": self.plugin.replace("-", " "),
            "model": self.model,
            "first_id": str(first_id),
            "second_id": str(first_id + 1),
        }


def read_names(text: str) -> Names:
    """Return the names that follow from one; ``ima-skills-`` in front may be there or not.

    Raises:
        UsageError: It is no name that a distribution, a module and a registry file can share.
    """
    name = text.removeprefix(_PREFIX)
    if not _PATTERN.fullmatch(name) or len(name) > _LONGEST:
        near = "-".join(re.findall(r"[a-z0-9]+", name.casefold())).lstrip("0123456789-")[:_LONGEST]
        hint = f"For instance: {near.rstrip('-')}" if near.strip("-") else "For instance: paper-kite"
        raise UsageError(
            f"a plugin's name begins with a letter and has lower-case letters, digits and single dashes,"
            f" at most {_LONGEST}; {text!r} does not",
            code="bad-plugin-name",
            hint=hint,
        )
    return Names(name)


def must_be_free(names: Names, plugins: PluginSet, registry: Registry) -> None:
    """Refuse names that somebody has already: a plugin, a module, a modality, a task type, a platform or a model.

    Args:
        names: The names.
        plugins: The first party and what is installed.
        registry: What they know.

    Raises:
        UsageError: The first name that is taken, and by whom.
    """
    for taken in _taken(names, plugins, registry):
        raise UsageError(
            f"{taken}", code="plugin-name-taken", hint=f"Choose another name, for instance my-{names.plugin}."
        )


def _taken(names: Names, plugins: PluginSet, registry: Registry) -> Iterator[str]:
    for info in plugins.infos.values():
        if names.plugin == info.name or names.project == info.origin:
            yield f"the plugin {info.name!r} of {info.origin} has the name {names.plugin!r} already"
    if find_spec(names.module) is not None:
        yield f"the module {names.module!r} is there already"
    if names.word in plugins.modalities:
        yield f"there is a modality {names.word!r} already"
    if f"text_to_{names.word}" in registry.task_types:
        yield f"there is a task type 'text_to_{names.word}' already"
    if names.plugin in platforms(plugins):
        yield f"there is a platform {names.plugin!r} for messages already"
    for name in (names.model, f"{names.title} 1", names.plugin.replace("-", " ")):
        found = registry.find(name)
        if found is not None:
            yield f"{name!r} is {found.entry.name} already"
