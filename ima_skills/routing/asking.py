"""The one question that is missing, in the language of the wish."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.domain.route import Clarify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.routing.vocabulary import Vocabulary

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]{2,}")


def language_of(text: str) -> str:
    """Return ``zh`` for a text that is Chinese for a good part, else ``en``."""
    chinese = len(_CHINESE.findall(text))
    return "zh" if chinese and chinese * 2 >= len(_LATIN_WORD.findall(text)) else "en"


def ask(
    vocabulary: Vocabulary, name: str, language: str, *, options: Sequence[str] = (), model: str = ""
) -> Clarify:
    """Return a question.

    Args:
        vocabulary: Where questions stand.
        name: Name of the question.
        language: ``en`` or ``zh``.
        options: Answers, when they depend on the wish.
        model: What stands for ``{model}`` in the question.
    """
    question = vocabulary.words.question[name]
    shown = tuple(options) or tuple(option.say(language) for option in question.options)
    return Clarify(question.ask.say(language).replace("{model}", model), shown)
