"""``ima-skills gallery``: a page of what was made, beside its media."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import book_options, output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.gallery.item import Item
    from ima_skills.gallery.page import Written

_FOLDER = Path("ima-gallery")
_MOST = 1000


@click.command(
    "gallery", cls=Command, help="Make a page that shows and plays what was made from this machine."
)
@click.option(
    "--out",
    metavar="DIR",
    default=_FOLDER,
    show_default=True,
    type=Place(file_okay=False, path_type=Path),
    help="Folder of the page and its media.",
)
@click.option("--since", metavar="DATE|7d", help="From this day on, or the last so many days with today.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    default=_MOST,
    show_default=True,
    help="Show the latest so many outputs.",
)
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser, where there is a desktop.")
@book_options
@plugin_options
@output_options
def command(  # noqa: PLR0913 - one parameter per option
    output: Output,
    plugin_choice: PluginChoice,
    connection: Connection,
    *,
    out: Path,
    since: str | None,
    limit: int,
    opens: bool,
) -> None:
    """Make the page; see the help text."""
    from ima_skills.cli.spend import first_day
    from ima_skills.clock import SystemClock
    from ima_skills.gallery.page import Gallery, must_be_ours, write

    first = first_day(since, SystemClock()) if since else None
    place = out.absolute()
    must_be_ours(place)
    known, sandbox = _items(plugin_choice, connection, output)
    wanted = [item for item in known if first is None or item.made >= first]
    gallery = Gallery(wanted[:limit], output.language, sandbox=sandbox, total=len(wanted))
    written = write(gallery, place)
    opened = opens and _open(written.index, output)
    document = {**_document(written, len(wanted)), "since": first, "sandbox": sandbox, "opened": opened}
    output.document(document, _lines(document, output))


def _items(
    plugin_choice: PluginChoice, connection: Connection, output: Output
) -> tuple[tuple[Item, ...], bool]:
    """Return every output, and whether a sandbox made them: what is left out of the page may still be an input on it."""
    from ima_skills.cli.bookkeeping import book_of, jobs_of
    from ima_skills.cli.session import load_known
    from ima_skills.gallery.past_jobs import items_of

    books = book_of(connection, output, reads=True)
    entries, sandbox = jobs_of(books, connection)
    task_types = load_known(plugin_choice.load()).task_types if entries else {}
    return items_of(entries, task_types, books.sealed), sandbox


def _document(written: Written, total: int) -> dict[str, Any]:
    items = [placed.item for placed in written.placed]
    return {
        "index": str(written.index),
        "items": len(items),
        "total": total,
        "missing": sum(item.state != "there" for item in items),
        "points": sum({item.job: item.points for item in items}.values()),
    }


def _open(index: Path, output: Output) -> bool:
    """Open the page, and return whether that worked; elsewhere than on a desktop a browser would be in the way."""
    import webbrowser

    has_screen = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")
    )
    try:
        if has_screen and _is_terminal() and webbrowser.open(index.as_uri()):
            return True
    except webbrowser.Error:
        pass  # the path is printed all the same
    output.note("gallery.not-opened")
    return False


def _is_terminal() -> bool:
    return sys.stdout.isatty() or sys.stderr.isatty()


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    if not document["total"]:
        yield output.say("gallery.empty", flag=" --sandbox" if document["sandbox"] else "")
    if document["missing"]:
        yield output.say("gallery.missing", count=document["missing"])
    if document["items"] < document["total"]:
        yield output.say("gallery.more", items=document["items"], total=document["total"])
    yield output.say("gallery.done", **document)
    if document["sandbox"]:
        yield output.say("note.sandbox")
