"""``ima-skills models search`` and ``models defaults``: which model, for this very wish."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_task_type
from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options, plugin_options, service_options
from ima_skills.cli.paging import page_options

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ima_skills.cli.output import Output
    from ima_skills.cli.paging import Page
    from ima_skills.cli.product_lists import ProductLists
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.searching import Criteria, Hit

_TIERS = ("budget", "standard", "premium", "artistic")
# Search words for parameters that models call by different names.
_SHORTCUTS = {"ratio": "aspect_ratio", "duration": "duration", "resolution": "resolution", "size": "size"}


@click.command(
    "search", cls=Command, help="Find models by words and by what they can do, priced for exactly that."
)
@click.argument("words", nargs=-1)
@click.option(
    "-t", "--task-type", metavar="TYPE", shell_complete=complete_task_type, help="Only this task type."
)
@click.option("--tier", type=click.Choice(_TIERS), help="Only this tier.")
@click.option("--ratio", metavar="W:H", help="Draws this ratio.")
@click.option("--duration", metavar="SECONDS", help="Makes this length.")
@click.option("--resolution", metavar="WORD", help="Makes this resolution, for instance 1080p.")
@click.option("--size", metavar="SIZE", help="Draws this size, for instance 4K.")
@click.option("--audio/--no-audio", default=None, help="With sound, or without.")
@click.option(
    "-p", "--param", "params", multiple=True, metavar="KEY=VALUE", help="A parameter; may be repeated."
)
@click.option("--max-points", type=click.IntRange(min=0), metavar="N", help="Costs at most this.")
@click.option("-n", "--n", type=click.IntRange(min=1), default=1, metavar="N", help="Number of outputs.")
@click.option("--offline", is_flag=True, help="Answer from the registry's dated copy of the list.")
@page_options
@service_options
@plugin_options
@output_options
def search_models(
    output: Output, connection: Connection, plugin_choice: PluginChoice, *, page: Page, **given: Any
) -> None:
    """Search models; see the help text."""
    from ima_skills.cli.product_lists import live_lists, offline_lists

    if given["offline"]:
        lists = offline_lists(plugin_choice, output.language, given["task_type"])
    else:
        lists = live_lists(connection, plugin_choice, output, given["task_type"])
    hits, ignored = _found(lists, _criteria(given), plugin_choice, output)
    rows, place = page.cut([_row(hit, lists) for hit in hits], output)
    document = {"models": rows, "ignored": list(ignored), **place, **lists.source}
    output.document(document, _lines(document, output))


def _found(
    lists: ProductLists, criteria: Criteria, choice: PluginChoice, output: Output
) -> tuple[Sequence[Hit], Sequence[str]]:
    """Return who meets the criteria, and the words that had to be left out of them.

    Words are looked for as they stand; where nobody has them, for what they mean: a medium, cheap, good.
    """
    from attrs import evolve

    from ima_skills.cli.route import load_words
    from ima_skills.cli.search_words import understand
    from ima_skills.searching import search

    hits = search(lists.registry, lists.quirks, lists.pages, criteria)
    if hits or not criteria.words:
        return hits, ()
    asked = understand(criteria.words, load_words(choice.load(), output))
    if not asked.is_understood:
        return (), ()
    pages = [page for page in lists.pages if not asked.task_types or page.task_type in asked.task_types]
    meant = evolve(criteria, words=asked.rest, tier=criteria.tier or asked.tier)
    hits = search(lists.registry, lists.quirks, pages, meant)
    if hits or not asked.rest:
        return hits, ()
    return search(lists.registry, lists.quirks, pages, evolve(meant, words=())), asked.rest


@click.command("defaults", cls=Command, help="Show the models that are taken when none is named.")
@plugin_options
@output_options
def show_defaults(output: Output, plugin_choice: PluginChoice) -> None:
    """Show default models; see the help text."""
    from ima_skills.cli.session import load_known

    registry = load_known(plugin_choice.load())
    rows = []
    for name, default in registry.defaults.items():
        chosen = {"default": default.model, "budget": default.budget, "premium": default.premium}
        rows.append({"task_type": name, **chosen})
    document = {"defaults": rows}
    names = {entry.id: entry.name for entry in registry.models.values()}
    output.document(document, _default_lines(rows, names, output))


def _criteria(given: dict[str, Any]) -> Criteria:
    from ima_skills.cli.wishes import read_params
    from ima_skills.searching import Criteria

    params = dict(read_params(given["params"], None, None))
    params |= {name: given[option] for option, name in _SHORTCUTS.items() if given[option] is not None}
    return Criteria(
        words=given["words"],
        params=params,
        tier=given["tier"],
        audio=given["audio"],
        max_points=given["max_points"],
        n=given["n"],
    )


def _row(hit: Hit, lists: ProductLists) -> dict[str, Any]:
    kind = lists.registry.task_types[hit.leaf.task_type]
    task = hit.entry.task_types.get(kind.name) if hit.entry else None
    estimate = hit.leaf.estimate or (task.estimate if task else None) or kind.estimate
    return {
        "task_type": hit.leaf.task_type,
        "id": hit.entry.id if hit.entry else None,
        "model_id": hit.leaf.model_id,
        "version_id": hit.leaf.id,
        "name": hit.leaf.name,
        "tier": hit.entry.tier if hit.entry else None,
        "points": hit.points,
        "params": dict(hit.params),
        "estimate_s": list(estimate),
    }


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import span, table
    from ima_skills.cli.paging import more_line
    from ima_skills.cli.wording import source_line

    rows = document["models"]
    if not rows:
        yield output.say("search.none")
        return
    head = [output.say(f"models.{name}") for name in ("task-type", "name", "version", "points", "estimate")]
    cells = [
        (row["task_type"], row["name"], row["version_id"], str(row["points"]), span(*row["estimate_s"]))
        for row in rows
    ]
    yield from table(head, cells)
    yield from more_line(document, output)
    yield ""
    if document["ignored"]:
        yield output.say("search.ignored", words=", ".join(document["ignored"]))
    yield source_line(document, output)


def _default_lines(rows: list[dict[str, Any]], names: dict[str, str], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    columns = ("default", "budget", "premium")
    head = [output.say("models.task-type"), *(output.say(f"defaults.{name}") for name in columns)]
    yield from table(
        head,
        [(row["task_type"], *(names.get(row[name], row[name] or "-") for name in columns)) for row in rows],
    )
