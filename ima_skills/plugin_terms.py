"""The terms on which a module becomes a plugin: the hooks it was written for, and those on their way out."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING

from pluggy import PluginValidationError

from ima_skills import hookspecs

if TYPE_CHECKING:
    from types import ModuleType

    from pluggy import PluginManager

# What a plugin may say about itself: the hooks it was written for, for instance ``ima_api = "1"``.
API_ATTRIBUTE = "ima_api"
_API = re.compile(r"(\d{1,6})(\.\d{1,6})*")


class TermsError(Exception):
    """A module does not keep to the terms; its text says which."""


def register(manager: PluginManager, module: ModuleType, name: str) -> str:
    """Let a module take part.

    Args:
        manager: Who takes it in.
        module: The plugin, imported.
        name: Its name.

    Returns:
        What it should change before the next major version: pluggy's warnings about deprecated hooks and
        arguments, which its hooks state with ``warn_on_impl`` and ``warn_on_impl_args``; empty when there are none.

    Raises:
        TermsError: It was written for other hooks than these, or implements one that does not exist.
        pluggy.PluginValidationError: It asks for an argument that a hook does not have.
    """
    _check_api(module)
    _check_names(manager, module)
    # Collected rather than issued: a plugin's user can do nothing about them, and strict filters must not break it.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        manager.register(module, name=name)
    return "; ".join(dict.fromkeys(str(warning.message) for warning in caught))


def why_refused(error: BaseException) -> str:
    """Return why a module was not taken in, in pluggy's words or our own; empty when it raised by itself.

    Args:
        error: What importing or registering it let out.
    """
    if isinstance(error, TermsError):
        return str(error)
    return f"{type(error).__name__}: {error}" if isinstance(error, PluginValidationError) else ""


def _check_api(module: ModuleType) -> None:
    stated = getattr(module, API_ATTRIBUTE, hookspecs.HOOKS_VERSION)
    found = _API.fullmatch(stated) if isinstance(stated, str) else None
    if found is None:
        raise TermsError(f'{API_ATTRIBUTE} must be a text like "{hookspecs.HOOKS_VERSION}"')
    if int(found[1]) > int(hookspecs.HOOKS_VERSION):
        raise TermsError(
            f"it is written for hooks of version {stated}, and this ima-skills has {hookspecs.HOOKS_VERSION}; "
            "install a newer ima-skills or an older plugin"
        )


def _check_names(manager: PluginManager, module: ModuleType) -> None:
    """Refuse a misspelt hook; pluggy itself takes unknown ones silently."""
    known = {name for name in dir(hookspecs) if name.startswith("ima_")}
    for name in dir(module):
        options = manager.parse_hookimpl_opts(module, name)
        # An optional hook is one of a newer version, which the plugin can do without.
        if options is not None and name not in known and not options["optionalhook"]:
            raise TermsError(f"there is no hook called {name}")
