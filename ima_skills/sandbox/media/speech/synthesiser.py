"""The synthesiser: the espeak-ng library of the ``sandbox`` extra, or an espeak-ng program on this machine."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from attrs import frozen

from ima_skills.renderers import INSTALL_HINT, RenderError
from ima_skills.sandbox.media.speech.delivery import Delivery
from ima_skills.sandbox.media.speech.languages import Passage

_CHILD = Path(__file__).with_name("espeak_child.py")
_PATIENCE_S = 300
# espeak's numbers of its parameters.
_RATE, _VOLUME, _PITCH, _RANGE = 1, 2, 3, 4
# The program of Debian 12 reads plain "cmn" as pinyin letters in English.
_PROGRAM_LANGUAGES = {"cmn": "cmn-latn-pinyin"}


class Synthesiser(Protocol):
    """Something that can read passages aloud."""

    def speak(self, lines: Sequence[Passage], delivery: Delivery, target: Path) -> int:
        """Write 16-bit mono samples to ``target`` and return their rate."""
        ...


def synthesiser() -> Synthesiser:
    """Return the synthesiser at hand, the library first.

    Raises:
        RenderError: when there is none.
    """
    try:
        import espeakng_loader
    except ModuleNotFoundError:
        program = shutil.which("espeak-ng")
        if program is None:
            raise RenderError(f"Speaking needs espeak-ng: {INSTALL_HINT}, or install espeak-ng.") from None
        return Program(program)
    return Library(Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path()))


@frozen
class Library:
    """The espeak-ng library, loaded by a fresh child process per utterance.

    Attributes:
        library: the shared library.
        data: its folder ``espeak-ng-data``.
    """

    library: Path
    data: Path

    def speak(self, lines: Sequence[Passage], delivery: Delivery, target: Path) -> int:
        """Write 16-bit mono samples to ``target`` and return their rate.

        Raises:
            RenderError: when the child fails.
        """
        order = {
            "library": str(self.library),
            "data": str(self.data.parent),
            "parameters": [
                [_RATE, delivery.rate],
                [_VOLUME, delivery.loudness],
                [_PITCH, delivery.pitch],
                [_RANGE, delivery.intonation],
            ],
            "lines": [[f"{line.language}+{delivery.variant}", line.text] for line in lines],
        }
        raw = _run([sys.executable, "-I", "-S", str(_CHILD)], json.dumps(order))
        target.write_bytes(raw[4:])
        return int.from_bytes(raw[:4], "little")


@frozen
class Program:
    """An ``espeak-ng`` program, run once per passage."""

    path: str

    def speak(self, lines: Sequence[Passage], delivery: Delivery, target: Path) -> int:
        """Write 16-bit mono samples to ``target`` and return their rate.

        Raises:
            RenderError: when the program fails.
        """
        import io
        import wave

        rate = 0
        with target.open("wb") as samples:
            for line in lines:
                language = _PROGRAM_LANGUAGES.get(line.language, line.language)
                voice = ["-v", f"{language}+{delivery.variant}", "-s", str(delivery.rate)]
                tone = ["-p", str(delivery.pitch), "-a", str(delivery.loudness)]
                # The text goes in by stdin, where nothing in it can pass for an option.
                raw = _run([self.path, *voice, *tone, "-b", "1", "--stdin", "--stdout"], line.text)
                with wave.open(io.BytesIO(raw)) as sound:
                    rate = sound.getframerate()
                header = raw.index(b"data") + 8
                samples.write(raw[header:])
        return rate


def _run(command: Sequence[str], text: str) -> bytes:
    data = text.encode("utf-8", "replace")
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=_PATIENCE_S, check=True)  # noqa: S603 - our own child or the program that the user installed; the text is not in the command
    except subprocess.CalledProcessError as error:
        reason = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise RenderError(
            f"The speech synthesiser failed: {reason[-1] if reason else error.returncode}"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RenderError(f"The speech synthesiser could not be run: {type(error).__name__}.") from error
    return done.stdout
