"""``ima-skills prefs``: the models that a user has saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_model, complete_task_type
from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import WHOSE, output_options, plugin_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.catalogue import Catalogue
    from ima_skills.cli.output import Output
    from ima_skills.cli.product_lists import ProductLists
    from ima_skills.cli.session import PluginChoice
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.preferences import Preference

Document = dict[str, Any]


@click.group("prefs", cls=Group, help="Show, save or forget the models you usually take.")
def command() -> None:
    """Group the commands about saved models."""


def _whose(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option that says whose saved models are meant."""
    return WHOSE(output_options(function))


_ONE_TYPE = click.option(
    "-t", "--task-type", metavar="TYPE", shell_complete=complete_task_type, help="Only this task type."
)


@command.command("show", cls=Command, help="Show the saved models.")
@_ONE_TYPE
@plugin_options
@_whose
def show(output: Output, plugin_choice: PluginChoice, *, user_id: str | None, task_type: str | None) -> None:
    """Show what is saved; see the help text."""
    from ima_skills.cli.preference_book import open_preferences, user_of
    from ima_skills.cli.product_lists import offline_lists

    lists = offline_lists(plugin_choice, output.language, task_type)
    user, store = user_of(user_id), open_preferences(output)
    rows = [
        _row(kind, saved, lists)
        for kind, saved in sorted(store.all(user).items())
        if task_type in (None, kind)
    ]
    document = {"user_id": user, "path": str(store.path), "preferences": rows}
    output.document(document, _lines(document, output))


@command.command("set", cls=Command, help="Save the model NAME for a task type.")
@click.argument("name", shell_complete=complete_model)
@click.option(
    "-t",
    "--task-type",
    "task_types",
    multiple=True,
    metavar="TYPE",
    shell_complete=complete_task_type,
    help="For this task type; may be repeated. Not needed where the model has only one.",
)
@plugin_options
@_whose
def set_model(
    output: Output,
    plugin_choice: PluginChoice,
    *,
    name: str,
    task_types: tuple[str, ...],
    user_id: str | None,
) -> None:
    """Save a model; see the help text."""
    from ima_skills.cli.preference_book import open_preferences, save, user_of
    from ima_skills.cli.product_lists import offline_lists

    kind = task_types[0] if len(task_types) == 1 else None
    lists = offline_lists(plugin_choice, output.language, kind)
    # All of them are looked up before the first is saved.
    leaves = [_leaf(lists, kind, name) for kind in dict.fromkeys(task_types or (_only_type(lists, name),))]
    user, store = user_of(user_id), open_preferences(output)
    before = store.all(user)
    kept = [save(store, user, leaf, _points(lists, leaf)) for leaf in leaves]
    if not all(kept):
        raise _unwritable()
    after = store.all(user)
    rows = [
        {**_row(leaf.task_type, after[leaf.task_type], lists), "previous": _name(before.get(leaf.task_type))}
        for leaf in leaves
    ]
    document = {"user_id": user, "path": str(store.path), "preferences": rows}
    output.document(document, _saved_lines(document, lists, leaves, output))


@command.command("clear", cls=Command, help="Forget the saved models, or the one of a task type.")
@_ONE_TYPE
@plugin_options
@_whose
def clear(output: Output, plugin_choice: PluginChoice, *, user_id: str | None, task_type: str | None) -> None:
    """Forget what is saved; see the help text."""
    from ima_skills.cli.preference_book import open_preferences, user_of
    from ima_skills.cli.product_lists import offline_lists

    user, store = user_of(user_id), open_preferences(output)
    saved = store.all(user)
    if task_type is not None and task_type not in saved:
        offline_lists(plugin_choice, output.language, task_type)  # a name that is none is refused
    gone = sorted(kind for kind in saved if task_type in (None, kind))
    if gone and not store.clear(user, task_type):
        raise _unwritable()
    document = {"user_id": user, "path": str(store.path), "cleared": gone}
    lines = [output.say("prefs.cleared", task_type=kind) for kind in gone]
    output.document(document, lines or [output.say("prefs.none")])


