"""``ima-skills conformance``: how well any client of the service keeps its contract."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command, Group
from ima_skills.cli.options import output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.conformance.judging import Verdict
    from ima_skills.conformance.stage import Stage
    from ima_skills.conformance.trial import Trial


@click.group("conformance", cls=Group, help="Try any client of the service on the sandbox, and score it.")
def command() -> None:
    """Group the commands about conformance."""


@command.command("list", cls=Command, help="List the trials.")
@output_options
def list_trials(output: Output) -> None:
    """List the trials; see the help text."""
    from ima_skills.cli.layout import table
    from ima_skills.conformance.trial import load_trials

    rows = [_row(trial, output.language) for trial in load_trials()]
    heads = [output.say(f"conformance.{head}") for head in ("area", "trial", "title")]
    output.document({"trials": rows}, table(heads, [(r["area"], r["name"], r["title"]) for r in rows]))


@command.command(
    "run",
    cls=Command,
    context_settings={"ignore_unknown_options": True},
    help="Run COMMAND once per trial, each on a sandbox of its own, and score what it did. COMMAND holds gaps:"
    " {prompt} {task_type} {model}, and where it can {params} {n} {input} {out} {base_url} {key}.",
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option("--only", multiple=True, metavar="NAME", help="A trial or an area, * allowed; may be repeated.")
@click.option(
    "--jobs", type=click.IntRange(1, 32), default=2, show_default=True, metavar="N", help="Trials at a time."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=90.0,
    show_default=True,
    metavar="SECONDS",
    help="Time for one command.",
)
@click.option(
    "--keep",
    type=Place(file_okay=False, writable=True),
    metavar="DIR",
    help="Keep what the trials leave in this new folder.",
)
@plugin_options
@output_options
def run_trials(output: Output, plugin_choice: PluginChoice, words: tuple[str, ...], **given: Any) -> int:
    """Run the trials; see the help text."""
    from ima_skills.conformance.template import check_template
    from ima_skills.conformance.trial import chosen, load_trials

    check_template(words)
    trials = chosen(load_trials(), given["only"])
    with _folder(given["keep"]) as folder:
        stage = _stage(plugin_choice, words, folder, given["timeout"])
        verdicts = _held(stage, trials, given["jobs"], output)
    document = _document(verdicts)
    output.document(document, _summary(document, output))
    return 0 if document["failed"] == 0 else 1


def _stage(choice: PluginChoice, words: tuple[str, ...], folder: Path, timeout_s: float) -> Stage:
    from ima_skills.cli.session import load_known
    from ima_skills.conformance.stage import Stage
    from ima_skills.sandbox.media import render

    knowledge = load_known(choice.load())
    return Stage(knowledge, words, folder, render, lambda: secrets.token_hex(12), timeout_s)


def _held(stage: Stage, trials: tuple[Trial, ...], jobs: int, output: Output) -> list[Verdict]:
    from ima_skills.conformance.judging import Verdict, judged
    from ima_skills.conformance.template import lacking

    gaps = {trial.name: lacking(stage.words, trial) for trial in trials}
    found = {
        trial.name: Verdict(trial.name, trial.area, gap=gaps[trial.name])
        for trial in trials
        if gaps[trial.name]
    }
    able = [trial for trial in trials if not gaps[trial.name]]
    for evidence in stage.hold_all(able, jobs):
        verdict = judged(evidence)
        found[verdict.name] = verdict
        output.aside(_line(verdict, output))
    return [found[trial.name] for trial in trials]


def _folder(keep: str | None) -> Any:
    """Return a context that yields the folder of the trials."""
    import tempfile
    from contextlib import nullcontext
    from pathlib import Path

    from ima_skills.errors import UsageError

    if keep is None:
        scratch = tempfile.TemporaryDirectory(prefix="ima-conformance-", ignore_cleanup_errors=True)
        return _as_path(scratch)
    folder = Path(keep).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(
            f"{folder} is not empty",
            code="not-empty",
            hint="Name a new folder; nothing was deleted.",
            details={"folder": str(folder)},
        )
    folder.mkdir(parents=True, exist_ok=True)
    return nullcontext(folder)


def _as_path(scratch: Any) -> Any:
    from contextlib import contextmanager
    from pathlib import Path

    @contextmanager
    def opened() -> Iterator[Path]:
        with scratch as name:
            yield Path(name)

    return opened()


def _row(trial: Trial, language: str) -> dict[str, Any]:
    return {"name": trial.name, "area": trial.area, "title": trial.title.say(language)}


def _document(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    rows = [
        {
            "name": verdict.name,
            "area": verdict.area,
            "state": verdict.state,
            "faults": [{"check": check, "found": found} for check, found in verdict.faults],
            "gap": verdict.gap or None,
        }
        for verdict in verdicts
    ]
    areas: dict[str, dict[str, int]] = {}
    for row in rows:
        area = areas.setdefault(str(row["area"]), {"passed": 0, "failed": 0, "skipped": 0})
        area[str(row["state"])] += 1
    totals = {state: sum(area[state] for area in areas.values()) for state in ("passed", "failed", "skipped")}
    held = totals["passed"] + totals["failed"]
    return {
        "score": round(100 * totals["passed"] / held, 1) if held else None,
        **totals,
        "areas": areas,
        "trials": rows,
        "sandbox": True,
    }


def _line(verdict: Verdict, output: Output) -> str:
    head = f"{output.say(f'conformance.{verdict.state}')} {verdict.area}/{verdict.name}"
    return "\n  ".join([head, *(f"{check}: {found}" for check, found in verdict.faults)])


def _summary(document: dict[str, Any], output: Output) -> Iterator[str]:
    from ima_skills.cli.layout import table

    states = ("passed", "failed", "skipped")
    heads = [output.say(f"conformance.{name}") for name in ("area", *states)]
    yield from table(
        heads,
        [(area, *(str(counts[state]) for state in states)) for area, counts in document["areas"].items()],
    )
    gaps = sorted({row["gap"] for row in document["trials"] if row["gap"]})
    if gaps:
        yield output.say("conformance.gaps", gaps=", ".join("{" + gap + "}" for gap in gaps))
    if document["score"] is not None:
        yield output.say("conformance.score", score=document["score"])
