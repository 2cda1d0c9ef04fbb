"""Speaks one utterance with the espeak-ng library and ends: a program of its own, standard library only.

It is a fresh process each time because a second synthesis in one process gives other bytes, and because it
keeps the GPL library out of ours. The order comes as JSON on stdin: ``library``, ``data`` (the folder that
holds ``espeak-ng-data``), ``parameters`` (espeak's numbers and values) and ``lines`` (voice and text). Out go
the sample rate in four bytes (little endian), then 16-bit mono samples.
"""

import ctypes
import json
import os
import sys
from typing import Any

_SYNCHRONOUS = 2  # hand over samples from within the call
_DONT_EXIT = 0x8000  # return an error for missing data instead of ending the process
_UTF8 = 1  # and neither the SSML nor the phoneme flag: all text is read as plain text
_BY_CHARACTER = 1
_SEED = 1

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


def main() -> None:
    """Read the order, speak, write the samples."""
    order = json.load(sys.stdin)
    espeak = ctypes.CDLL(order["library"])
    # A relative folder, because espeak cuts long paths off.
    os.chdir(order["data"])
    rate = espeak.espeak_Initialize(_SYNCHRONOUS, 0, b".", _DONT_EXIT)
    if rate <= 0:
        sys.exit("espeak-ng found no voice data")
    # The breath of some voices is noise, which espeak seeds with the time of day.
    espeak.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
    sys.stdout.buffer.write(rate.to_bytes(4, "little"))
    listener = _Callback(_write)
    espeak.espeak_SetSynthCallback(listener)
    for voice, text in order["lines"]:
        _speak(espeak, voice, text, order["parameters"])
    sys.stdout.buffer.flush()


def _speak(espeak: Any, voice: str, text: str, parameters: list[list[int]]) -> None:
    if espeak.espeak_SetVoiceByName(voice.encode()):
        sys.exit(f"espeak-ng has no voice {voice}")
    for number, value in parameters:
        espeak.espeak_SetParameter(number, value, 0)
    letters = text.encode("utf-8", "replace") + b"\0"
    if espeak.espeak_Synth(letters, len(letters), 0, _BY_CHARACTER, 0, _UTF8, None, None):
        sys.exit("espeak-ng could not speak")


def _write(samples: int | None, count: int, _events: int | None) -> int:
    if samples and count:
        sys.stdout.buffer.write(ctypes.string_at(samples, count * 2))
    return 0


if __name__ == "__main__":
    main()
