"""What given files are for: by words, never by their number alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ima_skills.registry import Registry
    from ima_skills.routing.words import MediaWords

FIRST, LAST, FRAMES, REFERENCE = "first_frame", "last_frame", "frames", "reference"
PICTURE = "picture"
_BETWEEN = 2


@frozen
class Decision:
    """How a media is made.

    Attributes:
        task_type: The category; None where the question comes first.
        question: Name of the question that is missing.
        sureness: 0 to 1.
        note: Why, as a short code.
    """

    task_type: str | None
    question: str | None = None
    sureness: float = 1.0
    note: str = "text"


def decide(  # noqa: PLR0913 - what a decision rests on
    words: MediaWords,
    roles: Collection[str],
    sure: Collection[str],
    kinds: Sequence[str],
    registry: Registry,
    *,
    shown: bool = False,
) -> Decision:
    """Choose the task type of one media.

    Args:
        words: The media.
        roles: Roles that the wish's words state.
        sure: Those stated by words that need no file to be there.
        kinds: What each given file is: ``picture``, ``video`` or ``audio``.
        registry: Knows which task type takes which kinds.
        shown: Whether the wish speaks of a file ("this picture") although none is there.
    """
    stated = _stated(words, roles)
    if not kinds:
        return _without_files(words, stated, stated & _stated(words, sure), shown=shown)
    if words.whatever:
        return Decision(words.roles[words.whatever], None, 0.97, "whatever")
    if not words.roles:
        return Decision(words.text, None, 0.7, "files-unused")
    if any(kind != PICTURE for kind in kinds):
        return _with_other_kinds(words, stated, kinds, registry)
    return _with_pictures(words, stated, len(kinds))


def _stated(words: MediaWords, roles: Collection[str]) -> set[str]:
    """Return the roles that matter for a media; first and last frame together are one role."""
    found = set(roles)
    if {FIRST, LAST} <= found or FRAMES in found:
        found = (found - {FIRST, LAST}) | {FRAMES}
    known = {*words.roles, *([LAST] if FRAMES in words.roles else [])}
    return found & known


def _without_files(words: MediaWords, stated: set[str], sure: set[str], *, shown: bool) -> Decision:
    meant = stated if shown else sure
    lone = words.lone or words.whatever
    if not meant and shown and lone:
        return Decision(words.roles[lone], "input", 0.5, "file-missing")
    if not meant:
        return Decision(words.text)
    if len(meant) > 1 or not meant <= set(words.roles):
        return Decision(None, "image_role", 0.4, "roles-mixed")
    return Decision(words.roles[next(iter(meant))], "input", 0.5, "file-missing")


def _with_other_kinds(
    words: MediaWords, stated: set[str], kinds: Sequence[str], registry: Registry
) -> Decision:
    able = [
        (role, task_type)
        for role, task_type in words.roles.items()
        if task_type in registry.task_types and set(kinds) <= set(registry.task_types[task_type].inputs.kinds)
    ]
    if len(able) == 1 and stated <= {able[0][0]}:
        return Decision(able[0][1], None, 0.85, "only-one-takes-it")
    return Decision(None, "image_role", 0.4, "roles-mixed")


def _with_pictures(words: MediaWords, stated: set[str], count: int) -> Decision:
    if not stated:
        if count == 1 and words.lone:
            return Decision(words.roles[words.lone], None, 0.85, "one-picture")
        return Decision(None, "image_role", 0.4, "roles-unsaid")
    if len(stated) > 1:
        return Decision(None, "image_role", 0.4, "roles-mixed")
    role = next(iter(stated))
    if role == LAST or (role == FRAMES and count < _BETWEEN):
        return Decision(None, "other_frame", 0.4, "frame-missing")
    if (role == FRAMES and count > _BETWEEN) or (role == FIRST and count > 1):
        return Decision(None, "image_role", 0.4, "too-many-pictures")
    return Decision(words.roles[role], None, 0.98, f"said-{role}")
