"""A plugin set of the first party and of named modules, whatever else is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.entry_points import Candidate
from ima_skills.errors import PluginError
from ima_skills.plugin_set import load_plugins
from ima_skills.registry import load_registry
from ima_skills.trust import Trust

if TYPE_CHECKING:
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry

_ORIGIN = "under test"


def plugin_set(*modules: str) -> PluginSet:
    """Return a plugin set in which the first party and these modules take part, and nobody else.

    Entry points are not looked at and neither are settings, so that a test says the same on every machine.

    Args:
        modules: Names of the plugins' modules.

    Raises:
        PluginError: One of them cannot take part, or did something wrong while it declared what it brings.
    """
    found = tuple(Candidate(module, _ORIGIN, "0", module) for module in modules)
    plugins = load_plugins(find=lambda: found, environ={}, trust=Trust())
    plugins.registry_roots()
    plugins.schema_roots()
    plugins.renderers()
    for module in modules:
        if plugins.infos[module].fault:
            raise PluginError(f"{module}: {plugins.infos[module].fault}")
    return plugins


def known(plugins: PluginSet) -> Registry:
    """Return the registry of the first party and of a plugin set.

    Raises:
        RegistryError: A file is wrong.
    """
    return load_registry(plugins.registry_roots())
