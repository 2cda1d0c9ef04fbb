"""The stage: a sandbox of its own for every trial, and the client's command as a process."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.clock import SystemClock
from ima_skills.conformance.evidence import Evidence
from ima_skills.conformance.template import Filling, filled
from ima_skills.conformance.witness import Witness
from ima_skills.errors import UsageError
from ima_skills.renderers import Render
from ima_skills.sandbox.knowledge import Knowledge, Options
from ima_skills.sandbox.scenario import scenario_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ima_skills.conformance.trial import Trial

_READY_S = 30.0
_CLOSING_S = 30.0


@frozen
class Stage:
    """Where trials are held.

    Attributes:
        knowledge: What the sandbox serves.
        words: The client's command line, with gaps.
        folder: Folder for everything that the trials leave.
        render: Makes the sandbox's media.
        token: Returns an unguessable text, for keys and prompts.
        timeout_s: Seconds that a command may take.
    """

    knowledge: Knowledge
    words: tuple[str, ...]
    folder: Path
    render: Render
    token: Callable[[], str]
    timeout_s: float

    def hold(self, trial: Trial) -> Evidence:
        """Hold one trial and return what was seen."""
        place = self.folder / trial.name
        home, out = place / "home", place / "out"
        for made in (home, out):
            made.mkdir(parents=True)
        key, prompt = f"ima_{self.token()}", f"a kite over the bay {self.token()}"
        service = self._service(trial, place / "service", key)
        try:
            with _served(service) as base_url:
                filling = Filling(prompt, base_url, key, tuple(_pictures(place, trial.wish.inputs)), str(out))
                code, stdout, stderr = _run(
                    filled(self.words, trial, filling), _environ(home, base_url, key), self.timeout_s
                )
            charges = tuple(-booking.points for booking in service.bookings() if booking.kind == "charge")
        finally:
            service.close()
        return Evidence(
            trial, key, prompt, tuple(service.calls), charges, code, stdout, stderr, home, out,
            place / "service" / "cdn",
        )  # fmt: skip

    def hold_all(self, trials: Iterable[Trial], jobs: int) -> Iterator[Evidence]:
        """Hold several trials, some at a time; yield the evidence of each, in their order.

        Args:
            trials: The trials.
            jobs: How many at the same time.
        """
        with ThreadPoolExecutor(jobs, thread_name_prefix="conformance") as pool:
            yield from pool.map(self.hold, trials)

    def _service(self, trial: Trial, state: Path, key: str) -> Witness:
        return Witness(
            self.knowledge,
            state=state,
            clock=SystemClock(),
            render=self.render,
            scenario=scenario_of({"fault": list(trial.fault)}, trial.name) if trial.fault else None,
            options=Options(speed=trial.speed, points=trial.points, api_key=key),
        )


@contextmanager
def _served(service: Witness) -> Iterator[str]:
    """Serve a sandbox in a thread of its own; yield its address."""
    import asyncio

    from ima_skills.sandbox.server import SandboxServer

    server = SandboxServer(service)
    ready = threading.Event()
    thread = threading.Thread(
        target=lambda: asyncio.run(server.run(lambda _: ready.set())), name=f"sandbox-{id(service)}"
    )
    thread.start()
    try:
        if not ready.wait(_READY_S):
            raise TimeoutError("the sandbox did not open its door")
        yield service.base_url
    finally:
        server.stop()
        thread.join(_CLOSING_S)


def _environ(home: Path, base_url: str, key: str) -> Mapping[str, str]:
    """Return the process's environment with nothing of ours in it but the trial."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("IMA_")}
    return {
        **kept,
        "HOME": str(home),
        "IMA_API_KEY": key,
        "IMA_BASE_URL": base_url,
        "IMA_UPLOAD_BASE_URL": base_url,
        "IMA_IM_BASE_URL": base_url,  # as some clients of the service call it
    }


def _run(words: Sequence[str], environ: Mapping[str, str], timeout_s: float) -> tuple[int | None, str, str]:
    """Run a command; its exit code is None when it had to be ended, together with what it started.

    Raises:
        UsageError: It cannot be started.
    """
    try:
        process = subprocess.Popen(  # noqa: S603 - running the command that was named is what this is for
            words,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        raise UsageError(
            f"{words[0]} cannot be started: {error.strerror or error}",
            code="bad-template",
            hint="Name the command after --, as on a terminal.",
            details={"program": words[0], "why": error.strerror or type(error).__name__},
        ) from error
    try:
        stdout, stderr = process.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        stdout, stderr = process.communicate()
        return None, stdout, stderr
    return process.returncode, stdout, stderr


def _pictures(folder: Path, count: int) -> Iterator[str]:
    """Write some pictures and yield their paths: each a plain PNG of a colour of its own."""
    from ima_skills.conformance.picture import png

    for number in range(count):
        path = folder / f"input-{number + 1}.png"
        path.write_bytes(png(512, 512, (40 + 80 * number, 120, 200)))
        yield str(path)
