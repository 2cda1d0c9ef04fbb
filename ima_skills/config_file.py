"""``ima_config.toml`` in the state folder: what the user decides once for every command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from ima_skills.errors import UsageError

CONFIG = "ima_config.toml"
TABLES = ("caps", "plugins")


def read_table(
    home: Path, table: str, known: Collection[str], refuse: Callable[[str], UsageError]
) -> Mapping[str, Any]:
    """Return one table of the file; empty when there is no file or no such table.

    Args:
        home: The state folder.
        table: Name of the table.
        known: Keys that the table may hold.
        refuse: Makes the error for a file that cannot be understood.

    Raises:
        UsageError: The file or the table cannot be understood; nothing is guessed.
    """
    path = home / CONFIG
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:  # UTF-8 errors are ValueErrors
        raise refuse(f"{path}: {error}") from error
    from ima_skills.toml_files import TomlError, toml_text

    try:
        whole = toml_text(text)
    except TomlError as error:
        raise refuse(f"{path}: {error}") from error
    if others := sorted(set(whole) - set(TABLES)):
        raise refuse(f"{path} does not know {', '.join(others)}; it has the tables [{'], ['.join(TABLES)}]")
    rows = whole.get(table, {})
    strange = sorted(set(rows) - set(known)) if isinstance(rows, dict) else ["a value instead of a table"]
    if strange:
        raise refuse(f"{path}: [{table}] does not know {', '.join(strange)}")
    found: Mapping[str, Any] = rows
    return found
