"""httpx for our own processes, where start-up counts."""

from __future__ import annotations


def import_httpx() -> None:
    """Import httpx without its own command line, which would take rich in: a tenth of our start-up."""
    import sys

    if "httpx" in sys.modules:
        return
    # None makes the import fail, and httpx is prepared for that: its command line is an extra.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None is how Python spells "not importable"
    try:
        import httpx  # noqa: F401 - imported for its effect
    finally:
        if sys.modules["httpx._main"] is None:
            del sys.modules["httpx._main"]
