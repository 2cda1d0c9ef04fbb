"""Painters of things made by people or by nobody: a skyline, lights out of focus, flowing ribbons."""

import math

from PIL import Image, ImageDraw

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.painting.backdrop import mesh, sky
from ima_skills.sandbox.media.painting.landscape import Painted
from ima_skills.sandbox.media.painting.palette import Palette, mix
from ima_skills.sandbox.media.painting.shapes import Layer, Stage, disc_mask, glow_mask, gradient, stamp, wave


def paint_skyline(stage: Stage, palette: Palette, dice: Dice) -> Painted:
    """Paint three rows of houses with lit windows."""
    picture, _ = sky(stage, palette, dice, 0.62)
    rows = [_houses(stage, palette, dice, depth) for depth in (0.0, 0.5, 1.0)]
    return picture, tuple(rows)


def paint_lights(stage: Stage, palette: Palette, dice: Dice) -> Painted:
    """Paint translucent discs of light at three depths."""
    picture = mesh(stage, palette, dice)
    layers = []
    for number in range(3):
        depth = (number + 1) / 3
        pace = stage.pace(depth)
        strip = Image.new("RGBA", (stage.span(pace), stage.height), (*palette.glow, 0))
        for _ in range(round(9 * strip.width / stage.width * math.sqrt(stage.width / stage.height))):
            _light(strip, stage, palette, dice, depth)
        layers.append(Layer(strip, 0, pace))
    return picture, tuple(layers)


def paint_ribbons(stage: Stage, palette: Palette, dice: Dice) -> Painted:
    """Paint silk-like ribbons that fade downwards."""
    picture = mesh(stage, palette, dice)
    layers = []
    for number in range(4):
        depth = (number + 1) / 4
        layers.append(_ribbon(stage, palette, dice, depth))
    return picture, tuple(layers)


def _houses(stage: Stage, palette: Palette, dice: Dice, depth: float) -> Layer:
    pace = stage.pace(depth)
    tallest = round(stage.height * (0.52 - 0.10 * depth)) & ~1
    first = (stage.height - tallest - round(stage.height * 0.10 * (1 - depth))) & ~1
    strip = Image.new("RGBA", (stage.span(pace), stage.height - first), (*palette.layer(depth), 0))
    canvas = ImageDraw.Draw(strip)
    unit = min(stage.width, stage.height) / 100
    x = -unit * 4 * dice.between(0.0, 1.0)
    while x < strip.width:
        wide = unit * dice.between(7, 15) * (0.75 + 0.6 * depth)
        roof = tallest * dice.between(0.05, 0.75)
        shade = mix(palette.layer(depth), palette.sky[1], dice.between(0.0, 0.12))
        canvas.rectangle((x, roof, x + wide, strip.height), fill=(*shade, 255))
        if dice.chance(0.3):
            canvas.rectangle((x + wide * 0.46, roof - unit * 5, x + wide * 0.54, roof), fill=(*shade, 255))
        _windows(canvas, (x, roof, x + wide, strip.height), palette, dice, (unit, depth))
        x += wide + unit * dice.between(-1.0, 2.0)
    return Layer(strip, first, pace)


def _windows(
    canvas: ImageDraw.ImageDraw,
    house: tuple[float, float, float, float],
    palette: Palette,
    dice: Dice,
    scale: tuple[float, float],
) -> None:
    unit, depth = scale
    left, roof, right, ground = house
    step = unit * (1.7 + 0.9 * depth)
    share = dice.between(0.12, 0.5)
    columns = max(1, int((right - left - step * 0.6) / step))
    margin = (right - left - columns * step) / 2
    for row in range(int((ground - roof) / (step * 1.35))):
        y = roof + step * (0.7 + row * 1.35)
        for column in range(columns):
            if dice.chance(share):
                x = left + margin + step * (column + 0.25)
                light = mix(palette.glow, dice.pick(palette.accents), dice.between(0.0, 0.5))
                fill = (*mix(palette.layer(depth), light, 0.45 + 0.5 * depth), 255)
                canvas.rectangle((x, y, x + step * 0.5, y + step * 0.62), fill=fill)


def _light(strip: Image.Image, stage: Stage, palette: Palette, dice: Dice, depth: float) -> None:
    short = min(stage.width, stage.height)
    diameter = max(6, round(short * dice.between(0.06, 0.20) * (0.5 + 1.2 * depth)))
    place = (dice.between(0, strip.width), dice.between(-0.05, 1.0) * stage.height)
    colour = mix(dice.pick(palette.accents), palette.glow, dice.between(0.1, 0.6))
    stamp(strip, glow_mask(diameter * 2, dice.between(0.15, 0.35)), colour, place)
    stamp(strip, disc_mask(diameter, 40 + dice.below(80)), colour, place)
    if dice.chance(0.6):
        rim = disc_mask(diameter, 90)
        inner = disc_mask(max(4, round(diameter * 0.93)), 90)
        hole = Image.new("L", rim.size)
        hole.paste(inner, ((rim.width - inner.width) // 2, (rim.height - inner.height) // 2))
        rim.paste(0, (0, 0), hole.point(lambda value: 255 if value else 0))
        stamp(strip, rim, mix(colour, palette.glow, 0.6), place)


def _ribbon(stage: Stage, palette: Palette, dice: Dice, depth: float) -> Layer:
    pace = stage.pace(0.25 + 0.75 * depth)
    size = (stage.span(pace), stage.height)
    middle = stage.height * dice.between(0.08, 0.25) + stage.height * 0.5 * depth
    upper = wave(dice, stage.width * dice.between(0.7, 1.4), stage.height * 0.13, 3)
    thick = wave(dice, stage.width * dice.between(0.5, 1.0), stage.height * 0.09, 2)
    body = stage.height * dice.between(0.22, 0.36)
    one, other = dice.pick(palette.accents), dice.pick((*palette.accents, palette.glow, palette.sky[0]))
    picture = gradient((size[1], size[0]), one, other).transpose(Image.Transpose.ROTATE_90)
    mask = Image.new("L", size)
    canvas = ImageDraw.Draw(mask)
    step, bands = max(2, stage.height // 180), 48
    xs = range(0, size[0] + step, step)
    edges = [(x, middle + upper(x), max(8.0, body + 2 * thick(x))) for x in xs]
    for band in range(bands):
        low = [(x, top + height * band / bands) for x, top, height in edges]
        high = [(x, top + height * (band + 1) / bands + 1) for x, top, height in reversed(edges)]
        canvas.polygon([*low, *high], fill=round(205 * (1 - band / bands) ** 1.6 * (0.55 + 0.45 * depth)))
    picture.putalpha(mask)
    return Layer(picture, 0, pace)
