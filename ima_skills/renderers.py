"""Renderers: what the sandbox makes media with. Plain data, and no heavy import.

The first party's are behind :mod:`ima_skills.sandbox.media`; a plugin brings its own for its own task types.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from attrs import field, frozen

from ima_skills.plugin_faults import Fence, kind_at
from ima_skills.well_formed import strange

_HOOK = "ima_sandbox_renderers"
INSTALL_HINT = "pip install 'ima-skills[sandbox]'"


class RenderError(Exception):
    """A media file could not be rendered; the message is one plain sentence for the user."""


@frozen
class RenderJob:
    """What to render; everything that decides the bytes.

    Attributes:
        task_type: one of the task types, e.g. ``"image_to_video"``.
        kind: ``"image"``, ``"video"``, ``"music"`` or ``"speech"``; of a plugin's task type the nearest of them.
        prompt: the text of the request; for speech the text to speak.
        model_name: display name of the model, e.g. ``"SeeDream 4.5"``.
        parameters: the resolved inner parameters of the create.
        index: 0-based number of this media in its task; another index gives another media.
        inputs: local copies of the input files in the order of the request.
        duration_s: wanted length in seconds; None leaves the choice to the renderer.
    """

    task_type: str
    kind: str
    prompt: str = field(repr=False)
    model_name: str
    parameters: Mapping[str, object] = field(repr=False)
    index: int
    inputs: tuple[Path, ...]
    duration_s: float | None


@frozen
class Rendered:
    """A finished file.

    Attributes:
        path: the file, already under its final name.
        format: its extension without the dot, e.g. ``"mp4"``.
        width: pixels, None for audio.
        height: pixels, None for audio.
        duration_s: seconds, None for pictures.
        cover: a JPEG of the first frame, for videos only.
    """

    path: Path
    format: str
    width: int | None
    height: int | None
    duration_s: float | None
    cover: Path | None


Render = Callable[[RenderJob, Path, str], Rendered]


@frozen
class Renderer:
    """What a plugin declares so that the sandbox can make media of its task types.

    Attributes:
        task_types: The task types that it renders.
        render: Called in a worker thread with what to render, an empty folder for the file, and the file's
            name without extension. Its result should depend on the job alone. It raises :class:`RenderError`
            with one plain sentence for a job that is out of reach; the media then fails, as on the service.
    """

    task_types: tuple[str, ...]
    render: Render


@frozen
class Contained:
    """A plugin's renderer whose faults cost a media and no more.

    Attributes:
        plugin: Who brought it.
        render: What it does.
        blame: Notes a fault of a plugin.
    """

    plugin: str
    render: Render
    blame: Callable[[str, str], None]

    def __call__(self, job: RenderJob, folder: Path, stem: str) -> Rendered:
        """Render a media.

        Raises:
            RenderError: The renderer refuses the job, breaks, or does not leave a file in the folder.
        """
        with Fence() as fence:
            made = self.render(job, folder, stem)
        if isinstance(fence.error, RenderError):
            raise fence.error
        if fence.error is not None:
            raise self._fault(f"raised a {kind_at(fence.error)}") from fence.error
        if wrong := strange(made, (Rendered,)):
            raise self._fault(f"returned a {wrong}")
        if not all(_is_whole(file, folder) for file in (made.path, made.cover) if file is not None):
            raise self._fault("left no file where it says")
        return made

    def _fault(self, what: str) -> RenderError:
        self.blame(self.plugin, f"{_HOOK}: the renderer {what}")
        return RenderError(f"The renderer of the plugin {self.plugin!r} is broken: it {what}.")


def assigned(
    declared: Iterable[tuple[str, object]], kept: Mapping[str, str], blame: Callable[[str, str], None]
) -> dict[str, Render]:
    """Return task type to renderer; each task type has one.

    Args:
        declared: Plugin and what it declares, the first that may keep a task type first.
        kept: Task types that nobody may take, to their owner.
        blame: Notes a fault of a plugin; one who wants what is taken is named with the owner.
    """
    owners, found = dict(kept), dict[str, Render]()
    for plugin, item in declared:
        wrong = strange(item, (Renderer,))
        if wrong or not isinstance(item, Renderer):
            blame(plugin, f"{_HOOK}: returned a {wrong}" + ("" if " " in wrong else ", not a Renderer"))
            continue
        for task_type in item.task_types:
            owner = owners.setdefault(task_type, plugin)
            if owner == plugin:
                found[task_type] = Contained(plugin, item.render, blame)
            else:
                blame(plugin, f"{_HOOK}: {task_type!r} already belongs to {owner!r}, which keeps it")
    return found


def _is_whole(file: object, folder: Path) -> bool:
    return (
        isinstance(file, Path)
        and file.resolve().parent == folder.resolve()
        and file.is_file()
        and file.stat().st_size > 0
    )
