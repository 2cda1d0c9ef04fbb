"""Colours of a picture: a mood read from the prompt or drawn, then harmonious hues around it."""

import colorsys
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from attrs import frozen

from ima_skills.sandbox.media.dice import Dice

Rgb = tuple[int, int, int]
T = TypeVar("T")


@frozen
class Palette:
    """Colours with a job.

    Attributes:
        sky: backdrop from top to bottom.
        glow: sun, moon, highlights, lit windows.
        far: the most distant layer, close to the horizon's colour.
        near: the foreground.
        accents: lively colours for abstract shapes.
    """

    sky: tuple[Rgb, Rgb, Rgb]
    glow: Rgb
    far: Rgb
    near: Rgb
    accents: tuple[Rgb, ...]

    def layer(self, depth: float) -> Rgb:
        """Return the colour at ``depth``, from 0.0 (far) to 1.0 (near)."""
        return mix(self.far, self.near, depth)


_HUES: Mapping[str, float] = {
    r"\bred\b|红|赤": 0.99, r"\borange\b|橙|橘": 0.07, r"\byellow\b|\bgold(en)?\b|黄|金": 0.13,
    r"\bgreen\b|绿|翠": 0.36, r"\bcyan\b|\bteal\b|青": 0.49, r"\bblue\b|蓝": 0.60,
    r"\bpurple\b|\bviolet\b|紫": 0.76, r"\bpink\b|粉": 0.91,
}  # fmt: skip

_MOODS: Mapping[str, str] = {
    r"\bnight|\bmidnight|\bmoon|\bstars?\b|\bneon|\bdark|夜|月|星|霓虹|黑暗": "night",
    r"sunset|sunrise|\bdusk|\bdawn|golden hour|日落|夕阳|黄昏|日出|黎明|晚霞": "sunset",
    r"\bday\b|\bsunny|\bmorning|\bspring|\bsummer|白天|晴|早晨|清晨|春|夏": "day",
    r"\bsoft|\bpastel|\bdream|\bgentle|\bcute|柔|梦|可爱|淡": "pastel",
}


def palette_for(prompt: str, dice: Dice) -> Palette:
    """Return the palette of ``prompt``: its colour and time-of-day words count, ``dice`` decide the rest."""
    mood = _first(_MOODS, prompt) or dice.pick(("day", "sunset", "night", "vivid", "vivid", "pastel"))
    return _PAINTERS[mood](_first(_HUES, prompt), dice)


def mix(one: Rgb, other: Rgb, share: float) -> Rgb:
    """Return ``one`` with a ``share`` (0.0 to 1.0) of ``other``."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return (red, green, blue)


def hsv(hue: float, saturation: float, value: float) -> Rgb:
    """Return an RGB colour; ``hue`` wraps around, the others run from 0.0 to 1.0."""
    red, green, blue = (round(channel * 255) for channel in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return (red, green, blue)


def _first(table: Mapping[str, T], prompt: str) -> T | None:
    return next((value for words, value in table.items() if re.search(words, prompt, re.IGNORECASE)), None)


def _accents(hue: float, saturation: float, value: float) -> tuple[Rgb, ...]:
    return tuple(hsv(hue + step, saturation, value) for step in (0.0, 0.07, 0.14, 0.45, 0.55, -0.08))


def _day(hue: float | None, dice: Dice) -> Palette:
    sky = 0.56 + dice.between(-0.04, 0.04)
    land = sky + dice.between(-0.30, 0.12) if hue is None else hue
    return Palette(
        sky=(hsv(sky + 0.02, 0.72, 0.82), hsv(sky, 0.42, 0.95), hsv(sky - 0.45, 0.10, 1.0)),
        glow=hsv(0.13, 0.18, 1.0),
        far=hsv(sky, 0.34, 0.82),
        near=hsv(land, 0.72, 0.26),
        accents=_accents(land, 0.6, 0.95),
    )


def _sunset(hue: float | None, dice: Dice) -> Palette:
    shift = dice.between(-0.04, 0.05)
    land = 0.76 + shift if hue is None else hue
    return Palette(
        sky=(hsv(0.70 + shift, 0.62, 0.42), hsv(0.94 + shift, 0.58, 0.86), hsv(0.08 + shift / 2, 0.52, 1.0)),
        glow=hsv(0.12, 0.32, 1.0),
        far=hsv(0.95 + shift, 0.46, 0.80),
        near=hsv(land, 0.62, 0.17),
        accents=_accents(0.98 + shift, 0.6, 1.0),
    )


def _night(hue: float | None, dice: Dice) -> Palette:
    sky = 0.64 + dice.between(-0.09, 0.10) if hue is None else hue
    return Palette(
        sky=(hsv(sky + 0.03, 0.80, 0.12), hsv(sky, 0.74, 0.30), hsv(sky - 0.07, 0.55, 0.58)),
        glow=hsv(0.13, 0.20, 1.0),
        far=hsv(sky - 0.03, 0.56, 0.44),
        near=hsv(sky + 0.04, 0.72, 0.07),
        accents=_accents(sky + 0.12, 0.65, 1.0),
    )


def _vivid(hue: float | None, dice: Dice) -> Palette:
    hue = dice.between(0.0, 1.0) if hue is None else hue
    turn = dice.pick((-1.0, 1.0)) * dice.between(0.07, 0.13)
    return Palette(
        sky=(hsv(hue, 0.78, 0.62), hsv(hue + turn, 0.66, 0.92), hsv(hue + 2 * turn, 0.36, 1.0)),
        glow=hsv(hue + 2.4 * turn, 0.22, 1.0),
        far=hsv(hue + turn, 0.52, 0.80),
        near=hsv(hue - turn / 2, 0.78, 0.20),
        accents=_accents(hue + turn, 0.62, 1.0),
    )


def _pastel(hue: float | None, dice: Dice) -> Palette:
    hue = dice.between(0.0, 1.0) if hue is None else hue
    turn = dice.between(0.08, 0.16)
    return Palette(
        sky=(hsv(hue, 0.32, 0.92), hsv(hue + turn, 0.24, 0.98), hsv(hue + 2 * turn, 0.14, 1.0)),
        glow=hsv(hue + 2 * turn, 0.06, 1.0),
        far=hsv(hue + turn, 0.26, 0.90),
        near=hsv(hue, 0.48, 0.46),
        accents=_accents(hue, 0.34, 1.0),
    )


_PAINTERS: Mapping[str, Callable[[float | None, Dice], Palette]] = {
    "day": _day,
    "sunset": _sunset,
    "night": _night,
    "vivid": _vivid,
    "pastel": _pastel,
}
