"""``ima-skills registry diff``: what the service's list has that ours lacks or states differently."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.completing import complete_task_type
from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options, plugin_options, service_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ima_skills.catalogue import Catalogue
    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice

_DRIFT = 1


@click.command(
    "diff",
    cls=Command,
    help="Compare our dated copy with the service's product list; exits with 1 when they differ.",
)
@click.option(
    "--product-list",
    type=Place(exists=True, dir_okay=False),
    metavar="FILE",
    help="A saved answer of the product list; else the live list is asked.",
)
@click.option("--live", is_flag=True, help="Ask the live list; the default without --product-list.")
@click.option(
    "-t", "--task-type", metavar="TYPE", shell_complete=complete_task_type, help="Only this task type."
)
@service_options
@plugin_options
@output_options
def diff_registry(  # noqa: PLR0913 - one parameter per option
    output: Output,
    connection: Connection,
    plugin_choice: PluginChoice,
    *,
    product_list: str | None,
    live: bool,
    task_type: str | None,
) -> int:
    """Compare lists; see the help text. Exits with 1 when they differ."""
    from ima_skills.cli.product_lists import live_lists, offline_lists
    from ima_skills.drift import find_drift
    from ima_skills.errors import UsageError

    if product_list and live:
        raise UsageError(
            "--live and --product-list are two different lists",
            code="conflicting-options",
            details={"options": ["--live", "--product-list"]},
        )
    ours = offline_lists(plugin_choice, output.language, task_type)
    if product_list:
        from pathlib import Path

        theirs = saved_pages(Path(product_list), task_type, tuple(ours.registry.task_types))
    else:
        theirs = live_lists(connection, plugin_choice, output, task_type).pages
    mine = {page.task_type: page for page in ours.pages}
    found = [drift for page in theirs for drift in find_drift(ours.registry, mine[page.task_type], page)]
    document = {
        "ok": not found,
        "task_types": [page.task_type for page in theirs],
        "drift": [drift.as_dict() for drift in found],
    }
    output.document(document, _lines(document, output))
    return _DRIFT if found else 0


def saved_pages(path: Path, task_type: str | None, known: tuple[str, ...]) -> tuple[Catalogue, ...]:
    """Read a saved product list: the service's whole answer, its ``data``, or one of our snapshots.

    Args:
        path: A JSON file.
        task_type: Its category; else the leaves' own ``category_code`` decides.
        known: The task types that exist.

    Raises:
        UsageError: It is no product list, or nothing tells its category.
    """
    from ima_skills.catalogue import read_catalogue
    from ima_skills.errors import UsageError

    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        why = (error.strerror or type(error).__name__) if isinstance(error, OSError) else "it is not JSON"
        raise UsageError(
            f"{path}: {error}", code="bad-product-list", details={"file": str(path), "why": why}
        ) from error
    stated = document.get("task_type") if isinstance(document, dict) else None
    nodes = document.get("groups", document.get("data")) if isinstance(document, dict) else document
    if not isinstance(nodes, list):
        raise UsageError(
            f"{path} holds no product list", code="bad-product-list", details={"file": str(path)}
        )
    kinds = {task_type or stated} - {None} or set(_categories(nodes))
    if not kinds or not kinds <= set(known):
        raise UsageError(
            f"nothing in {path} tells its task type",
            code="no-task-type",
            hint=f"Name it with --task-type: {', '.join(known)}.",
            details={"file": str(path), "available": list(known)},
        )
    return tuple(
        read_catalogue(kind, nodes if len(kinds) == 1 else _only(nodes, kind))
        for kind in sorted(map(str, kinds))
    )


def _categories(nodes: list[Any]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, dict):
            if node.get("category_code"):
                yield str(node["category_code"])
            yield from _categories(node.get("children") or [])


def _only(nodes: list[Any], kind: str) -> list[Any]:
    """Return the tree with the leaves of one category only."""
    return [
        {**node, "children": _only(node.get("children") or [], kind)}
        for node in nodes
        if isinstance(node, dict) and node.get("category_code") in (None, kind)
    ]


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    for drift in document["drift"]:
        place = f"{drift['task_type']} {drift['leaf']}"
        what = f" {drift['what']}" if drift["what"] else ""
        yield f"{place}: {output.say('drift.' + drift['kind'])}{what}: {_said(drift['ours'])} → {_said(drift['theirs'])}"
    key = "drift.none" if document["ok"] else "drift.count"
    yield output.say(key, count=len(document["drift"]), lists=len(document["task_types"]))


def _said(value: Any) -> str:
    return "-" if value is None else json.dumps(value, ensure_ascii=False)
