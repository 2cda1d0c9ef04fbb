"""What the contract checks work with: the plugin's hooks, joined to the first party in ever new ways."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen
from pluggy import HookimplMarker, PluginManager

from ima_skills import hookspecs
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.influences import Influences
from ima_skills.certify.watch import Watch
from ima_skills.plugin_set import PluginSet, load_plugins
from ima_skills.registry import Registry, load_registry
from ima_skills.trust import Trust

if TYPE_CHECKING:
    from ima_skills.domain.model_entry import ModelEntry

RegistryCheck = Callable[[PluginSet, Path], Mapping[str, Any]]


@define
class Bench:
    """One plugin under certification, in a process of its own.

    Attributes:
        name: The plugin.
        module: Its module.
        watch: Sees what its code does.
        check_registry: The document of ``registry check`` for a root; it belongs to a floor above.
        room: Folder for whatever the checks write.
        influences: Notes what its code asks that is no argument.
        printed: File in which ends what is written past Python's own streams.
        left_out: Hooks that do not work: what they would have said is not there.
        note: Is told what is being tried, so that somebody knows it should nothing come back.
    """

    name: str
    module: ModuleType
    watch: Watch
    check_registry: RegistryCheck
    room: Path
    influences: Influences
    printed: Path
    left_out: set[str] = field(factory=set)
    note: Callable[[str], None] = field(default=lambda _: None)
    _kept: dict[str, Any] = field(factory=dict)

    def hooks(self) -> dict[str, Callable[..., Any]]:
        """Return the hooks that work: name to function."""
        return {name: hook for name, hook in self.marked().items() if name not in self.left_out}

    def marked(self) -> dict[str, Callable[..., Any]]:
        """Return every function that is marked as a hook, whatever its name."""
        manager = PluginManager(hookspecs.PROJECT)
        names = (name for name in dir(self.module) if not name.startswith("__"))
        return {
            name: getattr(self.module, name)
            for name in names
            if manager.parse_hookimpl_opts(self.module, name) is not None
        }

    def written(self) -> str:
        """Return what was written past Python's own streams so far."""
        for stream in (sys.__stdout__, sys.__stderr__):
            if stream is not None:
                stream.flush()
        return self.printed.read_text(encoding="utf-8", errors="replace")

    def leave_out(self, hook: str) -> None:
        """Do without a hook from now on."""
        self.left_out.add(hook)
        self._kept.clear()

    def join(self, **replaced: Callable[..., Any]) -> PluginSet:
        """Return the first party with the plugin, some of its hooks replaced."""
        plugins = load_plugins(third_party=False, environ={}, trust=Trust())
        plugins.admit(self.name, stand_in(self.name, {**self.hooks(), **replaced}))
        plugins.collect()
        return plugins

    @property
    def plugins(self) -> PluginSet:
        """The first party with the plugin as it is."""
        if "plugins" not in self._kept:
            self._kept["plugins"] = self.join()
        kept: PluginSet = self._kept["plugins"]
        return kept

    @property
    def registry(self) -> Registry:
        """What the first party and the plugin know."""
        if "registry" not in self._kept:
            self._kept["registry"] = load_registry(self.plugins.registry_roots())
        kept: Registry = self._kept["registry"]
        return kept

    @property
    def first_party(self) -> Registry:
        """What the first party knows alone."""
        if "first_party" not in self._kept:
            self._kept["first_party"] = load_registry()
        kept: Registry = self._kept["first_party"]
        return kept

    def declared(self, hook: str) -> tuple[Any, ...] | None:
        """Return what a declaring hook answers; None when the plugin has no such hook that works."""
        asked = self.hooks().get(hook)
        if asked is not None:
            with suppress(Exception):  # a hook that fails has a check of its own
                return tuple(asked() or ())
        return None

    def roots(self, hook: str) -> tuple[Path, ...]:
        """Return the folders that a hook declares, as far as they are folders on disk."""
        found = (Path(str(root)) for root in self.declared(hook) or ())
        return tuple(root for root in found if root.is_dir())

    def models(self) -> tuple[ModelEntry, ...]:
        """Return the models that the plugin brings."""
        own = self.first_party.models
        return tuple(entry for name, entry in self.registry.models.items() if name not in own)

    def task_types(self) -> tuple[str, ...]:
        """Return the task types that the plugin brings."""
        own = self.first_party.task_types
        return tuple(name for name in self.registry.task_types if name not in own)


@frozen
class Probe:
    """A group of checks that may be the last thing a process does.

    Attributes:
        id: Unique name.
        area: Area of its checks.
        run: Yields them.
        hook: The hook that is at fault when nothing comes back.
        patience: How many times the usual time it may take.
    """

    id: str
    area: str
    run: Callable[[Bench], Iterator[Check]]
    hook: str = ""
    patience: int = 1


def model_probes(
    bench: Bench,
    area: str,
    checks: Callable[[ModelEntry, str], Callable[[Bench], Iterator[Check]]],
    patience: int,
) -> Iterator[Probe]:
    """Yield one probe per model and task type of the plugin, or one that says that there is none.

    Args:
        bench: What is tried.
        area: Area of the checks.
        checks: Model and task type to what yields their checks.
        patience: How many times the usual time a probe may take.
    """
    models = [(entry, task_type) for entry in bench.models() for task_type in entry.task_types]
    if not models:
        yield Probe(f"{area}:none", area, lambda _: iter((absent(area, "models"),)))
    for entry, task_type in models:
        yield Probe(f"{area}:{entry.id}:{task_type}", area, checks(entry, task_type), patience=patience)


def stand_in(name: str, hooks: Mapping[str, Callable[..., Any]]) -> ModuleType:
    """Return a module that implements these hooks; functions without the mark get it."""
    module = ModuleType(name.replace("-", "_"))
    mark = HookimplMarker(hookspecs.PROJECT)
    for hook, function in hooks.items():
        setattr(module, hook, function if hasattr(function, f"{hookspecs.PROJECT}_impl") else mark(function))
    return module
