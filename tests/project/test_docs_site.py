"""The site of docs/ is built without a warning, and fetches nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tools.site import lay_out

pytestmark = pytest.mark.checkout
ROOT = Path(__file__).resolve().parents[2]
GENERATOR = Path(sys.executable).with_name("zensical")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as ``make docs`` builds it, in a folder of its own."""
    if not GENERATOR.exists():
        pytest.skip("zensical is not installed (dependency group docs)")
    root = tmp_path_factory.mktemp("site")
    lay_out(root / "build" / "site-docs")
    (root / "mkdocs.yml").write_bytes((ROOT / "mkdocs.yml").read_bytes())
    command = [str(GENERATOR), "build", "--strict", "--config-file", "mkdocs.yml"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return root / "site"


def test_every_page_is_built(site: Path) -> None:
    """Each page of docs/ has its page on the site, tables and code included."""
    for page in (ROOT / "docs").glob("*.md"):
        assert (site / f"{page.stem}.html").is_file(), page.name
    text = (site / "settings.html").read_text(encoding="utf-8")
    assert "<td><code>IMA_API_KEY</code></td>" in text


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    """No page names a script, style, font or picture of another host, or an element that would load one."""
    pages = list(site.rglob("*.html"))
    assert len(pages) > 25
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert re.findall(r"<(?:script|img|iframe|source)[^>]* src=[\"']?(?:https?:)?//", text) == [], page
        assert re.findall(r"<link[^>]* href=[\"']?(?:https?:)?//", text) == [], page
        assert re.findall(r"class=[\"'](?:mermaid|glightbox|pyodide)", text) == [], page
    for style in site.rglob("*.css"):
        assert re.findall(r"url\([\"']?(?:https?:)?//|@import", style.read_text(encoding="utf-8")) == [], (
            style
        )
