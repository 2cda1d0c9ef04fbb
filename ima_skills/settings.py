"""Where the service is, and who we are there."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from ima_skills.errors import CredentialError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE_URL = "https://api.imastudio.com"
UPLOAD_BASE_URL = "https://imapi.liveme.com"
_ON, _OFF = ("1", "true", "yes", "on"), ("", "0", "false", "no", "off")
KEY_PAGE = "https://www.imaclaw.ai/imaclaw/apikey"


def safe_url(url: str, source: str = "--base-url") -> str:
    """Return a service URL without its trailing slash.

    Args:
        url: The URL.
        source: The option or variable that it comes from.

    Raises:
        UsageError: It is not https (plain http is allowed to this machine only), or carries a
            user name, query or fragment.
    """
    url = url.strip()
    parts = _parts(url)
    host = (parts.hostname if parts else None) or ""
    if parts is None or parts.scheme not in ("http", "https") or not host or set("@?#") & set(url):
        raise UsageError(
            "the base URL must look like https://host",
            code="bad-base-url",
            hint=f"Check {source}.",
            details={"source": source},
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise UsageError(
            f"the base URL must be https, because the key travels with every call: {host}",
            code="insecure-base-url",
            hint="Use https; plain http is for a sandbox on this machine.",
            details={"host": host},
        )
    return url.rstrip("/")


def _parts(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check
    except ValueError:
        return None
    return parts


def is_private(url: object) -> bool:
    """Tell whether nobody on the way can read what travels to an address: https, or this machine."""
    parts = _parts(url) if isinstance(url, str) else None
    if parts is None or not parts.hostname:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname))


def is_loopback(host: str) -> bool:
    """Tell whether ``host`` can only be this machine."""
    name = host.rstrip(".").casefold()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


@frozen(repr=False, eq=False)
class Secret:
    """An API key that cannot be printed by accident."""

    _value: str

    def reveal(self) -> str:
        """Return the key itself; only the transport calls this."""
        return self._value

    def __repr__(self) -> str:
        return "Secret('***')"

    __str__ = __repr__


def _hidden(key: Secret | str | None) -> Secret | None:
    """Return a key that somebody gave as plain text so that no repr shows it; an empty one is none."""
    if isinstance(key, str):
        return Secret(key) if key else None
    return key


@frozen
class Settings:
    """How to reach the service.

    Attributes:
        api_key: The key, or None when only offline work is wanted.
        base_url: Root of the ``/open/v1`` endpoints; https, or http to this machine.
        upload_base_url: Root of the upload-token endpoint; likewise.

    Raises:
        UsageError: A URL would carry the key in the open, or is none.
    """

    api_key: Secret | None = field(default=None, converter=_hidden)
    base_url: str = field(default=BASE_URL, converter=safe_url)
    upload_base_url: str = field(default=UPLOAD_BASE_URL, converter=safe_url)

    def key(self) -> Secret:
        """Return the key.

        Raises:
            CredentialError: There is none.
        """
        if self.api_key is None:
            raise CredentialError(
                "no API key is set",
                code="no-api-key",
                hint=f"Create one at {KEY_PAGE} and set IMA_API_KEY, or add --sandbox to try everything"
                " offline without spending points.",
            )
        return self.api_key


def read_settings(
    api_key: str | None = None,
    base_url: str | None = None,
    upload_base_url: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Return settings from arguments, else from ``IMA_*`` variables, else the service's own hosts.

    Args:
        api_key: Key; else ``IMA_API_KEY``.
        base_url: Else ``IMA_BASE_URL``.
        upload_base_url: Else ``IMA_UPLOAD_BASE_URL``, else ``base_url`` when that was changed.
        environ: The environment; the process's own by default.

    Raises:
        UsageError: A URL is not https and not loopback.
        CredentialError: The key cannot be a key.
    """
    env = os.environ if environ is None else environ
    base = read_base_url(base_url, env)
    upload = _host("--upload-base-url", upload_base_url, "IMA_UPLOAD_BASE_URL", env)
    usual = UPLOAD_BASE_URL if base == BASE_URL else base
    return Settings(_secret(api_key or env.get("IMA_API_KEY")), base, upload or usual)


def read_base_url(given: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return where the service is: what is given, else ``IMA_BASE_URL``, else the service's own host.

    Args:
        given: Root of the service.
        environ: The environment; the process's own by default.

    Raises:
        UsageError: It is not https and not loopback.
    """
    env = os.environ if environ is None else environ
    return _host("--base-url", given, "IMA_BASE_URL", env) or BASE_URL


def _host(option: str, given: str | None, variable: str, env: Mapping[str, str]) -> str | None:
    """Return a checked host of an option, else of a variable; a fault is put down to where it comes from."""
    url, source = (given, option) if given else (env.get(variable), variable)
    return safe_url(url, source) if url else None


def switch(name: str, environ: Mapping[str, str] | None = None, *, doubt: bool | None = None) -> bool:
    """Tell whether a variable of the environment is switched on; unset and empty are off.

    Args:
        name: Of the variable.
        environ: The environment; the process's own by default.
        doubt: What a value that is neither on nor off counts as, where nobody can be told; None refuses it.

    Raises:
        UsageError: ``bad-switch``: it is neither on nor off.
    """
    env = os.environ if environ is None else environ
    word = env.get(name, "").strip().casefold()
    if word in _ON or word in _OFF:
        return word in _ON
    if doubt is not None:
        return doubt
    raise UsageError(
        f"{name} is neither on nor off",
        code="bad-switch",
        hint="Write 1, true, yes or on; or 0, false, no or off; or leave it out.",
        details={"variable": name},
    )


def state_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder for state: ``IMA_HOME``, else ``~/.openclaw/memory``."""
    env = os.environ if environ is None else environ
    home = env.get("IMA_HOME")
    return _place(home) if home else Path.home() / ".openclaw" / "memory"


def log_home(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder for logs: ``logs`` under ``IMA_HOME``, else ``~/.openclaw/logs/ima_skills``."""
    env = os.environ if environ is None else environ
    home = env.get("IMA_HOME")
    return _place(home) / "logs" if home else Path.home() / ".openclaw" / "logs" / "ima_skills"


def _place(home: str) -> Path:
    """Return a folder from the environment, with ``~`` put out: files with settings write it, and no shell reads them."""
    try:
        return Path(home).expanduser()
    except RuntimeError:
        raise UsageError(
            f"IMA_HOME names the home folder of somebody who is not known here: {home.partition('/')[0][:40]}",
            code="no-home",
            hint="Write the whole path.",
        ) from None


def _secret(key: str | None) -> Secret | None:
    if not key or not key.strip():
        return None
    clean = key.strip()
    if not clean.isascii() or not clean.isprintable() or " " in clean:
        raise CredentialError(
            "the API key holds characters that no key has",
            code="malformed-api-key",
            hint=f"Copy it again from {KEY_PAGE}.",
        )
    return Secret(clean)
