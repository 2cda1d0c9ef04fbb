"""A third-party plugin that claims names which the first party owns."""

from __future__ import annotations

from ima_skills.domain.task_type import Text
from ima_skills.hookspecs import hookimpl
from ima_skills.modality import Modality, same_urls
from ima_skills.quirks import Quirk


@hookimpl
def ima_modalities() -> tuple[Modality, ...]:
    """Claim videos."""
    return (Modality("video", (), (), same_urls, lambda media: media, lambda *_: ()),)


@hookimpl
def ima_quirks() -> tuple[Quirk, ...]:
    """Claim a quirk of the first party, and bring one of its own."""
    return (Quirk("seedance-references", Text("", "")), Quirk("harmless", Text("", "")))
