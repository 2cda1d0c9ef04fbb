"""Image to image: the input stays recognisable, but is visibly another picture."""

from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.painting.palette import Palette, mix
from ima_skills.sandbox.media.painting.scene import palette_of
from ima_skills.sandbox.media.painting.shapes import disc_mask, glow_mask, stamp

_CANVAS = 1800


def restyle(pictures: Sequence[Image.Image], prompt: str, size: tuple[int, int], dice: Dice) -> Image.Image:
    """Return the first picture in the style of ``prompt``, the others as small insets.

    Args:
        pictures: the inputs, at least one.
        prompt: decides the colours.
        size: of the result in pixels; the first picture is fitted to cover it.
        dice: decide the kind of style and the lights.
    """
    share = min(1.0, _CANVAS / max(size))
    canvas = (max(16, round(size[0] * share)), max(16, round(size[1] * share)))
    palette = palette_of(prompt)
    picture = ImageOps.fit(pictures[0], canvas, Image.Resampling.LANCZOS)
    picture = _grade(dice.pick(_STYLES)(picture), palette, dice)
    _lights(picture, palette, dice)
    add_insets(picture, pictures[1:5])
    return picture if canvas == size else picture.resize(size, Image.Resampling.BICUBIC)


def add_insets(picture: Image.Image, others: Sequence[Image.Image]) -> None:
    """Put small framed copies of other inputs into the top left corner."""
    side = min(picture.size) // 5
    margin = max(2, side // 6)
    for number, other in enumerate(others):
        left = margin + number * (side + margin)
        if left + side > picture.width:
            return
        card(picture, ImageOps.fit(other, (side, side), Image.Resampling.LANCZOS), (left, margin))


def card(picture: Image.Image, content: Image.Image, place: tuple[int, int]) -> None:
    """Put a picture with a white rim, round corners and a soft shadow at ``place``."""
    width, height = content.size
    rim = max(2, min(content.size) // 40)
    outer = (width + 2 * rim, height + 2 * rim)
    shadow = Image.new("L", (outer[0] + 8 * rim, outer[1] + 8 * rim))
    ImageDraw.Draw(shadow).rectangle((4 * rim, 5 * rim, 4 * rim + outer[0], 5 * rim + outer[1]), fill=110)
    corner = (place[0] - 5 * rim, place[1] - 5 * rim)
    picture.paste("#000000", corner, shadow.filter(ImageFilter.GaussianBlur(1.6 * rim)))
    picture.paste("#f8f6f2", (place[0] - rim, place[1] - rim), _rounded(outer, 3 * rim))
    picture.paste(content, place, _rounded(content.size, 2 * rim))


def _rounded(size: tuple[int, int], radius: int) -> Image.Image:
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, size[0] * 2 - 1, size[1] * 2 - 1), radius * 2, fill=255)
    return mask.reduce(2)


def _oil(picture: Image.Image) -> Image.Image:
    """Flatten the picture into brush-like patches."""
    small = picture.reduce(2).filter(ImageFilter.ModeFilter(7)).filter(ImageFilter.MedianFilter(5))
    wide = small.resize(picture.size, Image.Resampling.BICUBIC)
    return Image.blend(wide, wide.filter(ImageFilter.EMBOSS), 0.10)


def _ink(picture: Image.Image) -> Image.Image:
    """Draw dark outlines over flat colours."""
    flat = picture.filter(ImageFilter.MedianFilter(5))
    edges = flat.convert("L").filter(ImageFilter.FIND_EDGES).point(lambda value: min(255, value * 4))
    lines = ImageOps.invert(edges.filter(ImageFilter.GaussianBlur(0.8)))
    # The edge filter leaves the outermost pixels as they are, which would draw a frame.
    ImageDraw.Draw(lines).rectangle((0, 0, lines.width - 1, lines.height - 1), outline=255, width=3)
    return ImageChops.multiply(ImageOps.posterize(flat, 4), Image.merge("RGB", (lines,) * 3))


def _film(picture: Image.Image) -> Image.Image:
    """Soften the highlights like a diffusion filter."""
    radius = max(2, min(picture.size) // 60)
    return ImageChops.screen(
        picture.point(lambda value: value * 0.88),
        picture.filter(ImageFilter.GaussianBlur(radius)).point(lambda value: max(0, value - 120) * 0.9),
    )


_STYLES: tuple[Callable[[Image.Image], Image.Image], ...] = (_oil, _ink, _film)


def _grade(picture: Image.Image, palette: Palette, dice: Dice) -> Image.Image:
    """Pull the picture's tones towards the palette."""
    grey = ImageOps.autocontrast(picture.convert("L"), cutoff=1)
    toned = ImageOps.colorize(
        grey, mix(palette.near, (0, 0, 0), 0.35), mix(palette.glow, (255, 255, 255), 0.3), palette.sky[1]
    )
    return Image.blend(picture, toned, dice.between(0.38, 0.52))


def _lights(picture: Image.Image, palette: Palette, dice: Dice) -> None:
    """Lay a few large glows and translucent discs over the picture."""
    short = min(picture.size)
    for _ in range(3):
        place = (dice.between(0, picture.width), dice.between(-0.1, 0.4) * picture.height)
        mask = glow_mask(round(short * dice.between(0.6, 1.2)), dice.between(0.12, 0.28))
        stamp(picture, mask, dice.pick(palette.accents), place)
    for _ in range(10):
        place = (dice.between(0, picture.width), dice.between(0, picture.height))
        mask = disc_mask(max(4, round(short * dice.between(0.02, 0.10))), 20 + dice.below(50))
        stamp(picture, mask, mix(dice.pick(palette.accents), palette.glow, 0.5), place)
