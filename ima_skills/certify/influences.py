"""What an answer must not depend on: variables of the environment, the clock, chance. Whoever asks them is noted.

Like :mod:`ima_skills.certify.watch`, a witness in a process of its own: what is put in place stays in place.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import time
from contextlib import contextmanager
from functools import wraps
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Whoever is met first on the way out has asked: a module that is only being imported, or the core, asks for itself.
_OTHERS = ("ima_skills", "pluggy")
_IMPORTING = ("importlib._bootstrap", "_frozen_importlib")
# Functions that read the clock when they get no more than this many arguments.
_CLOCK = {"time": 0, "time_ns": 0, "localtime": 0, "gmtime": 0, "ctime": 0, "asctime": 0, "strftime": 1}
_TODAY = ("now", "utcnow", "today")


@define
class Influences:
    """Notes what a plugin's code asks that is no argument of it.

    Attributes:
        package: The plugin's package; what others ask is no concern of it.
        seen: What was asked and where, for instance ``time.time at ima_kite/__init__.py:12``.
    """

    package: str
    seen: list[str] = field(factory=list)

    def start(self) -> None:
        """Begin, for as long as the process lives; before the plugin is imported, so that it gets no hold of others."""
        environ: Any = type(os.environ)
        environ.__getitem__ = self._heard(environ.__getitem__, lambda _, name: f"os.environ[{name!r}]")
        for name, most in _CLOCK.items():
            self._replace(time, name, most)
        for name in ("datetime", "date"):
            setattr(dt, name, self._dated(getattr(dt, name)))
        self._replace(os, "urandom")
        self._replace(random, "_urandom")  # held by that name since its import
        for name, value in vars(random).copy().items():
            if getattr(value, "__self__", None) is random._inst:  # noqa: SLF001 - whose methods the functions of the module are
                self._replace(random, name)

    @contextmanager
    def over(self) -> Iterator[list[str]]:
        """Give a list of what is asked in the block, each thing once."""
        found: list[str] = []
        start = len(self.seen)
        yield found
        found += dict.fromkeys(self.seen[start:])

    def _replace(self, module: Any, name: str, most: int | None = None) -> None:
        label = f"{module.__name__}.{name.lstrip('_')}"

        def what(*given: Any) -> str:
            return label if most is None or len(given) <= most else ""

        setattr(module, name, self._heard(getattr(module, name), what))

    def _heard(self, real: Callable[..., Any], what: Callable[..., str]) -> Callable[..., Any]:
        @wraps(real)
        def asked(*given: Any, **named: Any) -> Any:
            place = self._asker()
            told = what(*given) if place else ""
            if told:
                self.seen.append(f"{told} at {place}")
            return real(*given, **named)

        return asked

    def _dated(self, real: Any) -> Any:
        """Return a class of dates that notes who asks it for today; other dates are told for what they are."""
        checks = {
            "__instancecheck__": lambda _, value: isinstance(value, real),
            "__subclasscheck__": lambda _, kind: issubclass(kind, real),
        }
        asking = {
            name: staticmethod(
                self._heard(getattr(real, name), lambda *_, name=name: f"{real.__name__}.{name}")
            )
            for name in _TODAY
            if hasattr(real, name)
        }
        return type("Dated", (type(real),), checks)(
            real.__name__, (real,), {**asking, "__module__": real.__module__}
        )

    def _asker(self) -> str:
        """Return the place in the plugin that asks; empty when somebody else does."""
        frame = sys._getframe(2)  # noqa: SLF001 - no other way to know who calls
        while frame is not None:
            name = str(frame.f_globals.get("__name__", ""))
            package = name.partition(".")[0]
            if package == self.package:
                file = PurePath(frame.f_code.co_filename)
                return f"{'/'.join(file.parts[-2:])}:{frame.f_lineno}"
            if package in _OTHERS or name in _IMPORTING:
                return ""
            frame = frame.f_back  # type: ignore[assignment]  # the outermost has none, which ends the way
        return ""