def _only_type(lists: ProductLists, name: str) -> str:
    """Return the one task type that a model does.

    Raises:
        UnknownModelError: There is no such model.
        UsageError: It does several; they are named.
    """
    from ima_skills.cli.model_page import find_model
    from ima_skills.errors import UsageError

    found = find_model(lists.registry, lists.pages, name)
    does = list(dict.fromkeys(leaf.task_type for leaf in found.leaves))
    does = does or list(found.entry.task_types if found.entry else ())
    if len(does) > 1:
        raise UsageError(
            f"{name} does several kinds of jobs: {', '.join(does)}",
            code="which-task-type",
            hint="Say which with -t TYPE; it may be repeated.",
            details={"model": name, "task_types": does},
        )
    return does[0] if does else lists.pages[0].task_type


def _leaf(lists: ProductLists, task_type: str, name: str) -> ProductLeaf:
    """Return the model that would be booked by a name; a wrong one is refused with the nearest."""
    from ima_skills.choosing import choose, read_name
    from ima_skills.domain.request import Request
    from ima_skills.preparing import unknown_task_type

    page = _page(lists, task_type)
    if page is None:
        raise unknown_task_type(task_type, tuple(lists.registry.task_types))
    named = read_name(lists.registry, Request(task_type, "", model=name))
    return choose(lists.registry, page, named).leaf


def _page(lists: ProductLists, task_type: str) -> Catalogue | None:
    return next((page for page in lists.pages if page.task_type == task_type), None)


def _points(lists: ProductLists, leaf: ProductLeaf) -> int:
    """Return the points of one output with default settings, as far as the dated list knows."""
    from ima_skills.domain.request import Request
    from ima_skills.errors import ImaError
    from ima_skills.fixing import resolve_priced
    from ima_skills.searching import prepare_offer

    try:
        offer, wishes = prepare_offer(lists.registry, lists.quirks, leaf, Request(leaf.task_type, ""))
        return resolve_priced(offer, wishes, 1).quote.total
    except ImaError:
        return 0  # nobody knows; the price is quoted again before every create


def _row(task_type: str, saved: Preference, lists: ProductLists) -> Document:
    entry = lists.registry.by_model_id(saved.model_id, task_type)
    page = _page(lists, task_type)
    listed = page is not None and any(leaf.model_id == saved.model_id for leaf in page.leaves)
    return {
        "task_type": task_type,
        "model_id": saved.model_id,
        "model_name": saved.model_name,
        "credit": saved.credit,
        "last_used": saved.last_used or None,
        "offered": listed and (entry is None or entry.status != "retired"),
    }


def _name(saved: Preference | None) -> str | None:
    return saved.model_name if saved else None


def _unwritable() -> Exception:
    from ima_skills.errors import FaultError

    return FaultError(
        "the saved models cannot be written",
        code="preferences-unwritable",
        hint="Set IMA_HOME to a folder that can be written, and leave IMA_NO_WRITE out.",
    )


def _lines(document: Document, output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    rows = document["preferences"]
    if not rows:
        yield output.say("prefs.none")
        return
    head = [output.say(f"prefs.{column}") for column in ("task-type", "model", "points", "offered")]
    cells = [
        (
            row["task_type"],
            row["model_name"],
            str(row["credit"]),
            output.say("prefs.yes" if row["offered"] else "prefs.no"),
        )
        for row in rows
    ]
    yield from table(head, cells)


def _saved_lines(
    document: Document, lists: ProductLists, leaves: list[ProductLeaf], output: Output
) -> Iterator[str]:
    from ima_skills.cli.preference_book import is_newest

    for row, leaf in zip(document["preferences"], leaves, strict=True):
        yield output.say("prefs.saved", model=row["model_name"], task_type=row["task_type"])
        if row["previous"] and row["previous"] != row["model_name"]:
            yield output.say("prefs.previous", model=row["previous"])
        page = _page(lists, leaf.task_type)
        if page is not None and not is_newest(leaf, page):
            yield output.say("prefs.newest", model=leaf.model_id)
