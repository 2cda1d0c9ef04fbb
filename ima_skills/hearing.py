"""Who hears of what happens on the road: the caller, then the plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.event import Created, Downloaded, Finished, PollTrouble, Progressed, Reattached

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.event import Event
    from ima_skills.plugin_set import PluginSet


def teller(plugins: PluginSet, on_event: Callable[[Event], None] | None) -> Callable[[Event], None]:
    """Return what tells an event to the caller and to the plugins.

    What the caller raises ends the road, as everybody expects of code of their own; a task that there is by
    then is named in a note on the error, because it costs: whether it goes on, and how to have its result.

    Args:
        plugins: They hear everything.
        on_event: The caller's own; None for nobody.
    """
    there: list[str] = []

    def tell(event: Event) -> None:
        if isinstance(event, Created | Reattached):
            there.append(event.task_id)
        try:
            if on_event is not None:
                on_event(event)
        except Exception as error:
            for task_id in there:
                error.add_note(f"task {task_id} {_state(event)}: client.wait({task_id!r})")
            raise
        finally:
            plugins.tell(event)

    return tell


def _state(event: Event) -> str:
    """Return what an event tells of its task; one that tells nothing of that leaves both possible."""
    if isinstance(event, Created | Reattached | Progressed | PollTrouble):
        return "was created and goes on"
    return "was created and is done" if isinstance(event, Downloaded | Finished) else "was created"
