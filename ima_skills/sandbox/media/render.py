"""The door to the renderers: picks one, lets it work in a side folder, puts its files in place."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from attrs import evolve

from ima_skills.renderers import INSTALL_HINT, Render, Rendered, RenderError, RenderJob

# Module and function per kind: imported on use, because Pillow and FFmpeg are an extra and slow to import.
_RENDERERS = {
    "image": ("painting.picture", "render_picture"),
    "video": ("film.clip", "render_clip"),
    "music": ("music.song", "render_song"),
    "speech": ("speech.utterance", "render_speech"),
}
_NOTHING: Mapping[str, Render] = MappingProxyType({})
_EXTRAS = frozenset({"PIL", "av", "espeakng_loader"})


def render(job: RenderJob, folder: Path, stem: str, brought: Mapping[str, Render] = _NOTHING) -> Rendered:
    """Render one media.

    It is CPU-bound and synchronous: call it in a worker thread. The result depends on the job alone.

    Args:
        job: what to render.
        folder: where the file goes; it is made when missing.
        stem: file name without its extension. A video's cover is ``<stem>-cover.jpg``.
        brought: task types to renderers of plugins, which go before ours.

    Returns:
        What was written. Files appear under their names only when they are complete.

    Raises:
        RenderError: when an extra is missing, an input cannot be decoded, the job is out of reach, or nobody
            has a renderer for it.
    """
    renderer = brought.get(job.task_type) or _renderer(job.kind)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".render-", dir=folder) as side:
        made = renderer(job, Path(side), stem)
        cover = made.cover.replace(folder / made.cover.name) if made.cover else None
        return evolve(made, path=made.path.replace(folder / made.path.name), cover=cover)


def _renderer(kind: str) -> Render:
    if kind not in _RENDERERS:
        raise RenderError(
            f"The sandbox has no renderer for {kind!r}; a plugin brings one with ima_sandbox_renderers."
        )
    module, name = _RENDERERS[kind]
    try:
        found: Render = getattr(import_module(f"{__package__}.{module}"), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRAS:
            raise
        raise RenderError(f"Rendering needs {error.name}, which is not installed: {INSTALL_HINT}") from error
    return found
