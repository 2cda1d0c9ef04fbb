"""From an old command line to a request of ours, and from our result to the keys that those scripts print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.domain.request import Request
from ima_skills.drop_in.words import PROGRAMS
from ima_skills.errors import ImaError, UsageError
from ima_skills.fixing import resolve_priced
from ima_skills.pricing import price_span
from ima_skills.searching import prepare_offer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.task import Result
    from ima_skills.drop_in.words import OldLine
    from ima_skills.errors import InvalidRequestError
    from ima_skills.quirks import Quirk
    from ima_skills.registry import Registry

Document = dict[str, Any]
_EXTRA = """For instance: --extra-params '{"duration": 10}'"""
_FORM = {"option": "--extra-params", "form": "object"}
_DROPPED = (
    "the model has no such parameter, and the older scripts left those out",
    "该模型没有这个参数，旧脚本会忽略此类参数",
)


def task_type_of(line: OldLine, registry: Registry) -> str:
    """Return the task type of a command line.

    Raises:
        UsageError: There is none, or the script does not do it.
    """
    from ima_skills.preparing import unknown_task_type

    modality = PROGRAMS[line.program]
    does = tuple(kind.name for kind in registry.task_types.values() if modality in (None, kind.modality))
    if not line.task_type:
        raise UsageError(
            "--task-type is missing", code="old-words", hint=f"{line.program} does: {', '.join(does)}."
        )
    if line.task_type not in does:
        raise unknown_task_type(line.task_type, does)
    return line.task_type


def request_of(line: OldLine, registry: Registry, language: str) -> Request:
    """Return what a command line asks for.

    Args:
        line: The command line.
        registry: Knows the task types.
        language: Language of labels and messages.

    Raises:
        UsageError: Something is missing or cannot be read.
    """
    if not line.prompt:
        raise UsageError("--prompt is missing", code="no-prompt", hint="Say what to make.")
    params = dict(_extra(line.extra_params))
    outputs = _outputs(params.pop("n", 1))
    # Of --size and --extra-params the latter wins, as it always has.
    if line.size is not None:
        params.setdefault("size", line.size)
    return Request(
        task_type=task_type_of(line, registry),
        prompt=line.prompt,
        model=line.model_id,
        version_id=line.version_id,
        inputs=line.inputs,
        params=params,
        n=outputs,
        language=language,
    )


def _extra(text: str | None) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        # The parser's own words would quote the document.
        raise UsageError("--extra-params is not a JSON object", code="bad-param", hint=_EXTRA, details=_FORM)
    return found


def _outputs(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if (
        isinstance(value, str)
        and value.strip().isascii()
        and value.strip().isdigit()
        and len(value) < len("1000")
    ):
        return int(value)
    raise UsageError(
        "n in --extra-params must be a whole number",
        code="bad-param",
        hint=_EXTRA,
        details={**_FORM, "form": "whole"},
    )


def foreign(error: InvalidRequestError) -> tuple[str, ...]:
    """Return the parameters that a model does not have, if that is all that is wrong and none is a slip of the pen."""
    alien = [problem for problem in error.problems if problem.rule == "unknown" and problem.nearest is None]
    return tuple(problem.place for problem in alien) if len(alien) == len(error.problems) else ()


def without(request: Request, names: tuple[str, ...]) -> Request:
    """Return a request without some parameters that its model does not have; each is reported as a change."""
    gone = [name for name in dict.fromkeys(names) if name in request.params]
    kept = {name: value for name, value in request.params.items() if name not in gone}
    changes = tuple(Change(name, request.params[name], None, *_DROPPED) for name in gone)
    return evolve(request, params=kept, changes=(*request.changes, *changes))


def answer(result: Result) -> Document:
    """Return a result with the keys of the older scripts; ``urls`` joins where there is more than one output.

    ``credit`` is what the service deducts for all outputs; the older scripts printed the price of the form's
    defaults for one.
    """
    addresses = [media.url for media in result.medias if media.url]
    first = result.medias[0] if result.medias else None
    document: Document = {
        "task_id": result.task_id,
        "url": (first.url if first else None) or "",
        "cover_url": (first.cover_url if first else None) or "",
        "model_id": result.model_id,
        "model_name": result.model_name,
        "credit": result.credit,
    }
    return {**document, "urls": addresses} if len(addresses) > 1 else document


def model_rows(registry: Registry, quirks: Mapping[str, Quirk], catalogue: Catalogue) -> list[Document]:
    """Return the models of a product list with the keys of the older scripts.

    ``credit`` and ``attr_id`` are those of a create with default settings.
    """
    return [_row(registry, quirks, leaf) for leaf in catalogue.leaves]


def _row(registry: Registry, quirks: Mapping[str, Quirk], leaf: ProductLeaf) -> Document:
    try:
        offer, wishes = prepare_offer(registry, quirks, leaf, Request(leaf.task_type, ""))
        quote = resolve_priced(offer, wishes, 1).quote
        points, attribute = quote.points_per_output, quote.attribute_id
    except ImaError:
        # Its defaults cannot be priced; the least is known.
        points, attribute = (price_span(leaf) or (0, 0))[0], 0
    return {
        "name": leaf.name,
        "model_id": leaf.model_id,
        "version_id": leaf.id,
        "credit": points,
        "attr_id": attribute,
        "rule_count": len(leaf.rules),
    }
