"""What a plugin lets out: kept from going further, and told by its kind, its place and words that are nobody's.

The words of an exception may quote whatever the plugin was handed or has kept: a prompt, a key, a signed address. So of
its words only those are told that stand in the code which raised it; such a text was there before anybody's wish.
The kind and the place say enough to find the fault; they count only where a module and its file vouch for them, for code
that is made while a program runs may be named by anything.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import PurePath
from types import CodeType
from typing import TYPE_CHECKING, Any, Self

from attrs import define, frozen

from ima_skills.errors import FaultError, ImaError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

# Who calls plugins, and who imports them: not where a plugin's fault lies.
_OURS = "ima_skills"
_AROUND = (_OURS, "pluggy", "importlib")
_NAME = re.compile(r"\w{1,80}")
# A number below this is a count or an exit code, and tells nothing of anybody.
_SMALL = 1000


@frozen
class _Step:
    """A step of a traceback: the module, its file, the line, the code that ran, and whether it is from that file."""

    module: str
    file: str
    line: int
    code: CodeType
    is_from_file: bool

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    def __str__(self) -> str:
        # The folder in which a package is installed may tell whose machine this is.
        parts = PurePath(self.file).parts
        at = max((index for index, part in enumerate(parts[:-1]) if part == self.package), default=-1)
        return f"{'/'.join(parts[at:])}:{self.line}"


@define
class Fence:
    """Around a plugin's synchronous code: whatever it lets out ends here; Ctrl-C alone goes on.

    A task that is cancelled hears of it where it awaits, never in here: a ``CancelledError`` is the plugin's own.

    Attributes:
        error: What was let out; None when nothing was.
    """

    error: BaseException | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Keep what was let out."""
        if error is None or is_ctrl_c(error):
            return False
        self.error = error
        return True


def is_ctrl_c(error: BaseException) -> bool:
    """Tell whether an exception is a person's Ctrl-C: Python raises it in the main thread and nowhere else."""
    if not isinstance(error, KeyboardInterrupt):
        return False
    import threading

    return threading.current_thread() is threading.main_thread()


def told(error: BaseException) -> str:
    """Return what may be told of an exception, for instance ``KeyError at ima_kite/quirks.py:12: no such fold``.

    Args:
        error: What a plugin let out.
    """
    words = _unless_it_breaks(_words, error)
    return f"{kind_at(error)}: {words}" if words else kind_at(error)


def kind_at(error: BaseException) -> str:
    """Return the kind of an exception and the place in the plugin where it came from, as far as there is one.

    Args:
        error: What a plugin let out.
    """
    place = _unless_it_breaks(_place, error)
    kind = _unless_it_breaks(_kind, error) or "an exception"
    return f"{kind} at {place}" if place else kind


def kind_of(value: object) -> str:
    """Return the name of a value's class, as far as a module has it; else that of the nearest class that one has.

    Args:
        value: What a plugin handed over.
    """
    with Fence():
        return _class_name(type(value), ())
    return "thing"


def is_own_refusal(error: BaseException) -> bool:
    """Tell whether a plugin raised an error of ours itself; one that our code raised for it is a fault of the plugin.

    Args:
        error: What a plugin let out.
    """
    with Fence():
        steps = list(_steps(error.__traceback__)) if isinstance(error, ImaError) else []
        return bool(steps) and steps[-1].package not in _AROUND
    return False


def _unless_it_breaks(tell: Callable[[BaseException], str], error: BaseException) -> str:
    """Return what is told of an exception; nothing where looking at it raises another one."""
    with Fence():
        return tell(error)
    return ""


def _kind(error: BaseException) -> str:
    return _class_name(type(error), list(_names(error.__traceback__)))


def _class_name(kind: type, beside: Sequence[Mapping[str, Any]]) -> str:
    """Return the name under which a module has a class or the nearest of its bases.

    Args:
        kind: The class.
        beside: The names of modules that may be gone again, because their import failed.
    """
    for one in kind.__mro__:
        homes = [names for names in beside if names.get("__name__") == one.__module__]
        if one.__module__ in sys.modules:
            homes.append(vars(sys.modules[one.__module__]))
        if any(_reached(home, one.__qualname__) is one for home in homes) and _NAME.fullmatch(one.__name__):
            return one.__name__
    return ""


