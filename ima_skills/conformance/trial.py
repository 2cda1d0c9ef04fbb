"""Trials: a wish, what goes wrong meanwhile, and what has to be true afterwards; read from TOML."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Literal

from attrs import field, frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.domain.task_type import Text
from ima_skills.errors import RegistryError, UsageError
from ima_skills.resources import data_root
from ima_skills.toml_files import toml_document

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER = "conformance"
Range = tuple[int, int]


@frozen
class Wish:
    """What the client is asked to make.

    Attributes:
        task_type: The category.
        model: Family id, as in the product list.
        params: Parameters, by their names in the form.
        n: Number of outputs.
        inputs: Number of local pictures that are handed over.
    """

    task_type: str
    model: str
    params: Mapping[str, Any] = field(factory=dict)
    n: int = 1
    inputs: int = 0


@frozen
class Expectation:
    """What has to be true afterwards; None means that it does not matter.

    Attributes:
        exit: Whether the command has to succeed or to fail.
        creates: Least and most creates that were sent.
        accepted: Least and most tasks that the service accepted and charged for.
        lists: Least and most product lists that were asked for.
        looks: Least and most looks at tasks.
        tokens: Least and most upload tokens that were asked for.
        sent: Values that the last create carried, as text without letter case.
        not_dearer: Whether no later create may cost more than the first.
        pace_s: Seconds of the service between two looks, at the least and on average.
        files: ``whole``: every output is on disk as it is at the service; ``not-broken``: no file that is
            there differs from it.
    """

    exit: Literal["success", "failure"] | None = None
    creates: Range | None = None
    accepted: Range | None = None
    lists: Range | None = None
    looks: Range | None = None
    tokens: Range | None = None
    sent: Mapping[str, Any] = field(factory=dict)
    not_dearer: bool = False
    pace_s: float | None = None
    files: Literal["whole", "not-broken"] | None = None


@frozen
class Trial:
    """One named trial.

    Attributes:
        name: Stable kebab-case name.
        area: ``payload``, ``stop``, ``retry``, ``duplicates``, ``trouble``, ``uploads``, ``files`` or ``keys``.
        title: What it is about.
        wish: What the client is asked to make.
        expect: What has to be true afterwards.
        fault: What goes wrong, as in a scenario of the sandbox.
        speed: How many seconds of the service pass in one second.
        points: Points of the account.
    """

    name: str
    area: str
    title: Text
    wish: Wish
    expect: Expectation
    fault: tuple[Mapping[str, Any], ...] = ()
    speed: float = 120.0
    points: int = 100_000


def load_trials() -> tuple[Trial, ...]:
    """Return every trial, in the order of the files and within them.

    Raises:
        RegistryError: A file cannot be read, or two trials share a name.
    """
    converter = strict_converter()
    trials: list[Trial] = []
    folder = data_root("registry").joinpath(FOLDER)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        try:
            rows = toml_document(file)["trial"]
            trials += structure(converter, rows, tuple[Trial, ...])
        except (OSError, ValueError, KeyError, StructureError) as error:
            raise RegistryError(f"{file}: {error}", hint="Run: ima-skills registry check") from error
    names = [trial.name for trial in trials]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise RegistryError(f"two trials share a name: {', '.join(twice)}")
    return tuple(trials)


def chosen(trials: Iterable[Trial], patterns: Iterable[str]) -> tuple[Trial, ...]:
    """Return the trials whose name or area matches one of some patterns; all of them without patterns.

    Args:
        trials: All trials.
        patterns: Names or areas; ``*`` and ``?`` stand for anything.

    Raises:
        UsageError: A pattern matches nothing.
    """
    every = tuple(trials)
    wanted = tuple(patterns)
    for pattern in wanted:
        if not any(_matches(trial, pattern) for trial in every):
            raise UsageError(
                f"no trial is called {pattern!r}",
                code="unknown-trial",
                hint="See ima-skills conformance list.",
                details={"name": pattern},
            )
    return tuple(
        trial for trial in every if not wanted or any(_matches(trial, pattern) for pattern in wanted)
    )


def _matches(trial: Trial, pattern: str) -> bool:
    return fnmatchcase(trial.name, pattern) or fnmatchcase(trial.area, pattern)
