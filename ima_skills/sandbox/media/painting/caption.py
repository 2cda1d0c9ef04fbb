"""The words on a picture: the prompt, the model's name and a discreet mark."""

import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from attrs import field, frozen
from PIL import Image, ImageDraw

from ima_skills.sandbox.media.painting.fonts import Pen, pen_for

MARK = "sandbox"

_MAX_LINES = 3
_MARGIN = 1.4  # in font sizes
_LINE = 1.32


@frozen
class Patch:
    """A translucent piece of picture and where it goes; all four numbers are even, as video wants."""

    picture: Image.Image = field(repr=False)
    left: int
    top: int


def captions(
    prompt: str,
    model_name: str,
    size: tuple[int, int],
    *,
    boxed: bool = False,
    folders: Sequence[Path] | None = None,
) -> tuple[Patch, ...]:
    """Return what is written over a picture of ``size`` pixels.

    Args:
        prompt: the text of the request; characters that no font covers are left out.
        model_name: shown small under the prompt.
        size: width and height of the picture.
        boxed: write on a dark box instead of a shade over the whole width; for pictures made from an input,
            which may have words in the same place.
        folders: where to look for fonts, None for the usual places.
    """
    unit = max(9, round((size[0] * size[1]) ** 0.5 / 36))
    if min(size) < 6 * unit or size[0] < 16 * unit:
        return ()
    words = _set(prompt, model_name, size[0], unit, folders)
    return (_box(words, size) if boxed else _banner(words, size), _mark(size, unit, 190 if boxed else 80))


def paste(patches: Sequence[Patch], picture: Image.Image) -> None:
    """Put the patches on an RGB picture."""
    for patch in patches:
        picture.paste(patch.picture.convert("RGB"), (patch.left, patch.top), patch.picture.getchannel("A"))


@frozen
class _Words:
    """Set type: the prompt's lines over the model's name."""

    lines: tuple[str, ...]
    name: str
    pen: Pen = field(repr=False)
    small: Pen = field(repr=False)
    unit: int

    @property
    def margin(self) -> int:
        return round(self.unit * _MARGIN)

    @property
    def height(self) -> int:
        return round(self.unit * (_LINE * len(self.lines) + 0.9))

    @property
    def width(self) -> float:
        return max([self.small.width(self.name), *map(self.pen.width, self.lines)])

    def write(self, picture: Image.Image, left: int, bottom: int) -> None:
        canvas = ImageDraw.Draw(picture)
        self.small.draw(canvas, left, bottom, self.name, "#ffffffb0")
        baseline = bottom - round(self.unit * 1.12)
        for line in reversed(self.lines):
            self.pen.draw(canvas, left + 1, baseline + 1, line, "#00000060")
            self.pen.draw(canvas, left, baseline, line, "#ffffff")
            baseline -= round(self.unit * _LINE)


def _set(prompt: str, model_name: str, width: int, unit: int, folders: Sequence[Path] | None) -> _Words:
    pen, small = pen_for(prompt, unit, folders), pen_for(model_name, round(unit * 0.68), folders)
    room = width - round(3 * unit * _MARGIN)
    lines = wrap(pen, pen.clean(prompt), room)
    name = next(iter(wrap(small, small.clean(model_name), room)), "")
    return _Words(tuple(lines), name, pen, small, unit)


def _banner(words: _Words, size: tuple[int, int]) -> Patch:
    height = min(_even(words.height + 3 * words.margin), _even(size[1] - 1))
    picture = _scrim(_even(size[0]), height)
    words.write(picture, words.margin, height - words.margin)
    return Patch(picture, 0, size[1] - height)


def _box(words: _Words, size: tuple[int, int]) -> Patch:
    pad = words.unit // 2 + 1
    width, height = _even(words.width + 2 * pad + words.unit // 3), _even(words.height + 2 * pad)
    picture = _pill((width, height), words.unit // 2, 236)
    words.write(picture, pad + words.unit // 6, height - pad - words.unit // 4)
    edge = words.margin - pad
    return Patch(picture, _even(edge), (size[1] - height - edge) & ~1)


def _pill(size: tuple[int, int], radius: int, opacity: int) -> Image.Image:
    mask = Image.new("L", (size[0] * 4, size[1] * 4))
    outline = (0, 0, mask.width - 1, mask.height - 1)
    ImageDraw.Draw(mask).rounded_rectangle(outline, radius * 4, fill=opacity)
    picture = Image.new("RGBA", size, "#05070c")
    picture.putalpha(mask.reduce(4))
    return picture


def _scrim(width: int, height: int) -> Image.Image:
    """A shade that grows towards the bottom, so that white letters read on any picture."""
    ramp = bytes(round(170 * (row / max(1, height - 1)) ** 1.3) for row in range(height))
    shade = Image.frombytes("L", (1, height), ramp).resize((width, height))
    picture = Image.new("RGBA", (width, height), "#05070c")
    picture.putalpha(shade)
    return picture


def _mark(size: tuple[int, int], unit: int, opacity: int) -> Patch:
    pen = pen_for(MARK, round(unit * 0.62))
    width, height = _even(pen.width(MARK) + unit * 0.9), _even(unit * 1.15)
    picture = _pill((width, height), height // 2, opacity)
    pen.draw(ImageDraw.Draw(picture), unit * 0.45, height * 0.68, MARK, "#ffffffc8")
    margin = round(unit * 0.9)
    return Patch(picture, (size[0] - width - margin) & ~1, margin & ~1)


def wrap(pen: Pen, text: str, width: float) -> list[str]:
    """Break clean text into at most three lines of ``width`` pixels; a cut text ends with an ellipsis."""
    lines = [""]
    for word in _words(text):
        for piece in (word,) if pen.width(word.rstrip()) <= width else word:
            if pen.width((lines[-1] + piece).rstrip()) > width:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
    lines = [line.rstrip() for line in lines if line.strip()]
    if len(lines) <= _MAX_LINES:
        return lines
    return [*lines[: _MAX_LINES - 1], _cut(pen, lines[_MAX_LINES - 1], width)]


def _cut(pen: Pen, line: str, width: float) -> str:
    while line and pen.width(line + "...") > width:
        line = line[:-1]
    return line.rstrip(" ,.;:，。；：、") + "..."


def _words(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may break: words, and single Chinese characters.

    Punctuation stays with what it follows.
    """
    word = ""
    for character in text:
        closing = unicodedata.category(character).startswith("P")
        if word and not closing and (_is_wide(character) or _is_wide(word[-1])):
            yield word
            word = ""
        word += character
        if character == " ":
            yield word
            word = ""
    if word:
        yield word


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _even(length: float) -> int:
    return (int(length) + 1) & ~1
