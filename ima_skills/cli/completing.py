"""Values that shell completion offers; nothing here touches the network."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click


def complete_task_type(_context: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Return the task types that begin so."""
    from ima_skills.cli.listing import offline_rows

    names = dict.fromkeys(row["task_type"] for row in offline_rows()[0] if row["task_type"])
    return [name for name in names if name.startswith(begun)]


def complete_model(context: click.Context, _param: click.Parameter, begun: str) -> list[str]:
    """Return the ids of models that begin so, in the task type that was named."""
    from ima_skills.cli.listing import offline_rows

    wanted = context.params.get("task_type")
    ids = dict.fromkeys(
        row["id"]
        for row in offline_rows()[0]
        if row["id"] and row["status"] == "production" and wanted in (None, row["task_type"])
    )
    return [name for name in ids if name.startswith(begun)]
