"""Which error codes mean the same to a person in a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from ima_skills.domain.problem import Problem
    from ima_skills.errors import ImaError

USUAL = "failed"


@frozen
class Failure:
    """One row of ``registry/failures.toml``.

    Attributes:
        name: Names the texts.
        offer: What helps next.
        codes: Error codes, ours and the service's.
        places: JSON Pointers of what is wrong with an invalid request; they decide before the codes.
        rules: Rules that are broken there; a row that names the rule decides before one for the whole place.
        exit_code: Codes that no row has take the row of their exit code.
        link_of: The code of the error table whose page helps.
        late: Whether its codes may also be why a job failed that had been accepted.
    """

    name: str
    offer: Literal["model", "without", "retry", "file", "send", "later", "consent", "resend", "nothing"]
    codes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    exit_code: int | None = None
    link_of: str | None = None
    late: bool = False

    def is_about(self, problem: Problem) -> bool:
        """Tell whether this is the place that is at fault, and the rule that is broken there."""
        is_there = any(_leads(place, problem.pointer) for place in self.places)
        return is_there and (not self.rules or problem.rule in self.rules)


@frozen
class Failures:
    """All rows, the first party's first."""

    rows: tuple[Failure, ...]

    def of(self, error: ImaError) -> Failure:
        """Return the row of an error: by its first problem, why the job failed, its code, its exit code.

        Without any of these it is the usual one.
        """
        rows, why = self.rows, error.details.get("reason")
        found = self._about(error.problems[0]) if error.problems else None
        found = found or next((row for row in rows if row.late and why in row.codes), None)
        found = found or next((row for row in rows if error.name in row.codes), None)
        found = found or next((row for row in rows if row.exit_code == error.exit_code), None)
        return found or next((row for row in rows if row.name == USUAL), Failure(USUAL, "retry"))

    def _about(self, problem: Problem) -> Failure | None:
        found = [row for row in self.rows if row.is_about(problem)]
        return min(found, key=lambda row: not row.rules, default=None)


def _leads(place: str, pointer: str) -> bool:
    return pointer == place or pointer.startswith(f"{place}/")
