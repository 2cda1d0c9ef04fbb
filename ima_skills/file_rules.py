"""What a user allows with files: where inputs may come from, and what becomes of files that are there."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from attrs import frozen

from ima_skills.errors import UsageError

OnExists = Literal["skip", "rename", "overwrite"]


@frozen
class FileRules:
    """Rules for files of this machine.

    Attributes:
        on_exists: What a download does about a file that is there already: ``overwrite`` replaces it
            once the new one is whole, ``rename`` takes the next free name, ``skip`` leaves it alone.
        input_root: Folder that every local input must be in, links resolved; None allows any.
        local_addresses: Whether inputs may be at addresses of this machine: a sandbox reads them.
    """

    on_exists: OnExists = "overwrite"
    input_root: Path | None = None
    local_addresses: bool = True


def user_path(name: Path | str) -> Path:
    """Return an absolute path as a user wrote it, with ``~`` put out.

    Args:
        name: The path.

    Raises:
        UsageError: It begins at the home folder of somebody who is not known here.
    """
    try:
        return Path(name).expanduser().absolute()
    except RuntimeError:
        whose = str(name).partition("/")[0]
        raise UsageError(
            f"there is no home folder of {whose[:40]}",
            code="no-home",
            hint="Write the whole path, or ./ in front of a name that begins with ~.",
            details={"name": whose[:40]},
        ) from None
