"""A third-party plugin that declares a modality and then fails at its quirks."""

from __future__ import annotations

from typing import NoReturn

from ima_skills.hookspecs import hookimpl
from ima_skills.modality import Modality, same_urls


@hookimpl
def ima_modalities() -> tuple[Modality, ...]:
    """Declare holograms."""
    return (Modality("hologram", (), (), same_urls, lambda media: media, lambda *_: ()),)


@hookimpl
def ima_quirks() -> NoReturn:
    """Fail."""
    raise RuntimeError("no quirks today")
