"""Modalities and renderers: their functions take what is rare, too, and fail at nothing that is legal."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from ima_skills.certify.bench import Probe
from ima_skills.certify.checks import Check
from ima_skills.certify.trials import LONG, PROMPTS, addresses, input_counts
from ima_skills.certify.witness import error_said, witnessed
from ima_skills.domain.task import Media
from ima_skills.plugin_faults import is_ctrl_c
from ima_skills.renderers import Contained, Renderer, RenderError, RenderJob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ima_skills.certify.bench import Bench
    from ima_skills.modality import Modality

_MODALITIES, _RENDERERS = "ima_modalities", "ima_sandbox_renderers"
# All of them in one text: a rendering takes its time.
_AWKWARD = "\n".join(text for label, text in PROMPTS.items() if label != LONG)
_MEDIAS = {
    "a media without facts": Media(),
    "a media that failed": Media(2, "failed", error="no luck"),
    "a media": Media(1, "success", "https://example.org/a.png", None, "png", 1024, 768),
    "a sound": Media(1, "success", "https://example.org/a.mp3", None, "mp3", None, None, 61.4),
    "an empty media": Media(1, "success", "", "", "", 0, 0, 0.0),
}


def part_probes(bench: Bench) -> Iterator[Probe]:
    """Yield one probe per modality and per renderer of the plugin."""
    for modality in bench.declared(_MODALITIES) or ():
        name = f"modality:{getattr(modality, 'name', '?')}"
        yield Probe(name, "hooks", _modality(modality), hook=_MODALITIES)
    for renderer in bench.declared(_RENDERERS) or ():
        for task_type in renderer.task_types if isinstance(renderer, Renderer) else ():
            if task_type in bench.registry.task_types:
                yield Probe(
                    f"renderer:{task_type}", "examples", _renderer(renderer, task_type), _RENDERERS, 12
                )


def _modality(modality: Modality) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        file, place = str(bench.module.__file__), f"modality {modality.name}"
        fault = ""
        with witnessed(bench) as seen:
            for what, call in _calls(bench, modality):
                bench.note(what)
                try:
                    call()
                except BaseException as error:
                    if is_ctrl_c(error):
                        raise
                    fault = fault or error_said(error, what)
        name = f"{place} takes what is rare"
        yield Check("hooks", name, "modality-fails" if fault else "", file, place, {"fault": fault})
        for code, what in seen.told():
            yield Check(
                "hooks", f"{place} no {code}", f"hook-{code}" if what else "", file, place, {"what": what}
            )

    return checks


def _calls(bench: Bench, modality: Modality) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what the core may ask a modality, each with what it is about."""
    for task_type in modality.task_types:
        for count in input_counts(bench, task_type) if task_type in bench.registry.task_types else ():
            yield f"inputs: {count}", partial(modality.placed, task_type, addresses(count))
    for what, media in _MEDIAS.items():
        yield what, partial(_shaped, modality, media)
        for language in ("en", "zh"):
            yield f"the caption of {what}, {language}", partial(_captioned, modality, media, language)


def _shaped(modality: Modality, media: Media) -> None:
    _must_be(modality.media(media), Media)


def _captioned(modality: Modality, media: Media, language: str) -> None:
    _must_be(modality.caption(media, language), tuple)


def _must_be(answer: Any, kind: type) -> None:
    if not isinstance(answer, kind):
        raise TypeError(f"returned a {type(answer).__name__}")


def _renderer(renderer: Renderer, task_type: str) -> Callable[[Bench], Iterator[Check]]:
    def checks(bench: Bench) -> Iterator[Check]:
        contained = Contained(bench.name, renderer.render, lambda *_: None)
        folder = bench.room / "renderers" / task_type
        fault = ""
        for index, (what, job) in enumerate(_jobs(bench, task_type)):
            bench.note(what)
            place = folder / str(index)
            place.mkdir(parents=True)
            try:
                contained(job, place, f"task_{index}")
            except RenderError as error:
                # It may refuse what is out of reach; what breaks has a cause or is told by its wrapper.
                if error.__cause__ is not None or str(error).startswith(
                    f"The renderer of the plugin {bench.name!r}"
                ):
                    fault = fault or error_said(error.__cause__ or error, what)
        name = f"the renderer of {task_type} takes what is rare"
        yield Check(
            "examples", name, "renderer-breaks" if fault else "", task_type, _RENDERERS, {"fault": fault}
        )

    return checks


def _jobs(bench: Bench, task_type: str) -> Iterator[tuple[str, RenderJob]]:
    """Yield jobs of a task type, each with what is rare about it."""
    row = bench.registry.task_types[task_type]
    kind = "music" if row.media_kind == "audio" else row.media_kind
    usual = {
        "task_type": task_type,
        "kind": kind,
        "model_name": "Sample 1 样本",
        "inputs": (),
        "duration_s": None,
    }
    for what, prompt in (
        ("emoji, quotes, line breaks and other letters", _AWKWARD),
        ("one letter", PROMPTS["one letter"]),
    ):
        for index in (0, 3):
            label = f"{what}, output {index + 1}"
            yield label, RenderJob(prompt=prompt[: row.prompt_max], parameters={}, index=index, **usual)  # type: ignore[arg-type]  # fields by name
