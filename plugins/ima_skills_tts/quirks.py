"""Quirks of speech models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from attrs import define, field

from ima_skills.domain.problem import Change
from ima_skills.domain.task_type import Text
from ima_skills.quirk_tools import refuse, with_params
from ima_skills.quirks import Quirk
from ima_skills.values import key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Parameters, Request

_CHINESE = r"[\u4e00-\u9fff]"  # compiled where it is used: a picture does not pay for it
_VOICE_NAMES = ("voice", "voice_id", "voice_type", "speaker")
# Percent that the service accepts around the normal rate and loudness (the service's documents).
_LOWEST, _HIGHEST = -50, 100
_LANGUAGES = {"zh": "中文", "en": "英文"}
_GENDERS = {"female": "女声", "male": "男声"}


@define
class _Draft:
    """The parameters of one wish while they are put into the model's own words."""

    params: dict[str, Any]
    changes: list[Change] = field(factory=list)

    def move(  # noqa: PLR0913, PLR0917 - from what to what, and why in each language
        self, wish: str, name: str, value: Any, reason: str, reason_zh: str, plain: Text | None = None
    ) -> None:
        """Put ``value`` under ``name`` (``group.member`` for a nested one) in place of ``wish``.

        Args:
            wish: The name that people used.
            name: The model's own.
            value: What is sent.
            reason: Why.
            reason_zh: The same in Chinese.
            plain: The value in words for people; None where it is the wish itself in another form.
        """
        asked = self.params.pop(wish)
        group, _, member = name.partition(".")
        self.params[group] = {**self.params.get(group, {}), member: value} if member else value
        told = plain or Text(str(asked), str(asked))
        self.changes.append(Change(wish, asked, f"{name} {value}", reason, reason_zh, told))


def _native(request: Request, options: Mapping[str, Any]) -> Request:
    """Turn people's words for voice, speed, loudness and feeling into the model's parameters.

    Options: ``voices`` is a list of ``{id, name, gender, language, words}``.
    Source of names and ranges: the service's documents for this model.

    Raises:
        InvalidRequestError: No voice fits, or a figure is out of range.
    """
    draft = _Draft(dict(request.params))
    _must_be_group(draft.params)
    _voice(draft, request.prompt, options.get("voices", ()))
    _percent(draft, "speed", "audio_params.speech_rate")
    _percent(draft, "volume", "audio_params.loudness_rate")
    for wish, name in (("emotion", "audio_params.emotion"), ("language", "additions.explicit_language")):
        if wish in draft.params:
            draft.move(
                wish, name, draft.params[wish], f"this model takes it as {name}", f"该模型用 {name} 接收"
            )
    return with_params(request, draft.params, draft.changes)


def _must_be_group(params: Mapping[str, Any]) -> None:
    for name in ("audio_params", "additions"):
        if name in params and not isinstance(params[name], dict):
            message = 'must be an object, for instance {"speech_rate": 20}'
            raise refuse(name, message, None, message_zh='需要是一个对象，例如 {"speech_rate": 20}')


def _percent(draft: _Draft, wish: str, name: str) -> None:
    """Turn a factor (1.2) into a percentage (20)."""
    if wish not in draft.params:
        return
    try:
        percent = round((float(draft.params[wish]) - 1) * 100)
    except (TypeError, ValueError, OverflowError):
        message, message_zh = "must be a factor, for instance 1.2", "需要是倍数，例如 1.2"
        raise refuse(wish, message, None, message_zh=message_zh) from None
    if not _LOWEST <= percent <= _HIGHEST:
        low, high = 1 + _LOWEST / 100, 1 + _HIGHEST / 100
        hint = f"Nearest that works: {wish} {low if percent < _LOWEST else high:g}."
        message, message_zh = f"must be from {low:g} to {high:g}", f"取值范围是 {low:g} 至 {high:g}"
        raise refuse(wish, message, draft.params[wish], hint=hint, message_zh=message_zh)
    draft.move(
        wish,
        name,
        percent,
        "this model takes percent around its normal voice",
        "该模型以正常音色为基准用百分比表示",
    )


def _voice(draft: _Draft, text: str, voices: Sequence[Mapping[str, Any]]) -> None:
    wish = next((name for name in _VOICE_NAMES if draft.params.get(name)), None)
    if wish is None or not voices:
        return
    asked = str(draft.params[wish])
    if wish == "speaker" and "_" in asked:
        return  # a service id: the catalogue takes any text here, so ours cannot refuse it
    found = _find(asked, "zh" if re.search(_CHINESE, text) else "en", voices)
    if found is None:
        names = [str(voice["name"]) for voice in voices]
        message = f"no voice is called so; there are: {', '.join(names)}"
        raise refuse(
            wish, message, asked, names, message_zh=f"没有音色“{asked}”，可用的有：{'、'.join(names)}"
        )
    if wish != "speaker" or asked != found["id"]:
        draft.move(
            wish,
            "speaker",
            found["id"],
            f"the voice {found['name']} ({found['language']}, {found['gender']})",
            f"音色 {found['name']}（{_LANGUAGES.get(found['language'], found['language'])}，{_GENDERS.get(found['gender'], found['gender'])}）",
            plain=None if key(asked) in _own_names(found) else _plain(found),
        )


def _own_names(voice: Mapping[str, Any]) -> tuple[str, str]:
    return key(voice["id"]), key(voice["name"])


def _plain(voice: Mapping[str, Any]) -> Text:
    """Return a voice as people are told of it."""
    name, gender = voice["name"], voice["gender"]
    return Text(f"{name} ({gender} voice)", f"{name}（{_GENDERS.get(gender, gender)}）")


def _find(asked: str, language: str, voices: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the voice with that id or name, else the best match by description.

    The language of the text decides between voices that fit equally well.
    """
    wanted = key(asked)
    for voice in voices:
        if wanted in _own_names(voice):
            return voice
    scored = [(_score(wanted, language, voice), -place, voice) for place, voice in enumerate(voices)]
    best = max(scored, key=lambda row: row[:2], default=None)
    return best[2] if best is not None and best[0] > 1 else None


def _score(wanted: str, language: str, voice: Mapping[str, Any]) -> int:
    own_language = 1 if voice["language"] == language else 0
    return own_language + 2 * sum(_says(key(word), wanted) for word in voice["words"])


def _says(word: str, wanted: str) -> bool:
    # "male" is part of "female": Latin words must stand alone, Chinese ones need not.
    if word.isascii():
        return re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", wanted) is not None
    return word in wanted


def _marker(parameters: Parameters, _leaf: ProductLeaf, options: Mapping[str, Any]) -> Parameters:
    """Send the default marker as a parameter where the registry switches that on.

    Source: clients' traffic; the service accepts a create with and without it.
    """
    from attrs import evolve

    if not options.get("send_default_marker", False):
        return parameters
    return evolve(parameters, values={**parameters.values, "default": "enabled"})


TTS_NATIVE = Quirk(
    name="tts-native",
    summary=Text(
        en="Voices by description, speed and loudness by factor, in the model's own parameters.",
        zh="按描述选择音色、按倍率设置语速与音量，并转换为模型的原生参数。",
    ),
    request=_native,
    parameters=_marker,
)
