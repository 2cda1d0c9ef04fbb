"""Metadata of a plugin's distribution, and how its names get on with everybody else's."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from ima_skills.certify.checks import Check, absent
from ima_skills.certify.packaging import begins_with_mark
from ima_skills.certify.subject import depends_on_core
from ima_skills.certify.versions import is_version, python_fault

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
    yield from _version_checks(subject)
    yield _check("description", subject.description, "no-description", file, "description", "")
    yield _check("depends on ima-skills", depends_on_core(subject), "no-dependency", file, "dependencies", "")
    if subject.project is not None:
        marked = begins_with_mark(subject.project)
        yield _check("readable for build tools", not marked, "byte-mark", file, "", "")
    for entry in _PRESENT:
        if subject.project is None:
            yield absent(AREA, entry)
        else:
            yield _check(entry, (subject.project / entry).exists(), "missing-file", file, entry, entry)


def _version_checks(subject: Subject) -> Iterator[Check]:
    stated = subject.version
    fault = "" if stated == "dynamic" or is_version(stated) else "bad-version" if stated else "no-version"
    yield Check(AREA, "version", fault, subject.file, "version", {"value": stated})
    python = python_fault(subject.python) if subject.python else "no-python"
    running = ".".join(map(str, sys.version_info[:3]))
    words = {"value": subject.python, "running": running}
    yield Check(AREA, "Python version", python, subject.file, "requires-python", words)


def _check(name: str, good: object, code: str, file: str, place: str, value: str) -> Check:  # noqa: PLR0913, PLR0917 - the parts of a check
    return Check(AREA, name, "" if good else code, file, place, {"value": value})
