"""Which error codes mean the same to a person in a chat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from attrs import frozen

if TYPE_CHECKING:
    from ima_skills.errors import ImaError

USUAL = "failed"


@frozen
class Failure:
    """One row of ``registry/failures.toml``.

    Attributes:
        name: Names the texts.
        codes: Error codes, ours and the service's.
        places: JSON Pointers of what is wrong with an invalid request; they decide before the codes.
        offer: What helps next.
        exit_code: Codes that no row has take the row of their exit code.
        link_of: The code of the error table whose page helps.
        late: Whether its codes may also be why a job failed that had been accepted.
    """

    name: str
    codes: tuple[str, ...]
    offer: Literal["model", "retry", "later", "nothing"]
    places: tuple[str, ...] = ()
    exit_code: int | None = None
    link_of: str | None = None
    late: bool = False


@frozen
class Failures:
    """All rows, the first party's first."""

    rows: tuple[Failure, ...]

    def of(self, error: ImaError) -> Failure:
        """Return the row of an error: by its first problem's place, why the job failed, its code, its exit code.

        Without any of these it is the usual one.
        """
        rows, at = self.rows, error.problems[0].pointer if error.problems else ""
        found = next((row for row in rows if any(_leads(place, at) for place in row.places)), None)
        why = error.details.get("reason")
        found = found or next((row for row in rows if row.late and why in row.codes), None)
        found = found or next((row for row in rows if error.name in row.codes), None)
        found = found or next((row for row in rows if row.exit_code == error.exit_code), None)
        return found or next((row for row in rows if row.name == USUAL), Failure(USUAL, (), "retry"))


def _leads(place: str, pointer: str) -> bool:
    return pointer == place or pointer.startswith(f"{place}/")
