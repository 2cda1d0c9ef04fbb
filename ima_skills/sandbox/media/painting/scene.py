"""Which scene a prompt gets, and a scene as one flat picture."""

import re
from collections.abc import Callable, Mapping

from attrs import field, frozen
from PIL import Image

from ima_skills.sandbox.media.dice import Dice, dice_for
from ima_skills.sandbox.media.painting.abstract import paint_lights, paint_ribbons, paint_skyline
from ima_skills.sandbox.media.painting.landscape import Painted, paint_forest, paint_hills, paint_sea
from ima_skills.sandbox.media.painting.palette import Palette, palette_for
from ima_skills.sandbox.media.painting.shapes import Layer, Stage

# Pictures are painted at most this large and then enlarged: shapes this soft lose nothing, memory is saved.
_CANVAS = 2048

Painter = Callable[[Stage, Palette, Dice], Painted]

_SUBJECTS: Mapping[str, Painter] = {
    r"\bforest|\bwood|\btree|\bjungle|\bpine|森|林|树|木": paint_forest,
    r"\bsea\b|\bocean|\bwave|\bbeach|\blake|\briver|\bboat|\bship|\bcoast|\bisland"
    r"|海|湖|江|河|船|浪|岛|水": paint_sea,
    r"\bcity|\bstreet|\btown|\bskyline|\bneon|\btower|\bbuilding|\bcyber|城|街|楼|塔|都市|霓虹": paint_skyline,
    r"\bmountain|\bhill|\bvalley|\bdesert|\bdune|\blandscape|\bfield|\bfarm|山|峰|谷|沙漠|原野|田|风景": paint_hills,
    r"\baurora|\bsilk|\bflow(ing|s)?\b|\bwind\b|\bdance|\bmusic|\bsmoke|极光|丝|风|舞|烟|云": paint_ribbons,
    r"\blight|\bbokeh|\bflower|\bdream|\bbubble|\bstar|\bspace|\bgalaxy|光|花|梦|星|泡": paint_lights,
}
_ANY: tuple[Painter, ...] = (paint_hills, paint_ribbons, paint_lights, paint_sea, paint_skyline, paint_forest)


@frozen
class Scene:
    """A painted backdrop with the layers that slide over it."""

    stage: Stage
    backdrop: Image.Image = field(repr=False)
    layers: tuple[Layer, ...]

    def flat(self) -> Image.Image:
        """Return the first moment of the scene as one RGB picture."""
        picture = self.backdrop.copy()
        for layer in self.layers:
            visible = layer.picture.crop((0, 0, self.stage.width, layer.picture.height))
            picture.paste(visible, (0, layer.top), visible)
        return picture


def palette_of(prompt: str) -> Palette:
    """Return the palette of a prompt: the same for every media of the task."""
    return palette_for(prompt, dice_for("palette", prompt))


def paint(prompt: str, stage: Stage, dice: Dice) -> Scene:
    """Paint the scene that fits ``prompt``; ``dice`` decide its details."""
    backdrop, layers = _painter(prompt)(stage, palette_of(prompt), dice)
    return Scene(stage, backdrop, layers)


def paint_still(prompt: str, size: tuple[int, int], dice: Dice) -> Image.Image:
    """Return a scene as an RGB picture of exactly ``size`` pixels."""
    share = min(1.0, _CANVAS / max(size))
    stage = Stage(max(16, round(size[0] * share)), max(16, round(size[1] * share)), 0)
    picture = paint(prompt, stage, dice).flat()
    return picture if picture.size == size else picture.resize(size, Image.Resampling.BICUBIC)


def _painter(prompt: str) -> Painter:
    for words, painter in _SUBJECTS.items():
        if re.search(words, prompt, re.IGNORECASE):
            return painter
    return dice_for("painter", prompt).pick(_ANY)
