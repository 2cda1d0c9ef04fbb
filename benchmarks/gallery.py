"""A page of 1,000 items in Chromium: how long until it shows, how long a filter and a frame of scrolling take.

Needs the test dependencies (Playwright) and Chromium on PATH. Prints milliseconds; they are of this machine.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from ima_skills.domain.task_type import Text
from ima_skills.gallery.item import Item
from ima_skills.gallery.page import Gallery, write

MANY = 1000
PICTURES = 50
WORDS = ("kite", "lighthouse", "pond", "fox", "harbour", "snow", "lantern")
TYPE = """words => { const box = document.getElementById("search"); box.value = words; const from = performance.now();
 box.dispatchEvent(new Event("input")); document.body.offsetHeight; return performance.now() - from; }"""
SCROLL = """() => new Promise(done => { const gaps = []; let last = performance.now(); let y = 0;
 const step = now => { gaps.push(now - last); last = now; y += 220; scrollTo(0, y);
  if (y < 50000) requestAnimationFrame(step); else done(gaps.slice(1)); };
 requestAnimationFrame(step); })"""


def main() -> None:
    """Print the figures."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        sys.exit("there is no Chromium on PATH")
    with tempfile.TemporaryDirectory() as place:
        items = _items(Path(place))
        begin = perf_counter()
        index = write(Gallery(items, "en"), Path(place) / "page").index
        first = perf_counter() - begin
        begin = perf_counter()
        write(Gallery(items, "en"), Path(place) / "page")
        print(f"page of {MANY} items: {index.stat().st_size / 1e3:.0f} kB")
        print(f"written in {first:.2f} s, again in {perf_counter() - begin:.2f} s")
        _browse(program, index)


def _items(place: Path) -> list[Item]:
    from PIL import Image

    files = []
    for number in range(PICTURES):
        files.append(place / f"{number}.png")
        size = (1024, 576 + number * 16)
        Image.new("RGB", size, (number * 5, 120, 160)).save(files[-1])
    return [
        Item(
            key=f"task_{number}-1", job=f"task_{number}", kind="image", task_type="text_to_image",
            label=Text("Picture from text", "文生图"), model=f"Model {number % 9}", model_id="m", version_id="v",
            points=5, made=f"2026-11-{number % 28 + 1:02}T09:00:00+08:00", state="there",
            prompt=f"{WORDS[number % 7]} and {WORDS[number % 5]}, number {number}, in the style of an old engraving",
            params={"size": "4k", "aspect_ratio": "16:9"}, file=files[number % PICTURES],
            bytes=files[number % PICTURES].stat().st_size, digest=f"{number % PICTURES:064x}",
        )
        for number in range(MANY)
    ]  # fmt: skip


def _browse(program: str, index: Path) -> None:
    from playwright.sync_api import sync_playwright

    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=["--no-sandbox"] if is_root else [])
        page: Any = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(index.as_uri())
        page.wait_for_selector(".card")
        parsed = page.evaluate("performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd")
        cards, nodes = page.locator(".card").count(), page.locator("*").count()
        print(f"until all is there to be used: {parsed:.0f} ms; {cards} cards, {nodes} elements exist")
        page.evaluate(TYPE, "warm")
        times = [page.evaluate(TYPE, words) for words in ("f", "fo", "fox", "fox 9", "", "lantern snow", "")]
        print(f"a filter over all: {statistics.median(times):.1f} ms, at most {max(times):.1f} ms")
        gaps = page.evaluate(SCROLL)
        slow = sum(gap > 1000 / 30 for gap in gaps)
        print(
            f"scrolling, {len(gaps)} frames: median {statistics.median(gaps):.1f} ms,"
            f" 95 % within {sorted(gaps)[int(len(gaps) * 0.95)]:.1f} ms, {slow} above 33 ms"
        )
        browser.close()


if __name__ == "__main__":
    main()
