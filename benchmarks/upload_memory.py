"""Memory of a large upload: peak resident size over that of a small one, in a process of its own.

A sparse file with a picture's header goes to a sandbox that is served by another process. The first,
small upload warms everything that every upload needs; what the large one adds to the peak is what
its size costs. Exits with 1 when that is above the target.

    python benchmarks/upload_memory.py [--megabytes N] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
TARGET_MB = 16.0
_MB = 1 << 20
# The header of a picture of one pixel, with its checksum; zeros follow.
_HEADER = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")


def sparse(path: Path, size: int) -> Path:
    """Make a file that begins as a picture and takes no room."""
    path.write_bytes(_HEADER)
    os.truncate(path, size)
    return path


def peak_bytes() -> int:
    """Return the highest resident size of this process so far (Linux counts kilobytes, macOS bytes)."""
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


async def upload(base_url: str, key: str, folder: Path, megabytes: int) -> dict[str, float]:
    """Upload a small and a large file and return what the large one took."""
    from ima_skills.client import ImaClient
    from ima_skills.domain.task_type import InputRule
    from ima_skills.inputs import read_inputs
    from ima_skills.settings import Secret, Settings
    from ima_skills.uploading import Uploader

    rule = InputRule(1, 1, (), ("picture",))
    async with ImaClient(Settings(Secret(key), base_url, base_url)) as client:
        uploader = Uploader(client.engine.service, client.engine.clock, Random(1))  # noqa: S311 - nonces
        small, _ = read_inputs([str(sparse(folder / "small.png", _MB))], rule)
        await uploader.addresses(small, lambda _: None)
        baseline = peak_bytes()
        large, _ = read_inputs([str(sparse(folder / "large.png", megabytes * _MB))], rule)
        started = time.perf_counter()
        await uploader.addresses(large, lambda _: None)
        seconds = time.perf_counter() - started
    return {"baseline_mb": baseline / _MB, "added_mb": (peak_bytes() - baseline) / _MB, "seconds": seconds}


def measure(megabytes: int) -> dict[str, float]:
    """Serve a sandbox, run the uploads in a fresh process, and return its figures."""
    with tempfile.TemporaryDirectory(prefix="ima-upload-") as name:
        folder = Path(name)
        environ = {**os.environ, "IMA_HOME": name}
        serve = [sys.executable, "-m", "ima_skills", "sandbox", "serve", "--state", str(folder / "state")]
        with subprocess.Popen(serve, stdout=subprocess.PIPE, env=environ, cwd=ROOT, text=True) as server:
            try:
                assert server.stdout is not None  # noqa: S101 - it is a pipe
                where = json.loads(server.stdout.readline())
                child = [sys.executable, __file__, "--child", where["base_url"], where["api_key"], name]
                ran = subprocess.run(
                    [*child, "--megabytes", str(megabytes)],
                    check=True, capture_output=True, text=True, env=environ, cwd=ROOT,
                )  # fmt: skip
            finally:
                server.terminate()
        arrived = [path.stat().st_size for path in (folder / "state" / "cdn").rglob("*.png")]
        if sorted(arrived) != [_MB, megabytes * _MB]:
            raise SystemExit(f"the sandbox got {sorted(arrived)} bytes")
    figures: dict[str, float] = json.loads(ran.stdout)
    return figures


def main() -> int:
    """Measure, print, and say whether the target is met."""
    parser = argparse.ArgumentParser(description="Measure the memory of a large upload.")
    parser.add_argument("--megabytes", type=int, default=500, help="size of the large file (default 500)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        base_url, key, folder = options.child
        print(json.dumps(asyncio.run(upload(base_url, key, Path(folder), options.megabytes))))
        return 0
    found = {"megabytes": options.megabytes, **measure(options.megabytes), "target_mb": TARGET_MB}
    if options.json:
        print(json.dumps(found))
    else:
        print(f"{options.megabytes} MB in {found['seconds']:.1f} s")
        print(f"peak over a small upload: {found['added_mb']:.1f} MB (at most {TARGET_MB} MB)")
    return 0 if found["added_mb"] <= TARGET_MB else 1


if __name__ == "__main__":
    sys.exit(main())
