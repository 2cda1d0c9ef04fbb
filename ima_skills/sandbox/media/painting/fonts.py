"""Fonts of this machine, and text that never shows the box of a missing glyph.

No font file comes with the project. Pillow's built-in font covers English; everything else is drawn with a
font found on the system, and characters that no font at hand covers are left out.
"""

import os
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from attrs import field, frozen
from PIL import Image, ImageDraw, ImageFont

from ima_skills.renderers import RenderError

FONT_VARIABLE = "IMA_SANDBOX_FONT"

# Best first: a regular sans-serif face with simplified Chinese forms, then whatever has the characters.
_WANTED = tuple(
    re.compile(pattern)
    for pattern in (
        r"noto-?sans-?(cjk)?-?sc.*\.(otf|ttf|ttc)",
        r"notosanscjk.*\.(otf|ttc)",
        r"sourcehansans.*\.(otf|ttf|ttc)",
        r"wqy-?microhei.*",
        r"pingfang.*",
        r"hiragino sans gb.*",
        r"stheiti.*",
        r"msyh.*",
        r"(deng|simhei|simsun).*\.(ttf|ttc)",
        r"wqy-?zenhei.*",
        r"notoserifcjk.*|sourcehanserif.*",
        r"droidsansfallback.*",
        r"(uming|ukai).*",
        r"arial unicode.*|arialuni.*|unifont.*\.(otf|ttf)",
        r"dejavusans\.ttf",
    )
)
_HEAVY = re.compile(r"bold|black|thin|light|mono|bd\.|[bl]\.ttc|caption")
_ENDINGS = (".ttf", ".ttc", ".otf")
_MAX_FILES = 20_000
_GAP = "\0"
_COMMAS = " ,;:-/|、，；："
_STOPS = _COMMAS + ".!?。！？…”’)]}）》】"


@frozen
class Face:
    """One opened font with the picture of its missing glyph."""

    font: ImageFont.FreeTypeFont = field(repr=False)
    missing: tuple[tuple[int, int], bytes] = field(repr=False)

    def covers(self, character: str) -> bool:
        """Tell whether the font has its own glyph for ``character``."""
        return _glyph(self.font, character) not in (self.missing, ((0, 0), b""))


@frozen
class Pen:
    """Measures and draws text with the first face that covers each character."""

    faces: tuple[Face, ...]

    def clean(self, text: str) -> str:
        """Return ``text`` on one line, without the characters that would show as boxes.

        Where something is left out, the commas and points that belonged to it go too.
        """
        pieces = "".join(map(self._drawable, text)).split(_GAP)
        if len(pieces) > 1:
            pieces = [piece.lstrip(_STOPS).rstrip(_COMMAS) for piece in pieces]
            pieces = [piece for piece in pieces if any(map(str.isalnum, piece))]
        return " ".join(" ".join(pieces).split())

    def width(self, text: str) -> float:
        """Return the width of clean text in pixels."""
        return sum(face.font.getlength(run) for face, run in self._runs(text))

    def draw(self, canvas: ImageDraw.ImageDraw, x: float, baseline: float, text: str, fill: str) -> None:
        """Draw clean text from ``x`` on its ``baseline``."""
        for face, run in self._runs(text):
            canvas.text((x, baseline), run, font=face.font, fill=fill, anchor="ls")
            x += face.font.getlength(run)

    def _drawable(self, character: str) -> str:
        if character.isspace():
            return " "
        if self._face(character):
            return character
        plain = unicodedata.normalize("NFKD", character)
        return "".join(part for part in plain if not part.isspace() and self._face(part)) or _GAP

    def _face(self, character: str) -> Face | None:
        return next((face for face in self.faces if face.covers(character)), None)

    def _runs(self, text: str) -> Iterator[tuple[Face, str]]:
        known: dict[str, Face] = {}
        for character in text:
            # A space has no picture in any font: it stays with the first face.
            known.setdefault(character, self._face(character) or self.faces[0])
        for _, run in groupby(text, key=lambda character: id(known[character])):
            letters = "".join(run)
            yield known[letters[0]], letters


