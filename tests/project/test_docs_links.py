"""Every link of the documents leads somewhere, and every page can be found."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tools.pages import anchors, documents, prose
from tools.site import OUTSIDE, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).resolve().parents[2]


def _links(page: Path) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(page))


def _name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", documents(), ids=_name)
def test_every_link_leads_somewhere(page: Path) -> None:
    """Relative links name files that are there, and headings that those files have."""
    for link in _links(page):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target), link


def test_links_are_found_at_all() -> None:
    """The pattern above sees links, and tells a good anchor from a bad one."""
    assert sum(len(list(_links(page))) for page in documents()) > 100
    assert "json" in anchors(ROOT / "docs" / "cli.md")
    assert "no-such-heading" not in anchors(ROOT / "docs" / "cli.md")


def test_every_page_is_in_the_navigation() -> None:
    """The navigation of the site has each page of docs/ once, and no other."""
    nav = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    named = re.findall(r": ([\w-]+\.md)$", nav, re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in (ROOT / "docs").glob("*.md"))


def test_every_page_can_be_reached_by_reading() -> None:
    """From the start page and the README one comes to every page by links alone."""
    seen: set[Path] = set()
    todo = [ROOT / "docs" / "index.md", ROOT / "README.md"]
    while todo:
        page = todo.pop()
        seen.add(page)
        targets = {
            (page.parent / link.partition("#")[0]).resolve() for link in _links(page) if "://" not in link
        }
        todo += [target for target in targets - seen if target.suffix == ".md" and target.is_file()]
    assert {_name(path) for path in (ROOT / "docs").glob("*.md")} <= {_name(path) for path in seen}


def test_the_site_gets_whatever_its_pages_link_to(tmp_path: Path) -> None:
    """Files of the repository become pages of the site, and links are turned to them."""
    outside = lay_out(tmp_path)
    assert f"{OUTSIDE}/registry/errors.toml.md" in outside
    for page in tmp_path.rglob("*.md"):
        text = re.sub(
            r"^(`{3,}).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
        )
        for link in re.findall(r"\]\(([^)\s#]+)", text):
            if "://" not in link and not link.startswith("mailto:"):
                assert (page.parent / link).resolve().is_file(), f"{page.relative_to(tmp_path)}: {link}"
