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
    from ima_skills.domain.recommendation import Recommendation
    from ima_skills.domain.reflection import Attempt, Decision, Refusal
    from ima_skills.domain.request import Request
    from ima_skills.domain.route import Route
    from ima_skills.modality import Modality
    from ima_skills.quirks import Quirk
    from ima_skills.renderers import Renderer

PROJECT = "ima_skills"
# Its first number rises when a hook or an argument is taken away, which only a major version of ima-skills does.
# A plugin may state what it was written for: ``ima_api = "1"``.
HOOKS_VERSION = "1"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def ima_modalities() -> Iterable[Modality]:
    """Declare modalities.

    Called once per plugin set. Two plugins that declare the same modality name are both named in
    an error, and the first one keeps it.

    Returns:
        The modalities that the plugin brings.

    Since: 0.1
    """
    return ()


@hookspec
def ima_quirks() -> Iterable[Quirk]:
    """Declare quirks that registry files may name.

    Called once per plugin set. Names are unique over all plugins; on a clash both plugins are
    named and the first one keeps the name.

    Returns:
        The quirks that the plugin brings.

    Since: 0.1
    """
    return ()


@hookspec
def ima_registry_roots() -> Iterable[Traversable]:
    """Declare folders with further registry files.

    A root holds ``<modality>/<model>.toml`` and may hold ``catalogue/<date>/<task type>.json``,
    ``task_types.toml``, ``defaults.toml``, ``errors.toml`` and ``vocabulary/*.toml``; for messages to people
    ``messages/<language>.toml``, ``platforms/<name>.toml`` and ``failures.toml``.

    Returns:
        Folders, usually ``importlib.resources.files("my_plugin") / "registry"``.

    Since: 0.1
    """
    return ()


@hookspec
def ima_schema_roots() -> Iterable[Traversable]:
    """Declare folders with further JSON Schemas, for instance ``request/<task type>.schema.json``.

    Returns:
        Folders; the first-party schemas win over equal names.

    Since: 0.1
    """
    return ()


@hookspec
def ima_sandbox_renderers() -> Iterable[Renderer]:
    """Declare what the sandbox makes media of the plugin's task types with.

    Called once per sandbox. A task type of the first party keeps its own renderer, and one that two plugins
    render stays with the first. Without a renderer the sandbox makes a picture, a clip or a piece of music,
    whatever is nearest to the media kind of the task type.

    Returns:
        Renderers; a broken one fails its media and nothing else.

    Since: 0.1
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

    Since: 0.1
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

    Since: 0.1
    """


@hookspec(firstresult=True)
def ima_recommend(request: Request, models: tuple[ModelEntry, ...]) -> Recommendation | None:
    """Decide which model suits a wish that names none; what the user has saved still goes before it.

    Asked once per wish, without the network. The first plugin that answers wins. A model that the registry
    does not know, or that the service does not list, is passed over.

    Args:
        request: The wish; its prompt is readable here and must not be stored.
        models: The models that can be booked in its task type.

    Returns:
        A recommendation, or None to leave it to others.

    Since: 0.1
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

    Since: 0.1
    """


@hookspec(firstresult=True)
def ima_route(text: str, route: Route) -> Route | None:
    """Decide how a wish is understood, where words in a vocabulary file cannot say it; asked once per wish.

    The first plugin that answers wins. Understanding spends nothing; what comes of it is checked and priced
    like any request.

    Args:
        text: The wish; must not be stored.
        route: How it was understood by words.

    Returns:
        A better route (``attrs.evolve(route, …)``), or None to leave it.

    Since: 0.1
    """


@hookspec
def ima_observe(event: Event) -> None:
    """Observe an event of the road. Must return at once; an exception is recorded and goes no further.

    Args:
        event: What happened.

    Since: 0.1
    """
