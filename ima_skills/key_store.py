"""The API key in the system's keyring, through the ``keyring`` library (extra ``keyring``).

Service and user name are those that other skills of this service use, so that one login serves all.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ima_skills.errors import FaultError, MissingExtraError

if TYPE_CHECKING:
    from types import ModuleType

SERVICE = "ima-api"
USER = "default"


def stored_key() -> str | None:
    """Return the key of an earlier login, or None.

    A keyring that is missing, locked or broken counts as empty: the environment is the other way.
    """
    if find_spec("keyring") is None:
        return None
    try:
        found: str | None = _keyring().get_password(SERVICE, USER)
    except Exception:  # noqa: BLE001 - back ends raise whatever they like, and reading is only a try
        return None
    return found


def store_key(key: str) -> None:
    """Keep a key.

    Raises:
        MissingExtraError: The extra is not installed.
        FaultError: The system has no keyring, or it refused.
    """
    _tried("kept", lambda keyring: keyring.set_password(SERVICE, USER, key))


def forget_key() -> bool:
    """Drop the key; returns whether there was one.

    Raises:
        MissingExtraError: The extra is not installed.
        FaultError: The system has no keyring, or it refused.
    """
    if stored_key() is None:
        _keyring()  # which says when the extra is missing
        return False
    _tried("dropped", lambda keyring: keyring.delete_password(SERVICE, USER))
    return True


def _tried(what: str, work: Any) -> None:
    keyring = _keyring()
    try:
        work(keyring)
    except Exception as error:  # noqa: BLE001 - back ends raise whatever they like
        raise FaultError(
            f"the key could not be {what}: {type(error).__name__}",
            code="keyring-unavailable",
            hint="This machine may have no keyring; set IMA_API_KEY instead.",
            details={"why": type(error).__name__},
        ) from None  # a back end's message may quote what it was given


def _keyring() -> ModuleType:
    try:
        import keyring
    except ImportError as error:
        raise MissingExtraError(
            "keeping the key needs the extra keyring",
            hint="Run: pip install 'ima-skills[keyring]'",
            details={"extra": "keyring"},
        ) from error
    return keyring
