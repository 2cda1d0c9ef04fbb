"""Sound effects for ima-skills: a modality of a third party, through hooks alone.

This module is imported whenever plugins are loaded, so it imports next to nothing itself; each hook fetches
its own part when it is asked.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from ima_skills import hookimpl

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from ima_skills import Modality, Quirk, Rendered, Renderer, RenderJob


@hookimpl
def ima_modalities() -> Iterable[Modality]:
    """Declare sound effects."""
    from ima_skills_sound.modality import SOUND

    return (SOUND,)


@hookimpl
def ima_quirks() -> Iterable[Quirk]:
    """Declare the quirk that the model's file names."""
    from ima_skills_sound.quirks import SEAMLESS_LOOP

    return (SEAMLESS_LOOP,)


@hookimpl
def ima_registry_roots() -> Iterable[Traversable]:
    """Declare the task type, the model, the words of wishes and the messages."""
    return (files(__name__) / "registry",)


@hookimpl
def ima_schema_roots() -> Iterable[Traversable]:
    """Declare the schema of a request."""
    return (files(__name__) / "schemas",)


@hookimpl
def ima_sandbox_renderers() -> Iterable[Renderer]:
    """Declare what the sandbox makes sound effects with."""
    from ima_skills import Renderer

    return (Renderer(("text_to_sound",), _render),)


def _render(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Render one sound; the synthesiser is imported when there is something to render."""
    from ima_skills_sound.renderer import render_sound

    return render_sound(job, folder, stem)
