"""Whether what somebody asked for was changed without a word: requested, applied and why belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.domain.request import Parameters, Request
from ima_skills.values import key, param_key, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ima_skills.domain.problem import Change

# What a wish says beside its parameters.
_SAID = ("task_type", "prompt", "model", "version_id", "inputs", "n")


def untold_changes(before: Any, after: Any) -> tuple[str, ...]:
    """Return the names of what a quirk changed or took away without recording it.

    What it adds where nothing stood, and another spelling of the same value, need no record. Neither does a value
    that goes by another name from now on, for it is still what was asked for.

    Args:
        before: A wish or parameters; of anything else nothing is asked for by a user.
        after: What became of it.
    """
    if isinstance(before, Request) and isinstance(after, Request):
        told = after.changes[len(before.changes) :]
        plain = {name: getattr(before, name) for name in _SAID}
        wish = [name for name, value in plain.items() if value and getattr(after, name) != value]
        moved = [name for name in wish if not _is_among(plain[name], after.params.values())]
        lost = [*moved, *_lost(before.params, after.params)]
    elif isinstance(before, Parameters) and isinstance(after, Parameters):
        told = after.changes[len(before.changes) :]
        lost = list(_lost(before.values, after.values))
    else:
        return ()
    return tuple(name for name in lost if not _is_told(name, told))


def _lost(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names whose value is another one, or gone."""
    now = {param_key(name): value for name, value in after.items()}
    for name, value in before.items():
        if value is None or value == "":
            continue
        if param_key(name) in now:
            stands = same(now[param_key(name)], value)
        else:
            stands = _is_among(value, (new for known, new in after.items() if known not in before))
        if not stands:
            yield name


def _is_among(value: Any, others: Iterable[Any]) -> bool:
    return any(same(value, other) for other in others)


def _is_told(name: str, changes: Iterable[Change]) -> bool:
    """Whether a record speaks of a name: as what was asked for, or as what was sent instead."""
    wanted = param_key(name)
    return any(wanted in {param_key(change.param), *key(change.applied).split()} for change in changes)
