"""The video modality: clips from text, from a first picture, between two, or after references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.modality import Modality
    from ima_skills.quirks import Quirk


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare videos."""
    from ima_skills_video.modality import VIDEO

    return (VIDEO,)


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare the quirks that video models name."""
    from ima_skills_video.quirks import SEEDANCE_REFERENCES

    return (SEEDANCE_REFERENCES,)
