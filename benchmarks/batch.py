"""What a batch costs: 10, 100 and 1,000 jobs in flight in one process, against the sandbox in the same process.

The slowest job's path is measured in the same run: one job of the longest duration, alone. Prints wall
time as a ratio to it, CPU and calls per job, peak memory, and growth. The renderer writes tiny files, so
that the figures are the client's and not those of a video encoder.

Usage: python benchmarks/batch.py [seconds]    how long the slowest job shall take; 40, as on the service, by default
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ima_skills import ImaClient, Registry, Secret, Settings, load_plugins, load_registry
from ima_skills.batch import read_lines
from ima_skills.batch_results import ResultFile
from ima_skills.batch_run import BatchRun
from ima_skills.cli.documents import result_document
from ima_skills.clock import SystemClock
from ima_skills.journal.caps import Caps
from ima_skills.journal.store import FileJournal
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.media import Rendered, RenderJob
from ima_skills.sandbox.service import open_sandbox
from ima_skills.sandbox.transport import SandboxTransport

if TYPE_CHECKING:
    import httpx

SIZES = (10, 100, 1_000)
# SeeDream's own estimate ends at 40 s.
LONGEST_S = 40.0
TARGET_WALL, TARGET_MIB = 1.15, 150.0


class Counting(SandboxTransport):
    """Counts the calls by path."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.calls: Counter[str] = Counter()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Count and answer one request."""
        self.calls[request.url.path.rpartition("/")[2] if "/open/" in request.url.path else "file"] += 1
        return await super().handle_async_request(request)


def tiny(job: RenderJob, folder: Path, stem: str) -> Rendered:
    """Write a file that is just enough of a picture."""
    path = folder / f"{stem}.jpg"
    path.write_bytes(b"\xff\xd8\xff" + b"-" * 2000 + str(job.index).encode() + b"\xff\xd9")
    return Rendered(path, "jpg", 64, 64, None, None)


def peak_mib() -> float:
    """Return the peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def run(
    registry: Registry, size: int, speed: float, place: Path
) -> tuple[float, float, Counter[str], int]:
    """Run one batch; return wall and CPU seconds, calls and finished jobs."""
    jobs = place / "jobs.jsonl"
    row = {"task_type": "text_to_image", "prompt": "a fox", "params": {"aspect_ratio": "1:1"}}
    jobs.write_text("".join(json.dumps(row) + "\n" for _ in range(size)))
    service = open_sandbox(registry, place / "state", render=tiny, options=Options(speed=speed, points=10**9))
    transport = Counting(service, closes=True)
    settings = Settings(Secret(service.options.api_key), service.base_url, service.base_url)
    journal = FileJournal(place / "journal.db", clock=SystemClock(), caps=Caps(), warn=print, sandbox=True)
    plugins = load_plugins(third_party=False)
    started, spent = time.monotonic(), time.process_time()
    async with ImaClient(
        settings, transport=transport, registry=registry, plugins=plugins, journal=journal
    ) as ima:
        with ResultFile.open(place / "out") as results:
            batch = BatchRun(ima, results, result_document, lambda _: None, media=place / "out")
            tally = await batch.run(read_lines(jobs), size)
        wall, cpu = time.monotonic() - started, time.process_time() - spent
    return wall, cpu, transport.calls, tally.done - tally.failed


def main() -> int:
    """Measure and print; exits with 1 when a job was lost."""
    slowest = float(sys.argv[1]) if len(sys.argv) > 1 else LONGEST_S
    registry, speed = load_registry(), LONGEST_S / slowest
    before: float | None = None
    print(f"slowest path {slowest:g} s (sandbox at {speed:g}x), memory before {peak_mib():.0f} MiB")
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            wall, cpu, calls, done = asyncio.run(run(registry, size, speed, Path(folder)))
        growth = f", {cpu / before:.1f}x the CPU of a tenth" if before else ""
        before = cpu
        print(
            f"{size:>5} jobs: {done} done, wall {wall:.1f} s = {wall / slowest:.2f}x slowest"
            f" (at most {TARGET_WALL}x), CPU {1000 * cpu / size:.1f} ms a job{growth},"
            f" calls a job: {', '.join(f'{name} {count / size:.2f}' for name, count in sorted(calls.items()))},"
            f" peak {peak_mib():.0f} MiB (at most {TARGET_MIB:g})"
        )
        if done != size:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
