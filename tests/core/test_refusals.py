"""From the service's refusal to our error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.domain.reflection import Refusal
from ima_skills.errors import CredentialError, ImaError, NetworkError, PointsError, ServiceError
from ima_skills.refusals import Table, clean, retry_after
from ima_skills.transport import Answer

if TYPE_CHECKING:
    from ima_skills.registry import Registry


@pytest.fixture
def table(registry: Registry) -> Table:
    """The registry's own error table."""
    return Table(registry.errors)


def _answer(code: int | None, message: str = "", **headers: str) -> Answer:
    return Answer(
        200, code, message, None, {name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.mark.parametrize(
    ("code", "message", "name", "retry"),
    [
        (401, "", "credential-rejected", "never"), (403, "unauthorized", "credential-rejected", "never"),
        (4008, "", "insufficient-points", "never"), (4014, "", "subscription-required", "never"),
        (403, "This model requires a subscription", "subscription-required", "never"),
        (6006, "", "credit-mismatch", "refetch"), (6009, "", "no-rule-match", "complete"), (6010, "", "rule-mismatch", "reselect"),
        (500, "6009: No exact rule match found for parameters", "no-rule-match", "complete"),
        (400, "Attribute ID does not match the calculated rule", "rule-mismatch", "reselect"),
        (1, "error 6010", "rule-mismatch", "reselect"), (400, "Invalid product attribute", "invalid-product-attribute", "refetch"),
        (400, "Invalid product attribute, Insufficient points", "invalid-product-attribute", "refetch"),
        (400, "err_code=400017 err_msg=Invalid value for model", "model-version-missing", "never"),
        (500, "", "service-fault", "degrade"), (500, "Internal Server Error", "service-fault", "degrade"),
        (429, "", "rate-limited", "wait"), (503, "", "model-unavailable", "wait"), (400, "", "invalid-settings", "never"),
        (400, "image pixels should be at least 3686400", "picture-too-small", "never"),
        (400, "the size must have at least 3686400 pixels", "picture-too-small", "never"),
        (4008, "code 6009 was not the reason", "insufficient-points", "never"), (77, "", "service-refused", "never"),
        (1, "task 16009 failed", "service-refused", "never"), (1, "task 60090", "service-refused", "never"),
    ],
)  # fmt: skip
def test_rows(table: Table, code: int, message: str, name: str, retry: str) -> None:
    """A specific code decides; a generic or unknown one leaves it to the words, whole numbers only."""
    refusal = table.refusal(_answer(code, message))
    assert (refusal.code, refusal.retry, refusal.service_code) == (name, retry, code)


@pytest.mark.parametrize(
    ("code", "kind", "exit_code"),
    [
        (401, CredentialError, 3),
        (4008, PointsError, 4),
        (4014, PointsError, 4),
        (500, ServiceError, 1),
        (429, ServiceError, 1),
    ],
)
def test_errors_for_people(table: Table, code: int, kind: type[ImaError], exit_code: int) -> None:
    """Each refusal becomes an error with exit code, advice in the asked language, and link."""
    refusal = table.refusal(_answer(code, "service words"))
    error = table.error(refusal, language="zh", task_id="t1")
    assert type(error) is kind
    assert (error.exit_code, error.task_id, error.details["service_code"]) == (exit_code, "t1", code)
    assert error.details["service_message"] == "service words"
    assert any("\u4e00" <= letter <= "\u9fff" for letter in error.message)
    assert table.error(refusal).message != error.message
    assert error.retryable is (code == 429)
    assert ("https://" in error.hint) is (code in (401, 4008, 4014))


def test_rows_that_the_client_asks_for_by_name(table: Table) -> None:
    """Rows without codes are found by name; their exit code decides the kind of error."""
    error = table.error(Refusal("network-failed", None, "never", ""))
    assert type(error) is NetworkError


def test_unknown_refusals_keep_the_services_words(table: Table) -> None:
    """A refusal that no row knows tells what the service said."""
    error = table.error(table.refusal(_answer(77, "the moon is full")))
    assert error.message == "the service refused with code 77: the moon is full"
    assert table.error(table.refusal(_answer(77))).message == "the service refused with code 77"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("bad key ima_abc-123 given", "bad key … given"),
        ("see https://x.example/a?sign=1&k=2 now", "see … now"),
        ("a\n\tb   c", "a b c"),
        ("x" * 500, "x" * 199 + "…"),
    ],
)
def test_clean(message: str, said: str) -> None:
    """Keys and addresses are cut out of the service's words, which stay on one short line."""
    assert clean(message) == said
    assert "ima_" not in repr(Refusal("c", 1, "never", "ima_secret"))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("5", 5.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-1", None),
        ("soon", None),
        ("nan", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        (None, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    """Only a number of seconds counts."""
    headers: dict[str, Any] = {} if header is None else {"retry_after": header}
    assert retry_after(_answer(429, "", **headers)) == seconds


def test_most_specific_row_first() -> None:
    """An empty table refuses to know anything."""
    assert Table(()).refusal(_answer(401)).code == "service-refused"