def pen_for(text: str, size: int, folders: Sequence[Path] | None = None) -> Pen:
    """Return a pen of ``size`` pixels for ``text``.

    Args:
        text: what is going to be drawn; a system font is looked for only when it is needed.
        size: font size in pixels.
        folders: where to look for fonts, None for the usual places of this system.

    Raises:
        RenderError: when the font named by IMA_SANDBOX_FONT cannot be opened.
    """
    built_in = ImageFont.load_default(size)
    if not isinstance(built_in, ImageFont.FreeTypeFont):
        raise RenderError("This Pillow has no FreeType, so the sandbox cannot write on pictures.")
    pen = Pen((*_chosen(size), _face_of(built_in)))
    if pen.clean(text) == " ".join(text.split()):
        return pen
    path = find_font(font_folders() if folders is None else folders)
    return pen if path is None else Pen((*pen.faces, _face_of(_open(path, size))))


def find_font(folders: Iterable[Path]) -> Path | None:
    """Return the best font with Chinese characters below ``folders``, judged by file name alone."""
    found = [(rank, path) for path in _font_files(folders) if (rank := _rank(path)) is not None]
    return min(found)[1] if found else None


def font_folders() -> tuple[Path, ...]:
    """Return the usual font folders of this system that exist."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() raises where there is no home
    if sys.platform == "win32":
        windows, local = os.environ.get("WINDIR", r"C:\Windows"), os.environ.get("LOCALAPPDATA", str(home))
        candidates = [Path(windows) / "Fonts", Path(local) / "Microsoft/Windows/Fonts"]
    elif sys.platform == "darwin":
        candidates = [Path("/System/Library/Fonts"), Path("/Library/Fonts"), home / "Library/Fonts"]
    else:
        data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share")
        system = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/system/fonts")]
        candidates = [*system, data / "fonts", home / ".fonts"]
    return tuple(folder for folder in candidates if folder.is_dir())


def _chosen(size: int) -> tuple[Face, ...]:
    path = os.environ.get(FONT_VARIABLE)
    return (_face_of(_open(Path(path), size)),) if path else ()


def _open(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Open a font file; of a collection, the face with the simplified Chinese forms."""
    try:
        fonts = [ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)]
        while path.suffix.lower() == ".ttc" and not _is_simplified(fonts[-1]):
            fonts.append(_open_face(path, size, len(fonts)) or fonts[0])
            if fonts[-1] is fonts[0]:
                break
    except OSError as error:
        raise RenderError(f"The font {path.name} cannot be opened; see {FONT_VARIABLE}.") from error
    return fonts[-1]


def _open_face(path: Path, size: int, index: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)
    except OSError:  # past the last face of the collection: the way to learn their number
        return None


def _is_simplified(font: ImageFont.FreeTypeFont) -> bool:
    name = font.getname()[0] or ""
    return "SC" in name.split() or "GB" in name.split()


def _face_of(font: ImageFont.FreeTypeFont) -> Face:
    # A private-use code point that fonts leave empty shows what a missing glyph looks like.
    return Face(font, _glyph(font, "\U0010fffd"))


def _glyph(font: ImageFont.FreeTypeFont, character: str) -> tuple[tuple[int, int], bytes]:
    size = (0, 0)
    box = font.getbbox(character)
    size = (round(box[2] - box[0]), round(box[3] - box[1]))
    if not size[0] or not size[1]:
        return ((0, 0), b"")
    picture = Image.new("L", size)
    ImageDraw.Draw(picture).text((-box[0], -box[1]), character, font=font, fill=255)
    return (size, picture.tobytes())


def _font_files(folders: Iterable[Path]) -> Iterator[Path]:
    seen = 0
    for folder in folders:
        for root, _, names in os.walk(folder):
            seen += len(names)
            if seen > _MAX_FILES:
                return
            yield from (Path(root, name) for name in names if name.lower().endswith(_ENDINGS))


def _rank(path: Path) -> tuple[int, bool] | None:
    name = path.name.lower()
    place = next((index for index, pattern in enumerate(_WANTED) if pattern.fullmatch(name)), None)
    return None if place is None else (place, bool(_HEAVY.search(name)))
