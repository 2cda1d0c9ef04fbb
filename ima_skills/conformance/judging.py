"""Judging: from what was seen to what was wrong with it. Every check is pure and says what it found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from attrs import frozen

from ima_skills.conformance.evidence import Evidence, Seen
from ima_skills.media_kinds import BY_FORMAT

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.conformance.trial import Range

Check = Callable[[Evidence], Iterator[str]]
_API = ("list", "create", "detail", "verify")
# The service's documents: skills name themselves in this header.
_SOURCE = "x-app-source"
_TRACEBACK = "Traceback (most recent call last)"
_LARGEST_FILE = 4 << 20
_MEDIAS = {*BY_FORMAT, "jpeg"}


@frozen
class Verdict:
    """How a trial went.

    Attributes:
        name: Of the trial.
        area: Of the trial.
        faults: Check and what it found; empty for a pass.
        gap: The gap that the command lacks for this trial, so that it was not held.
    """

    name: str
    area: str
    faults: tuple[tuple[str, str], ...] = ()
    gap: str = ""

    @property
    def state(self) -> str:
        """``passed``, ``failed`` or ``skipped``."""
        return "skipped" if self.gap else "failed" if self.faults else "passed"


def judged(evidence: Evidence) -> Verdict:
    """Return the verdict on a trial."""
    trial = evidence.trial
    faults = [(name, fault) for name, check in CHECKS.items() for fault in check(evidence)]
    return Verdict(trial.name, trial.area, tuple(faults))


def _ends(evidence: Evidence) -> Iterator[str]:
    if evidence.exit_code is None:
        yield "it was still running when its time was up"


def _exit(evidence: Evidence) -> Iterator[str]:
    code, wanted = evidence.exit_code, evidence.trial.expect.exit
    if wanted == "success" and code not in (0, None):
        yield f"it failed with exit code {code}"
    if wanted == "failure" and code == 0:
        yield "it said that all is well"


def _counts(evidence: Evidence) -> Iterator[str]:
    expect = evidence.trial.expect
    rows: tuple[tuple[str, int, Range | None], ...] = (
        ("creates", len(evidence.to("create")), expect.creates),
        ("accepted tasks", len(evidence.charges), expect.accepted),
        ("product lists", len(evidence.to("list")), expect.lists),
        ("looks at tasks", len(evidence.to("detail")), expect.looks),
        ("upload tokens", len(evidence.to("token")), expect.tokens),
    )
    for name, count, bounds in rows:
        if bounds is not None and not bounds[0] <= count <= bounds[1]:
            wanted = str(bounds[0]) if bounds[0] == bounds[1] else f"{bounds[0]} to {bounds[1]}"
            yield f"{name}: {count} instead of {wanted}"


def _met(evidence: Evidence) -> Iterator[str]:
    """Yield what a trial is about and the client never came to: who does nothing does nothing wrong either."""
    fault = evidence.trial.fault
    for endpoint in dict.fromkeys(str(row["on"]) for row in fault if "on" in row):
        if not evidence.to(endpoint):
            yield f"it never came to what goes wrong here: no {endpoint} call"
    if not fault and not evidence.to("create"):
        yield "it never sent a create"


def _sent(evidence: Evidence) -> Iterator[str]:
    creates = evidence.to("create")
    wanted = evidence.trial.expect.sent
    if not wanted or not creates:
        return
    inner = _inner(creates[-1])
    for name, value in wanted.items():
        if _text(inner.get(name)) != _text(value):
            yield f"{name}: {inner.get(name)!r} was sent instead of {value!r}"


def _inputs(evidence: Evidence) -> Iterator[str]:
    wanted = evidence.trial.wish.inputs
    creates = evidence.to("create")
    if not wanted or not creates:
        return
    top = (creates[-1].document or {}).get("src_img_url") or []
    inner = _inner(creates[-1]).get("input_images") or []
    for name, urls in (("src_img_url", top), ("input_images", inner)):
        if len(urls) != wanted:
            yield f"{name} holds {len(urls)} addresses instead of {wanted}"


def _price(evidence: Evidence) -> Iterator[str]:
    if not evidence.trial.expect.not_dearer:
        return
    totals = [_credit(call) for call in evidence.to("create")]
    if totals and max(totals) > totals[0]:
        yield f"a later create costs {max(totals)} points, the first one {totals[0]}"


def _pace(evidence: Evidence) -> Iterator[str]:
    pace = evidence.trial.expect.pace_s
    times = [call.at for call in evidence.to("detail")]
    created = [call.at for call in evidence.to("create")]
    if pace is None or not times or not created:
        return
    # The documents' rate from the create on, with one look more for its start and one for its end.
    allowed = (times[-1] - created[-1]) / pace + 2
    if len(times) > allowed:
        yield f"{len(times)} looks in {times[-1] - created[-1]:.0f} s; every {pace:g} s would be {allowed:.0f}"


def _told(evidence: Evidence) -> Iterator[str]:
    """Yield a fault for a success that keeps its outputs to itself, or that came too early."""
    if evidence.trial.expect.exit != "success" or evidence.exit_code != 0:
        return
    medias = evidence.medias()
    if len(medias) != evidence.trial.wish.n:
        yield f"it ended with {len(medias)} outputs in sight instead of {evidence.trial.wish.n}"
    for number, media in enumerate(medias, start=1):
        if media.get("resource_status") != 1 or not media.get("url"):
            yield f"it ended before output {number} was there"
    if medias and medias[0].get("url") and str(medias[0]["url"]) not in evidence.stdout:
        yield "the address of the first output is not in what it printed"


def _files(evidence: Evidence) -> Iterator[str]:
    wanted = evidence.trial.expect.files
    if wanted is None:
        return
    originals = [_original(evidence, media) for media in evidence.medias()]
    sound = {path.read_bytes() for path in originals if path is not None and path.is_file()}
    saved = [path for path in sorted(evidence.out.rglob("*")) if path.is_file()]
    medias = [path for path in saved if path.suffix.lower().removeprefix(".") in _MEDIAS]
    for path in medias:
        if path.read_bytes() not in sound:
            yield f"{path.name} is not what the service has"
    if wanted == "whole" and len(medias) < len(sound):
        yield f"{len(medias)} of {len(sound)} files are there"


def _keys(evidence: Evidence) -> Iterator[str]:
    key = evidence.key
    for name, text in (("output", evidence.stdout), ("messages", evidence.stderr)):
        if key in text:
            yield f"the key is in its {name}"
        if "Signature=" in text:
            yield f"a signed address is in its {name}"
    for path in sorted([*evidence.home.rglob("*"), *evidence.out.rglob("*")]):
        if path.is_file() and path.stat().st_size <= _LARGEST_FILE and key.encode() in path.read_bytes():
            yield f"the key is in the file {path.name}"
    for call in evidence.calls:
        if call.endpoint in ("put", "cdn") and key in call.secrets:
            yield f"the key was sent to the {call.endpoint} host"
        if key in str(call.document):
            yield f"the key is in the body of a {call.endpoint} call"


def _headers(evidence: Evidence) -> Iterator[str]:
    for call in evidence.calls:
        if call.endpoint in _API and not call.headers.get(_SOURCE):
            yield f"a {call.endpoint} call does not name its source ({_SOURCE})"
            return


def _calm(evidence: Evidence) -> Iterator[str]:
    if _TRACEBACK in evidence.stderr or _TRACEBACK in evidence.stdout:
        yield "it shows a traceback"


def _known(evidence: Evidence) -> Iterator[str]:
    strange = sorted({call.secrets.partition("\n")[0] for call in evidence.to("other")})
    if strange:
        yield f"it asked for what the service does not have: {', '.join(strange)}"


# In the order of a report; each is asked about every trial.
CHECKS: Mapping[str, Check] = {
    "ends": _ends,
    "exit": _exit,
    "counts": _counts,
    "met": _met,
    "sent": _sent,
    "inputs": _inputs,
    "price": _price,
    "pace": _pace,
    "told": _told,
    "files": _files,
    "keys": _keys,
    "headers": _headers,
    "calm": _calm,
    "known": _known,
}


def _product(call: Seen) -> Mapping[str, Any]:
    products = (call.document or {}).get("parameters")
    product = products[0] if isinstance(products, list) and products else None
    return product if isinstance(product, dict) else {}


def _inner(call: Seen) -> Mapping[str, Any]:
    inner = _product(call).get("parameters")
    return inner if isinstance(inner, dict) else {}


def _credit(call: Seen) -> float:
    credit = _product(call).get("credit")
    return float(credit) if isinstance(credit, int | float) else 0.0


def _text(value: Any) -> str:
    number = int(value) if isinstance(value, float) and value.is_integer() else value
    return str(number).casefold()


def _original(evidence: Evidence, media: Mapping[str, Any]) -> Path | None:
    path = unquote(urlsplit(str(media.get("url") or "")).path)
    return evidence.site / path.removeprefix("/cdn/") if path.startswith("/cdn/") else None
