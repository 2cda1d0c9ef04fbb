"""``ima-skills batch run``: many requests from a file, each once, resumable at any point."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import (
    file_options,
    output_options,
    plugin_options,
    preference_options,
    purse_options,
    service_options,
)
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ima_skills.batch import Line, Tally
    from ima_skills.batch_results import ResultFile
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.clock import Clock
    from ima_skills.errors import ImaError

# Seconds between two lines of progress.
_PACE_S = 5.0
# Our choice: lines of a kind that the summary names; the results file has them all.
_SHOWN = 5


@click.group("batch", cls=Group, help="Run many requests from a file.")
def command() -> None:
    """Group the commands about batches."""


@command.command(
    "run",
    cls=Command,
    help="Run every line of JOBS, one JSON object each. Run it again to go on where it ended.",
)
@click.argument("jobs", type=Place(exists=True, dir_okay=False))
@click.option(
    "--out",
    metavar="DIR",
    required=True,
    type=Place(file_okay=False),
    help="Folder for results and media.",
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 2000),
    default=8,
    show_default=True,
    metavar="N",
    help="Most lines at once.",
)
@purse_options
@preference_options()
@click.option(
    "--resubmit",
    is_flag=True,
    help="Send lines once more whose outcome is unknown; they may be paid twice.",
)
@click.option("--no-degrade", is_flag=True, help="Never make a refused job smaller to get it accepted.")
@click.option("--no-download", is_flag=True, help="Leave the media at the service.")
@file_options(inputs=True)
@service_options
@plugin_options
@output_options
def run_batch(output: Output, connection: Connection, plugin_choice: PluginChoice, **given: Any) -> int:
    """Run a batch; see the help text. Exits with the gravest code of its lines."""
    from pathlib import Path

    from ima_skills.batch import Tally, read_lines
    from ima_skills.batch_results import ResultFile
    from ima_skills.batch_run import exit_code
    from ima_skills.cli.bookkeeping import open_books
    from ima_skills.cli.crowd import Crowd
    from ima_skills.cli.preference_book import usual_models
    from ima_skills.cli.running import run
    from ima_skills.cli.session import open_client
    from ima_skills.file_rules import user_path

    lines = read_lines(Path(given["jobs"]), output.language)
    books = open_books(output, plays=connection.sandbox)
    client = open_client(
        connection,
        plugin_choice,
        output,
        degrade=not given["no_degrade"],
        journal=books,
        files=given["files"],
        preferences=usual_models(given, output),
    )
    if not _has_play_key(client):
        _must_agree(given)
    tally = Tally(len(lines))
    crowd = Crowd(flags=connection.flags(), far=lambda: (tally.under_way, tally.points))
    with ResultFile.open(user_path(given["out"])) as results:
        sandbox = run(lambda: _run(client, lines, results, given, output, tally), crowd)
        failed = _failed(results, lines)
        document = _document(tally, results, failed, sandbox=sandbox or connection.sandbox)
        output.document(document, _lines(document, failed, tally, output))
    return exit_code(tally)


def _has_play_key(client: ImaClient) -> bool:
    """Tell whether the key is the sandbox's; whether the service is, its first answer tells."""
    from ima_skills.sandbox.knowledge import LOCAL_KEY

    key = client.engine.service.settings.api_key
    return key is not None and key.reveal() == LOCAL_KEY


def _guard(client: ImaClient, given: dict[str, Any]) -> None:
    """Refuse what costs real points at a service that turned out not to be the sandbox."""
    if client.engine.service.sandbox_speed is None:
        _must_agree(given)


def _must_agree(given: dict[str, Any]) -> None:
    """Refuse to spend real points on a whole file without a cap or a word of consent, or past a limit of the day.

    Raises:
        PointsError: Nobody agreed.
        FaultError: Nobody can keep the limit of the day.
    """
    from ima_skills.cli.bookkeeping import must_keep_count
    from ima_skills.errors import PointsError

    must_keep_count()
    if not given["yes"] and given["max_points"] is None:
        raise PointsError(
            "a batch spends points without asking line by line",
            code="needs-consent",
            hint="Add --max-points N as its cap, or --yes.",
        )


async def _run(  # noqa: PLR0913, PLR0917 - the parts of one batch
    client: ImaClient,
    lines: tuple[Line, ...],
    results: ResultFile,
    given: dict[str, Any],
    output: Output,
    tally: Tally,
) -> bool:
    from ima_skills.batch_run import BatchRun
    from ima_skills.cli.documents import result_document
    from ima_skills.cli.log_keeping import log_end
    from ima_skills.recording import Terms

    async with client:
        batch = BatchRun(
            client=client,
            results=results,
            describe=result_document,
            told=_teller(output, client.engine.clock),
            max_points=given["max_points"],
            media=None if given["no_download"] else results.path.parent,
            guard=lambda: _guard(client, given),
            terms=Terms(resubmit=given["resubmit"], user_id=(given["user_id"] or "").strip()),
            lost=log_end,
            tally=tally,
        )
        await batch.run(lines, given["concurrency"])
        return client.engine.service.sandbox_speed is not None


