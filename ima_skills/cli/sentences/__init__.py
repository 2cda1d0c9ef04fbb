"""Sentences of the command line by area: one module each, with its texts, its Chinese help and its errors.

A module may hold ``TEXTS`` (key to English and Chinese; every key starts with the module's name and a dot),
``HELP`` (English help text to Chinese), ``ERROR_TEXTS`` (error code to meaning and advice, each in English and
Chinese) and ``ERROR_FACTS`` (error code to the Chinese sentences that hold its facts). A running command loads the module of its own sentences only; help in Chinese and the
explanation of an error load them all.
"""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def text_of(key: str) -> tuple[str, str]:
    """Return a text in English and Chinese.

    Args:
        key: Its key, starting with the name of the area.

    Raises:
        KeyError: There is no such text.
    """
    area = key.partition(".")[0].replace("-", "_")
    if area not in _areas():
        raise KeyError(key)
    texts: Mapping[str, tuple[str, str]] = getattr(import_module(f"{__name__}.{area}"), "TEXTS", {})
    return texts[key]


def merged(table: str) -> dict[str, Any]:
    """Return one table of every area: ``TEXTS``, ``HELP``, ``ERROR_TEXTS`` or ``ERROR_FACTS``."""
    rows: dict[str, Any] = {}
    for area in _areas():
        rows.update(getattr(import_module(f"{__name__}.{area}"), table, {}))
    return rows


def _areas() -> list[str]:
    return [found.name for found in pkgutil.iter_modules(__path__)]
