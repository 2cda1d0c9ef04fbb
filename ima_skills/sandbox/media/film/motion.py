"""Moving pictures: what a video shows at each frame, as planes ready for the encoder."""

from collections.abc import Sequence
from typing import Protocol

from attrs import field, frozen
from PIL import Image

from ima_skills.sandbox.media.painting.caption import Patch
from ima_skills.sandbox.media.painting.scene import Scene
from ima_skills.sandbox.media.yuv import Planes, to_planes

_ZOOM = 0.12


class Shot(Protocol):
    """Something that has a picture at every frame."""

    def frame(self, number: int) -> Planes:
        """Return the frame, 0-based, as planes that the caller may draw on."""
        ...


@frozen
class Stamp:
    """A translucent piece in planes, with one mask for the luma and one for the colour planes."""

    planes: Planes = field(repr=False)
    masks: tuple[Image.Image, Image.Image] = field(repr=False)
    top: int

    @classmethod
    def of(cls, picture: Image.Image, top: int) -> "Stamp":
        """Return the stamp of an RGBA picture; an odd last row or column is dropped."""
        even = picture.crop((0, 0, picture.width & ~1, picture.height & ~1))
        mask = even.getchannel("A")
        return cls(to_planes(even.convert("RGB")), (mask, mask.reduce(2)), top)

    def press(self, planes: Planes, left: int, visible: tuple[int, int]) -> None:
        """Draw the part from ``visible[0]`` to ``visible[1]`` at ``left`` of a frame; all even."""
        for plane, source, step in zip(planes, self.planes, (1, 2, 2), strict=True):
            mask = self.masks[step - 1]
            box = (visible[0] // step, 0, visible[1] // step, source.height)
            plane.paste(source.crop(box), (left // step, self.top // step), mask.crop(box))


@frozen
class SlideShot:
    """A painted scene whose layers slide at their own pace: near ones faster than far ones."""

    scene: Scene
    ground: Planes = field(repr=False)
    stamps: tuple[Stamp, ...]

    @classmethod
    def of(cls, scene: Scene) -> "SlideShot":
        """Prepare a scene."""
        stamps = tuple(Stamp.of(layer.picture, layer.top) for layer in scene.layers)
        return cls(scene, to_planes(scene.backdrop), stamps)

    def frame(self, number: int) -> Planes:
        """Return the backdrop with every layer at its place."""
        planes = _copy(self.ground)
        for layer, stamp in zip(self.scene.layers, self.stamps, strict=True):
            left = self.scene.stage.slide(layer.pace, number)
            stamp.press(planes, 0, (left, left + self.scene.stage.width))
        return planes


@frozen
class ZoomShot:
    """A slow zoom on a still picture.

    Attributes:
        planes: the whole picture in frame size.
        frames: length of the move.
        start: zoom at the first frame, 0.0 shows the whole picture.
        end: zoom at the last frame.
        focus: the point that is zoomed on, as shares of width and height.
    """

    planes: Planes = field(repr=False)
    frames: int
    start: float
    end: float
    focus: tuple[float, float]

    @classmethod
    def towards(cls, picture: Image.Image, frames: int, focus: tuple[float, float]) -> "ZoomShot":
        """Start from the whole picture."""
        return cls(to_planes(picture), frames, 0.0, _ZOOM, focus)

    @classmethod
    def away(cls, picture: Image.Image, frames: int, focus: tuple[float, float]) -> "ZoomShot":
        """End at the whole picture."""
        return cls(to_planes(picture), frames, _ZOOM, 0.0, focus)

    def frame(self, number: int) -> Planes:
        """Return the visible part, enlarged to the frame."""
        progress = number / max(1, self.frames - 1)
        scale = 1 - (self.start + (self.end - self.start) * progress) / (1 + _ZOOM)
        luma, blue, red = (self._part(plane, scale) for plane in self.planes)
        return (luma, blue, red)

    def _part(self, plane: Image.Image, scale: float) -> Image.Image:
        width, height = plane.width * scale, plane.height * scale
        left, top = (plane.width - width) * self.focus[0], (plane.height - height) * self.focus[1]
        box = (left, top, min(plane.width, left + width), min(plane.height, top + height))
        return plane.resize(plane.size, Image.Resampling.BILINEAR, box=box)


@frozen
class FadeShot:
    """One shot that melts into another in the middle."""

    first: Shot
    last: Shot
    frames: int

    def frame(self, number: int) -> Planes:
        """Return one of the two shots, or both blended."""
        progress = number / max(1, self.frames - 1)
        share = min(1.0, max(0.0, (progress - 0.25) / 0.5))
        share = share * share * (3 - 2 * share)
        if share in (0.0, 1.0):
            return (self.last if share else self.first).frame(number)
        pairs = zip(self.first.frame(number), self.last.frame(number), strict=True)
        luma, blue, red = (Image.blend(one, other, share) for one, other in pairs)
        return (luma, blue, red)


@frozen
class CaptionedShot:
    """A shot with words that stand still over it."""

    shot: Shot
    stamps: tuple[tuple[Stamp, int], ...]

    @classmethod
    def of(cls, shot: Shot, patches: Sequence[Patch]) -> "CaptionedShot":
        """Put captions over a shot."""
        return cls(shot, tuple((Stamp.of(patch.picture, patch.top), patch.left) for patch in patches))

    def frame(self, number: int) -> Planes:
        """Return the frame of the shot with the words."""
        planes = self.shot.frame(number)
        for stamp, left in self.stamps:
            stamp.press(planes, left, (0, stamp.planes[0].width))
        return planes


def _copy(planes: Planes) -> Planes:
    luma, blue, red = (plane.copy() for plane in planes)
    return (luma, blue, red)
