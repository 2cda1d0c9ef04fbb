"""``ima-skills models``: what can be booked, and what each model takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_model, complete_task_type
from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options, plugin_options, service_options
from ima_skills.cli.paging import page_options
from ima_skills.cli.search import search_models, show_defaults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.cli.listing import Row
    from ima_skills.cli.output import Output
    from ima_skills.cli.paging import Page
    from ima_skills.cli.product_lists import ProductLists
    from ima_skills.cli.session import Connection, PluginChoice

_ALIAS_CELLS = 36
# Versions of one model that an agent host shows in full as text: the largest take 900 bytes each.
_VERSIONS = 10


@click.group("models", cls=Group, help="List models and show what they offer.")
def command() -> None:
    """Group the commands about models."""


def _which_list(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which list to answer from."""
    task_type = click.option(
        "-t", "--task-type", metavar="TYPE", shell_complete=complete_task_type, help="Only this task type."
    )
    offline = click.option(
        "--offline", is_flag=True, help="Answer from the registry's dated copy of the list."
    )
    return task_type(offline(service_options(plugin_options(output_options(function)))))


@command.command("list", cls=Command, help="List the models that can be booked, with prices.")
@click.option("--all", "everything", is_flag=True, help="Retired models too, and those the list lacks.")
@page_options
@_which_list
def list_models(  # noqa: PLR0913 - one parameter per option
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    task_type: str | None,
    offline: bool,
    everything: bool,
    page: Page,
) -> None:
    """List models; see the help text."""
    if offline:
        document = _offline(plugin_choice, task_type, everything=everything)
    else:
        from ima_skills.cli.product_lists import live_lists

        document = _live(live_lists(connection, plugin_choice, output, task_type), task_type, everything)
    document["models"], place = page.cut(document["models"], output)
    document |= place
    output.document(document, _lines(document, output))


@command.command("show", cls=Command, help="Show everything that is known of the model NAME.")
@click.argument("name", shell_complete=complete_model)
@page_options
@_which_list
def show_model(  # noqa: PLR0913 - one parameter per option
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    name: str,
    task_type: str | None,
    offline: bool,
    page: Page,
) -> None:
    """Show one model; see the help text."""
    from ima_skills.cli.model_page import find_model, model_document
    from ima_skills.cli.model_text import model_lines
    from ima_skills.cli.product_lists import live_lists, offline_lists

    if offline:
        lists = offline_lists(plugin_choice, output.language, task_type)
    else:
        lists = live_lists(connection, plugin_choice, output, task_type)
    found = find_model(lists.registry, lists.pages, name)
    document = {**model_document(found, lists.quirks), **lists.source}
    rest = {name: value for name, value in document.items() if name != "versions"}
    document["versions"], place = page.cut(document["versions"], output, beside=rest, most=_VERSIONS)
    document |= place
    output.document(document, model_lines(document, output))


command.add_command(search_models)
command.add_command(show_defaults)


def _offline(choice: PluginChoice, task_type: str | None, *, everything: bool) -> dict[str, Any]:
    from ima_skills.cli.listing import offline_rows

    rows, captured = offline_rows(choice)
    known = tuple(dict.fromkeys(row["task_type"] for row in rows if row["task_type"]))
    if task_type is not None and task_type not in known:
        from ima_skills.preparing import unknown_task_type

        raise unknown_task_type(task_type, known)
    shown = [
        row
        for row in rows
        if task_type in (None, row["task_type"]) and (everything or row["status"] != "retired")
    ]
    return {"models": shown, "source": "snapshot", "captured": captured, "sandbox": False}


def _live(lists: ProductLists, task_type: str | None, everything: bool) -> dict[str, Any]:  # noqa: FBT001 - an option handed on
    from ima_skills.cli.listing import catalogue_rows, unlisted_rows

    rows = [row for page in lists.pages for row in catalogue_rows(lists.registry, page)]
    if everything:
        lacking = unlisted_rows(lists.registry, rows)
        rows += [row for row in lacking if task_type in (None, row["task_type"])]
    return {"models": rows, **lists.source}


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table
    from ima_skills.cli.paging import more_line
    from ima_skills.cli.wording import source_line

    rows: list[Row] = document["models"]
    if not rows:
        yield output.say("models.none")
        return
    columns = ("task-type", "name", "version", "points", "estimate", "status", "aliases")
    yield from table(
        [output.say(f"models.{column}") for column in columns], [_cells(row, output) for row in rows]
    )
    yield from more_line(document, output)
    yield ""
    yield source_line(document, output)


def _cells(row: Row, output: Output) -> tuple[str, ...]:
    from ima_skills.cli.layout import shortened, span
    from ima_skills.cli.wording import term

    return (
        row["task_type"] or "-",
        row["name"],
        row["version_id"] or "-",
        span(row["points_from"], row["points_to"]),
        span(*(row["estimate_s"] or (None, None))),
        term("status", row["status"], output),
        shortened(", ".join(row["aliases"]), _ALIAS_CELLS),
    )
