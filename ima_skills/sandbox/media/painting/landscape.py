"""Painters of land and water: ridges in the mist, a forest, a sea."""

from PIL import Image, ImageChops, ImageDraw

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.painting.backdrop import sky
from ima_skills.sandbox.media.painting.palette import Palette, mix
from ima_skills.sandbox.media.painting.shapes import (
    Curve,
    Layer,
    Stage,
    area_mask,
    below,
    glow_mask,
    gradient,
    stamp,
    wave,
)

Painted = tuple[Image.Image, tuple[Layer, ...]]
_Shape = tuple[float, float, float]  # mean row, room above it, depth from 0.0 (far) to 1.0 (near)


def paint_hills(stage: Stage, palette: Palette, dice: Dice) -> Painted:
    """Paint ridges that fade into the mist."""
    return _ridges(stage, palette, dice, wooded=False)


def paint_forest(stage: Stage, palette: Palette, dice: Dice) -> Painted:
    """Paint ridges with conifers on the nearer ones."""
    return _ridges(stage, palette, dice, wooded=True)


def paint_sea(stage: Stage, palette: Palette, dice: Dice) -> Painted:
    """Paint a sea under a sky, with a path of light and swells that run towards the viewer."""
    horizon = dice.between(0.46, 0.58)
    picture, light = sky(stage, palette, dice, horizon)
    _water(picture, stage, palette, horizon)
    _glitter(picture, palette, (light[0], stage.height * horizon), dice)
    layers = [_clouds(stage, palette, dice, horizon)]
    count = 8
    for number in range(count):
        depth = (number + 1) / count
        top = stage.height * (horizon + (1 - horizon) * (0.02 + 0.84 * depth**1.7))
        swell = wave(dice, stage.width * (0.05 + 0.30 * depth), stage.height * (0.002 + 0.013 * depth), 3)
        layers.append(_swell(stage, palette, swell, round(top), depth))
    return picture, tuple(layers)


def _ridges(stage: Stage, palette: Palette, dice: Dice, *, wooded: bool) -> Painted:
    horizon = dice.between(0.46, 0.58)
    picture, _ = sky(stage, palette, dice, horizon)
    layers = [_clouds(stage, palette, dice, horizon)]
    count = 5
    for number in range(count):
        depth = number / (count - 1)
        base = stage.height * (horizon + (0.92 - horizon) * depth**1.2)
        swing = stage.height * dice.between(0.05, 0.085) * (1.15 - 0.45 * depth)
        ridge = wave(dice, stage.width * dice.between(0.55, 0.9), swing, 5 if depth < 1 else 3)
        trees = stage.height * (0.02 + 0.075 * depth) if wooded and number else 0.0
        layers.append(_ridge(stage, palette, ridge, (base, 2 * swing + trees, depth), (trees, dice)))
    return picture, tuple(layers)


def _ridge(stage: Stage, palette: Palette, ridge: Curve, shape: _Shape, wood: tuple[float, Dice]) -> Layer:
    base, room, depth = shape
    pace = stage.pace(depth)
    first = max(0, int(base - room)) & ~1
    size = (stage.span(pace), stage.height - first)

    def ground(x: float) -> float:
        return base - first + ridge(x)

    mask = area_mask(size, below(ground, size))
    if wood[0]:
        _plant(mask, ground, *wood)
    colour = palette.layer(depth)
    picture = gradient(size, colour, mix(colour, palette.sky[2], 0.42 * (1 - depth) + 0.12))
    picture.putalpha(mask)
    return Layer(picture, first, pace)


def _plant(mask: Image.Image, ground: Curve, height: float, dice: Dice) -> None:
    canvas = ImageDraw.Draw(mask)
    x = 0.0
    while x < mask.width:
        tall = height * dice.between(0.45, 1.0)
        foot = ground(x) + height * 0.1
        for tier in range(3):
            low, half = foot - tall * tier * 0.27, tall * (0.20 - 0.05 * tier)
            canvas.polygon([(x - half, low), (x + half, low), (x, low - tall * 0.46)], fill=255)
        x += height * dice.between(0.14, 0.55)


def _clouds(stage: Stage, palette: Palette, dice: Dice, horizon: float) -> Layer:
    pace = stage.pace(0.3)
    picture = Image.new("RGBA", (stage.span(pace), round(stage.height * horizon)), (*palette.sky[2], 0))
    for _ in range(2 + dice.below(4)):
        middle, row = dice.between(0, picture.width), dice.between(0.12, 0.8) * picture.height
        for _puff in range(5 + dice.below(4)):
            wide = round(stage.height * dice.between(0.10, 0.30))
            mask = glow_mask(wide, dice.between(0.10, 0.26)).resize((wide * 3, max(4, wide // 3)))
            place = (middle + dice.between(-1, 1) * wide * 1.2, row + dice.between(-1, 1) * wide * 0.08)
            stamp(picture, mask, palette.sky[2], place)
    return Layer(picture, 0, pace)


def _water(picture: Image.Image, stage: Stage, palette: Palette, horizon: float) -> None:
    """Mirror the sky into the water and darken it towards the viewer."""
    line = round(stage.height * horizon)
    size = (stage.width, stage.height - line)
    mirror = picture.crop((0, 0, stage.width, line)).transpose(Image.Transpose.FLIP_TOP_BOTTOM).resize(size)
    tint = gradient(size, mix(palette.far, palette.sky[1], 0.5), palette.near)
    picture.paste(Image.blend(mirror, tint, 0.72), (0, line))


def _glitter(picture: Image.Image, palette: Palette, foot: tuple[float, float], dice: Dice) -> None:
    """Draw the path of light on the water below the sun."""
    canvas = ImageDraw.Draw(picture, "RGBA")
    depth_of_field = picture.height - foot[1]
    for _ in range(220):
        depth = dice.between(0.0, 1.0) ** 1.4
        spread = picture.width * (0.012 + 0.10 * depth)
        x = foot[0] + spread * (dice.between(-1, 1) + dice.between(-1, 1)) / 2
        y, half = foot[1] + depth_of_field * depth, picture.width * (0.004 + 0.016 * depth)
        thick = max(1.0, picture.height * 0.0035 * (0.3 + depth))
        fill = (*palette.glow, 40 + dice.below(90))
        canvas.rounded_rectangle((x - half, y, x + half, y + thick), thick / 2, fill=fill)


def _swell(stage: Stage, palette: Palette, swell: Curve, top: int, depth: float) -> Layer:
    pace = stage.pace(depth)
    room = round(stage.height * 0.05)
    first = max(0, top - room) & ~1
    size = (stage.span(pace), min(stage.height - first, room + round(stage.height * 0.16)))
    colour = mix(mix(palette.far, palette.sky[1], 0.35), palette.near, depth)
    picture = gradient(
        size, mix(colour, palette.glow, 0.22 * (1 - depth) + 0.05), mix(colour, palette.near, 0.6)
    )
    curve = below(lambda x: swell(x) + room, size)
    # Only the crest is dense: below it the light path shines through, and soon the swell has an end.
    fade = Image.linear_gradient("L").resize(size).point(lambda value: max(0, 200 - abs(value - 50) * 2))
    picture.putalpha(ImageChops.multiply(area_mask(size, curve), fade))
    return Layer(picture, first, pace)
