"""Which folders of plugins are used, and who keeps a name that two of them want."""

from __future__ import annotations

from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from ima_skills.entry_points import OWN_DISTRIBUTION
from ima_skills.plugin_faults import Fence, told
from ima_skills.resources import data_root
from ima_skills.schemas import schema_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Claim = tuple[str, Any]
    Blame = Callable[[str, str], None]

_PLATFORMS, _TOML = "platforms", ".toml"


def usable_registries(claims: Iterable[Claim], blame: Blame) -> tuple[tuple[str, Traversable], ...]:
    """Return the registry roots that can be read, each with its plugin.

    Args:
        claims: Plugin and root, in the order in which they count.
        blame: Told the plugin and its fault: a root that cannot be read, or a platform whose name is taken.
    """
    from ima_skills.registry import load_registry

    good: list[tuple[str, Traversable]] = []
    owners = dict.fromkeys(_platforms(data_root("registry")), OWN_DISTRIBUTION)
    for name, root in claims:
        with Fence() as fence:
            load_registry((*(known for _, known in good), root))
            wanted = tuple(_platforms(root))
        if fence.error is not None:
            blame(name, f"ima_registry_roots: {told(fence.error)}")
            continue
        good.append((name, root))
        for fault in _clashes(wanted, name, owners):
            blame(name, f"ima_registry_roots: {fault}")
    return tuple(good)


def usable_schemas(claims: Iterable[Claim], blame: Blame) -> tuple[Traversable, ...]:
    """Return the schema roots that are folders; a schema whose name is taken stays with its owner.

    Args:
        claims: Plugin and root, in the order in which they count.
        blame: Told the plugin and its fault.
    """
    good: list[Traversable] = []
    owners = dict.fromkeys(schema_names(data_root("schemas")), OWN_DISTRIBUTION)
    for name, root in claims:
        with Fence() as fence:
            is_folder = isinstance(root, Traversable) and root.is_dir()
            names = tuple(schema_names(root)) if is_folder else ()
            fault = "" if is_folder else f"{root} is no folder"
        if fence.error is not None or fault:
            blame(name, f"ima_schema_roots: {fault if fence.error is None else told(fence.error)}")
            continue
        good.append(root)
        for fault in _clashes(names, name, owners):
            blame(name, f"ima_schema_roots: {fault}")
    return tuple(good)


def _clashes(wanted: Iterable[str], name: str, owners: dict[str, str]) -> Iterator[str]:
    """Give a plugin the names that nobody has, and yield a sentence for each that somebody else keeps."""
    for label in wanted:
        if owners.setdefault(label, name) != name:
            yield f"{label!r} already belongs to {owners[label]!r}, which keeps it"


def _platforms(root: Traversable) -> Iterator[str]:
    """Yield the names of the platforms that a registry root describes; the file names are theirs."""
    folder = root.joinpath(_PLATFORMS)
    if folder.is_dir():
        yield from sorted(
            f"platform {file.name.removesuffix(_TOML)}"
            for file in folder.iterdir()
            if file.name.endswith(_TOML)
        )
