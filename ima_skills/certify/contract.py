"""All contract checks of a plugin, in the order in which one may spoil the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.certify.checks import Check
from ima_skills.certify.containment import containment_probes
from ima_skills.certify.examples import example_probes
from ima_skills.certify.hooks import hook_probes
from ima_skills.certify.part_probes import part_probes
from ima_skills.certify.price_probes import price_probes
from ima_skills.certify.quirk_probes import quirk_probes
from ima_skills.certify.registry_probes import registry_probes
from ima_skills.plugin_faults import is_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ima_skills.certify.bench import Bench, Probe

    Tell = Callable[[dict[str, object]], None]

# Later groups work with what the earlier ones have left standing.
_GROUPS = (
    hook_probes, registry_probes, part_probes, quirk_probes, price_probes, containment_probes, example_probes,
)  # fmt: skip


def hold(bench: Bench, tell: Tell, skip: Collection[str]) -> None:
    """Run every probe and tell each step before it is taken, so that a process that hangs has said where.

    Args:
        bench: The plugin.
        tell: Is told ``begin`` and ``end`` of probes, and each check.
        skip: Probes that were held before, or that nothing comes back from.
    """
    for group in _GROUPS:
        for probe in _listed(bench, group, tell):
            if probe.id not in skip:
                _held(bench, probe, tell)


def _listed(bench: Bench, group: Callable[[Bench], Iterator[Probe]], tell: Tell) -> list[Probe]:
    """Return the probes of a group; a plugin that breaks even this is told as one check."""
    try:
        return list(group(bench))
    except BaseException as error:
        if is_ctrl_c(error):
            raise
        name = group.__name__.removesuffix("_probes")
        tell({"check": _broken(_AREAS[name], f"all {name} checks", error).as_dict()})
        return []


_AREAS = {
    "hook": "hooks", "part": "hooks", "registry": "registry", "quirk": "quirks", "price": "prices",
    "containment": "containment", "example": "examples",
}  # fmt: skip


def _held(bench: Bench, probe: Probe, tell: Tell) -> None:
    bench.note = lambda label: tell({"at": label})
    tell({"begin": probe.id, "area": probe.area, "hook": probe.hook, "patience": probe.patience})
    before = len(bench.watch.seen)
    try:
        for check in probe.run(bench):
            tell({"check": check.as_dict()})
    except BaseException as error:
        if is_ctrl_c(error):
            raise
        tell({"check": _broken(probe.area, probe.id, error).as_dict()})
    strays = [] if probe.area in _WATCHED else bench.watch.seen[before:]
    for seen in strays:
        words = {"what": f"{seen.deed}: {seen.what}"}
        tell(
            {
                "check": Check(
                    probe.area, f"{probe.id} stays in its place", "strays", "", probe.hook, words
                ).as_dict()
            }
        )
    tell({"end": probe.id})


# These report themselves what a plugin's code does.
_WATCHED = ("hooks", "quirks")


def _broken(area: str, name: str, error: BaseException) -> Check:
    return Check(area, name, "breaks", "", name, {"fault": f"{type(error).__name__}: {error}"})
