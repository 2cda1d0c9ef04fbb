"""A third-party plugin that cannot be imported."""

raise ZeroDivisionError("broken at import")
