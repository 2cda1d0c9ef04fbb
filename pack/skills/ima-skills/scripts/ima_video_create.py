#!/usr/bin/env python3
"""Hands a command line of the older IMA skills to the installed ima-skills; it does nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which

MISSING = """\
ima-skills is not installed. Install it with: pip install ima-skills (Python 3.11 or newer), then try again.
尚未安装 ima-skills。请先执行 pip install ima-skills（需要 Python 3.11 或更高版本），然后重试。
"""


def program() -> list[str]:
    """Return how ima-skills is run: by this interpreter, else from PATH; empty without either."""
    if find_spec("ima_skills"):
        return [sys.executable, "-P", "-m", "ima_skills"]
    found = which("ima-skills")
    return [found] if found else []


if __name__ == "__main__":
    command = program()
    if not command:
        sys.exit(MISSING.rstrip())
    command += ["drop-in", Path(__file__).stem, *sys.argv[1:]]
    if os.name == "nt":  # there, the caller would not wait for a replaced process
        sys.exit(subprocess.call(command))  # noqa: S603 - plain words, no shell
    os.execv(command[0], command)  # noqa: S606 - plain words, no shell
