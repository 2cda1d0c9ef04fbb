"""Run the commands of the documents and put their real output below them: ``make samples``.

A block that follows the comment ``<!-- sample -->`` holds lines that begin with ``$ ima-skills``, each followed by
its output. All blocks of a page run in one folder, one after another, on a sandbox of their own; ``…`` at the end of
a block stands for whatever follows. What differs from run to run (ids, times, sizes of files) does not count.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from tools.pages import ROOT, Block, blocks, documents

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "sample"
PROMPT = "$ ima-skills "
REST = "…"
# What may differ from one run to the next, and what stands for it in a comparison.
_PASSING = (
    (re.compile(r"\b(task|job|plan|wf)_[0-9a-f]{6,}"), r"\1_ID"),
    (re.compile(r"\b\d+(\.\d+)? (s|ms|KiB|MiB|秒|毫秒)(?![a-z])"), r"N \2"),
    (re.compile(r"\b20\d\d-\d\d-\d\d([T ]\d\d:\d\d(:\d\d)?)?"), "DATE"),
    (re.compile(r" {2,}"), "  "),
)


def pages_with_samples() -> tuple[Path, ...]:
    """Return the pages that hold samples."""
    return tuple(page for page in documents() if any(block.note == MARK for block in blocks(page)))


def refreshed(page: Path) -> str:
    """Return a page with the output of its samples made anew; an output that still holds stays as it is.

    Args:
        page: The page.
    """
    text = page.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        for block in blocks(page):
            if block.note == MARK:
                text = text.replace(block.text, "".join(_made(block, Path(folder))), 1)
    return text


def comparable(output: str) -> str:
    """Return an output without what differs from run to run."""
    for pattern, word in _PASSING:
        output = pattern.sub(word, output)
    return output.strip()


def _made(block: Block, folder: Path) -> Iterator[str]:
    indent = "" if block.language else "    "
    lines = [line.removeprefix(indent) for line in block.text.splitlines()]
    starts = [number for number, line in enumerate(lines) if line.startswith(PROMPT)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        shown = lines[start + 1 : end]
        told = _run(lines[start].removeprefix("$ "), folder)
        if shown and shown[-1].strip() == REST:
            told = [*told[: len(shown) - 1], REST]
        same = comparable("\n".join(told)) == comparable("\n".join(shown))
        for line in (lines[start], *(shown if same else told)):
            yield f"{indent}{line}".rstrip() + "\n"


def _run(command: str, folder: Path) -> list[str]:
    words = [sys.executable, "-m", "ima_skills", *shlex.split(command)[1:]]
    mine = {"IMA_HOME": str(folder / "state"), "HOME": str(folder), "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMA_", "LC_", "LANG"))}
    paths = os.pathsep.join((str(ROOT), str(ROOT / "plugins")))
    run = subprocess.run(  # noqa: S603 - our own command, as our own pages write it
        words,
        cwd=folder,
        env={**kept, **mine, "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=False,
    )
    # The folder's own name says nothing to a reader.
    return run.stdout.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "").rstrip("\n").splitlines()


def main() -> int:
    """Refresh every page, and name those that changed."""
    for page in pages_with_samples():
        text = refreshed(page)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            print(page.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
