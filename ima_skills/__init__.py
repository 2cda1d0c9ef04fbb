"""ima-skills: images, videos, music and speech through the IMA Open API.

The public names are loaded when they are first used, because start-up is a feature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ima_skills.client import ImaClient, generate
    from ima_skills.domain.event import (
        Created,
        Downloaded,
        Event,
        Finished,
        Held,
        JournalTrouble,
        ModelChosen,
        PollTrouble,
        Progressed,
        Quoted,
        Reattached,
        Reflected,
        Uploaded,
    )
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.problem import Change, Problem
    from ima_skills.domain.product import CreditRule, FormField, ProductLeaf
    from ima_skills.domain.recommendation import Recommendation
    from ima_skills.domain.reflection import Attempt, GiveUp, Refetch, Refusal, Retry, Wait
    from ima_skills.domain.request import Parameters, Quote, Request
    from ima_skills.domain.task import Media, Result, SavedFile, Task
    from ima_skills.domain.task_type import TaskType, Text
    from ima_skills.errors import (
        CredentialError,
        DeadlineError,
        ImaError,
        InvalidRequestError,
        JobFailedError,
        NetworkError,
        OutcomeUnknownError,
        PluginError,
        PointsError,
        RegistryError,
        ServiceError,
        UnknownModelError,
        UsageError,
    )
    from ima_skills.hookspecs import hookimpl
    from ima_skills.modality import CreateInputs, Modality
    from ima_skills.plugin_set import PluginSet, load_plugins
    from ima_skills.quirks import Quirk
    from ima_skills.registry import Registry, load_registry
    from ima_skills.renderers import Rendered, Renderer, RenderError, RenderJob
    from ima_skills.settings import Secret, Settings, read_settings

    __version__: str

_HOMES = {
    "client": ("ImaClient", "generate"),
    "domain.event": (
        "Created",
        "Downloaded",
        "Event",
        "Finished",
        "Held",
        "JournalTrouble",
        "ModelChosen",
        "PollTrouble",
        "Progressed",
        "Quoted",
        "Reattached",
        "Reflected",
        "Uploaded",
    ),
    "domain.model_entry": ("ModelEntry",),
    "domain.problem": ("Change", "Problem"),
    "domain.product": ("CreditRule", "FormField", "ProductLeaf"),
    "domain.recommendation": ("Recommendation",),
    "domain.reflection": ("Attempt", "GiveUp", "Refetch", "Refusal", "Retry", "Wait"),
    "domain.request": ("Parameters", "Quote", "Request"),
    "domain.task": ("Media", "Result", "SavedFile", "Task"),
    "domain.task_type": ("TaskType", "Text"),
    "errors": (
        "CredentialError",
        "DeadlineError",
        "ImaError",
        "InvalidRequestError",
        "JobFailedError",
        "NetworkError",
        "OutcomeUnknownError",
        "PluginError",
        "PointsError",
        "RegistryError",
        "ServiceError",
        "UnknownModelError",
        "UsageError",
    ),
    "hookspecs": ("hookimpl",),
    "modality": ("CreateInputs", "Modality"),
    "plugin_set": ("PluginSet", "load_plugins"),
    "quirks": ("Quirk",),
    "registry": ("Registry", "load_registry"),
    "renderers": ("RenderError", "RenderJob", "Rendered", "Renderer"),
    "settings": ("Secret", "Settings", "read_settings"),
}
_WHERE = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Attempt",
    "Change",
    "CreateInputs",
    "Created",
    "CredentialError",
    "CreditRule",
    "DeadlineError",
    "Downloaded",
    "Event",
    "Finished",
    "FormField",
    "GiveUp",
    "Held",
    "ImaClient",
    "ImaError",
    "InvalidRequestError",
    "JobFailedError",
    "JournalTrouble",
    "Media",
    "Modality",
    "ModelChosen",
    "ModelEntry",
    "NetworkError",
    "OutcomeUnknownError",
    "Parameters",
    "PluginError",
    "PluginSet",
    "PointsError",
    "PollTrouble",
    "Problem",
    "ProductLeaf",
    "Progressed",
    "Quirk",
    "Quote",
    "Quoted",
    "Reattached",
    "Recommendation",
    "Refetch",
    "Reflected",
    "Refusal",
    "Registry",
    "RegistryError",
    "RenderError",
    "RenderJob",
    "Rendered",
    "Renderer",
    "Request",
    "Result",
    "Retry",
    "SavedFile",
    "Secret",
    "ServiceError",
    "Settings",
    "Task",
    "TaskType",
    "Text",
    "UnknownModelError",
    "Uploaded",
    "UsageError",
    "Wait",
    "__version__",
    "generate",
    "hookimpl",
    "load_plugins",
    "load_registry",
    "read_settings",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its module."""
    from importlib import import_module

    if name == "__version__":
        return import_module("ima_skills.version").VERSION
    if name not in _WHERE:
        raise AttributeError(f"module 'ima_skills' has no attribute {name!r}")
    return getattr(import_module(f"ima_skills.{_WHERE[name]}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return list(__all__)
