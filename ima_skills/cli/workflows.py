"""``ima-skills workflows``: the plans of this machine, and how far each of them is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options
from ima_skills.cli.paging import page_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ima_skills.cli.output import Output
    from ima_skills.cli.paging import Page
    from ima_skills.workflows.store import PlanStore

Document = dict[str, Any]


@click.group("workflows", cls=Group, help="List plans, and show how far each of them is.")
def command() -> None:
    """Group the commands about plans."""


@command.command("list", cls=Command, help="List plans, the one touched last first. Shows no prompts.")
@page_options
@output_options
def list_plans(output: Output, page: Page) -> None:
    """List the plans; see the help text."""
    from ima_skills.cli.workflow_store import open_store

    store = open_store()
    found = {path.name: _entry(path, store) for path in store.plans()}
    known = [row for row in found.values() if row]
    rows = sorted(known, key=lambda row: str(row["last_activity"] or ""), reverse=True)
    shown, place = page.cut(rows, output)
    unreadable = [name for name, row in found.items() if row is None]
    document = {"workflows": shown, "unreadable": unreadable, "folder": str(store.folder), **place}
    output.document(document, _list_lines(document, output))


@command.command("show", cls=Command, help="Show a plan, and what became of each step.")
@click.argument("plan")
@click.option("--show-prompts", is_flag=True, help="Show the prompts too.")
@output_options
def show(output: Output, *, plan: str, show_prompts: bool) -> None:
    """Show one plan; see the help text."""
    from ima_skills.cli.plan_documents import plan_document, run_document
    from ima_skills.cli.plan_lines import plan_lines, run_lines
    from ima_skills.cli.workflow_store import open_store
    from ima_skills.workflows.checking import must_be_priced
    from ima_skills.workflows.outlook import outlook, status_of
    from ima_skills.workflows.plan_file import read_plan

    store = open_store()
    path = store.find(plan)
    file = read_plan(path)
    found = must_be_priced(file)
    record = store.record(found.id)
    planned = plan_document(found, str(file.stated), outlook(found, record), str(path), prompts=show_prompts)
    ran = run_document(found, record, {}) if record else None
    document = {"status": status_of(found, record), "plan": planned, "run": ran}
    lines = [output.say(f"workflows.is-{document['status']}", plan_id=found.id), *plan_lines(planned, output)]
    output.document(document, [*lines, *(run_lines(ran, output) if ran else ())])


def _entry(path: Path, store: PlanStore) -> Document | None:
    """Return a row of the listing; None for a file that cannot be read as a plan with its price."""
    from ima_skills.errors import FaultError, UsageError
    from ima_skills.workflows.legacy_plan import is_legacy
    from ima_skills.workflows.plan_file import read_document, read_plan

    try:
        document = read_document(path)
        if is_legacy(document):
            return _legacy_entry(path, document)
        plan = read_plan(path).plan
    except UsageError:
        return None  # told by name; showing that one says what is wrong with it
    if plan is None:
        return None
    from ima_skills.workflows.outlook import outlook, status_of

    try:
        record = store.record(plan.id)
    except FaultError:
        return None  # likewise
    looked = outlook(plan, record)
    return {
        "plan_id": plan.id,
        "status": status_of(plan, record),
        "media": [item.step.media for item in plan.steps],
        "total": len(plan.steps),
        "done": sum(step.is_reused for step in looked.values()),
        "points": plan.points,
        "spent": record.spent if record else 0,
        "created": plan.created,
        "last_activity": (record.updated if record else "") or plan.created,
        "sandbox": plan.sandbox,
        "legacy": False,
        "path": str(path),
    }


def _legacy_entry(path: Path, document: Document) -> Document:
    from ima_skills.workflows.legacy_plan import legacy_facts

    return {**legacy_facts(document), "sandbox": False, "legacy": True, "path": str(path)}


def _list_lines(document: Document, output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table
    from ima_skills.cli.paging import more_line
    from ima_skills.cli.wording import term

    if document["unreadable"]:
        yield output.say("workflows.unreadable", names=", ".join(document["unreadable"]))
    if not document["workflows"]:
        yield output.say("workflows.none")
        return
    head = [output.say(f"workflows.{name}") for name in ("plan", "state", "done", "points", "media", "last")]
    rows = [
        [
            row["plan_id"],
            output.say(f"workflows.{row['status']}"),
            f"{row['done']}/{row['total']}",
            str(row["points"]) if row["points"] is not None else "–",
            ", ".join(term("media", media, output) for media in row["media"]),
            row["last_activity"] or "–",
        ]
        for row in document["workflows"]
    ]
    yield from table(head, rows)
    yield from more_line(document, output)
