"""The ground of a scene: a soft random mesh of the palette's sky, with a sun, a moon or stars."""

from PIL import Image

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.painting.palette import Palette, Rgb, mix
from ima_skills.sandbox.media.painting.shapes import Stage, disc_mask, glow_mask, stamp

_MESH = (5, 6)
_DARK = 150  # sum of red, green and blue below which a sky shows stars


def mesh(stage: Stage, palette: Palette, dice: Dice) -> Image.Image:
    """Return the sky colours as an up-scaled random mesh."""
    columns, rows = _MESH
    small = Image.new("RGB", _MESH)
    for row in range(rows):
        ground = _sky_at(palette, row / (rows - 1))
        for column in range(columns):
            colour = mix(ground, dice.pick((*palette.sky, palette.glow)), dice.between(0.0, 0.20))
            small.putpixel((column, row), colour)
    return small.resize((stage.width, stage.height), Image.Resampling.BICUBIC)


def sky(
    stage: Stage, palette: Palette, dice: Dice, horizon: float
) -> tuple[Image.Image, tuple[float, float]]:
    """Return a sky with a light source, and where that stands.

    Args:
        stage: the frame's size.
        palette: its colours.
        dice: decide the mesh and where the light stands.
        horizon: row of the horizon as a share of the height.
    """
    picture = mesh(stage, palette, dice)
    if sum(palette.sky[0]) < _DARK:
        _stars(picture, palette, dice, horizon)
    centre = (stage.width * dice.between(0.2, 0.8), stage.height * horizon * dice.between(0.35, 0.85))
    radius = min(stage.width, stage.height) * dice.between(0.05, 0.085)
    for size, strength in ((14, 0.40), (5, 0.50)):
        stamp(picture, glow_mask(max(4, round(radius * size)), strength), palette.glow, centre)
    stamp(picture, disc_mask(max(4, round(radius * 2)), 245), palette.glow, centre)
    return picture, centre


def _sky_at(palette: Palette, place: float) -> Rgb:
    top, middle, bottom = palette.sky
    return mix(top, middle, place * 2) if place < 0.5 else mix(middle, bottom, place * 2 - 1)  # noqa: PLR2004 - half


def _stars(picture: Image.Image, palette: Palette, dice: Dice, horizon: float) -> None:
    unit = max(1.0, min(picture.size) / 420)
    for _ in range(90 + dice.below(60)):
        place = (dice.between(0.0, picture.width), dice.between(0.0, picture.height * horizon))
        mask = disc_mask(max(2, round(unit * dice.between(1.0, 2.6))), 90 + dice.below(150))
        stamp(picture, mask, palette.glow, place)
