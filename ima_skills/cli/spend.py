"""``ima-skills spend``: receipts from the journal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import book_options, output_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection
    from ima_skills.clock import Clock


@click.command("spend", cls=Command, help="Add up the points that were spent from this machine.")
@click.option("--since", metavar="DATE|7d", help="From this day on, or the last so many days with today.")
@click.option("--by", type=click.Choice(["model", "day", "user"]), help="Add up each by itself too.")
@book_options
@output_options
def command(output: Output, connection: Connection, *, since: str | None, by: str | None) -> None:
    """Show receipts; see the help text."""
    from ima_skills.cli.bookkeeping import book_of, jobs_of
    from ima_skills.clock import SystemClock
    from ima_skills.journal.receipts import add_up

    first = first_day(since, SystemClock()) if since else None
    entries, sandbox = jobs_of(book_of(connection, output, reads=True), connection)
    document = {**add_up(entries, first, by), "sandbox": sandbox}
    output.document(document, _lines(document, output))


def first_day(since: str, clock: Clock) -> str:
    """Return the first day that counts, as an ISO date.

    Args:
        since: An ISO date, or days like ``7d`` with today among them.
        clock: Says what day it is.

    Raises:
        UsageError: It is neither.
    """
    from datetime import date, datetime, timedelta

    from ima_skills.errors import UsageError

    days = re.fullmatch(r"([1-9][0-9]{0,4})d", since.strip(), re.ASCII)
    try:
        if days:
            today = datetime.fromtimestamp(clock.now()).astimezone().date()
            return (today - timedelta(days=int(days[1]) - 1)).isoformat()
        return date.fromisoformat(since.strip()).isoformat()
    except (ValueError, OverflowError):
        raise UsageError(
            "--since is no date", code="bad-date", hint="Write 2026-01-31, or 7d for the last seven days."
        ) from None


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    yield output.say("spend.total", points=document["points"], jobs=document["jobs"])
    if document["groups"]:
        head = [output.say(f"spend.{name}") for name in ("name", "points", "jobs")]
        rows = [
            [group["name"] or "–", str(group["points"]), str(group["jobs"])] for group in document["groups"]
        ]
        yield from table(head, rows)
    for name in ("may_be_refunded", "unknown"):
        part = document[name]
        if part["jobs"]:
            yield output.say(f"spend.{name}", points=part["points"], names=", ".join(part["jobs"]))
    if document["sandbox"]:
        yield output.say("note.sandbox")
