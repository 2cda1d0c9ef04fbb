"""Renders the video tasks."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageOps

from ima_skills.renderers import Rendered, RenderJob
from ima_skills.sandbox.media.dice import Dice, job_dice
from ima_skills.sandbox.media.film.motion import CaptionedShot, FadeShot, Shot, SlideShot, ZoomShot
from ima_skills.sandbox.media.geometry import Size, pixel_size
from ima_skills.sandbox.media.inputs import load_pictures
from ima_skills.sandbox.media.lengths import wanted_seconds
from ima_skills.sandbox.media.music.song import soundtrack
from ima_skills.sandbox.media.muxing import FPS, write_video
from ima_skills.sandbox.media.painting.caption import captions
from ima_skills.sandbox.media.painting.collage import paint_collage
from ima_skills.sandbox.media.painting.picture import save
from ima_skills.sandbox.media.painting.scene import paint
from ima_skills.sandbox.media.painting.shapes import Stage
from ima_skills.sandbox.media.yuv import to_picture

_DEFAULT_SECONDS = 5.0
_SOUND_SWITCHES = ("generate_audio", "audio", "sound")
_ON = frozenset({"1", "on", "true", "yes"})


def render_clip(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Film a video of exactly the resolved size and length into ``folder``, with a cover picture.

    Raises:
        RenderError: when an input cannot be decoded, the size is out of reach or the encoder fails.
    """
    pictures = () if job.task_type == "text_to_video" else load_pictures(job.inputs)
    size = pixel_size(job.task_type, job.parameters, pictures[0].size if pictures else None, job.kind)
    count = max(1, round(wanted_seconds(job, _DEFAULT_SECONDS) * FPS))
    film = _film(job, pictures, size, count)
    shot = CaptionedShot.of(film, captions(job.prompt, job.model_name, size, boxed=bool(pictures)))
    sound = soundtrack(job, count / FPS) if wants_sound(job) else None
    path, cover = folder / f"{stem}.mp4", folder / f"{stem}-cover.jpg"
    write_video(path, (shot.frame(number) for number in range(count)), size, sound)
    save(to_picture(shot.frame(0)), cover)
    return Rendered(path, "mp4", *size, duration_s=count / FPS, cover=cover)


def wants_sound(job: RenderJob) -> bool:
    """Tell whether the parameters ask for a sound track, under any of the names the models use."""
    return any(str(job.parameters.get(switch)).strip().lower() in _ON for switch in _SOUND_SWITCHES)


def _film(job: RenderJob, pictures: Sequence[Image.Image], size: Size, count: int) -> Shot:
    dice = job_dice(job, "film")
    if not pictures:
        return SlideShot.of(paint(job.prompt, Stage(*size, count), dice))
    if job.task_type == "reference_image_to_video":
        return ZoomShot.towards(paint_collage(pictures, job.prompt, size, dice), count, (0.5, 0.5))
    fitted = [ImageOps.fit(picture, size, Image.Resampling.LANCZOS) for picture in pictures[:2]]
    if job.task_type == "first_last_frame_to_video":
        return _melt(fitted, count, dice)
    return ZoomShot.towards(fitted[0], count, _focus(dice))


def _melt(fitted: Sequence[Image.Image], count: int, dice: Dice) -> Shot:
    first = ZoomShot.towards(fitted[0], count, _focus(dice))
    return FadeShot(first, ZoomShot.away(fitted[-1], count, _focus(dice)), count)


def _focus(dice: Dice) -> tuple[float, float]:
    return (dice.between(0.2, 0.8), dice.between(0.2, 0.6))
