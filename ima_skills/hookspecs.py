"""Every hook of ima-skills. Hooks are synchronous and pure; they return named, frozen values.

Three kinds: *declare* hooks are called once when a plugin set is built; *decide* hooks are asked
while a request is served and answer None for "not mine"; *observe* hooks are told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable

    from ima_skills.batch import Executor
    from ima_skills.domain.event import Event
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.problem import Problem
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.reflection import Attempt, Decision, Refusal
    from ima_skills.domain.request import Request
    from ima_skills.modality import Modality
    from ima_skills.quirks import Quirk

PROJECT = "ima_skills"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def ima_modalities() -> Iterable[Modality]:
    """Declare modalities.

    Called once per plugin set. Two plugins that declare the same modality name are both named in
    an error, and the first one keeps it.

    Returns:
        The modalities that the plugin brings.
    """
    return ()


@hookspec
def ima_quirks() -> Iterable[Quirk]:
    """Declare quirks that registry files may name.

    Called once per plugin set. Names are unique over all plugins; on a clash both plugins are
    named and the first one keeps the name.

    Returns:
        The quirks that the plugin brings.
    """
    return ()


@hookspec
def ima_registry_roots() -> Iterable[Traversable]:
    """Declare folders with further registry files.

    A root holds ``<modality>/<model>.toml`` and may hold ``catalogue/<date>/<task type>.json``,
    ``task_types.toml``, ``defaults.toml`` and ``errors.toml``.

    Returns:
        Folders, usually ``importlib.resources.files("my_plugin") / "registry"``.
    """
    return ()


@hookspec
def ima_schema_roots() -> Iterable[Traversable]:
    """Declare folders with further JSON Schemas, for instance ``request/<task type>.schema.json``.

    Returns:
        Folders; the first-party schemas win over equal names.
    """
    return ()


@hookspec
def ima_check_request(request: Request, entry: ModelEntry | None, leaf: ProductLeaf) -> Iterable[Problem]:
    """Decide whether a resolved request may go out; asked before anything is sent that costs.

    Args:
        request: The wish; its prompt is readable here and must not be stored.
        entry: The model entry, or None for a model that only the live list knows.
        leaf: The leaf that was chosen.

    Returns:
        Problems; any problem refuses the request.
    """
    return ()


@hookspec(firstresult=True)
def ima_reflect(refusal: Refusal, attempt: Attempt) -> Decision | None:
    """Decide what to do after the service refused a create.

    The first plugin that answers wins; the built-in answer comes last. The engine keeps its caps
    whatever the answer: at most three creates, waits of at most a minute, only parameters of the
    model, never a higher price, every change reported.

    Args:
        refusal: The service's verdict.
        attempt: What was sent.

    Returns:
        What to do, or None to leave it to others.
    """


@hookspec(firstresult=True)
def ima_batch_executor(concurrency: int) -> Executor | None:
    """Decide where the lines of a batch run; asked once per batch.

    The first plugin that answers wins; the built-in executor runs them in this process. Whatever it
    does, each line is handed to the work it is given at least once, and the journal keeps a line from
    being created twice.

    Args:
        concurrency: How many lines the user wants at once.

    Returns:
        An executor, or None to leave it to others.
    """


@hookspec
def ima_observe(event: Event) -> None:
    """Observe an event of the road. Must return at once; an exception is recorded and goes no further.

    Args:
        event: What happened.
    """
