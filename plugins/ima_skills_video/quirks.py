"""Quirks of video models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text
from ima_skills.errors import UnknownModelError
from ima_skills.quirks import Quirk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Parameters

_VERSION = re.compile(r"V(\d+(?:\.\d+)?)", re.IGNORECASE)


def _with_model(parameters: Parameters, leaf: ProductLeaf, _options: Mapping[str, Any]) -> Parameters:
    """Name the version inside the parameters where the form does not.

    Source: the service's documents; without it the service answers "Invalid value for model".

    Raises:
        UnknownModelError: The leaf's name tells no version, so nobody could say which to send.
    """
    if parameters.values.get("model"):
        return parameters
    found = _VERSION.search(leaf.name) or _VERSION.search(leaf.id)
    if found is None:
        raise UnknownModelError(
            f"{leaf.name} does not tell which version it is",
            code="unknown-version",
            hint="Name one, for instance --version-id 'Pixverse V5.5'.",
        )
    version = f"v{found[1]}"
    reason = "the service asks for the version inside the parameters as well"
    return evolve(
        parameters,
        values={**parameters.values, "model": version},
        changes=(*parameters.changes, Change("model", None, version, reason)),
    )


PIXVERSE_MODEL_VERSION = Quirk(
    name="pixverse-model-version",
    summary=Text(
        en="Sends the version that the leaf's name tells as the parameter model.",
        zh="将产品名称中的版本号作为 model 参数一并提交。",
    ),
    parameters=_with_model,
)
