"""Example requests from end to end on the sandbox: made, charged, downloaded, and really what they should be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ima_skills.certify.bench import model_probes
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.samples import PROMPT, leaves_of, prepare
from ima_skills.domain.request import Request
from ima_skills.errors import ImaError
from ima_skills.media_kinds import HEAD_BYTES, KIND_OF_MEDIA, by_bytes
from ima_skills.testing.media import picture_facts, sound_facts, video_facts
from ima_skills.testing.serving import make

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.certify.bench import Bench, Probe
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.task import Result

AREA = "examples"


def example_probes(bench: Bench) -> Iterator[Probe]:
    """Yield one probe per model and task type."""
    yield from model_probes(bench, AREA, _checks, patience=24)


def _checks(entry: ModelEntry, task_type: str) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        name = f"{entry.id} {task_type}"
        if not leaves_of(bench.registry, entry, task_type):
            yield absent(AREA, f"{name} has neither offers nor a captured list")
            return
        folder = bench.room / "examples" / f"{entry.id}-{task_type}"
        request = Request(task_type, PROMPT, model=entry.id, inputs=_inputs(bench, task_type, folder))
        try:
            quote = prepare(bench.plugins, bench.registry, request).quote
            result = make(bench.plugins, request, folder, registry=bench.registry)
        except (ImaError, OSError, ValueError) as error:
            fault = f"{type(error).__name__}: {error}"
            yield Check(AREA, f"{name} is made", "example-fails", entry.id, task_type, {"fault": fault})
            return
        yield Check(AREA, f"{name} is made")
        words = {"quoted": quote.total, "charged": result.credit}
        differs = result.credit != quote.total
        yield Check(
            AREA,
            f"{name} costs what was quoted",
            "price-differs" if differs else "",
            entry.id,
            task_type,
            words,
        )
        yield from _media(bench, entry, task_type, result)

    return checks


def _media(bench: Bench, entry: ModelEntry, task_type: str, result: Result) -> Iterator[Check]:
    name = f"{entry.id} {task_type}"
    row = bench.registry.task_types[task_type]
    formats = bench.plugins.modalities[row.modality].formats
    for saved in result.files:
        path = Path(saved.path) if saved else None
        kind = by_bytes(path.read_bytes()[:HEAD_BYTES]) if path else None
        wanted = KIND_OF_MEDIA[row.media_kind]
        found = kind.format if kind else "nothing"
        right = kind is not None and kind.kind == wanted and kind.format in formats
        words = {"found": found, "formats": ", ".join(formats)}
        yield Check(
            AREA,
            f"{name} is of a declared format",
            "" if right else "example-format",
            entry.id,
            task_type,
            words,
        )
        fault = _fault(path, wanted)
        yield Check(
            AREA,
            f"{name} decodes to its end",
            "example-media" if fault else "",
            entry.id,
            task_type,
            {"fault": fault},
        )


def _fault(path: Path | None, kind: str) -> str:
    if path is None:
        return "no file"
    try:
        {"picture": picture_facts, "video": video_facts, "audio": sound_facts}[kind](path)
    except ImaError as error:
        return error.message
    return ""


def _inputs(bench: Bench, task_type: str, folder: Path) -> tuple[str, ...]:
    """Make the pictures that a task type needs, with the sandbox's own painter."""
    rules = bench.registry.task_types[task_type].inputs
    if not rules.minimum:
        return ()
    made = make(bench.plugins, Request("text_to_image", PROMPT), folder / "inputs", registry=bench.registry)
    return tuple(saved.path for saved in made.files if saved) * rules.minimum
