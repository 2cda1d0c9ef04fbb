"""Quirks of video models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.domain.task_type import Text
from ima_skills.errors import UnknownModelError
from ima_skills.quirk_tools import with_value, with_virtual_field
from ima_skills.quirks import Quirk
from ima_skills_video.references import check, place

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
    reason = "the service asks for the version inside the parameters as well"
    return with_value(parameters, "model", f"v{found[1]}", reason)


def _quality_is_mode(leaf: ProductLeaf, options: Mapping[str, Any]) -> ProductLeaf:
    """Give a plain ``mode`` field the quality control that people know.

    Options: ``modes`` maps a quality to a mode.
    """
    modes = {name: mode for name, mode in options.get("modes", {}).items() if _has(leaf, mode)}
    return with_virtual_field(leaf, "mode", "quality", modes)


def _has(leaf: ProductLeaf, mode: str) -> bool:
    field = leaf.form_field("mode")
    return field is not None and any(option.value == mode for option in field.options)


PIXVERSE_MODEL_VERSION = Quirk(
    name="pixverse-model-version",
    summary=Text(
        en="Sends the version that the leaf's name tells as the parameter model.",
        zh="将产品名称中的版本号作为 model 参数一并提交。",
    ),
    parameters=_with_model,
)

KLING_QUALITY_MODE = Quirk(
    name="kling-quality-mode",
    summary=Text(
        en="People choose 720p or 1080p, the service wants std or pro: adds the control where the list lacks it.",
        zh="用户选择 720p 或 1080p,服务端需要 std 或 pro:当产品列表未提供该选项时补上。",
    ),
    leaf=_quality_is_mode,
)

SEEDANCE_REFERENCES = Quirk(
    name="seedance-references",
    summary=Text(
        en="Pictures, clips and sounds as references: limits checked before anything travels, then verified.",
        zh="图片、视频与音频参考素材:上传前检查各项限制,提交前完成合规审核。",
    ),
    check_inputs=check,
    place_inputs=place,
    verify_inputs=True,
)
