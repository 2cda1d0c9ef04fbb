"""Which faults of a scenario strike a call: counted in the state folder, so that processes count together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.sandbox.call import Answer, Drop, Hang, Reply
from ima_skills.sandbox.envelope import TEXTS, outage, refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ima_skills.sandbox.database import Database
    from ima_skills.sandbox.scenario import Fault, Scenario

_COUNT = (
    "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET count = count + 1 RETURNING count"
)


@frozen
class Subject:
    """What a call is about, as far as faults ask.

    Attributes:
        task_type: The category, when the call has one.
        names: The names by which a scenario may mean the model.
    """

    task_type: str | None = None
    names: frozenset[str] = frozenset()


class Faults:
    """The faults of a sandbox.

    Args:
        scenario: What goes wrong; None for a service in good health.
        database: Where calls are counted.
    """

    def __init__(self, scenario: Scenario | None, database: Database) -> None:
        self._faults = tuple(enumerate(scenario.faults)) if scenario else ()
        self._digest = scenario.digest if scenario else ""
        self._database = database

    def on_call(self, endpoint: str, subject: Subject) -> tuple[Fault, ...]:
        """Count a call and return the faults that strike it, but for those of tasks."""
        return self._struck(
            (number, fault)
            for number, fault in self._faults
            if fault.on == endpoint and fault.kind != "media" and _concerns(fault, subject)
        )

    def on_task(self, subject: Subject) -> tuple[Fault, ...]:
        """Count an accepted task and return the faults of its medias."""
        return self._struck(
            (number, fault)
            for number, fault in self._faults
            if fault.kind == "media" and _concerns(fault, subject)
        )

    def standing(self, task_type: str) -> tuple[Fault, ...]:
        """Return what has happened to the product list by now: what a create is checked against."""
        return tuple(
            fault
            for number, fault in self._faults
            if fault.kind == "catalogue"
            and fault.task_type in {None, task_type}
            and self._count(number) >= fault.after
        )

    def _struck(self, matching: Iterable[tuple[int, Fault]]) -> tuple[Fault, ...]:
        counted = list(matching)
        if not counted:
            return ()
        with self._database.transaction() as connection:
            occurrences = [
                connection.execute(_COUNT, (self._name(number),)).fetchone()["count"] for number, _ in counted
            ]
        return tuple(
            fault
            for (_, fault), occurrence in zip(counted, occurrences, strict=True)
            if _strikes(fault, occurrence)
        )

    def _count(self, number: int) -> int:
        rows = self._database.rows("SELECT count FROM counters WHERE name = ?", (self._name(number),))
        return int(rows[0]["count"]) if rows else 0

    def _name(self, number: int) -> str:
        return f"{self._digest}/{number}"


def interruption(faults: Iterable[Fault], when: str) -> Reply | None:
    """Return the reply that stands in for the service's own, None when there is none.

    Args:
        faults: What strikes the call; the first that replies wins.
        when: ``before`` or ``after`` the call had its effect.
    """
    for fault in faults:
        reply = _reply(fault)
        if reply is not None and fault.when == when:
            return reply
    return None


def _reply(fault: Fault) -> Reply | None:
    if fault.kind == "drop":
        return Drop()
    if fault.kind == "hang":
        return Hang()
    answer: Answer
    if fault.kind == "refuse":
        message = TEXTS.get(int(fault.code or 0), "error") if fault.message is None else fault.message
        code = str(fault.code) if fault.as_string else int(fault.code or 0)
        answer = refused(code, message, fault.status or 200)
    elif fault.kind == "http":
        answer = outage(fault.status or 500, fault.body)
    else:
        return None
    if fault.retry_after is None:
        return answer
    return answer.with_headers({"retry-after": f"{fault.retry_after:g}"})


def _concerns(fault: Fault, subject: Subject) -> bool:
    if fault.task_type is not None and fault.task_type != subject.task_type:
        return False
    # For the product list the model says which leaves change, not which calls count.
    return fault.model is None or fault.kind == "catalogue" or fault.model in subject.names


def _strikes(fault: Fault, occurrence: int) -> bool:
    return occurrence > fault.after if fault.kind == "catalogue" else fault.strikes(occurrence)
