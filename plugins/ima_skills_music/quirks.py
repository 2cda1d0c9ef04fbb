"""Quirks of music models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.task_type import Text
from ima_skills.quirk_tools import with_value
from ima_skills.quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Parameters, Request

_ENGINE = re.compile(r"sonic-v\d[\w-]*", re.IGNORECASE)
_PARAM = "model_version"


def _engine_is_no_version(request: Request, _options: Mapping[str, Any]) -> Request:
    """Read an engine given as version (``sonic-v5``) as the parameter it is.

    The leaf's version is always ``sonic``; the engine is a parameter of the same name inside.
    Source: the service's documents, which ask to set both.
    """
    wanted = request.version_id
    if wanted is None or not _ENGINE.fullmatch(wanted):
        return request
    return evolve(request, version_id=None, params={_PARAM: wanted.lower(), **request.params})


def _always_an_engine(parameters: Parameters, leaf: ProductLeaf, options: Mapping[str, Any]) -> Parameters:
    """Name an engine even when the form lists none: the service would take an old one silently."""
    if parameters.values.get(_PARAM):
        return parameters
    field = leaf.form_field(_PARAM)
    offered = [str(option.value) for option in field.options] if field else []
    engine = max(offered, key=_figures, default=options.get("engine", "sonic-v5"))
    return with_value(
        parameters, _PARAM, engine, "the newest engine; none was listed", "最新的引擎；列表中未给出"
    )


def _figures(engine: str) -> tuple[int, ...]:
    return tuple(int(figure) for figure in re.findall(r"\d+", engine))


SUNO_MODEL_VERSION = Quirk(
    name="suno-model-version",
    summary=Text(
        en="Keeps the leaf's version (sonic) and the engine parameter (sonic-v5) apart and always sends both.",
        zh="区分产品版本(sonic)与引擎参数(sonic-v5),并始终同时提交。",
    ),
    request=_engine_is_no_version,
    parameters=_always_an_engine,
)
