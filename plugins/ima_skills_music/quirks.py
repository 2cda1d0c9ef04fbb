"""Quirks of music models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import evolve

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text
from ima_skills.quirk_tools import refuse, with_params, with_value
from ima_skills.quirks import Quirk
from ima_skills.values import key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Parameters, Request

_ENGINE = re.compile(r"sonic-v\d[\w-]*", re.IGNORECASE)
_PARAM = "model_version"
_CUSTOM = "custom_mode"
_INSTRUMENTAL = "make_instrumental"
# What only the custom mode heeds (the service's documents).
_ONLY_CUSTOM = ("lyrics", "tags", "vocal_gender", "title", "negative_tags")


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
    return with_value(parameters, _PARAM, engine, "the newest engine; none was listed")


def _figures(engine: str) -> tuple[int, ...]:
    return tuple(int(figure) for figure in re.findall(r"\d+", engine))


def _plain_words(request: Request, options: Mapping[str, Any]) -> Request:
    """Read people's words for Suno's parameters, and let lyrics and the like imply the custom mode.

    Options: ``names`` maps other parameter names to Suno's, ``values`` words to values.

    Raises:
        InvalidRequestError: Lyrics or a voice together with "instrumental", or custom mode off
            together with something that needs it.
    """
    names, words = options.get("names", {}), options.get("values", {})
    params: dict[str, Any] = {}
    changes: list[Change] = []
    for wish, value in request.params.items():
        name = names.get(wish.casefold(), wish)
        meant = words.get(name, {}).get(key(value), value)
        params[name] = meant
        if (name, meant) != (wish, value):
            changes.append(Change(wish, value, f"{name} {meant}", f"{options['model']} calls it so"))
    _must_fit(params)
    implied = [name for name in _ONLY_CUSTOM if params.get(name)]
    if implied and _CUSTOM not in params:
        params[_CUSTOM] = True
        changes.append(
            Change(_CUSTOM, None, applied=True, reason=f"{', '.join(implied)} work in custom mode only")
        )
    return with_params(request, params, changes)


def _must_fit(params: Mapping[str, Any]) -> None:
    instrumental = key(params.get(_INSTRUMENTAL)) in ("true", "on", "yes", "1")
    for name in ("lyrics", "vocal_gender"):
        if instrumental and params.get(name):
            raise refuse(
                name, "music without voices has no use for it", None, hint="Leave one of the two out."
            )
    custom_off = key(params.get(_CUSTOM, "on")) in ("false", "off", "no", "0")
    for name in _ONLY_CUSTOM:
        if custom_off and params.get(name):
            raise refuse(name, "works in custom mode only", None, hint=f"Leave {_CUSTOM} out.")


def _nothing_but_a_prompt(request: Request, options: Mapping[str, Any]) -> Request:
    """Refuse parameters that a model without a form would ignore silently.

    Options: ``ignored`` lists parameters that are reported and dropped elsewhere.

    Raises:
        InvalidRequestError: A parameter was given.
    """
    for name in request.params:
        if name not in options.get("ignored", ()):
            raise refuse(name, "this model takes a prompt and nothing else", None)
    return request


SUNO_MODEL_VERSION = Quirk(
    name="suno-model-version",
    summary=Text(
        en="Keeps the leaf's version (sonic) and the engine parameter (sonic-v5) apart and always sends both.",
        zh="区分产品版本(sonic)与引擎参数(sonic-v5),并始终同时提交。",
    ),
    request=_engine_is_no_version,
    parameters=_always_an_engine,
)

SUNO_CUSTOM_MODE = Quirk(
    name="suno-custom-mode",
    summary=Text(
        en="Lyrics, style, title or a voice imply the custom mode; plain words for them are understood.",
        zh="填写歌词、风格、标题或人声性别时自动启用自定义模式,并理解日常用词。",
    ),
    request=_plain_words,
)

PROMPT_ONLY = Quirk(
    name="prompt-only",
    summary=Text(
        en="The model takes a prompt and nothing else; parameters are refused instead of ignored.",
        zh="模型只接受提示词;其他参数会被拒绝而不是被悄悄忽略。",
    ),
    request=_nothing_but_a_prompt,
)
