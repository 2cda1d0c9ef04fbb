"""Everything that ima-skills raises for people to read.

ImaError
├── UsageError                2  the request cannot be understood
│   ├── InvalidRequestError   2  validation found problems (all of them)
│   └── UnknownModelError     2  no such model; close names are given
├── CredentialError           3  no key, or the service refused it
├── PointsError               4  too few points, no subscription, or a cap
├── NetworkError              5  the service cannot be reached; nothing was sent that costs
│   └── DeadlineError         5  waiting ended; the task may still be running
├── ServiceError              1  the service refused the job
│   └── JobFailedError        1  the service accepted the job and could not finish it
├── OutcomeUnknownError       7  a create may have been accepted; it is never sent again by itself
├── MediaError                1  a finished media is not what it should be
└── FaultError                6  our side is broken
    ├── RegistryError         6  a registry file or schema is wrong
    ├── PluginError           6  a plugin is wrong
    └── MissingExtraError     6  an optional part is not installed
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.domain.problem import Problem


class ImaError(Exception):
    """Base of all errors; carries what an agent or a person needs to go on.

    Args:
        message: What happened, one sentence; never a key, prompt or signed URL.
        code: Stable kebab-case name; defaults to the class's own.
        hint: The next step.
        task_id: The task it concerns, once there is one.
        problems: Faults with their places, when validation found them.
        retryable: Whether the same call may work later; defaults to the class's own.
        details: Further facts for ``--json``.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1
    can_retry: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 - one keyword per fact of the error contract
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        task_id: str | None = None,
        problems: Sequence[Problem] = (),
        retryable: bool | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.name = code or self.code
        self.hint = hint
        self.task_id = task_id
        self.problems = tuple(problems)
        self.retryable = self.can_retry if retryable is None else retryable
        self.details = dict(details or {})

    def advise(self, sentence: str) -> None:
        """Add a sentence to the hint; the one before it is ended, so that no command runs into the next word."""
        before = self.hint.strip()
        stop = "." if before and before[-1] not in ".!?:;。！？：；" else ""
        self.hint = f"{before}{stop} {sentence}".strip()

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form that ``--json`` prints."""
        return {
            "code": self.name,
            "message": self.message,
            "hint": self.hint,
            "retryable": self.retryable,
            "task_id": self.task_id,
            "problems": [problem.as_dict() for problem in self.problems],
            "exit_code": self.exit_code,
            **({"details": self.details} if self.details else {}),
        }


class UsageError(ImaError):
    """The request cannot be understood."""

    code = "usage"
    exit_code = 2


class InvalidRequestError(UsageError):
    """Validation found problems; all of them are in ``problems``."""

    code = "invalid-request"


class UnknownModelError(UsageError):
    """No model goes by that name in this task type."""

    code = "unknown-model"


class CredentialError(ImaError):
    """There is no key, or the service does not accept it."""

    code = "credential"
    exit_code = 3


class PointsError(ImaError):
    """Too few points, no subscription, or a cap."""

    code = "points"
    exit_code = 4


class NetworkError(ImaError):
    """The service cannot be reached or does not answer in its own protocol."""

    code = "network"
    exit_code = 5
    can_retry = True


class DeadlineError(NetworkError):
    """Waiting ended before the task did; the task may still be running."""

    code = "deadline"


class ServiceError(ImaError):
    """The service refused the job."""

    code = "service-refused"


class JobFailedError(ServiceError):
    """The service accepted the job and could not finish it."""

    code = "job-failed"


class MediaError(ImaError):
    """A finished media is empty, broken, or of another kind than it should be."""

    code = "media"


class OutcomeUnknownError(ImaError):
    """A create left this machine and no verdict came back."""

    code = "outcome-unknown"
    exit_code = 7


class FaultError(ImaError):
    """Our side is broken."""

    code = "internal"
    exit_code = 6


class RegistryError(FaultError):
    """A registry file or schema is wrong."""

    code = "registry"


class PluginError(FaultError):
    """A plugin is wrong."""

    code = "plugin"


class MissingExtraError(FaultError):
    """An optional part is not installed."""

    code = "missing-extra"


def first_error(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first error that a group of tasks ended with; one is enough to say."""
    error = group.exceptions[0]
    return first_error(error) if isinstance(error, BaseExceptionGroup) else error
