"""What the tests of batches share: a machine with a quick sandbox, a journal and a folder for results."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import define

from ima_skills.batch import Line, Tally, read_lines
from ima_skills.batch_results import ResultFile
from ima_skills.batch_run import BatchRun
from ima_skills.cli.documents import result_document
from ima_skills.clock import SystemClock
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.offline import sandbox_client
from ima_skills.plugin_set import PluginSet
from ima_skills.registry import Registry
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import Rendered, RenderJob
from ima_skills.sandbox.scenario import parse_scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.client import ImaClient


def tiny(job: RenderJob, folder: Path, stem: str) -> Rendered:
    # A real header and a real end: what arrives is looked at.
    head = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
    path = folder / f"{stem}.png"
    path.write_bytes(head + b"-" * 200 + str(job.index).encode() + b"\0\0\0\0IEND\xaeB`\x82")
    return Rendered(path, "png", 64, 64, None, None)


@define
class Machine:
    """Somebody's machine.

    Attributes:
        home: Where everything is.
        plugins: The first party's.
        registry: The first party's.
        out: The folder of the batch.
    """

    home: Path
    plugins: PluginSet
    registry: Registry
    out: Path

    @property
    def journal(self) -> FileJournal:
        return FileJournal(
            self.home / "journal.db", clock=SystemClock(), caps=Caps(), warn=lambda _: None, sandbox=True
        )

    def client(self, scenario: str = "", points: int = 100_000, **parts: Any) -> ImaClient:
        return sandbox_client(
            self.home / "state",
            options=Options(speed=3000.0, points=points),
            scenario=parse_scenario(scenario) if scenario else None,
            render=tiny,
            plugins=self.plugins,
            registry=self.registry,
            **{"journal": self.journal, **parts},
        )

    def run(
        self, rows: Sequence[dict[str, Any] | str], scenario: str = "", *, client: Any = None, **parts: Any
    ) -> Tally:
        """Run a batch of these lines, one at a time unless ``concurrency`` says otherwise."""
        path = self.home / "jobs.jsonl"
        path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
        return self.told(read_lines(path), client or self.client(scenario), **{"concurrency": 1, **parts})[0]

    def told(
        self, lines: Sequence[Line], client: ImaClient, concurrency: int = 8, **parts: Any
    ) -> tuple[Tally, list[int]]:
        """Run a batch; returns its tally, and how far it was each time that it said so."""
        far: list[int] = []

        async def work() -> Tally:
            async with client as ima:
                with ResultFile.open(self.out) as results:
                    describe = parts.pop("describe", result_document)
                    batch = BatchRun(ima, results, describe, lambda tally: far.append(tally.done), **parts)
                    return await batch.run(lines, concurrency)

        return asyncio.run(work()), far

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Everything in the results file."""
        return [json.loads(text) for text in (self.out / "results.jsonl").read_text().splitlines()]

    @property
    def tasks(self) -> set[str]:
        """The tasks in the journal: what the service has charged for."""
        journal = self.journal
        try:
            return {entry.task_id for entry in journal.entries() if entry.task_id}
        finally:
            journal.close()


@pytest.fixture
def machine(tmp_path: Path, plugins: PluginSet, registry: Registry) -> Machine:
    """A machine that has made nothing yet."""
    return Machine(tmp_path, plugins, registry, tmp_path / "out")
