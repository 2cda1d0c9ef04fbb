"""Locks on files that end with the process, whatever ends it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def try_lock(handle: int) -> bool | None:
    """Lock a file for this process alone, without waiting.

    Args:
        handle: Its descriptor.

    Returns:
        Whether it is locked now; None where the system has no such locks.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Wait until no other process is inside the block of the same file, then be the one inside.

    Args:
        path: The file of the lock; made, for its owner alone, when missing.

    Raises:
        OSError: It cannot be made, or the system cannot lock it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        _wait_for(handle)
        yield
    finally:
        os.close(handle)


def _wait_for(handle: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]  # exists on Windows only
    else:
        fcntl.flock(handle, fcntl.LOCK_EX)
