"""The documents as tests and tools read them: code blocks with the comment before them, links, headings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
_FENCE = re.compile(
    r"^(?:<!-- (?P<note>.*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
_INDENTED = re.compile(r"(?:^<!-- (?P<note>.*?) -->\n\n?)?(?P<text>(?:^    .*\n|^\n(?=    ))+)", re.MULTILINE)


@frozen
class Block:
    """A block of code on a page.

    Attributes:
        page: The page.
        line: Number of its first line.
        language: What its fence says; empty for none.
        note: The comment right before it, for instance ``not run: it needs a key``.
        text: What it holds.
    """

    page: Path
    line: int
    language: str
    note: str
    text: str

    @property
    def name(self) -> str:
        """Where it stands, for people."""
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


def documents() -> tuple[Path, ...]:
    """Return every page that readers are led to: docs/, the README and the files beside it that explain."""
    outside = ("README.md", "SECURITY.md", "registry/README.md", "schemas/README.md", "plugins/README.md")
    return (*(ROOT / name for name in outside), *sorted((ROOT / "docs").glob("*.md")))


def blocks(page: Path) -> tuple[Block, ...]:
    """Return the blocks of a page, in order: fenced ones, and indented ones with an empty language."""
    text = page.read_text(encoding="utf-8")
    found = list(_found(page, text))
    return tuple(sorted(found, key=lambda block: block.line))


def _found(page: Path, text: str) -> Iterator[Block]:
    plain = text
    for fence in _FENCE.finditer(text):
        # Blanked, so that what is inside a fence is not taken for anything else; lines keep their numbers.
        start, end = fence.span()
        plain = plain[:start] + re.sub(r"[^\n]", " ", plain[start:end]).replace("    ", "  x ") + plain[end:]
        yield _block(page, text, fence, fence["language"])
    for part in _INDENTED.finditer(plain):
        yield _block(page, text, part, "")


def _block(page: Path, text: str, match: re.Match[str], language: str) -> Block:
    line = text.count("\n", 0, match.start("text")) + 1
    return Block(page, line, language, match["note"] or "", match["text"])


def prose(page: Path) -> str:
    """Return a page without its blocks of code."""
    return _INDENTED.sub("\n", _FENCE.sub("", page.read_text(encoding="utf-8")))


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the common renderers make them."""
    found: set[str] = set()
    for heading in re.findall(
        r"^#+ +(.*?) *#*$", _FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE
    ):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        number = 1
        while (name := slug if number == 1 else f"{slug}-{number - 1}") in found:
            number += 1
        found.add(name)
    return found
