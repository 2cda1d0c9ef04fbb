"""What a renderer is asked for and what it gives back: plain data, no heavy import."""

from collections.abc import Mapping
from pathlib import Path

from attrs import frozen

INSTALL_HINT = "pip install 'ima-skills[sandbox]'"


class RenderError(Exception):
    """A media file could not be rendered; the message is one plain sentence for the user."""


@frozen
class RenderJob:
    """What to render; everything that decides the bytes.

    Attributes:
        task_type: one of the service's eight task types, e.g. ``"image_to_video"``.
        kind: ``"image"``, ``"video"``, ``"music"`` or ``"speech"``.
        prompt: the text of the request; for speech the text to speak.
        model_name: display name of the model, e.g. ``"SeeDream 4.5"``.
        parameters: the resolved inner parameters of the create.
        index: 0-based number of this media in its task; another index gives another media.
        inputs: local copies of the input files in the order of the request.
        duration_s: wanted length in seconds; None leaves the choice to the renderer.
    """

    task_type: str
    kind: str
    prompt: str
    model_name: str
    parameters: Mapping[str, object]
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
