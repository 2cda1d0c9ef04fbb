"""A third-party plugin whose every hook raises, each in its own way."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.domain.problem import Problem


@hookimpl
def ima_check_request(request: object, entry: object, leaf: object) -> Iterator[Problem]:
    """Fail only when the answer is looked at."""
    yield from ()
    raise KeyError("lazy")


@hookimpl
def ima_reflect(refusal: object, attempt: object) -> NoReturn:
    """Try to end the process."""
    raise SystemExit(3)


@hookimpl
def ima_observe(event: object) -> NoReturn:
    """Fail at every event."""
    raise ValueError("do not look at me")
