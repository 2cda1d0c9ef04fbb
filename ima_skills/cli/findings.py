"""What a check of ``doctor`` finds, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from ima_skills.errors import ImaError

State = Literal["ok", "warning", "failed"]


@frozen
class Said:
    """A sentence in both languages.

    Attributes:
        english: In English.
        chinese: In Chinese.
    """

    english: str
    chinese: str


def sentence(key: str, **values: str | int | Said) -> Said:
    """Return a sentence of the table; sentences may be put into it."""
    from ima_skills.cli.texts import say

    def spoken(language: str) -> str:
        inner = {
            name: _in(value, language) if isinstance(value, Said) else value for name, value in values.items()
        }
        return say(language, f"doctor.{key}", **inner)

    return Said(spoken("en"), spoken("zh"))


def _in(said: Said, language: str) -> str:
    return said.chinese if language == "zh" else said.english


def fact(text: str) -> Said:
    """Return what is the same in every language."""
    return Said(text, text)


@frozen
class Finding:
    """What one check found.

    Attributes:
        name: Name of the check.
        state: ``ok``, ``warning`` (something optional is missing) or ``failed``.
        detail: What was found.
        hint: What to do about it; None when nothing is to be done.
    """

    name: str
    state: State
    detail: Said
    hint: Said | None = None

    def as_dict(self) -> dict[str, str]:
        """Return the JSON form."""
        hint = self.hint or Said("", "")
        return {
            "name": self.name,
            "state": self.state,
            "detail": self.detail.english,
            "detail_zh": self.detail.chinese,
            "hint": hint.english,
            "hint_zh": hint.chinese,
        }


def of_an_error(error: ImaError) -> tuple[Said, Said]:
    """Return what an error says, and its next step."""
    from ima_skills.cli.documents import error_document
    from ima_skills.cli.error_speech import speak

    document = error_document(error)
    chinese = speak(document, "zh")
    return (
        Said(f"{error.name}: {error.message}", f"{error.name}：{chinese.message} {chinese.below}".rstrip()),
        Said(str(document["hint"]), chinese.advice),
    )
