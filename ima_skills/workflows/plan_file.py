"""Plan files: JSON that people may write and edit, and that a run trusts only as far as its hash goes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import asdict, evolve, field, frozen

from ima_skills.converter import StructureError, strict_converter, structure
from ima_skills.domain.problem import Problem
from ima_skills.errors import UsageError
from ima_skills.nearest import nearest
from ima_skills.workflows.digest import Marks, marks_of, plan_hash
from ima_skills.workflows.graph import bad_plan
from ima_skills.workflows.plan import Plan, PlanStep, PricedStep

if TYPE_CHECKING:
    import cattrs

T = TypeVar("T")
KIND = "ima-skills workflow plan"
LEGACY = "workflow_plan"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_LARGEST = 4 << 20
# How many earlier prices of a plan it remembers, so that it can be said what changed since.
_REMEMBERED = 8
_ABOUT = {"kind", "prompt", "plan_hash", "points", "points_at_most", "marks", "earlier", "steps"}
_PRICED = ("marks", "choices", "expected")


@frozen
class PlanFile:
    """What a plan file holds.

    Attributes:
        path: The file.
        steps: The wishes.
        head: The plan without its steps; None for a file that was never priced.
        plan: The priced plan; None where a step has no price.
        stated: The hash that it states; None likewise.
        marks: What its steps were when it was priced.
        earlier: Hashes that it had before, with their marks.
    """

    path: Path
    steps: tuple[PlanStep, ...]
    head: Plan | None = None
    plan: Plan | None = None
    stated: str | None = None
    marks: Marks = field(factory=dict)
    earlier: Mapping[str, Marks] = field(factory=dict)

    @property
    def history(self) -> dict[str, Marks]:
        """Every hash it had with its marks, the latest last."""
        return {**self.earlier, **({self.stated: self.marks} if self.stated else {})}


def plan_text(plan: Plan, earlier: Mapping[str, Marks]) -> str:
    """Return the text of a plan file.

    Args:
        plan: The plan.
        earlier: Hashes that it had before, with their marks.
    """
    stated = plan_hash(plan)
    kept = {name: marks for name, marks in earlier.items() if name != stated}
    document = {
        "kind": KIND,
        "plan_id": plan.id,
        "plan_hash": stated,
        "created": plan.created,
        "base_url": plan.base_url,
        "sandbox": plan.sandbox,
        "language": plan.language,
        "points": plan.points,
        "points_at_most": plan.most,
        "assumed": list(plan.assumed),
        "steps": [_flat(item) for item in plan.steps],
        "marks": marks_of(plan),
        "earlier": dict(list(kept.items())[-_REMEMBERED:]),
    }
    return json.dumps(document, ensure_ascii=False, indent=2)


def read_document(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file.

    Raises:
        UsageError: ``bad-plan-file``: it cannot be read, or holds no JSON object.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
        document = json.loads(content.decode("utf-8-sig")) if len(content) <= _LARGEST else None
    except OSError as error:
        raise _unreadable(path, error.strerror or type(error).__name__) from None
    except (ValueError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else None
        raise _unreadable(path, "it is not JSON", line) from None  # the cause would quote the file
    if not isinstance(document, dict):
        raise _unreadable(path, "it is not one JSON object of a sensible size")
    return document


def read_plan(path: Path) -> PlanFile:
    """Return what a plan file of ours holds, written by hand or priced.

    Raises:
        UsageError: ``bad-plan-file`` or ``bad-plan``, with every fault and its place.
    """
    document = read_document(path)
    rows = document.get("steps")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad_plan(
            [
                Problem(
                    "/steps", "a plan needs a list of steps", rule="type", message_zh="方案需要一个步骤列表"
                )
            ]
        )
    converter = strict_converter()
    default = {"prompt": document["prompt"]} if "prompt" in document else {}
    steps = tuple(
        _shaped(converter, {**default, **_wish(row)}, PlanStep, f"/steps/{number}")
        for number, row in enumerate(rows)
    )
    about = {name: value for name, value in document.items() if name not in _ABOUT}
    if "plan_hash" not in document:
        _must_be_known(about)
        return PlanFile(path, steps)
    plan_id = about.pop("plan_id", None)
    _must_be_name(plan_id)
    head = _shaped(converter, {**about, "id": plan_id, "steps": []}, Plan, "")
    priced = tuple(_priced(converter, row, number) for number, row in enumerate(rows))
    whole = tuple(item for item in priced if item is not None)
    return PlanFile(
        path,
        steps,
        head,
        evolve(head, steps=whole) if whole and len(whole) == len(rows) else None,
        str(document["plan_hash"]),
        _table(document, "marks"),
        _table(document, "earlier"),
    )


def _wish(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "priced"}


def _must_be_known(about: Mapping[str, Any]) -> None:
    if about:
        name = next(iter(about))
        close = nearest(name, ["prompt", "steps"])
        problem = Problem(
            f"/{name}",
            "is nothing that a plan holds",
            name,
            "unknown",
            nearest=close,
            message_zh="方案中没有这一项",
        )
        raise bad_plan([problem])


def _must_be_name(plan_id: Any) -> None:
    if not isinstance(plan_id, str) or not _ID.fullmatch(plan_id):
        message = "a plan's id is made of letters, digits, - and _"
        message_zh = "方案编号只能由字母、数字、- 和 _ 组成"
        raise bad_plan([Problem("/plan_id", message, rule="pattern", message_zh=message_zh)])


def _flat(item: PricedStep) -> dict[str, Any]:
    """Return a step as people edit it: the wish on top, what it was priced at below."""
    whole: dict[str, Any] = asdict(item)
    return {**whole["step"], "priced": {name: whole[name] for name in _PRICED}}


def _priced(converter: cattrs.Converter, row: Mapping[str, Any], number: int) -> PricedStep | None:
    """Return a step with the price that its row holds; None for one that was added since."""
    told = row.get("priced")
    if not isinstance(told, dict):
        return None
    found = _shaped(converter, {**told, "step": _wish(row)}, PricedStep, f"/steps/{number}/priced")
    return found if 0 <= found.expected < len(found.choices) else None


def _shaped(converter: cattrs.Converter, data: Any, cls: type[T], place: str) -> T:
    try:
        return structure(converter, data, cls)
    except StructureError as error:
        raise bad_plan([evolve(p, pointer=place + p.pointer) for p in error.problems]) from None


def _table(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _unreadable(path: Path, why: str, line: int | None = None) -> UsageError:
    place = "" if line is None else f" line {line}"
    return UsageError(
        f"{path.name} cannot be read as a plan: {why}{place}",
        code="bad-plan-file",
        details={"file": path.name, "why": why, **({} if line is None else {"line": line})},
    )
