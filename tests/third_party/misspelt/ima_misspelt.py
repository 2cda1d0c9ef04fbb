"""A third-party plugin that implements a hook which does not exist."""

from ima_skills.hookspecs import hookimpl


@hookimpl
def ima_obsrve(event: object) -> None:
    """Would never be called, silently, if nobody looked."""
