"""Reference to video: the inputs as framed pictures in a painted scene."""

from collections.abc import Sequence

from PIL import Image, ImageOps

from ima_skills.sandbox.media.dice import Dice
from ima_skills.sandbox.media.painting.restyle import card
from ima_skills.sandbox.media.painting.scene import paint_still

_MOST = 6


def paint_collage(
    pictures: Sequence[Image.Image], prompt: str, size: tuple[int, int], dice: Dice
) -> Image.Image:
    """Return a scene with up to six of the pictures side by side in it.

    Args:
        pictures: the references, at least one.
        prompt: decides the scene.
        size: of the result in pixels.
        dice: decide the scene's details and how the cards hang.
    """
    canvas = paint_still(prompt, size, dice)
    shown = pictures[:_MOST]
    across = len(shown) if size[0] >= size[1] else 1
    if len(shown) > 3:  # noqa: PLR2004 - more than three in a row get too small
        across = (len(shown) + 1) // 2 if size[0] >= size[1] else 2
    down = -(-len(shown) // across)
    cell = (size[0] / across, size[1] * 0.80 / down)
    for number, picture in enumerate(shown):
        room = (max(8, round(cell[0] * 0.72)), max(8, round(cell[1] * 0.72)))
        fitted = ImageOps.contain(picture, room, Image.Resampling.LANCZOS)
        middle = (cell[0] * (number % across + 0.5), cell[1] * (number // across + 0.5) + size[1] * 0.03)
        sway = cell[1] * dice.between(-0.05, 0.05)
        place = (round(middle[0] - fitted.width / 2), round(middle[1] - fitted.height / 2 + sway))
        card(canvas, fitted, place)
    return canvas