def _teller(output: Output, clock: Clock) -> Callable[[Tally], None]:
    started = last = clock.monotonic()
    at_start: list[int] = []

    def told(tally: Tally) -> None:
        nonlocal last
        now = clock.monotonic()
        at_start.append(tally.done) if not at_start else None
        if now - last < _PACE_S and tally.done < tally.total:
            return
        last = now
        mine = max(1, tally.done - at_start[0] + 1)
        left = (now - started) / mine * (tally.total - tally.done)
        output.note(
            "batch.progress",
            done=tally.done,
            total=tally.total,
            failed=tally.failed,
            points=tally.points,
            left=round(left),
        )

    return told


def _document(
    tally: Tally, results: ResultFile, failed: Sequence[Mapping[str, Any]], *, sandbox: bool
) -> dict[str, Any]:
    return {
        "ok": tally.done == tally.total and not tally.failed,
        "total": tally.total,
        "done": tally.done,
        "failed": tally.failed,
        "left": tally.total - tally.done,
        "points": tally.points,
        "points_of_results": sum(results.charged.values()),
        "failures": [
            {
                "id": row["id"],
                "line": row["line"],
                "code": row["error"]["code"],
                "message": row["error"]["message"],
            }
            for row in failed
        ],
        "held": [{name: row[name] for name in ("lines", "code", "message", "hint")} for row in _held(tally)],
        "reduced": [
            {"id": line.id, "line": line.number, "changes": [change.as_dict() for change in changes]}
            for line, changes in tally.reduced[:_SHOWN]
        ],
        "reduced_lines": len(tally.reduced),
        "stale": [line.id for line in tally.stale],
        "results": str(results.path),
        "stopped": _spoken(tally.stopped) if tally.stopped else None,
        "sandbox": sandbox,
    }


def _held(tally: Tally) -> list[dict[str, Any]]:
    """Return the errors that left lines undone, with the number of lines, the commonest first."""
    found = sorted(tally.held.values(), key=lambda row: -row[1])
    return [{**_spoken(error), "lines": lines} for error, lines in found]


def _spoken(error: ImaError) -> dict[str, Any]:
    """Return an error as every command prints it, without the word that says that it is one."""
    from ima_skills.cli.documents import error_document

    document = error_document(error)
    del document["status"]
    return document


def _failed(results: ResultFile, lines: Sequence[Line]) -> list[Mapping[str, Any]]:
    """Return the results of the first lines that did not work and say why; people may have edited the file."""
    rows = (results.rows[line.mark] for line in lines if line.mark in results.rows)
    told = (
        row
        for row in rows
        if row.get("status") == "failed"
        and {"id", "line", "error"} <= row.keys()
        and isinstance(row["error"], dict)
        and {"code", "message"} <= row["error"].keys()
    )
    return list(islice(told, _SHOWN))


def _remarks(document: dict[str, Any], output: Output) -> Iterator[str]:
    """Yield what people would not expect of lines that went well."""
    from ima_skills.cli.wording import changed

    for row in document["reduced"]:
        changes = "; ".join(changed(change, output) for change in row["changes"])
        yield output.say("batch.reduced", id=row["id"], line=row["line"], changes=changes)
    if document["reduced_lines"] > len(document["reduced"]):
        yield output.say("batch.more-reduced", count=document["reduced_lines"] - len(document["reduced"]))
    if document["stale"]:
        names = ", ".join(document["stale"][:_SHOWN])
        yield output.say("batch.stale", count=len(document["stale"]), names=names)


def _lines(
    document: dict[str, Any], failed: Sequence[Mapping[str, Any]], tally: Tally, output: Output
) -> Iterator[str]:
    from ima_skills.cli.wording import fault_line

    figures = ("done", "total", "failed", "left", "points", "points_of_results")
    yield output.say("batch.summary", **{name: document[name] for name in figures})
    for row in failed:
        yield output.say(
            "batch.failed", id=row["id"], line=row["line"], fault=fault_line(row["error"], output)
        )
    if document["failed"] > len(failed):
        yield output.say("batch.more-failed", count=document["failed"] - len(failed))
    stopped = document["stopped"]
    for row in _held(tally):
        # What stopped the run has its own line below.
        if stopped is None or row["code"] != stopped["code"]:
            fault = fault_line(row, output)
            yield output.say("batch.held", count=row["lines"], code=row["code"], fault=fault)
    yield from _remarks(document, output)
    yield document["results"]
    if stopped:
        yield output.say("batch.stopped", code=stopped["code"], fault=fault_line(stopped, output))
    if document["sandbox"]:
        yield output.say("note.sandbox")
