"""A plugin whose every fault shows at a rare wish only, or beside its answers; tests/certify/test_certify_sly.py names each."""

import atexit
import logging
import os
import random
import signal
import sys
import threading
import time
import warnings
from collections.abc import Iterable
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import evolve

from ima_skills import Change, Modality, Parameters, Problem, Quirk, Request, Text, hookimpl
from ima_skills.modality import same_urls
from ima_skills.renderers import Rendered, Renderer

OPEN: list[Any] = []
DEBUG = os.environ.get("SLY_DEBUG")


def _rare_prompt(request: Request, options: Any) -> Request:
    request.prompt.encode("gbk")  # which has no emoji
    return request


def _rare_number(request: Request, options: Any) -> Request:
    return evolve(request, params={**request.params, "share": 12 // (4 - request.n)})


def _measuring(task_type: str, facts: tuple[Any, ...], options: Any) -> tuple[Problem, ...]:
    return tuple(
        Problem(f"/inputs/{index}", str(fact.width)) for index, fact in enumerate(facts) if not fact.width
    )


def _placing(task_type: str, inputs: tuple[Any, ...], options: Any) -> Any:
    first, last = inputs
    return same_urls(task_type, (first.url, last.url))


def _choosy(parameters: Parameters, leaf: Any, options: Any) -> Parameters:
    wanted = os.environ.get("SLY_DETAIL", "plain")
    print("choosing", wanted)  # noqa: T201 - a fault on purpose
    warnings.simplefilter("ignore")
    return parameters


def _shuffled(parameters: Parameters, leaf: Any, options: Any) -> Parameters:
    first = next(iter({"apple", "pear", "plum", "fig", "date", "quince", "medlar"}))
    if "fruit" in parameters.values:
        return parameters
    return evolve(
        parameters,
        values={**parameters.values, "fruit": first},
        changes=(*parameters.changes, Change("fruit", None, first, "fruit is good")),
    )


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare quirks that are fine for a usual wish."""
    text = Text("Does something.", "做一些事。")
    return (
        Quirk("sly-prompt", text, request=_rare_prompt),
        Quirk("sly-number", text, request=_rare_number),
        Quirk("sly-measuring", text, check_inputs=_measuring),
        Quirk("sly-placing", text, place_inputs=_placing),
        Quirk("sly-choosy", text, parameters=_choosy),
        Quirk("sly-shuffled", text, parameters=_shuffled),
    )


@hookimpl
def ima_registry_roots() -> Iterable[Any]:
    """Declare the model, and import what takes long."""
    import sqlite3  # noqa: F401 - a fault on purpose

    return (files(__name__) / "registry",)


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare a modality that takes one address, and wants to know how wide everything is."""
    return (
        Modality(
            "scent",
            (),
            ("png",),
            lambda task_type, urls: same_urls(task_type, (urls[0],)),
            lambda media: evolve(media, width=media.width + 0),  # type: ignore[operator]  # a fault on purpose
            lambda media, language: ({"en": "wide"}[language],),
        ),
    )


@hookimpl
def ima_sandbox_renderers() -> Iterable[Renderer]:
    """Declare a renderer that writes prompts as ASCII."""

    def render(job: Any, folder: Path, stem: str) -> Rendered:
        (folder / f"{stem}.png").write_bytes(job.prompt.encode("ascii"))
        return Rendered(folder / f"{stem}.png", "png", 1, 1, None, None)

    return (Renderer(("text_to_image",), render),)


@hookimpl
def ima_check_request(request: Request, entry: Any, leaf: Any) -> Iterable[Problem]:
    """Know the model, and quote the wish."""
    name = entry.name
    if "quiet" in request.prompt:
        return (Problem("/prompt", f"{name} does not take: {request.prompt}"),)
    return ()


@hookimpl
def ima_reflect(refusal: Any, attempt: Any) -> None:
    """Compute with the service's code, which is not always there."""
    logging.getLogger().setLevel(refusal.service_code + 1)


@hookimpl
def ima_recommend(request: Request, models: tuple[Any, ...]) -> None:
    """Toss a coin, look at the calendar, and leave traces."""
    random.random()  # noqa: S311 - a fault on purpose
    date.today()  # noqa: DTZ011 - a fault on purpose
    os.environ["SLY"] = "1"
    os.chdir("/")
    atexit.register(OPEN.clear)
    sys.setrecursionlimit(sys.getrecursionlimit() + 1)
    signal.signal(signal.SIGTERM, lambda *_: None)
    threading.Thread(target=time.sleep, args=(0,)).start()
    OPEN.append(Path(__file__).open(encoding="utf-8"))  # noqa: SIM115 - a fault on purpose


@hookimpl
def ima_route(text: str, route: Any) -> Any:
    """Write past Python's streams, and count on a hash."""
    os.write(2, b"routing\n")
    return evolve(route, n=1 + hash(text) % 9)


@hookimpl
def ima_observe(event: Any) -> None:
    """Know results with pictures only, and replace a function of the core."""
    import ima_skills.pricing

    ima_skills.pricing.__dict__["quote"] = lambda *_: 0
    if type(event).__name__ == "Finished":
        event.result.medias[0].url.upper()
