"""``login`` and ``logout``: a key in the system's keyring, checked, never shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

Ima = Callable[..., Any]
KEY = "ima_secret_key_of_a_test"


class Box(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # keyring types only its methods
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError(KEY)


class Broken(Box):
    """A keyring that refuses, and quotes what it was given."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot store {password}")


@pytest.fixture
def box() -> Iterator[Box]:
    before, mine = keyring.get_keyring(), Box()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


def test_login_and_logout(ima: Ima, box: Box) -> None:
    """The key goes in and out under the name that other skills use; nobody sees it."""
    ran = ima("login", "--no-check", "--json", stdin=f"{KEY}\n")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out) == {"ok": True, "checked": False}
    assert box.kept == {("ima-api", "default"): KEY}
    assert KEY not in ran.out + ran.err
    assert json.loads(ima("logout", "--json").out) == {"ok": True, "was_there": True}
    assert json.loads(ima("logout", "--json").out) == {"ok": True, "was_there": False}
    assert box.kept == {}


def test_a_kept_key_is_used_and_the_environment_wins(ima: Ima, box: Box, served: Any) -> None:
    """Without IMA_API_KEY the kept key opens the service; a wrong one in the environment does not."""
    service = served()
    box.kept["ima-api", "default"] = service.options.api_key
    env = {"IMA_API_KEY": ""}
    assert ima("models", "list", "-t", "text_to_speech", env=env).code == 0
    assert ima("models", "list", "-t", "text_to_speech", env={**env, "IMA_API_KEY": "ima_wrong"}).code == 3


def test_a_wrong_key_is_not_kept(ima: Ima, box: Box, served: Any) -> None:
    """The service is asked first, by a call that costs nothing."""
    service = served()
    ran = ima("login", "--base-url", service.base_url, "--json", stdin=f"{KEY}\n")
    assert (ran.code, json.loads(ran.out)["code"]) == (3, "credential-rejected")
    assert box.kept == {}
    good = ima("login", "--json", stdin=f"{service.options.api_key}\n")
    assert json.loads(good.out) == {"ok": True, "checked": True}
    assert box.kept == {("ima-api", "default"): service.options.api_key}


def test_no_key_and_no_keyring(ima: Ima) -> None:
    """Nothing typed is no key; a keyring that refuses is said, without what it was given."""
    assert ima("login", "--no-check", stdin="\n").code == 3
    before = keyring.get_keyring()
    keyring.set_keyring(Broken())
    try:
        ran = ima("login", "--no-check", "--json", stdin=f"{KEY}\n")
    finally:
        keyring.set_keyring(before)
    assert (ran.code, json.loads(ran.out)["code"]) == (6, "keyring-unavailable")
    assert KEY not in ran.out + ran.err


def test_without_the_extra(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """The way to install it is named."""
    monkeypatch.setitem(sys.modules, "keyring", None)
    ran = ima("login", "--no-check", stdin=f"{KEY}\n")
    assert ran.code == 6
    assert "ima-skills[keyring]" in ran.err
