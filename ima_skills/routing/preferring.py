"""What a wish says about the choice of model beyond its name: keep it, only this once, the cheapest, another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.route import PreferenceWish

if TYPE_CHECKING:
    from ima_skills.domain.route import Budget, PreferenceAction
    from ima_skills.routing.naming import Name
    from ima_skills.routing.reading import Reading, Span

# Cues that are spoken to us and no part of what is to be made; the first ones only where a model is named.
ABOUT_NAMES = ("save", "once")
CUES = ("clear", "reset", "best", "cheapest", "another")


def read_budget(reading: Reading) -> Budget:
    """Return whether the cheapest, the best or another model is wanted."""
    for budget in ("cheapest", "best", "another"):
        if said(reading, budget):
            return budget
    return "none"


def read_preference(reading: Reading, name: Name | None, model_id: str | None) -> PreferenceWish:
    """Return what to do about the saved model.

    The rule of the skill documents: saved only on an explicit wish ("用X", "以后都用X", "always use X"),
    never for a model that is merely mentioned; cleared when the choice is left to us.

    Args:
        reading: The wish.
        name: The model that was named.
        model_id: Its family id.
    """
    if name is not None and model_id is not None:
        action = _about_named(reading, name)
        if action != "none" or not said(reading, "reset"):
            return PreferenceWish(action, model_id)
    leaves_it = any(said(reading, cue) for cue in ("clear", "reset", "best", "another"))
    return PreferenceWish("clear" if leaves_it else "none")


def said(reading: Reading, cue: str) -> tuple[Span, ...]:
    """Return where a cue is said to us; "the cheapest hotel" is about a hotel."""
    spans = (*reading.of(f"cue:{cue}"), *reading.of(f"alone:{cue}"))
    return tuple(
        span
        for span in spans
        if reading.before(span.start, "cue:negation", 1) is None and not _describes(reading, span)
    )


def _describes(reading: Reading, span: Span) -> bool:
    """Whether a word of praise or price stands before something that no word of the vocabulary explains."""
    if "cue:adjective" not in span.meanings:
        return False
    particle = reading.after(span.end, "cue:of", 0)
    latin = reading.folded[span.end - 1].isascii()
    start = particle.end if particle else span.end + 1 if latin else len(reading.folded)
    return reading.folded[start : start + 1].isalnum() and not reading.is_explained(start, start + 1)


def _about_named(reading: Reading, name: Name) -> PreferenceAction:
    if reading.has("cue:once"):
        return "once"
    liked = reading.before(name.start, "cue:like", 2) is not None
    if liked or name.used or said(reading, "save"):
        return "save"
    return "none"
