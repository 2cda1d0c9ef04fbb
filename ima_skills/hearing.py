"""Who hears of what happens on the road: the caller, then the plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.event import Created

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.event import Event
    from ima_skills.plugin_set import PluginSet


def teller(plugins: PluginSet, on_event: Callable[[Event], None] | None) -> Callable[[Event], None]:
    """Return what tells an event to the caller and to the plugins.

    What the caller raises ends the road, as everybody expects of code of their own; a task that was created by
    then is named in a note on the error, because it goes on and costs.

    Args:
        plugins: They hear everything.
        on_event: The caller's own; None for nobody.
    """
    created: list[str] = []

    def tell(event: Event) -> None:
        if isinstance(event, Created):
            created.append(event.task_id)
        try:
            if on_event is not None:
                on_event(event)
        except Exception as error:
            for task_id in created:
                error.add_note(f"task {task_id} was created and goes on: client.wait({task_id!r})")
            raise
        finally:
            plugins.tell(event)

    return tell
