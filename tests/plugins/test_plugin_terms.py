"""The terms between us and plugins: versions of hooks, deprecations, hooks that only newer versions have."""

from __future__ import annotations

import re
import sys
import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills import hookspecs
from ima_skills.domain.event import Created
from ima_skills.entry_points import Candidate
from ima_skills.hookspecs import HOOKS_VERSION, hookimpl, hookspec
from ima_skills.plugin_set import load_plugins
from ima_skills.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.plugin_set import PluginSet

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("ima_"))


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> Callable[..., PluginSet]:
    """Return a function that loads one third-party plugin with the given contents."""

    def load(**contents: Any) -> PluginSet:
        module = ModuleType("ima_terms_plugin")
        for name, value in contents.items():
            setattr(module, name, hookimpl(value) if callable(value) and not _marked(value) else value)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        found = [Candidate("terms", "ima-terms", "1.0", module.__name__)]
        return load_plugins(environ={}, find=lambda: found)

    return load


def _marked(function: Any) -> bool:
    return hasattr(function, "ima_skills_impl")


@pytest.mark.parametrize("name", HOOKS)
def test_every_hook_says_since_when(name: str) -> None:
    """The text of each hook ends with the version that brought it, none later than this one."""
    found = re.search(r"\n    Since: (\d+)\.(\d+)\n    $", getattr(hookspecs, name).__doc__)
    assert found is not None
    assert tuple(map(int, found.groups())) <= tuple(map(int, VERSION.split(".")[:2]))


@pytest.mark.parametrize("stated", ["1", "1.0", "1.7", "0", HOOKS_VERSION])
def test_a_plugin_for_these_hooks_joins(joined: Callable[..., PluginSet], stated: str) -> None:
    """A plugin written for this version or an older one takes part, without a notice."""
    info = joined(ima_api=stated).infos["terms"]
    assert (info.state, info.fault, info.notice) == ("active", "", "")


@pytest.mark.parametrize("stated", ["2", "2.1", "10"])
def test_a_plugin_for_newer_hooks_is_refused(joined: Callable[..., PluginSet], stated: str) -> None:
    """One written for a newer major version is named with what to do, and takes no part."""
    plugins = joined(ima_api=stated, ima_registry_roots=lambda: 1 / 0)
    info = plugins.infos["terms"]
    assert info.state == "failed"
    assert info.fault == (
        f"it is written for hooks of version {stated}, and this ima-skills has 1; "
        "install a newer ima-skills or an older plugin"
    )
    assert not plugins.manager.has_plugin("terms")


@pytest.mark.parametrize("stated", [1, None, "", "one", "1,2", "v1", "1."])
def test_a_version_that_is_none_is_refused(joined: Callable[..., PluginSet], stated: Any) -> None:
    """What cannot be read as a version is a fault; nothing is guessed."""
    info = joined(ima_api=stated).infos["terms"]
    assert (info.state, info.fault) == ("failed", 'ima_api must be a text like "1"')


def test_a_deprecated_hook_keeps_working_with_a_notice(
    joined: Callable[..., PluginSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """pluggy's own warning about a hook becomes a notice of the plugin; the hook is called as before."""

    def ima_observe(event: Any) -> None:
        """Observe."""

    warning = DeprecationWarning("ima_observe goes in 2.0; use ima_watch")
    monkeypatch.setattr(hookspecs, "ima_observe", hookspec(warn_on_impl=warning)(ima_observe))
    heard: list[Any] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plugins = joined(ima_observe=lambda event: heard.append(event))  # noqa: PLW0108 - pluggy reads its argument's name
    info = plugins.infos["terms"]
    assert (info.state, info.fault, info.notice) == ("active", "", "ima_observe goes in 2.0; use ima_watch")
    event = Created("t1", 5)
    plugins.tell(event)
    assert heard == [event]


def test_a_deprecated_argument_is_named_for_those_who_take_it(
    joined: Callable[..., PluginSet], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hook may give up an argument: whoever takes it is told, whoever does not is left in peace."""

    def ima_recommend(request: Any, models: Any) -> None:
        """Recommend."""

    gone = {"models": DeprecationWarning("models goes in 2.0; use registry")}
    marked = hookspec(firstresult=True, warn_on_impl_args=gone)(ima_recommend)
    monkeypatch.setattr(hookspecs, "ima_recommend", marked)
    assert joined(ima_recommend=lambda request: None).infos["terms"].notice == ""
    told = joined(ima_recommend=lambda request, models: None).infos["terms"]
    assert (told.state, told.notice) == ("active", "models goes in 2.0; use registry")


def test_an_optional_hook_of_a_newer_version_is_passed_over(joined: Callable[..., PluginSet]) -> None:
    """A plugin that marks a newer hook as optional runs here too; the same without the mark is a fault."""

    def ima_of_tomorrow() -> None:
        """Do what only a newer version asks for."""

    optional = hookimpl(optionalhook=True)(ima_of_tomorrow)
    assert joined(ima_of_tomorrow=optional).infos["terms"].state == "active"
    info = joined(ima_of_tomorrow=lambda: None).infos["terms"]
    assert (info.state, info.fault) == ("failed", "there is no hook called ima_of_tomorrow")
