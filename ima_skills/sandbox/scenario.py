"""Scenarios: faults for the sandbox, written as TOML and guarded by ``schemas/scenario.schema.json``."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Literal

from attrs import frozen

from ima_skills.domain.problem import Problem
from ima_skills.errors import InvalidRequestError
from ima_skills.resources import data_root
from ima_skills.toml_files import TomlError, toml_text

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema import ValidationError

Kind = Literal[
    "refuse",
    "http",
    "drop",
    "hang",
    "code-200",
    "omit-id",
    "no-data",
    "media",
    "bytes",
    "catalogue",
    "expire",
    "asset",
]
_SCHEMA = "scenario.schema.json"


@frozen
class Fault:
    """One thing that goes wrong. Which attributes count depends on the kind.

    Attributes:
        on: Endpoint: ``list``, ``create``, ``detail``, ``verify``, ``token``, ``put`` or ``cdn``.
        kind: What goes wrong.
        calls: 1-based numbers of the matching calls it strikes; None means every one.
        model: Only for this model: family id, version id or display name.
        task_type: Only for this task type.
        code: Business code of a refusal, or of a rejected asset.
        message: Its text; None takes the documented one.
        as_string: Whether the code is sent as text.
        status: HTTP status.
        body: Body of an outage: ``html``, ``json``, ``xml`` or ``empty``.
        retry_after: Seconds of a ``Retry-After`` header.
        when: ``before`` the call has an effect, or ``after``.
        shape: How a media ends.
        medias: 1-based numbers of the medias it concerns; None means all.
        seconds: Delay, in seconds of the service.
        how: What the CDN sends instead of the file.
        change: What happens to the product list.
        after: Number of lists that still show the old state.
        add: Points added to every rule.
        verdict: Status of a verified asset.
    """

    on: str
    kind: Kind
    calls: frozenset[int] | None = None
    model: str | None = None
    task_type: str | None = None
    code: int | str | None = None
    message: str | None = None
    as_string: bool = False
    status: int | None = None
    body: str = "html"
    retry_after: float | None = None
    when: str = "before"
    shape: str = "failed"
    medias: frozenset[int] | None = None
    seconds: float = 60.0
    how: str = "empty"
    change: str = "no-form-config"
    after: int = 0
    add: int = 1
    verdict: str = "failed"

    def strikes(self, occurrence: int) -> bool:
        """Return whether the fault strikes the n-th matching call (1-based)."""
        return self.calls is None or occurrence in self.calls


@frozen
class Scenario:
    """A set of faults.

    Attributes:
        title: One line for people.
        faults: In the order of the file.
        digest: Tells scenarios apart in a state folder: each counts its own calls.
    """

    title: str = ""
    faults: tuple[Fault, ...] = ()
    digest: str = ""


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        InvalidRequestError: It cannot be read, is not TOML, or does not fit the schema; all faults at once.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = (error.strerror or type(error).__name__) if isinstance(error, OSError) else "not UTF-8"
        raise InvalidRequestError(
            f"scenario {path}: {error}", code="invalid-scenario", details={"file": str(path), "why": why}
        ) from error
    return parse_scenario(text, str(path))


def parse_scenario(text: str, name: str = "scenario") -> Scenario:
    """Read a scenario from TOML text.

    Args:
        text: The TOML.
        name: What messages call it.

    Raises:
        InvalidRequestError: As :func:`load_scenario`.
    """
    try:
        document = toml_text(text)
    except TomlError as error:
        raise InvalidRequestError(
            f"{name}: {error}", code="invalid-scenario", details={"file": name, "why": str(error)}
        ) from error
    return scenario_of(document, name, hashlib.sha256(text.encode()).hexdigest()[:16])


def scenario_of(document: dict[str, Any], name: str, digest: str = "") -> Scenario:
    """Return the scenario that a document describes.

    Args:
        document: Its tables.
        name: What messages call it.
        digest: Tells it apart in a state folder that several scenarios share.

    Raises:
        InvalidRequestError: It does not fit the schema; all faults at once.
    """
    problems = _problems(document)
    if problems:
        lines = "; ".join(f"{problem.pointer or '/'}: {problem.message}" for problem in problems)
        raise InvalidRequestError(
            f"{name}: {lines}", code="invalid-scenario", problems=problems, details={"file": name}
        )
    faults = tuple(_fault(table) for table in document["fault"])
    return Scenario(title=document.get("title", ""), faults=faults, digest=digest)


def _problems(document: dict[str, Any]) -> list[Problem]:
    from jsonschema import Draft202012Validator

    schema = json.loads(data_root("schemas").joinpath(_SCHEMA).read_text(encoding="utf-8"))
    errors = sorted(Draft202012Validator(schema).iter_errors(document), key=lambda error: error.json_path)
    return [
        Problem(
            pointer="".join(f"/{part}" for part in error.absolute_path),
            message=_message(error),
            value=error.instance if isinstance(error.instance, str | int | float) else None,
            rule=str(error.validator),
        )
        for error in errors
    ]


def _message(error: ValidationError) -> str:
    # What the schema calls "nothing" has no words of its own.
    nothing = error.validator == "not" and not error.validator_value
    return "does not apply to this endpoint" if nothing else error.message


def _fault(table: dict[str, Any]) -> Fault:
    values = dict(table)
    for name in ("calls", "medias"):
        if name in values:
            values[name] = None if values[name] == "every" else frozenset(values[name])
    return Fault(**values)
