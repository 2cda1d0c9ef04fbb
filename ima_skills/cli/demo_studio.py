"""Make the scenes of the demo at the same time, each as soon as its inputs are there."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.cli.demo_scenes import SCENES, Scene
from ima_skills.cli.progress import Board
from ima_skills.client import ImaClient
from ima_skills.errors import ImaError, MissingExtraError, UsageError
from ima_skills.gallery.again import Recipe, settings_of
from ima_skills.gallery.item import Item
from ima_skills.gallery.past_jobs import kind_of, local_time
from ima_skills.gallery.placing import MEDIA_FOLDER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.cli.output import Output
    from ima_skills.domain.task import Result, SavedFile
    from ima_skills.plugin_set import PluginSet

_SPEED = 60.0
_NEEDED = {"PIL": "pillow", "av": "av", "espeakng_loader": "espeakng-loader"}


@frozen
class Show:
    """What the demo made.

    Attributes:
        items: The finished scenes as documents, in the order of the scenes.
        works: The same as the page shows them.
        elapsed_s: Seconds for all of it.
        failure: The first error, when a scene could not be made.
    """

    items: tuple[Mapping[str, Any], ...]
    works: tuple[Item, ...]
    elapsed_s: float
    failure: ImaError | None = field(default=None)


def must_render() -> None:
    """Say at once when the sandbox's renderers are not installed.

    Raises:
        MissingExtraError: They are not.
    """
    missing = [package for module, package in _NEEDED.items() if find_spec(module) is None]
    if missing:
        raise MissingExtraError(
            f"the demo draws real media and needs {', '.join(missing)}",
            hint="pip install 'ima-skills[sandbox]'",
        )


def selected(only: Sequence[str]) -> tuple[Scene, ...]:
    """Return the scenes of the given names and those they need; all of them when no name is given.

    Raises:
        UsageError: There is no such scene.
    """
    known = {scene.key: scene for scene in SCENES}
    wanted: set[str] = set()
    waiting = list(only or known)
    while waiting:
        name = waiting.pop()
        if name not in known:
            raise UsageError(f"there is no scene {name!r}", hint=f"There are: {', '.join(known)}.")
        if name not in wanted:
            wanted.add(name)
            waiting.extend(known[name].inputs)
    return tuple(scene for scene in SCENES if scene.key in wanted)


async def produce(scenes: Sequence[Scene], out: Path, plugins: PluginSet, output: Output) -> Show:
    """Make the scenes on a sandbox of their own.

    Args:
        scenes: What to make; inputs come before what needs them.
        out: Folder of the gallery.
        plugins: The plugins.
        output: Language and progress.
    """
    from ima_skills.cli.progress import open_board
    from ima_skills.offline import sandbox_client

    with tempfile.TemporaryDirectory(prefix="ima-demo-") as state:
        client = sandbox_client(state, speed=_SPEED, plugins=plugins, language=output.language)
        clock = client.engine.clock
        started = clock.monotonic()
        with open_board(output, clock.monotonic, _SPEED) as board:
            async with client:
                studio = Studio(client, out, output.language, board)
                outcomes = await studio.all(scenes)
        elapsed = clock.monotonic() - started
    made = [item for item in outcomes if not isinstance(item, BaseException)]
    failures = [item for item in outcomes if isinstance(item, BaseException)]
    unexpected = next((error for error in failures if not isinstance(error, ImaError)), None)
    if unexpected is not None:
        raise unexpected
    first = next((error for error in failures if isinstance(error, ImaError)), None)
    works = tuple(work for one in made for work in one.works)
    return Show(tuple(one.document for one in made), works, elapsed, first)


@frozen
class Made:
    """One finished scene.

    Attributes:
        document: As the command prints it.
        works: As the page shows it.
    """

    document: Mapping[str, Any]
    works: tuple[Item, ...]


@frozen
class Studio:
    """Makes scenes.

    Attributes:
        client: On the sandbox.
        out: Folder of the gallery.
        language: Of prompts and titles.
        board: Shows progress.
    """

    client: ImaClient
    out: Path
    language: str
    board: Board

    async def all(self, scenes: Sequence[Scene]) -> list[Made | BaseException]:
        """Return what was made or an error per scene, in order; all are made at once."""
        running: dict[str, asyncio.Task[Made]] = {}
        for scene in scenes:
            needed = [running[name] for name in scene.inputs]
            running[scene.key] = asyncio.create_task(self._make(scene, needed))
        return await asyncio.gather(*running.values(), return_exceptions=True)

    async def _make(self, scene: Scene, needed: Sequence[asyncio.Task[Made]]) -> Made:
        from ima_skills.domain.request import Request

        sources = [(await item).works[0] for item in needed]
        kind = self.client.engine.task_type(scene.task_type)
        request = Request(
            scene.task_type,
            scene.prompt.say(self.language),
            model=scene.model,
            inputs=tuple(str(source.file) for source in sources),
            params=dict(scene.params),
            language=self.language,
        )
        tell = self.board.job(scene.title.say(self.language), kind.progress_s)
        result = await self.client.create(request, on_event=tell)
        files = await self.client.save(result.medias, kind.media_kind, self.out / MEDIA_FOLDER, scene.key)
        covers = await self._covers(scene, result)
        document = self._document(scene, result, files, covers)
        works = (
            self._work(scene, result, sources, index, pair)
            for index, pair in enumerate(zip(files, covers, strict=True), 1)
        )
        return Made(document, tuple(work for work in works if work is not None))

    def _work(
        self,
        scene: Scene,
        result: Result,
        sources: Sequence[Item],
        index: int,
        saved: tuple[SavedFile | None, SavedFile | None],
    ) -> Item | None:
        """Return one output as the page shows it."""
        file, cover = saved
        if file is None:
            return None
        kind, prompt = self.client.engine.task_type(scene.task_type), scene.prompt.say(self.language)
        inputs = tuple(source.file.relative_to(self.out).as_posix() for source in sources if source.file)
        recipe = Recipe(
            result.task_type, result.model_id, result.version_id, prompt, inputs, result.params,
            len(result.medias), sandbox=True,
        )  # fmt: skip
        return Item(
            key=f"{scene.key}-{index}",
            job=result.task_id,
            kind=kind_of(kind),
            task_type=result.task_type,
            label=kind.label,
            model=result.model_name,
            model_id=result.model_id,
            version_id=result.version_id,
            points=result.credit,
            index=index,
            outputs=len(result.medias),
            made=local_time(self.client.engine.clock.now()),
            took_s=round(result.elapsed_s, 1),
            title=scene.title.say(self.language),
            prompt=prompt,
            params={name: value for name, value in settings_of(result.params).items() if value != prompt},
            requested=scene.params,
            changes=result.changes,
            sources=tuple(source.key for source in sources),
            command=recipe.command(),
            state="there",
            file=Path(file.path),
            bytes=file.bytes,
            digest=file.sha256,
            cover=Path(cover.path) if cover else None,
            sandbox=True,
        )

    async def _covers(self, scene: Scene, result: Result) -> Sequence[SavedFile | None]:
        from ima_skills.domain.task import Media

        covers = tuple(Media(url=media.cover_url) for media in result.medias)
        return await self.client.save(covers, "image", self.out / MEDIA_FOLDER, f"{scene.key}-cover")

    def _document(
        self,
        scene: Scene,
        result: Result,
        files: Sequence[SavedFile | None],
        covers: Sequence[SavedFile | None],
    ) -> Mapping[str, Any]:
        shown = [
            {
                "path": self._relative(file),
                "cover": self._relative(cover) if cover else None,
                "format": media.format,
                "width": media.width,
                "height": media.height,
                "duration_s": media.duration_s,
                "bytes": file.bytes,
            }
            for media, file, cover in zip(result.medias, files, covers, strict=True)
            if file is not None
        ]
        return {
            "key": scene.key,
            "title": scene.title.say(self.language),
            "prompt": scene.prompt.say(self.language),
            "task_type": result.task_type,
            "model_name": result.model_name,
            "credit": result.credit,
            "params": dict(result.params),
            "elapsed_s": round(result.elapsed_s, 3),
            "files": shown,
        }

    def _relative(self, file: SavedFile) -> str:
        from pathlib import Path

        return Path(file.path).relative_to(self.out).as_posix()
