"""Drawing helpers that the painters share: smooth edges, gradients, glows, curves."""

import math
from collections.abc import Callable, Sequence

from attrs import field, frozen
from PIL import Image, ImageDraw

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.painting.palette import Rgb

Curve = Callable[[float], float]


@frozen
class Layer:
    """A translucent strip of a scene that slides to the left while a video plays.

    Attributes:
        picture: RGBA, as wide as the frame plus everything the slide uncovers.
        top: first row of the frame that it covers; even.
        pace: pixels per frame; even, so that colour planes move in whole steps.
    """

    picture: Image.Image = field(repr=False)
    top: int
    pace: int


@frozen
class Stage:
    """The room a painter has.

    Attributes:
        width: of the frame in pixels.
        height: of the frame in pixels.
        frames: how long layers slide; 0 for a still picture.
    """

    width: int
    height: int
    frames: int

    def pace(self, depth: float) -> int:
        """Return how fast a layer at ``depth`` (0.0 far, 1.0 near) slides, in even pixels per frame."""
        return 2 * round(depth * self.width / 720) if self.frames else 0

    def span(self, pace: int) -> int:
        """Return how wide a layer of this pace has to be; a long slide turns around, see :meth:`slide`."""
        return self.width + min(pace * self.frames, self._turn(pace))

    def slide(self, pace: int, frame: int) -> int:
        """Return the left edge of the visible part at ``frame``."""
        turn = self._turn(pace)
        place = pace * frame % (2 * turn)
        return min(place, 2 * turn - place)

    def _turn(self, pace: int) -> int:
        """Return the whole number of steps, in pixels, that is about two frame widths."""
        return max(pace, 2) * max(1, 2 * self.width // max(pace, 2))


def wave(dice: Dice, length: float, height: float, octaves: int = 4) -> Curve:
    """Return a smooth random curve around zero.

    Args:
        dice: decides the shape.
        length: pixels of the longest swing.
        height: largest deviation in pixels, about.
        octaves: how many finer swings are added, each with half the height.
    """
    parts = [
        (height / 2**octave, 2**octave * dice.between(0.8, 1.25) / length, dice.between(0.0, math.tau))
        for octave in range(octaves)
    ]
    return lambda x: sum(size * math.sin(math.tau * pitch * x + phase) for size, pitch, phase in parts)


def area_mask(size: tuple[int, int], outline: Sequence[tuple[float, float]]) -> Image.Image:
    """Return the inside of a polygon as a mask with smooth edges."""
    mask = Image.new("L", (size[0] * 2, size[1] * 2))
    ImageDraw.Draw(mask).polygon([(x * 2, y * 2) for x, y in outline], fill=255)
    return mask.reduce(2)


def below(curve: Curve, size: tuple[int, int]) -> list[tuple[float, float]]:
    """Return the outline of everything below a curve, down to the bottom of ``size``."""
    width, height = size
    step = max(2, height // 160)
    points = [(float(x), curve(x)) for x in range(0, width + step, step)]
    return [*points, (float(width + step), float(height)), (0.0, float(height))]


def gradient(size: tuple[int, int], top: Rgb, bottom: Rgb) -> Image.Image:
    """Return an RGB picture that runs from one colour to another."""
    ends = Image.new("RGB", (1, 2))
    ends.putpixel((0, 0), top)
    ends.putpixel((0, 1), bottom)
    return ends.resize(size, Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))


def glow_mask(diameter: int, strength: float, core: float = 0.0) -> Image.Image:
    """Return a round mask that fades outwards.

    Args:
        diameter: pixels.
        strength: opacity of the centre, 0.0 to 1.0.
        core: share of the radius that keeps full strength.
    """
    fade = [
        round(255 * strength * min(1.0, max(0.0, (1 - distance / 181) / (1 - core))) ** 2)
        for distance in (min(181.0, value * 181 / 127.5) for value in range(256))
    ]
    # radial_gradient counts from 0 in the centre to 255 in the corners: 180 is the inscribed circle.
    return Image.radial_gradient("L").point(fade).resize((diameter, diameter), Image.Resampling.BILINEAR)


def disc_mask(diameter: int, opacity: int) -> Image.Image:
    """Return a disc with smooth edges."""
    mask = Image.new("L", (diameter * 4, diameter * 4))
    ImageDraw.Draw(mask).ellipse((2, 2, diameter * 4 - 3, diameter * 4 - 3), fill=opacity)
    return mask.reduce(4)


def stamp(picture: Image.Image, mask: Image.Image, colour: Rgb, centre: tuple[float, float]) -> None:
    """Lay a colour on an RGB or RGBA picture through a mask centred at a point."""
    left, top = round(centre[0] - mask.width / 2), round(centre[1] - mask.height / 2)
    if picture.mode == "RGB":
        picture.paste(colour, (left, top, left + mask.width, top + mask.height), mask)
        return
    piece = Image.new("RGBA", mask.size, (*colour, 0))
    piece.putalpha(mask)
    source = (max(0, -left), max(0, -top))
    if source[0] < mask.width and source[1] < mask.height:
        picture.alpha_composite(piece, (max(0, left), max(0, top)), source)
