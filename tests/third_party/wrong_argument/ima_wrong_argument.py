"""A third-party plugin whose hook asks for something that the hook does not give."""

from ima_skills.hookspecs import hookimpl


@hookimpl
def ima_observe(event: object, engine: object) -> None:
    """There is no engine for observers."""
