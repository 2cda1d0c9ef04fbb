"""Understanding: from a Chinese or English wish to a request, or to the one question that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.route import Route
    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry
    from ima_skills.routing.history import Earlier
    from ima_skills.routing.understanding import Router
    from ima_skills.routing.vocabulary import Vocabulary


def route(  # noqa: PLR0913 - what a wish may come with
    text: str,
    *,
    images: Sequence[str] = (),
    history: Sequence[Earlier] = (),
    registry: Registry,
    vocabulary: Vocabulary,
    language: str | None = None,
) -> Route:
    """Return how a wish is understood. Needs no network, and never fails whatever the text is.

    Args:
        text: The wish, in Chinese, English or both.
        images: Files and addresses that came with it, in order: pictures, videos or sounds.
        history: Earlier results, oldest first, that it may refer to.
        registry: Models and task types.
        vocabulary: The words, from :func:`ima_skills.routing.vocabulary.load_vocabulary`.
        language: Language of a question: ``en`` or ``zh``; that of the text when not given.
    """
    return open_router(registry, vocabulary).route(text, images, history, language)


def open_router(registry: Registry, vocabulary: Vocabulary) -> Router:
    """Return a router for many wishes.

    Args:
        registry: Models and task types.
        vocabulary: The words.
    """
    from ima_skills.routing.case import Lexicon
    from ima_skills.routing.naming import name_index
    from ima_skills.routing.understanding import Router

    return Router(Lexicon(registry, vocabulary, name_index(registry, vocabulary)))


def reconsidered(plugins: PluginSet, text: str, found: Route, registry: Registry | None = None) -> Route:
    """Return a route as the first plugin with an opinion wants it; an answer that is none costs only its plugin.

    Args:
        plugins: The plugins, asked with ``ima_route``.
        text: The wish.
        found: How it was understood.
        registry: Knows the task types; without it they are not looked at.
    """
    from ima_skills.domain.route import Route as RouteType

    def amiss(given: Route) -> str:
        named = {given.task_type, *(step.task_type for step in given.steps)} - {None}
        return "task_type is none" if registry and named - set(registry.task_types) else ""

    answer: Route | None = plugins.first_answer(
        "ima_route", (RouteType,), "a Route", amiss, text=text, route=found
    )
    return found if answer is None else answer
