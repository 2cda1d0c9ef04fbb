"""The page itself: one HTML file with its style, its script and its data inside, and nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Sequence
from importlib.resources import files
from math import isfinite
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.errors import UsageError
from ima_skills.gallery.item import Item
from ima_skills.gallery.placing import Placed, place
from ima_skills.gallery.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

# Tells our pages from those of others, which are never written over.
_MARK = '<meta name="generator" content="ima-skills gallery">'
_MARK_WITHIN = 2000


@frozen
class Gallery:
    """What a page shows.

    Attributes:
        items: The outputs, in the order of the page.
        language: Language in which it opens: ``zh``, otherwise English.
        sandbox: Whether this is output of the sandbox.
        is_demo: Whether it was made by the demo.
        total: Outputs that there are; more than the items when some were left out.
    """

    items: Sequence[Item]
    language: str
    sandbox: bool = False
    is_demo: bool = False
    total: int = 0


@frozen
class Written:
    """A page that was written.

    Attributes:
        index: The page.
        placed: What it shows.
    """

    index: Path
    placed: tuple[Placed, ...]


def write(gallery: Gallery, out: Path) -> Written:
    """Write ``index.html`` and the media beside it.

    Args:
        gallery: What to show.
        out: The folder; made when missing.

    Raises:
        UsageError: It cannot be written, or holds a page of somebody else.
    """
    index = out / "index.html"
    try:
        _must_be_ours(index)
        placed = place(gallery.items, out)
        fresh = out / f".index.html.part-{os.getpid()}"
        fresh.write_text(page(gallery, placed), encoding="utf-8")
        fresh.replace(index)
    except OSError as error:
        raise UsageError(
            f"cannot write to {out}: {error.strerror or type(error).__name__}",
            code="download-folder",
            hint="Name another folder.",
            details={"folder": str(out), "why": error.strerror or type(error).__name__},
        ) from error
    return Written(index, placed)


def must_be_ours(out: Path) -> None:
    """Refuse a folder whose page is somebody else's.

    Raises:
        UsageError: It is.
    """
    try:
        _must_be_ours(out / "index.html")
    except OSError:
        return  # writing tells better what is wrong


def _must_be_ours(index: Path) -> None:
    if not index.exists():
        return
    with index.open("rb") as file:
        head = file.read(_MARK_WITHIN).decode("utf-8", "replace")
    if _MARK not in head:
        raise UsageError(
            f"{index} is a page that this command did not write",
            code="foreign-folder",
            hint="Nothing was written. Name another folder.",
            details={"page": str(index)},
        )


def page(gallery: Gallery, placed: Sequence[Placed]) -> str:
    """Return the page as HTML."""
    style, script = _part("page.css"), _part("page.js")
    spoken = "zh" if gallery.language == "zh" else "en"
    return Template(_part("page.html")).substitute(
        language="zh-CN" if spoken == "zh" else "en",
        mark=_MARK,
        policy=_policy(style, script),
        title=WORDS[spoken]["title"],
        style=style,
        data=_inert(_data(gallery, placed, spoken)),
        script=script,
        no_script=" ".join(WORDS[language]["noScript"] for language in ("en", "zh")),
    )


def _part(name: str) -> str:
    return files("ima_skills.gallery").joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return what the page may load: its own style and script by their hashes, media beside it, nothing else.

    A page opened as a file has an origin of its own for every path, so ``'self'`` may match nothing there;
    ``file:`` allows what lies beside it, and a served page may not load that anyway.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src 'sha256-{_digest(style)}'",
            f"script-src 'sha256-{_digest(script)}'",
            "img-src 'self' file: data:",
            "media-src 'self' file:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _inert(data: Mapping[str, Any]) -> str:
    """Return JSON that ends no script element and starts no comment, whatever it holds."""
    text = json.dumps(_plain(data), ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; numbers that JSON cannot say become texts."""
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _data(gallery: Gallery, placed: Sequence[Placed], spoken: str) -> dict[str, Any]:
    return {
        "language": spoken,
        "sandbox": gallery.sandbox,
        "demo": gallery.is_demo,
        "total": max(gallery.total, len(placed)),
        "words": {language: dict(words) for language, words in WORDS.items()},
        "items": [_row(one) for one in placed],
    }


def _row(placed: Placed) -> dict[str, Any]:
    """Return what the script reads of an item; no path of this machine, because pages are passed on."""
    item, look = placed.item, placed.look
    return {
        "key": item.key,
        "job": item.job,
        "kind": item.kind,
        "type": item.task_type,
        "label": {"en": item.label.en, "zh": item.label.zh},
        "model": item.model,
        "modelId": item.model_id,
        "version": item.version_id,
        "points": item.points,
        "index": item.index,
        "outputs": item.outputs,
        "made": item.made,
        "took": item.took_s,
        "title": item.title,
        "prompt": item.prompt,
        "params": item.params,
        "requested": item.requested,
        "changes": [change.as_dict() for change in item.changes],
        "sources": item.sources,
        "command": item.command,
        "state": item.state,
        "name": item.file.name if item.file else "",
        "bytes": item.bytes,
        "media": placed.media,
        "shape": placed.shape,
        "small": look.small.as_posix() if look.small else None,
        "width": look.width,
        "height": look.height,
        "duration": look.duration_s,
        "sandbox": item.sandbox,
    }
