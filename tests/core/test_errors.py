"""The error contract: codes, exit codes, and plain data."""

from __future__ import annotations

import json

import pytest

from ima_skills import errors
from ima_skills.domain.problem import Change, Problem, pointer_to
from ima_skills.errors import ImaError

CLASSES = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, ImaError)
]
EXIT = {
    "ImaError": 1, "UsageError": 2, "InvalidRequestError": 2, "UnknownModelError": 2, "CredentialError": 3, "PointsError": 4,
    "NetworkError": 5, "DeadlineError": 5, "ServiceError": 1, "JobFailedError": 1, "MediaError": 1, "OutcomeUnknownError": 7,
    "FaultError": 6, "RegistryError": 6, "PluginError": 6, "MissingExtraError": 6,
}  # fmt: skip


def test_exit_codes() -> None:
    """Every class has the exit code that the documents promise."""
    assert {cls.__name__: cls.exit_code for cls in CLASSES} == EXIT


def test_codes_are_unique_kebab_case() -> None:
    """Every class has a stable name of its own."""
    codes = [cls.code for cls in CLASSES]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower().replace("_", "-") for code in codes)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_plain_data(cls: type[ImaError]) -> None:
    """An error is a message, and as data everything that an agent needs."""
    error = cls(
        "it broke",
        hint="do this",
        task_id="t1",
        problems=[Problem("/a", "bad", 1, "enum", (1, 2), 2)],
        details={"x": 1},
    )
    document = json.loads(json.dumps(error.as_dict()))
    assert str(error) == document["message"] == "it broke"
    assert document["code"] == cls.code
    assert document["exit_code"] == cls.exit_code
    assert document["problems"] == [
        {
            "pointer": "/a",
            "message": "bad",
            "value": 1,
            "rule": "enum",
            "allowed": [1, 2],
            "nearest": 2,
            "related": [],
        }
    ]
    assert (document["task_id"], document["hint"], document["details"]) == ("t1", "do this", {"x": 1})
    assert cls("x", code="other", retryable=True).as_dict() | {"exit_code": 0} == {
        "code": "other", "message": "x", "hint": "", "retryable": True, "task_id": None, "problems": [], "exit_code": 0,
    }  # fmt: skip


def test_only_the_network_can_be_retried_by_itself() -> None:
    """Unless an error says otherwise, only network trouble is worth the same call again."""
    assert {cls.__name__ for cls in CLASSES if cls("x").retryable} == {"NetworkError", "DeadlineError"}


@pytest.mark.parametrize(
    ("steps", "pointer", "place"),
    [
        ((), "", ""),
        (("params", "a/b"), "/params/a~1b", "a/b"),
        (("~1", 0), "/~01/0", "0"),
        (("",), "/", ""),
        (("x", "~"), "/x/~0", "~"),
    ],
)
def test_pointers(steps: tuple[object, ...], pointer: str, place: str) -> None:
    """Pointers are escaped as JSON Pointers are; a place is the last step as people write it."""
    assert pointer_to(*steps) == pointer
    assert Problem(pointer, "x").place == place


def test_changes_as_data() -> None:
    """A change says what was asked, what is sent, and why."""
    assert Change("a", 1, None, "why").as_dict() == {
        "param": "a",
        "requested": 1,
        "applied": None,
        "reason": "why",
    }
