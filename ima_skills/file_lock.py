"""A lock on an open file that ends with the process, whatever ends it."""

from __future__ import annotations


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
