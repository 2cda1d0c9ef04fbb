"""Jobs in a journal, tiny real media, and a browser where there is one."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define, field, frozen

from ima_skills.clock import FakeClock
from ima_skills.domain.task import Media, SavedFile
from ima_skills.domain.task_type import Text
from ima_skills.gallery.item import Item
from ima_skills.gallery.page import Gallery, write
from ima_skills.gallery.past_jobs import items_of
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.recording import Job, Terms
from ima_skills.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


@define
class Past:
    """A journal and ways to put finished jobs into it."""

    journal: FileJournal
    folder: Path
    registry: Registry
    number: int = 0

    def file(self, name: str, content: bytes = b"") -> Path:
        """Write a file."""
        path = self.folder / name
        path.write_bytes(content or name.encode())
        return path

    def make(
        self, *files: Path, urls: Sequence[str] = (), task_type: str = "text_to_image", **more: Any
    ) -> str:
        """Write down a job that has made these files; return its task id."""
        self.number += 1
        task_id = f"task_{self.number}"
        given = {"model_name": "Model", "model_id": "m", "version_id": "v", "n": len(files) or 1, **more}
        job = Job(
            fingerprint=str(self.number), task_type=task_type, attribute_id=1, points_per_output=5, total=5,
            sandbox=False, base="https://service", **given,
        )  # fmt: skip
        record: Any = self.journal.open(job, Terms())
        record.sending(1, 5)
        record.accepted(task_id)
        addresses = urls or [f"https://files/{task_id}/{index}" for index in range(job.n)]
        self.journal.ended(task_id, "success", tuple(Media(1, url=url) for url in addresses))
        saved = [SavedFile(str(path), path.stat().st_size, digest(path)) for path in files]
        if saved:
            self.journal.saved(task_id, saved)
        return task_id

    def items(self) -> dict[str, Item]:
        """Return what the page would show, by key."""
        found = items_of(
            self.journal.entries(), self.registry.task_types, lambda _, text: self.journal.seal(text)
        )
        return {item.key: item for item in found}


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def past(tmp_path: Path, registry: Registry) -> Iterator[Past]:
    """A journal without jobs."""
    folder = tmp_path / "saved"
    folder.mkdir()
    journal = FileJournal(tmp_path / "state" / "j.db", clock=FakeClock(), caps=Caps(), warn=lambda _: None)
    yield Past(journal, folder, registry)
    journal.close()


@pytest.fixture
def item() -> Callable[..., Item]:
    """Return a function that makes an item with a file, or without."""

    def make(key: str = "a-1", file: Path | None = None, **more: Any) -> Item:
        usual: dict[str, Any] = {
            "job": key.partition("-")[0],
            "kind": "image",
            "task_type": "text_to_image",
            "label": Text("Picture from text", "文生图"),
            "model": "SeeDream 4.5",
            "model_id": "m",
            "version_id": "v",
            "points": 5,
            "made": "2026-11-21T09:00:00+08:00",
            "state": "there" if file else "gone",
            "bytes": file.stat().st_size if file else 0,
            "digest": digest(file) if file else "",
        }
        return Item(key=key, file=file, **{**usual, **more})

    return make


@frozen
class MediaFiles:
    """A real file of each kind."""

    picture: Path
    video: Path
    audio: Path


@pytest.fixture(scope="session")
def media(tmp_path_factory: pytest.TempPathFactory) -> MediaFiles:
    """Render a picture, two seconds of H.264 and eight of MP3."""
    av = pytest.importorskip("av")
    image = pytest.importorskip("PIL.Image")
    folder = tmp_path_factory.mktemp("media")
    made = MediaFiles(folder / "p.png", folder / "v.mp4", folder / "a.mp3")
    image.new("RGB", (320, 200), "teal").save(made.picture)
    with av.open(str(made.video), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for shade in range(20):
            frame = av.VideoFrame.from_image(image.new("RGB", (160, 96), (shade * 10, 80, 120)))
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with av.open(str(made.audio), "w") as container:
        stream = container.add_stream("libmp3lame", rate=44100)
        stream.layout = "mono"
        for index in range(306):
            sound = av.AudioFrame(format="s16p", layout="mono", samples=1152)
            sound.planes[0].update(bytes(sound.planes[0].buffer_size))
            sound.sample_rate, sound.pts = 44100, index * 1152
            container.mux(stream.encode(sound))
        container.mux(stream.encode())
    return made


@define
class Seen:
    """A page in the browser and everything that went on in it."""

    page: Any
    folder: Path
    errors: list[str] = field(factory=list)
    requests: list[str] = field(factory=list)

    def watch(self) -> None:
        """Note errors and requests from now on."""
        self.page.on("console", lambda said: self.errors.append(f"{said.type}: {said.text}"))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("request", lambda asked: self.requests.append(asked.url))

        def dismiss(box: Any) -> None:
            self.errors.append(f"dialog: {box.message}")
            box.dismiss()

        self.page.on("dialog", dismiss)

    def cards(self) -> list[str]:
        """Return the keys of the cards that exist, in their order."""
        found: list[str] = self.page.eval_on_selector_all(".card", "all => all.map(c => c.dataset.key)")
        return found


# No longer than a module: its driver keeps an event loop running, and tests of others want their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium of this machine; tests that need it are skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip("there is no Chromium on PATH")
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if is_root else [], timeout=60_000
        )
        yield started
        started.close()


@pytest.fixture
def see(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Seen]]:
    """Return a function that writes a page of items and opens it in the browser."""
    contexts: list[Any] = []

    def look(items: Sequence[Item], language: str = "en", **context: Any) -> Seen:
        folder = tmp_path / f"page-{len(contexts)}"
        sandbox = any(item.sandbox for item in items)
        written = write(Gallery(items, language, sandbox=sandbox), folder)
        opened = browser.new_context(**{"viewport": {"width": 1200, "height": 800}, **context})
        contexts.append(opened)
        seen = Seen(opened.new_page(), folder)
        seen.watch()
        seen.page.goto(written.index.as_uri())
        return seen

    yield look
    for context in contexts:
        context.close()
