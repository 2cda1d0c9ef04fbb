"""Renders the picture tasks."""

from collections.abc import Mapping
from pathlib import Path

from PIL import Image

from ima_skills.renderers import Rendered, RenderJob
from ima_skills.sandbox.media.dice import job_dice
from ima_skills.sandbox.media.geometry import pixel_size
from ima_skills.sandbox.media.inputs import load_pictures
from ima_skills.sandbox.media.painting.caption import captions, paste
from ima_skills.sandbox.media.painting.restyle import restyle
from ima_skills.sandbox.media.painting.scene import paint_still

_FORMATS: Mapping[str, str] = {"jpg": "jpg", "jpeg": "jpg", "png": "png", "webp": "webp"}


def render_picture(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Draw a picture of exactly the resolved size into ``folder``.

    Raises:
        RenderError: when an input cannot be decoded or the size is out of reach.
    """
    pictures = load_pictures(job.inputs)
    size = pixel_size(job.task_type, job.parameters, pictures[0].size if pictures else None, job.kind)
    dice = job_dice(job, "picture")
    derived = bool(pictures) and job.task_type == "image_to_image"
    picture = restyle(pictures, job.prompt, size, dice) if derived else paint_still(job.prompt, size, dice)
    paste(captions(job.prompt, job.model_name, size, boxed=derived), picture)
    extension = _FORMATS.get(str(job.parameters.get("output_format") or "").lower(), "jpg")
    path = folder / f"{stem}.{extension}"
    save(picture, path)
    return Rendered(path, extension, *size, duration_s=None, cover=None)


def save(picture: Image.Image, path: Path) -> None:
    """Write a picture in the format of its extension, with settings that favour speed."""
    if path.suffix == ".png":
        picture.save(path, compress_level=1)
    elif path.suffix == ".webp":
        picture.save(path, quality=88, method=0)
    else:
        picture.save(path, quality=90)
