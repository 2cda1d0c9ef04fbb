"""The scorecard: every check by area, and how many per cent of those that apply have passed."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.certify.checks import AREAS, Check
from ima_skills.certify.importing import Imported, absent_checks, import_checks
from ima_skills.certify.packaging import wheel_checks
from ima_skills.certify.process import UNUSABLE, Place, asked, contract
from ima_skills.certify.project import project_checks
from ima_skills.certify.start_up import loading_checks, start_checks
from ima_skills.certify.steadiness import steady_checks
from ima_skills.certify.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@frozen
class Scorecard:
    """What became of all checks.

    Attributes:
        subject: The plugin.
        checks: Every check, in the order of the areas.
    """

    subject: Subject
    checks: tuple[Check, ...]

    @property
    def faults(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.state == "failed")

    def count(self, state: str, area: str | None = None) -> int:
        """Return how many checks, of one area or of all, ended so."""
        return sum(check.state == state and area in (None, check.area) for check in self.checks)

    @property
    def score(self) -> float:
        """Per cent of the checks that apply; only a plugin without any fault has 100."""
        held = self.count("passed") + self.count("failed")
        exact = 100 * self.count("passed") / held if held else 0.0
        return round(exact, 1) if exact == 100 else min(99.9, round(exact, 1))  # noqa: PLR2004 - per cent


def certify(
    subject: Subject, taken: Mapping[str, str], step_s: float, tell: Callable[[Check], None]
) -> Scorecard:
    """Certify a plugin, in processes and a folder of its own.

    Args:
        subject: The plugin.
        taken: Names of other plugins to their distributions.
        step_s: Time for one step of its code.
        tell: Is told each check that fails, as it does.
    """
    found: list[Check] = []
    with tempfile.TemporaryDirectory(prefix="ima-certify-", ignore_cleanup_errors=True) as folder:
        place = Place(subject, Path(folder).resolve(), f"ima_{secrets.token_hex(16)}", step_s)
        place.prepare()
        for check in (*project_checks(subject, taken), *wheel_checks(place), *_in_processes(place)):
            found.append(check)
            if check.state == "failed":
                tell(check)
    return Scorecard(subject, tuple(sorted(found, key=lambda check: AREAS.index(check.area))))


def _in_processes(place: Place) -> Iterator[Check]:
    answer = asked(place, stage="import")
    module = place.subject.module
    if answer is None or answer["imported"] is None:
        yield Check("import", "loads", "import-stops", module, words={"seconds": place.step_s})
        yield from absent_checks()
        return
    imported = Imported(**_tuples(answer["imported"]))
    yield from import_checks(imported, module, answer["printed"], place.key)
    if imported.fault:
        yield from absent_checks()
        return
    yield from loading_checks(imported.cpu_s, answer["declare_s"], answer["declare_heavy"], module)
    yield from start_checks(place)
    left_out: set[str] = set()
    for check in contract(place):
        if check.code in UNUSABLE:
            # Whatever needs a quirk that does not come back would not come back either.
            left_out.add("ima_quirks" if check.area == "quirks" else check.place)
        yield check
    yield from steady_checks(place, left_out)


def _tuples(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **document,
        "heavy": tuple(document["heavy"]),
        "changed": tuple(document["changed"]),
        "depends": tuple(document["depends"]),
        "deeds": tuple((deed, what) for deed, what in document["deeds"]),
    }
