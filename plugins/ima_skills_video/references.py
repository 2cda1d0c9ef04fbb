"""Reference media of Seedance 2.0: what it takes, and where it goes in a create.

Source of limits and shape: the service's documents and clients' traffic. All limits come from the
registry as the quirk's options, so that a change of the service is a change of data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.domain.problem import Problem
from ima_skills.media_kinds import KINDS_ZH
from ima_skills.modality import CreateInputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ima_skills.domain.media_facts import MediaFacts, PlacedInput

_MIB = 1 << 20
_UNITS_ZH = {" pixels": " 像素", " s": " 秒", " frames per second": " 帧/秒"}


@frozen
class Figure:
    """A measured figure as messages name it."""

    what: str
    what_zh: str
    value: float
    unit: str = ""


def check(
    task_type: str, inputs: Sequence[MediaFacts | None], options: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Return every limit that measured inputs break.

    Args:
        task_type: Clips and sounds are for ``reference_image_to_video`` only.
        inputs: Facts per input; None for an address, whose limits the service checks itself.
        options: ``picture``, ``video``, ``audio``: limits per kind; ``total_mib``: all together.
    """
    problems = [
        p for i, facts in enumerate(inputs) if facts for p in _one(f"/inputs/{i}", task_type, facts, options)
    ]
    for kind in ("picture", "video", "audio"):
        same = [facts for facts in inputs if facts and facts.kind == kind]
        problems += _together(kind, same, options.get(kind, {}))
    total = sum(facts.bytes for facts in inputs if facts)
    most = options.get("total_mib")
    if most is not None and total > most * _MIB:
        problems.append(
            _limit("/inputs", Figure("all files together", "全部文件合计", total / _MIB, " MiB"), 0, most)
        )
    return tuple(problems)


def _one(pointer: str, task_type: str, facts: MediaFacts, options: Mapping[str, Any]) -> Iterator[Problem]:
    if facts.kind != "picture" and task_type != "reference_image_to_video":
        yield Problem(
            pointer,
            f"a {facts.kind} is for reference_image_to_video only",
            facts.format,
            "input-kind",
            message_zh=f"{KINDS_ZH[facts.kind]}只能用于 reference_image_to_video",
        )
        return
    limits = options.get(facts.kind, {})
    formats = tuple(limits.get("formats", ()))
    if formats and facts.format not in formats:
        yield Problem(pointer, f"must be one of {', '.join(formats)}", facts.format, "file-format", formats)
    for name, figure in _figures(facts):
        if name in limits:
            yield from _between(pointer, figure, limits[name], below=name in limits.get("below", ()))


def _figures(facts: MediaFacts) -> Iterator[tuple[str, Figure]]:
    yield "mib", Figure("file size", "文件大小", facts.bytes / _MIB, " MiB")
    yield "side", Figure("shorter side", "短边", min(facts.width, facts.height), " pixels")
    yield "side", Figure("longer side", "长边", max(facts.width, facts.height), " pixels")
    yield "ratio", Figure("width to height", "宽高比", facts.width / facts.height if facts.height else 0.0)
    yield "pixels", Figure("area", "像素总数", facts.width * facts.height, " pixels")
    yield "seconds", Figure("length", "时长", facts.duration_s, " s")
    if facts.fps:
        yield "fps", Figure("frame rate", "帧率", facts.fps, " frames per second")


def _between(
    pointer: str, figure: Figure, bounds: Sequence[float], *, below: bool = False
) -> Iterator[Problem]:
    low, high = bounds
    if figure.value < low or figure.value > high or (below and figure.value >= high):
        yield _limit(pointer, figure, low, high)


def _together(kind: str, same: Sequence[MediaFacts], limits: Mapping[str, Any]) -> Iterator[Problem]:
    most = limits.get("most")
    if most is not None and len(same) > most:
        message = f"at most {most} {kind} files, has {len(same)}"
        yield Problem("/inputs", message, len(same), "maxItems", nearest=most)
    seconds = sum(facts.duration_s for facts in same)
    longest = limits.get("total_seconds")
    if longest is not None and seconds > longest:
        yield _limit(
            "/inputs", Figure(f"{kind} files together", f"{KINDS_ZH[kind]}合计", seconds, " s"), 0, longest
        )


def _limit(pointer: str, figure: Figure, low: float, high: float) -> Problem:
    bounds = f"from {low:g} to {high:g}" if low else f"at most {high:g}"
    shown = round(figure.value, 2)
    message = f"{figure.what} must be {bounds}{figure.unit}, is {shown:g}"
    bounds_zh = f"应为 {low:g} 至 {high:g}" if low else f"不能超过 {high:g}"
    unit_zh = _UNITS_ZH.get(figure.unit, figure.unit)
    message_zh = f"{figure.what_zh}{bounds_zh}{unit_zh}，实为 {shown:g}"
    near = high if figure.value > low else low
    return Problem(pointer, message, shown, "limit", nearest=near, message_zh=message_zh)


def place(_task_type: str, inputs: Sequence[PlacedInput], _options: Mapping[str, Any]) -> CreateInputs:
    """Return the arrays per kind, beside the plain lists that every create has.

    Source: clients' traffic. ``input_images`` names every input, ``src_img_url`` the pictures, or
    everything where there are none.
    """
    kinds: dict[str, list[dict[str, Any]]] = {"src_image": [], "src_video": [], "src_audio": []}
    for item in inputs:
        name, entry = _entry(item)
        kinds[name].append(entry)
    every = [item.url for item in inputs]
    pictures = [entry["url"] for entry in kinds["src_image"]]
    top = {name: entries for name, entries in kinds.items() if entries}
    return CreateInputs({"src_img_url": pictures or every, **top}, {"input_images": every})


def _entry(item: PlacedInput) -> tuple[str, dict[str, Any]]:
    facts = item.facts
    if facts is None or facts.kind == "picture":
        size = {"width": facts.width, "height": facts.height} if facts else {}
        return "src_image", {"url": item.url, **size}
    # Lengths are whole seconds on the wire, cut off.
    if facts.kind == "audio":
        return "src_audio", {"url": item.url, "duration": int(facts.duration_s)}
    entry = {"url": item.url, "duration": int(facts.duration_s), "width": facts.width, "height": facts.height}
    return "src_video", {**entry, **({"cover": item.cover_url} if item.cover_url else {})}
