"""Metadata of a plugin's distribution, and how its names get on with everybody else's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.certify.checks import Check, absent
from ima_skills.certify.subject import depends_on_core

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.certify.subject import Subject

AREA = "project"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?")
_PLUGIN = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*")
_PRESENT = ("README.md", "tests")


def project_checks(subject: Subject, taken: Mapping[str, str]) -> Iterator[Check]:
    """Yield the checks of a distribution.

    Args:
        subject: The plugin.
        taken: Names of other plugins to their distributions.
    """
    file, name = subject.file, subject.name
    yield _check(
        "distribution name", _NAME.fullmatch(subject.origin), "bad-distribution", file, "name", subject.origin
    )
    yield _check("plugin name", _PLUGIN.fullmatch(name), "bad-entry-point", file, "entry-points", name)
    owner = taken.get(name, "")
    clash = owner not in ("", subject.origin)
    yield Check(
        AREA,
        "plugin name is free",
        "entry-point-taken" if clash else "",
        file,
        "entry-points",
        {"value": name, "other": owner},
    )
    module = all(part.isidentifier() for part in subject.module.split("."))
    yield _check("module name", module, "bad-module", file, "entry-points", subject.module)
    one = subject.points == 1
    yield _check("one plugin", one, "several-plugins", file, "entry-points", str(subject.points))
    yield _check("version", subject.version, "no-version", file, "version", "")
    yield _check("description", subject.description, "no-description", file, "description", "")
    yield _check("depends on ima-skills", depends_on_core(subject), "no-dependency", file, "dependencies", "")
    yield _check("Python version", subject.python, "no-python", file, "requires-python", "")
    for entry in _PRESENT:
        if subject.project is None:
            yield absent(AREA, entry)
        else:
            yield _check(entry, (subject.project / entry).exists(), "missing-file", file, entry, entry)


def _check(name: str, good: object, code: str, file: str, place: str, value: str) -> Check:  # noqa: PLR0913, PLR0917 - the parts of a check
    return Check(AREA, name, "" if good else code, file, place, {"value": value})
