"""Where the service is, and who we are there."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from ima_skills.errors import CredentialError, UsageError
from ima_skills.settings import (
    BASE_URL,
    UPLOAD_BASE_URL,
    Secret,
    Settings,
    is_loopback,
    is_private,
    read_settings,
    safe_url,
    state_home,
    switch,
)

KEY = "ima_0123456789abcdef"


def test_defaults() -> None:
    """Without anything said, the service's own hosts and no key."""
    found = read_settings(environ={})
    assert (found.api_key, found.base_url, found.upload_base_url) == (None, BASE_URL, UPLOAD_BASE_URL)


def test_arguments_win_over_variables() -> None:
    """An argument beats a variable, a variable beats the default."""
    env = {
        "IMA_API_KEY": "ima_env",
        "IMA_BASE_URL": "https://a.example",
        "IMA_UPLOAD_BASE_URL": "https://b.example",
    }
    found = read_settings(environ=env)
    assert (found.key().reveal(), found.base_url, found.upload_base_url) == (
        "ima_env",
        "https://a.example",
        "https://b.example",
    )
    found = read_settings("ima_arg", "https://c.example/", "https://d.example", environ=env)
    assert (found.key().reveal(), found.base_url, found.upload_base_url) == (
        "ima_arg",
        "https://c.example",
        "https://d.example",
    )


@pytest.mark.parametrize(
    ("base", "upload"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("https://api.imastudio.com/", UPLOAD_BASE_URL),
        (" https://api.imastudio.com ", UPLOAD_BASE_URL),
    ],
)
def test_uploads_follow_another_service(base: str, upload: str) -> None:
    """Another service takes its own uploads; the same service, however it is spelled, keeps its usual host."""
    assert read_settings(base_url=base, environ={}).upload_base_url == upload


@pytest.mark.parametrize(
    "url",
    [
        "http://api.imastudio.com", "http://localhost.evil.example", "http://127.0.0.1.evil.example", "http://10.0.0.1",
        "http://169.254.169.254", "http://0.0.0.0", "http://2130706433", "http://[2001:db8::1]",
    ],
)  # fmt: skip
def test_plain_http_is_for_this_machine_only(url: str) -> None:
    """The key never travels in the open, whoever builds the settings."""
    with pytest.raises(
        UsageError, match="the base URL must be https, because the key travels with every call"
    ) as caught:
        Settings(Secret(KEY), url)
    assert caught.value.name == "insecure-base-url"
    with pytest.raises(UsageError, match="must be https"):
        Settings(Secret(KEY), BASE_URL, url)
    with pytest.raises(UsageError, match="must be https"):
        read_settings(KEY, environ={"IMA_BASE_URL": url})


@pytest.mark.parametrize(
    "url",
    [
        "", "api.imastudio.com", "ftp://a.example", "https://", "https://user:pw@a.example", "https://:pw@a.example",
        "https://a.example?key=1", "https://a.example/?", "https://a.example#x", "https://[", "https://a.example:port",
        "https://a.example:99999", "javascript:alert(1)", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_what_is_no_base_url(url: str) -> None:
    """Anything that is not a bare root is refused without being repeated."""
    with pytest.raises(UsageError, match=r"^the base URL must look like https://host$") as caught:
        safe_url(url)
    assert caught.value.exit_code == 2
    assert "pw" not in str(caught.value.as_dict())


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("x.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True),
        ("example.com", False), ("localhost.example.com", False), ("notlocalhost", False), ("0.0.0.0", False), ("", False),  # noqa: S104 - nobody binds to it
    ],
)  # fmt: skip
def test_loopback(host: str, here: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only what can be nothing but this machine counts as this machine."""
    assert is_loopback(host) is here


@pytest.mark.parametrize(
    ("url", "private"),
    [
        ("https://a.example/x?y", True), ("http://127.0.0.1:1/x", True), ("http://a.example", False), ("ftp://a", False),
        ("https://", False), ("https://[", False), (None, False), (5, False), ("//a.example", False),
    ],
)  # fmt: skip
def test_private_addresses(url: object, private: bool) -> None:  # noqa: FBT001 - a column of the table
    """Https, or http to this machine; nothing else, whatever it is."""
    assert is_private(url) is private


def test_secrets_are_never_shown() -> None:
    """No way of showing settings shows the key."""
    settings = read_settings(KEY, environ={})
    shown = [
        repr(settings),
        str(settings),
        f"{settings}",
        repr(settings.key()),
        str(settings.key()),
        f"{settings.key()!s:>9}",
    ]
    assert all(KEY not in text for text in shown)
    assert "***" in shown[0]
    assert settings.key().reveal() == KEY
    assert Secret("a") != Secret("a")


@pytest.mark.parametrize("key", ["ima_a b", "ima_\n", "ima_密钥", "ima_\x00", "a\tb"])
def test_malformed_keys(key: str) -> None:
    """A key with characters that no key has is refused before it is sent, and not repeated."""
    if key.strip() != key:
        key = f"{key}x"
    with pytest.raises(CredentialError, match="the API key holds characters that no key has") as caught:
        read_settings(key, environ={})
    assert (caught.value.name, caught.value.exit_code) == ("malformed-api-key", 3)
    assert key not in str(caught.value.as_dict())


@pytest.mark.parametrize("key", ["", "   ", None])
def test_no_key(key: str | None) -> None:
    """Without a key, asking for it says where to get one and that the sandbox exists."""
    with pytest.raises(CredentialError, match="no API key is set") as caught:
        read_settings(key, environ={}).key()
    assert caught.value.name == "no-api-key"
    assert "https://www.imaclaw.ai/imaclaw/apikey" in caught.value.hint
    assert "--sandbox" in caught.value.hint


def test_keys_are_trimmed() -> None:
    """A key copied with spaces around it is the same key."""
    assert read_settings(f" {KEY}\n", environ={}).key().reveal() == KEY


def test_state_home(own_home: Path) -> None:
    """State is under IMA_HOME, else under the user's home."""
    assert state_home() == own_home / "state"
    assert state_home({}) == own_home / ".openclaw" / "memory"


def test_settings_can_be_copied() -> None:
    """Settings survive being handed to another process; that is where the key must arrive whole."""
    assert pickle.loads(pickle.dumps(read_settings(KEY, environ={}))).key().reveal() == KEY  # noqa: S301 - our own bytes


def test_switches() -> None:
    """The usual words in any case; nonsense is refused, or counts as what is safe where nobody can be told."""
    for word in ("1", "true", "YES", " on "):
        assert switch("IMA_X", {"IMA_X": word})
    for word in ("", "0", "False", "no", "off"):
        assert not switch("IMA_X", {"IMA_X": word}, doubt=True)
    assert not switch("IMA_X", {})
    with pytest.raises(UsageError, match="IMA_X is neither on nor off") as caught:
        switch("IMA_X", {"IMA_X": "perhaps"})
    assert caught.value.name == "bad-switch"
    assert switch("IMA_X", {"IMA_X": "perhaps"}, doubt=True)