def _reached(home: Mapping[str, Any], path: str) -> object:
    found: object = None
    for name in path.split("."):
        found = home.get(name)
        home = vars(found) if isinstance(found, type) else {}
    return found


def _place(error: BaseException) -> str:
    if isinstance(error, SyntaxError) and _is_in_plugin(str(error.filename or ""), error):
        return f"{PurePath(str(error.filename)).name}:{error.lineno}"
    steps = _own(error)
    return str(steps[-1]) if steps else ""


def _is_in_plugin(file: str, error: BaseException) -> bool:
    """Tell whether a file that cannot be compiled is one of the plugin's, rather than a name that it made up."""
    if not file.endswith(".py") or not os.path.isfile(file):  # noqa: PTH113 - a path's own would raise at a name that is too long
        return False
    entered = _entered(error)
    # Nothing of the plugin has run: it is what was to be imported.
    return not entered or any(PurePath(step.file).parent in PurePath(file).parents for step in _own(error))


def _words(error: BaseException) -> str:
    """Return the words of an exception that are nobody's; empty when there are none."""
    steps = list(_steps(error.__traceback__))
    if isinstance(error, ModuleNotFoundError):
        return f"No module named {error.name!r}" if _is_imported(error.name or "", error) else ""
    if not steps or not steps[-1].is_from_file or not error.args:
        return ""
    if isinstance(error, FaultError) and not _entered(error):
        # What is wrong with files or names, in our own words; no plugin's code had a hand in it.
        return _discreet(error.message)
    known = {value for value in steps[-1].code.co_consts if isinstance(value, str)}
    if not all(_is_small(value) or (type(value) is str and value in known) for value in error.args):
        return ""
    return _discreet(", ".join(str(value) for value in error.args))


def _steps(trace: TracebackType | None) -> Iterator[_Step]:
    while trace is not None:
        code, names = trace.tb_frame.f_code, trace.tb_frame.f_globals
        module = str(names.get("__name__", "?"))
        yield _Step(module, code.co_filename, trace.tb_lineno, code, _is_file_of(names, code.co_filename))
        trace = trace.tb_next


def _names(trace: TracebackType | None) -> Iterator[Mapping[str, Any]]:
    """Yield the names of the modules that a traceback goes through."""
    while trace is not None:
        yield trace.tb_frame.f_globals
        trace = trace.tb_next


def _is_file_of(names: Mapping[str, Any], file: str) -> bool:
    """Tell whether a module, given by its names, was loaded from a file; what is compiled later may name any."""
    spec = names.get("__spec__")
    origin = names.get("__file__") if spec is None else spec.origin
    return isinstance(origin, str) and os.path.abspath(origin) == os.path.abspath(file)  # noqa: PTH100 - never resolves, never raises


def _entered(error: BaseException) -> list[_Step]:
    """Return the steps outside of ours."""
    return [step for step in _steps(error.__traceback__) if step.package not in _AROUND]


def _own(error: BaseException) -> list[_Step]:
    """Return the steps in the plugin's files: the first is where it was entered; what it calls may be a library of others."""
    entered = [step for step in _entered(error) if step.is_from_file]
    return [step for step in entered if step.package == entered[0].package]


def _is_imported(module: str, error: BaseException) -> bool:
    """Tell whether a plugin's code names a module, or is that module."""
    steps = _own(error)
    if not steps:
        return not _entered(error)
    code = steps[-1].code
    named = [name for name in (*code.co_names, *code.co_consts) if isinstance(name, str)]
    return any(name == module or name.startswith(f"{module}.") for name in named)


def _is_small(value: Any) -> bool:
    return type(value) in (int, bool) and abs(value) < _SMALL


def _discreet(text: str) -> str:
    from ima_skills.logs import discreet  # only a fault needs it

    return discreet(text)
