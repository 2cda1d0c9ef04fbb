"""A plugin that does everything wrong on purpose; tests/cli/test_cli_certify.py names each of its faults."""

import itertools
import os
import socket
import sqlite3  # noqa: F401 - a heavy import that nothing needs
import subprocess
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Any

from attrs import evolve

from ima_skills import Modality, Parameters, Problem, Quirk, Request, Text, hookimpl
from ima_skills.modality import same_urls

# At import: the network, a file, a process, time, the key, and somebody else's environment.
with suppress(OSError):
    socket.create_connection(("192.0.2.1", 80), timeout=1)
with suppress(OSError):
    (Path.home() / "bad.txt").write_text("I was here", encoding="utf-8")
with suppress(OSError):
    subprocess.run(["true"], check=False)
time.sleep(0.3)
print(os.environ.get("IMA_API_KEY"))  # noqa: T201 - a fault on purpose
os.environ["BAD_PLUGIN"] = "1"
COUNT = itertools.count()


def _mutating(request: Request, options: Any) -> Request:
    request.params["detail"] = "fine"  # type: ignore[index] # a fault on purpose
    return request


def _growing(parameters: Parameters, leaf: Any, options: Any) -> Parameters:
    return evolve(parameters, values={**parameters.values, "size": f"{parameters.values.get('size')}0"})


def _moody(parameters: Parameters, leaf: Any, options: Any) -> Parameters:
    return evolve(parameters, values={**parameters.values, "mood": next(COUNT)})


def _to(word: str) -> Quirk:
    def request(request: Request, options: Any) -> Request:
        return evolve(request, params={**request.params, "word": word})

    return Quirk(f"bad-{word}", Text(f"Says {word}.", f"说 {word}。"), request=request)


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare a task type without a schema."""
    return (Modality("smell", ("text_to_smell",), ("jpg",), same_urls, lambda media: media, lambda *_: ()),)


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare quirks that are neither pure nor idempotent, and print."""
    print("quirks, quirks")  # noqa: T201 - a fault on purpose
    return (
        Quirk("bad-mutating", Text("Mutates.", "修改传入值。"), request=_mutating),
        Quirk("bad-growing", Text("Grows.", "越变越大。"), parameters=_growing),
        Quirk("bad-moody", Text("Counts.", ""), parameters=_moody),
        _to("left"),
        _to("right"),
    )


@hookimpl
def ima_registry_roots() -> Iterable[Any]:
    """Declare the registry."""
    return (files("ima_skills_bad") / "registry",)


def ima_schema_roots() -> Iterable[Any]:
    """Have the name of a hook, and not its mark."""
    return ()


@hookimpl
def ima_obsrve(event: object) -> None:
    """Be misspelt."""


@hookimpl
def ima_check_request(request: Request) -> Iterable[Problem]:
    """End the process of everybody."""
    os._exit(3)


@hookimpl
def ima_reflect(refusal: object) -> None:
    """Raise."""
    raise KeyError("no idea")


@hookimpl
def ima_recommend(request: Request) -> str:
    """Return a word where a recommendation is asked for."""
    return "seedream-4.5"


@hookimpl
async def ima_route(text: str) -> None:
    """Be asynchronous."""


@hookimpl
def ima_batch_executor(engine: object) -> None:
    """Ask for what the hook does not give."""


@hookimpl
def ima_observe(event: object) -> None:
    """Hang."""
    time.sleep(600)
