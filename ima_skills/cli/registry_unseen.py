"""Names that only code can vouch for, in the registry folder of a project whose code does not take part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.cli.registry_faults import FileFault
    from ima_skills.plugin_set import PluginSet

# What plugins supply in code: quirks, modalities and their task types.
_CODE = ("missing-quirk", "missing-modality")
# Folders between a project's file and its data: src, the package, its registry, the folder of a modality.
_HIGHEST = 5
_PROJECT_FILE = "pyproject.toml"


def told_apart(
    faults: Sequence[FileFault], path: Path | None, plugins: PluginSet
) -> tuple[list[FileFault], list[tuple[FileFault, str]]]:
    """Return the faults, and apart from them what cannot be judged, with the plugin whose code would know.

    Args:
        faults: Everything that was found.
        path: The folder or file that was named; None where all code that matters takes part.
        plugins: Those that take part.
    """
    plugin = _absent_plugin(path, plugins) if path is not None else ""
    if path is None or not plugin:
        return list(faults), []
    unseen = [fault for fault in faults if fault.rule in _CODE and Path(fault.file).is_relative_to(path)]
    return [fault for fault in faults if fault not in unseen], [(fault, plugin) for fault in unseen]


def _absent_plugin(path: Path, plugins: PluginSet) -> str:
    """Return the plugin of the project around a path; empty when there is none, or when it takes part."""
    from ima_skills.certify.subject import plugin_points
    from ima_skills.toml_files import TomlError, toml_document

    whole = path.resolve()
    file = next(
        (up / _PROJECT_FILE for up in (whole, *whole.parents[:_HIGHEST]) if (up / _PROJECT_FILE).is_file()),
        None,
    )
    try:
        points = plugin_points(toml_document(file)) if file else {}
    except (OSError, TomlError):
        return ""  # then nothing is known of its code
    active = {name for name, info in plugins.infos.items() if info.state == "active"}
    return next((name for name in points if name not in active), "")
