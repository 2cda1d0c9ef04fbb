"""Which layers of sound a prompt asks for; words and layers are in ``recipes.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

Layer = Mapping[str, Any]


def chosen_layers(prompt: str) -> tuple[Layer, ...]:
    """Return the layers of every recipe that a prompt names, else those of the one that needs no words."""
    recipes = tomllib.loads((files("ima_skills_sound") / "recipes.toml").read_text(encoding="utf-8"))[
        "recipe"
    ]
    text = prompt.casefold()
    named = [recipe for recipe in recipes if any(_says(text, word) for word in recipe["words"])]
    fitting = named or [recipe for recipe in recipes if not recipe["words"]]
    return tuple(layer for recipe in fitting for layer in recipe["layers"])


def _says(text: str, word: str) -> bool:
    # "rain" begins "raining" and is not in "train"; Chinese has no borders.
    return re.search(rf"(?<![a-z]){re.escape(word)}" if word.isascii() else re.escape(word), text) is not None
