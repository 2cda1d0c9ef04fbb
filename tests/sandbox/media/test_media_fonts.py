"""Captions never show the box of a missing glyph."""

from pathlib import Path

import pytest
from PIL import Image, ImageFont

from ima_skills.sandbox.media import RenderError
from ima_skills.sandbox.media.painting.caption import captions, wrap
from ima_skills.sandbox.media.painting.fonts import FONT_VARIABLE, Face, Pen, find_font, pen_for


@pytest.fixture(autouse=True)
def _no_chosen_font(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FONT_VARIABLE, raising=False)


class OnlyChinese(Face):
    """A face that claims what Droid Sans Fallback has: Chinese, but no ASCII."""

    def covers(self, character: str) -> bool:
        return "\u4e00" <= character <= "\u9fff"


def built_in(size: int = 20) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("一只猫 cat", "cat"),
        ("水彩画，细节，8K ultra-detailed，电影感", "8K ultra-detailed"),
        ("一只猫", ""),
        ("café at  night\n\tnow", "cafe at night now"),
        ("rocket 🚀 to the moon", "rocket to the moon"),
        ("他说：“good morning!” 🚀", "“good morning!”"),
        ("plain, with (marks)!", "plain, with (marks)!"),
    ],
)
def test_without_a_chinese_font_only_drawable_text_is_left(text: str, drawn: str) -> None:
    """On a machine without fonts, exactly the characters of the built-in font remain."""
    assert pen_for(text, 20, folders=()).clean(text) == drawn


def test_undrawable_text_leaves_no_trace() -> None:
    """A caption of Chinese without a font is, pixel for pixel, the caption without words: no boxes."""
    banner, mark = captions("一只猫在窗边", "可梦", (640, 360), folders=())
    empty, same_mark = captions("", "", (640, 360), folders=())
    assert banner.picture.tobytes() == empty.picture.tobytes()
    assert mark.picture.tobytes() == same_mark.picture.tobytes()
    written, _ = captions("a cat", "", (640, 360), folders=())
    assert written.picture.tobytes() != empty.picture.tobytes()


def test_a_face_knows_its_missing_glyph() -> None:
    """The built-in font covers a letter and does not cover a Chinese character."""
    pen = pen_for("", 20, folders=())
    assert pen.faces[-1].covers("g")
    assert not pen.faces[-1].covers("猫")


def test_each_character_is_drawn_by_a_face_that_has_it() -> None:
    """A fallback font without ASCII does not spoil the Latin part of a mixed text."""
    latin = pen_for("", 20, folders=()).faces[0]
    pen = Pen((latin, OnlyChinese(built_in(31), latin.missing)))
    assert pen.clean("猫 cat 9") == "猫 cat 9"
    assert [(face is latin, run) for face, run in pen._runs("猫猫 cat")] == [(False, "猫猫"), (True, " cat")]


@pytest.mark.parametrize(
    ("names", "best"),
    [
        (["DejaVuSans.ttf", "wqy-microhei.ttc", "NotoSansCJK-Regular.ttc"], "NotoSansCJK-Regular.ttc"),
        (["NotoSansCJK-Bold.ttc", "NotoSansCJK-Regular.ttc"], "NotoSansCJK-Regular.ttc"),
        (["msyhbd.ttc", "msyh.ttc", "arial.ttf"], "msyh.ttc"),
        (["PingFang.ttc", "Helvetica.ttc"], "PingFang.ttc"),
        (["DroidSansFallbackFull.ttf", "NotoSerif-Regular.ttf"], "DroidSansFallbackFull.ttf"),
        (["Helvetica.ttc", "arial.ttf", "notes.txt"], None),
    ],
)
def test_the_best_chinese_font_is_found_by_name(tmp_path: Path, names: list[str], best: str | None) -> None:
    """Of the fonts below a folder, the most suitable one is chosen without opening any."""
    folder = tmp_path / "truetype" / "deep"
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).touch()
    found = find_font([tmp_path])
    assert (found.name if found else None) == best


def test_the_chosen_font_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """IMA_SANDBOX_FONT names a font file that is used before the built-in one."""
    path = tmp_path / "mine.ttf"
    path.write_bytes(built_in().font_bytes)
    monkeypatch.setenv(FONT_VARIABLE, str(path))
    pen = pen_for("hello", 20, folders=())
    assert [str(face.font.path) == str(path) for face in pen.faces] == [True, False]


def test_a_chosen_font_that_cannot_be_opened_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong IMA_SANDBOX_FONT is reported with its name instead of being ignored."""
    monkeypatch.setenv(FONT_VARIABLE, str(tmp_path / "none.ttf"))
    with pytest.raises(RenderError, match=r"none\.ttf cannot be opened; see IMA_SANDBOX_FONT"):
        pen_for("hello", 20, folders=())


def test_long_text_is_cut_to_three_lines() -> None:
    """Wrapped lines keep the width, and a cut text says so."""
    pen = pen_for("", 20, folders=())
    lines = wrap(pen, "several words that go on " * 20, 300)
    assert len(lines) == 3
    assert lines[-1].endswith("...")
    assert max(map(pen.width, lines)) <= 300
    assert wrap(pen, "W" * 90, 300)[0] == "W" * len(wrap(pen, "W" * 90, 300)[0])


def test_tiny_pictures_carry_no_words() -> None:
    """A picture with no room for legible words gets none."""
    assert captions("a cat", "model", (96, 64)) == ()


def test_a_system_font_is_used_when_there_is_one() -> None:
    """With a Chinese font on this machine, Chinese text is kept whole."""
    text = "一只猫，cat"
    pen = pen_for(text, 20)
    if len(pen.faces) == 1 or not pen.faces[-1].covers("猫"):
        pytest.skip("no Chinese font here")
    assert pen.clean(text) == text
    assert isinstance(captions(text, "可梦", (640, 360))[0].picture, Image.Image)
