"""``ima-skills doctor``: check this installation; touches the network only when told to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options, plugin_options, service_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import Connection, PluginChoice

_ILL = 6


@click.command("doctor", cls=Command, help="Check this installation; exits with 6 when it does not work.")
@click.option("--online", is_flag=True, help="Ask the service for a product list too; spends nothing.")
@service_options
@plugin_options
@output_options
def command(output: Output, connection: Connection, plugin_choice: PluginChoice, *, online: bool) -> int:
    """Check everything; see the help text."""
    from ima_skills.cli.examination import examine

    findings = examine(connection, plugin_choice, output, online=online)
    document = {
        "ok": all(finding.state != "failed" for finding in findings),
        "checks": [finding.as_dict() for finding in findings],
    }
    output.document(document, _lines(document, output))
    return 0 if document["ok"] else _ILL


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    checks, tongue = document["checks"], "_zh" if output.language == "zh" else ""
    rows = [
        (output.say(f"doctor.{check['state']}"), check["name"], check[f"detail{tongue}"]) for check in checks
    ]
    yield from table(rows[0], rows[1:])
    for check in checks:
        if hint := check[f"hint{tongue}"]:
            yield f"{check['name']}: {hint}"
    yield output.say("doctor.healthy" if document["ok"] else "doctor.ill")
