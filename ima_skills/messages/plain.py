"""Times, settings and values in plain words: what people said and see, never what travels to the service."""

from __future__ import annotations

import re
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from ima_skills.values import length_in_seconds, same

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ima_skills.domain.problem import Change, Problem
    from ima_skills.messages.texts import Lines

_MINUTE_S = 60
# From here on people think in minutes (the service's skill documents do from 60 to 120 s on).
_LONG_S = 120
# What anybody understands: figures, shapes and sizes, sharpness. Anything else may be a name from the inside.
_FIGURES = re.compile(r"^[+-]?\d+(\.\d+)?\s*([:x×*/]\s*\d+(\.\d+)?|[kKpP])?$")
# Some changes name what the model calls a setting, followed by its value.
_RENAMED = re.compile(r"^[a-z][a-z0-9_.]*\s+(\S.*)$")
_MOST_PROBLEMS = 3


def duration(lines: Lines, seconds: float) -> str:
    """Return a length of time."""
    whole = max(round(seconds), 1)
    if whole < _LONG_S:
        return lines.say("time.seconds", seconds=whole)
    minutes, rest = divmod(whole, _MINUTE_S)
    if not rest:
        return lines.say("time.minutes", minutes=minutes)
    return lines.say("time.minutes-seconds", minutes=minutes, seconds=rest)


def span(lines: Lines, estimate: tuple[float, float]) -> str:
    """Return an estimate (low, high) in seconds, in minutes too where it is long."""
    low, high = floor(estimate[0]), ceil(estimate[1])
    if high <= low:
        return duration(lines, high)
    if high < _LONG_S:
        return lines.say("time.span", low=low, high=high)
    return lines.say("time.span-long", low=low, high=high, minutes=_minutes(lines, low, high))


def short_span(lines: Lines, estimate: tuple[float, float]) -> str:
    """Return an estimate (low, high) in seconds as briefly as possible: in minutes alone where it is long."""
    low, high = floor(estimate[0]), ceil(estimate[1])
    return _minutes(lines, low, high) if high >= _LONG_S and high > low else span(lines, estimate)


def _minutes(lines: Lines, low: int, high: int) -> str:
    least, most = max(round(low / _MINUTE_S), 1), round(high / _MINUTE_S)
    if least == most:
        return lines.say("time.minutes", minutes=most)
    return lines.say("time.span-minutes", low=least, high=most)


def change_lines(lines: Lines, changes: Iterable[Change]) -> tuple[str, ...]:
    """Return what became of wishes; what nobody asked for, and a mere other name, is left out."""
    told = (_change(lines, change) for change in changes if change.requested is not None)
    found = tuple(dict.fromkeys(line for line in told if line))
    return (lines.say("changes.intro"), *found) if found else ()


def problem_lines(lines: Lines, problems: Iterable[Problem]) -> Iterator[str]:
    """Yield what cannot be done and what comes closest, where both can be said in plain words."""
    for problem in list(problems)[:_MOST_PROBLEMS]:
        before = _value(lines, problem.place, problem.value)
        close = _value(lines, problem.place, problem.nearest)
        if before and close and has_label(lines, problem.place):
            label = _label(lines, problem.place)
            yield lines.say("changes.refused", label=label, before=before, nearest=close)


def _change(lines: Lines, change: Change) -> str:
    label = _label(lines, change.param)
    if change.applied is None:
        return lines.say("changes.dropped", label=label)
    wished, applied = _bare(change.requested), _bare(change.applied)
    plain = change.plain.say(lines.language) if change.plain else ""
    if same(wished, applied) or same(wished, plain):
        return ""
    before, after = _value(lines, change.param, wished), plain or _value(lines, change.param, applied)
    if not after:
        return lines.say("changes.vague", label=label)
    if not before:
        return lines.say("changes.to", label=label, after=after)
    return "" if before == after else lines.say("changes.one", label=label, before=before, after=after)


def _bare(value: Any) -> Any:
    found = _RENAMED.match(value) if isinstance(value, str) else None
    return found[1] if found else value


def settings_line(lines: Lines, settings: Mapping[str, Any]) -> str:
    """Return settings with their values on one line, as far as both can be said in plain words."""
    told = ((name, _value(lines, name, value)) for name, value in settings.items() if has_label(lines, name))
    named = (
        lines.say("changes.with", label=_label(lines, name), value=value) for name, value in told if value
    )
    return lines.say("changes.comma").join(named)


def names_line(lines: Lines, names: Iterable[str]) -> str:
    """Return what settings are called, on one line, each name once."""
    return lines.say("changes.comma").join(dict.fromkeys(_label(lines, name) for name in names))


def has_label(lines: Lines, param: str) -> bool:
    """Tell whether there are plain words for a setting."""
    return lines.has(f"settings.{param.casefold()}")


def _label(lines: Lines, param: str) -> str:
    return lines.say(f"settings.{param.casefold()}", "settings.other")


def _value(lines: Lines, param: str, value: Any) -> str:
    """Return a value in plain words; empty when there are none."""
    word = ("true" if value else "false") if isinstance(value, bool) else str(value).strip().casefold()
    if lines.has(f"values.{word}"):
        return lines.say(f"values.{word}")
    unit, seconds = f"units.{param.casefold()}", length_in_seconds(value)
    figures = f"{seconds:g}" if seconds is not None else str(value).strip()
    if value is None or not _FIGURES.match(figures):
        return ""
    figures = figures.replace("P", "p").replace("k", "K")  # models write 1080P as often as 1080p
    return lines.say(unit, value=figures) if lines.has(unit) else figures
