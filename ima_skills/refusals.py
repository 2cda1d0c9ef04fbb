"""From the service's refusal to our error: which row of the registry's table it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from attrs import frozen

from ima_skills.domain.reflection import Refusal
from ima_skills.errors import CredentialError, ImaError, NetworkError, PointsError, ServiceError
from ima_skills.registry import ErrorCode

if TYPE_CHECKING:
    from ima_skills.transport import Answer

_SECRETS = re.compile(r"ima_[A-Za-z0-9_\-]+|https?://\S+")
_LONGEST = 200
_BY_EXIT: dict[int, type[ImaError]] = {3: CredentialError, 4: PointsError, 5: NetworkError}


@frozen
class Table:
    """The registry's error table, and how a refusal is looked up in it."""

    rows: tuple[ErrorCode, ...]

    def find(self, code: int | None, message: str) -> ErrorCode | None:
        """Return the row for a refusal.

        A specific code decides; a generic or unknown one leaves the word to the message, because
        the service sometimes quotes the real code only there (observed on the wire).
        """
        by_code = next((row for row in self.rows if code is not None and code in row.service_codes), None)
        if by_code is not None and not by_code.generic:
            return by_code
        by_text = next((row for row in self.rows if any(_in(mark, message) for mark in row.markers)), None)
        if by_text is None or (by_text.generic and by_code is not None):
            return by_code
        return by_text

    def refusal(self, answer: Answer) -> Refusal:
        """Return the verdict in an answer that carries the service's code."""
        row = self.find(answer.code, answer.message)
        return Refusal(
            code=row.code if row else "service-refused",
            service_code=answer.code,
            retry=row.retry if row else "never",
            message=clean(answer.message),
            retry_after_s=retry_after(answer),
        )

    def error(self, refusal: Refusal, *, language: str = "en", task_id: str | None = None) -> ImaError:
        """Return the error that tells a user about a refusal."""
        row = next((row for row in self.rows if row.code == refusal.code), None)
        details = {"service_code": refusal.service_code, "service_message": refusal.message}
        if row is None:
            said = f": {refusal.message}" if refusal.message else ""
            return ServiceError(
                f"the service refused with code {refusal.service_code}{said}",
                task_id=task_id,
                details=details,
            )
        advice = row.advice.say(language)
        return _BY_EXIT.get(row.exit_code, ServiceError)(
            row.meaning.say(language),
            code=row.code,
            hint=f"{advice} {row.link}" if row.link else advice,
            task_id=task_id,
            retryable=row.retry == "wait",
            details=details,
        )


def clean(message: str) -> str:
    """Return the service's words on one line without keys and addresses, shortened."""
    text = " ".join(_SECRETS.sub("…", message).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def retry_after(answer: Answer) -> float | None:
    """Return the seconds that a Retry-After header asks for; dates are not used by the service."""
    try:
        seconds = float(answer.headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None


def _in(marker: str, message: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in marker.split("*"))
    if marker.isdigit():
        pattern = rf"(?<!\d){pattern}(?!\d)"
    return re.search(pattern, message, re.IGNORECASE | re.DOTALL) is not None
