"""Saved models as the command line uses them: whose they are, when they count, and when they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from ima_skills.catalogue import Catalogue
    from ima_skills.cli.output import Output
    from ima_skills.domain.event import Event
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.preferences import Preferences, UserPreferences
    from ima_skills.preparing import Prepared


def open_preferences(output: Output) -> Preferences:
    """Return the file of saved models; nothing is read yet.

    Args:
        output: Told when a broken file was put aside.
    """
    from ima_skills.cli.bookkeeping import writes_nothing
    from ima_skills.clock import SystemClock
    from ima_skills.preferences import FILE, Preferences
    from ima_skills.settings import state_home

    def warn(kept: object) -> None:
        output.note("prefs.aside", path=kept)

    told: set[Path] = set()

    def doubt(path: Path) -> None:
        if path not in told:
            told.add(path)
            output.note("prefs.unreadable", path=path)

    return Preferences(state_home() / FILE, SystemClock(), warn, writes=not writes_nothing(), doubt=doubt)


def user_of(user_id: str | None) -> str:
    """Return whose saved models are meant; the id stays on this machine."""
    from ima_skills.recording import NOBODY

    return (user_id or "").strip() or NOBODY


def usual_models(given: Mapping[str, Any], output: Output) -> UserPreferences | None:
    """Return the saved models that count for a command, or None where they do not.

    Args:
        given: The command's options.
        output: As for :func:`open_preferences`.

    Raises:
        UsageError: The options contradict each other.
    """
    from ima_skills.preferences import UserPreferences

    if given.get("remember_model") and not (given["model"] or given.get("version_id")):
        raise UsageError(
            "--remember-model saves a model that was named, and none was",
            code="no-model-named",
            hint="Add --model NAME.",
        )
    if given.get("recommended") and (given["model"] or given.get("version_id")):
        raise UsageError(
            "--recommended takes another model than the one that --model names",
            code="conflicting-options",
            hint="Leave one of them out.",
            details={"options": ["--recommended", "--model"]},
        )
    if given.get("recommended") or given.get("ignore_preference"):
        return None
    return UserPreferences(open_preferences(output), user_of(given["user_id"]))


def keeping(
    prepared: Prepared, given: Mapping[str, Any], output: Output, listen: Callable[[Event], None]
) -> Callable[[Event], None]:
    """Return a listener that keeps what the user wished for the future, once there is a task.

    Args:
        prepared: The job that is to be created.
        given: The command's options.
        output: Told what became of it.
        listen: Told every event first.
    """

    def hear(event: Event) -> None:
        from ima_skills.domain.event import Created, Reattached
        from ima_skills.errors import ImaError

        listen(event)
        if isinstance(event, Created | Reattached):
            try:
                keep_wishes(prepared, given, output)
            except ImaError:  # the task is there and is what counts
                output.note("prefs.not-saved")

    return hear


def keep_wishes(prepared: Prepared, given: Mapping[str, Any], output: Output) -> None:
    """Save or forget a model, where that was asked for in so many words.

    Args:
        prepared: The job that was created.
        given: The command's options.
        output: Told what became of it.
    """
    leaf, user = prepared.leaf, user_of(given["user_id"])
    if given["remember_model"]:
        if save(open_preferences(output), user, leaf, prepared.quote.points_per_output):
            output.note("prefs.saved", model=leaf.name, task_type=leaf.task_type)
            if not is_newest(leaf, prepared.catalogue):
                output.note("prefs.newest", model=leaf.model_id)
        else:
            output.note("prefs.not-saved")
    elif given["recommended"] and open_preferences(output).clear(user, leaf.task_type):
        output.note("prefs.cleared", task_type=leaf.task_type)


def save(store: Preferences, user: str, leaf: ProductLeaf, points: int) -> bool:
    """Save a model for its task type; returns False where nothing can be written.

    Args:
        store: The file.
        user: Whose.
        leaf: The model.
        points: Points of one output.
    """
    from ima_skills.preferences import Preference

    return store.set(user, leaf.task_type, Preference(leaf.model_id, leaf.name, points))


def is_newest(leaf: ProductLeaf, catalogue: Catalogue) -> bool:
    """Tell whether a leaf is what its family id alone would mean: only that is saved."""
    from ima_skills.choosing import newest

    return newest(item for item in catalogue.leaves if item.model_id == leaf.model_id).id == leaf.id
