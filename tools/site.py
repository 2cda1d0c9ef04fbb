"""Lay out docs/ for the site generator: ``make docs``.

The documents link to files of the repository, which a site cannot reach. Each such file becomes a page of its
own: Markdown as it is, anything else as a listing. What the generator gets is in build/site-docs.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
STAGE = ROOT / "build" / "site-docs"
# Where files from outside docs/ stand on the site.
OUTSIDE = "repository"
_LINK = re.compile(r"(?<=\]\()([^)\s#]+)(?=[)#])")
_FENCES = {".json": "json", ".py": "python", ".toml": "toml"}


def lay_out(stage: Path = STAGE) -> list[str]:
    """Write every page, and return the paths of those from outside docs/.

    Args:
        stage: The folder to write; what it holds is thrown away.

    Raises:
        FileNotFoundError: A link leads nowhere.
    """
    shutil.rmtree(stage, ignore_errors=True)
    todo = sorted((ROOT / "docs").glob("*.md"))
    done: list[Path] = []
    while todo:
        source = todo.pop()
        done.append(source)
        text = _text(source)
        for _, target in _targets(source, text):
            if target not in done and target not in todo:
                todo.append(target)
        page = stage / _place(source)
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(_relinked(source, text), encoding="utf-8")
    return sorted(_place(path) for path in done if not path.is_relative_to(ROOT / "docs"))


def _text(source: Path) -> str:
    if source.suffix == ".md":
        return source.read_text(encoding="utf-8")
    title = f"# {source.relative_to(ROOT).as_posix()}\n\n"
    if source.is_dir():
        return title + "".join(
            f"- `{entry.name}`\n" for entry in sorted(source.iterdir()) if entry.name[0] not in "._"
        )
    language = _FENCES.get(source.suffix, "")
    return f"{title}`````{language}\n{source.read_text(encoding='utf-8')}`````\n"


def _targets(source: Path, text: str) -> Iterator[tuple[str, Path]]:
    """Yield the relative links of a Markdown page and where they lead."""
    for link in _LINK.findall(text) if source.suffix == ".md" else ():
        if "://" not in link and not link.startswith("mailto:"):
            target = (source.parent / link).resolve()
            if not target.exists():
                raise FileNotFoundError(f"{source.relative_to(ROOT)} links to {link}, which is not there")
            yield link, target


def _relinked(source: Path, text: str) -> str:
    links = dict(_targets(source, text))
    up = "../" * (len(PurePosixPath(_place(source)).parts) - 1)
    return _LINK.sub(lambda found: up + _place(links[found[1]]) if found[1] in links else found[1], text)


def _place(source: Path) -> str:
    """Return where a file stands on the site; every place is a Markdown page."""
    if source.is_relative_to(ROOT / "docs"):
        return source.relative_to(ROOT / "docs").as_posix()
    # README.md would be taken for the index of its folder.
    name = source.relative_to(ROOT).as_posix().replace("README", "about")
    return f"{OUTSIDE}/{name}" + ("" if source.suffix == ".md" else ".md")


def main() -> int:
    """Lay the pages out."""
    print(f"{len(list((ROOT / 'docs').glob('*.md')))} pages, {len(lay_out())} files that they link to")
    return 0


if __name__ == "__main__":
    sys.exit(main())
