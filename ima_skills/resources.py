"""Where ``registry/``, ``schemas/`` and ``pack/`` are: inside the wheel, else in the checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def data_root(kind: str) -> Traversable:
    """Return the folder of first-party data.

    Args:
        kind: ``"registry"``, ``"schemas"`` or ``"pack"``.

    Raises:
        FileNotFoundError: The installation lacks the folder.
    """
    packaged = files("ima_skills").joinpath("_data", kind)
    if packaged.is_dir():
        return packaged
    checkout = Path(__file__).resolve().parents[1]
    # In a wheel, parents[1] is site-packages: some other project's registry/ must not be read.
    if (checkout / "pyproject.toml").is_file() and (checkout / kind).is_dir():
        return checkout / kind
    raise FileNotFoundError(f"ima_skills was installed without its {kind}/ directory")
