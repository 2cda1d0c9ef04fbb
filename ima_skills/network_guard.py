"""Which addresses may be fetched: public hosts only, judged by what their names resolve to.

An address that the service states, or that a redirect leads to, is the word of others. Nothing but
the sandbox's own origin may lead to this machine or to its network.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from ima_skills.errors import NetworkError
from ima_skills.settings import is_loopback

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

# Our choice: what web servers use; a media needs no other.
PORTS = frozenset({443, 80, 8443})
_DEFAULT_PORTS = {"https": 443, "http": 80}
# Names that mean this machine or this network, whatever they resolve to.
_LOCAL_NAMES = ("localhost", "local", "localdomain", "home.arpa", "internal")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST_NAME = 253
# The C library reads a last label like these as part of an IPv4 address: 0x7f.1, 127.1, 0177.0.0.1.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_BREAKS = re.compile(r"[\x00-\x20\x7f\\]")

_IPV6_PUBLIC = ipaddress.ip_network("2000::/3")
# Parts of 2000::/3 that lead elsewhere than their numbers say, or nowhere.
_IPV6_SPECIAL = tuple(
    map(ipaddress.ip_network, ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16", "3ffe::/16"))
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
# Beside what the standard library calls not global: relays and protocol assignments.
_IPV4_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15")))


class UnsafeAddressError(NetworkError):
    """An address leads, or may lead, into this machine or its network; it is not fetched.

    Args:
        why: What is wrong with it; never the address itself.
    """

    code = "unsafe-address"
    can_retry = False

    def __init__(self, why: str) -> None:
        super().__init__(
            f"an address is not fetched: {why}",
            hint="Only public https addresses are fetched; behind a VPN that answers names with made-up"
            " addresses, set HTTPS_PROXY.",
        )
        self.why = why


class NetworkGuard:
    """Judges addresses before and while they are fetched.

    Args:
        own_origins: Base URLs whose exact scheme, host and port are allowed although they are on
            this machine; those that are not on this machine are judged like any other.
        resolve: From host and port to addresses; the system's resolver by default.
        in_process: Whether requests go to a double in this process, so that no name is ever resolved
            and only the form of an address is judged.
    """

    def __init__(
        self, own_origins: Iterable[str] = (), resolve: Resolver | None = None, *, in_process: bool = False
    ) -> None:
        self._own = frozenset(_origin(_split(url)) for url in own_origins if is_loopback_url(url))
        self._resolve = resolve or system_resolver
        self._in_process = in_process

    def is_own(self, url: str) -> bool:
        """Tell whether an address is at the sandbox's own origin."""
        try:
            return _origin(_split(url)) in self._own
        except UnsafeAddressError:
            return False

    def check(self, url: str, came_from: str | None = None) -> None:
        """Judge the form of an address; what its name resolves to is judged by :meth:`addresses`.

        Args:
            url: The address.
            came_from: The address that redirected here.

        Raises:
            UnsafeAddressError: It may not be fetched.
        """
        parts = _split(url)
        if came_from is not None and _split(came_from).scheme == "https" and parts.scheme != "https":
            raise UnsafeAddressError("a redirect leads from https to an open line")
        if self.is_own(url) or (self._in_process and is_loopback_url(url)):
            return
        if parts.scheme != "https":
            raise UnsafeAddressError("it is not https")
        if self._in_process:
            return
        if _origin(parts)[2] not in PORTS:
            raise UnsafeAddressError("its port is none of the web's")
        check_host(parts.hostname or "")

    async def addresses(self, host: str, port: int) -> tuple[str, ...]:
        """Return what a name resolves to; connect to nothing else.

        Raises:
            UnsafeAddressError: One of the addresses is not public.
            OSError: The name cannot be resolved.
        """
        if port not in PORTS:
            raise UnsafeAddressError("its port is none of the web's")
        literal = check_host(host)
        found = (literal,) if literal else tuple(await self._resolve(host, port))
        if not found:
            raise OSError("the name has no address")
        if not all(map(is_public, found)):
            raise UnsafeAddressError("its name leads to an address that is not public")
        return found


async def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses that the system has for a name, best first."""
    import asyncio
    import socket

    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


def check_host(host: str) -> str | None:
    """Judge a host by its form, and return it when it is a public IP address; None for a name.

    Raises:
        UnsafeAddressError: It is no public host, or is written in a way that others may read differently.
    """
    name = _ascii(host.strip("[]") if ":" in host else host)
    try:
        ipaddress.ip_address(name)
    except ValueError:
        _check_name(name)
        return None
    if not is_public(name):
        raise UnsafeAddressError("it is an address that is not public")
    return name


def _ascii(host: str) -> str:
    try:
        return host.encode("ascii" if host.isascii() else "idna").decode("ascii").lower()
    except UnicodeError:
        raise UnsafeAddressError("its host is no host name") from None


def _check_name(name: str) -> None:
    labels = name.split(".")
    if not all(map(_LABEL.fullmatch, labels)) or len(name) > _LONGEST_NAME:
        raise UnsafeAddressError("its host is no host name")
    if _NUMBER.fullmatch(labels[-1]):
        raise UnsafeAddressError("its host is an address in an unusual form")
    if any(name == local or name.endswith(f".{local}") for local in _LOCAL_NAMES) or len(labels) == 1:
        raise UnsafeAddressError("its host is a name of this network")


def is_public(address: str) -> bool:
    """Tell whether an IP address is one of the public internet's, also behind its embedded forms.

    Args:
        address: IPv4 or IPv6 in its usual form; anything else, and a zone, is not public.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        special = any(ip in net for net in _IPV4_SPECIAL) or ip.is_multicast or ip.is_reserved
        return ip.is_global and not special
    inner = _embedded(ip)
    if inner is not None:
        return is_public(str(inner))
    return (
        ip.scope_id is None
        and ip in _IPV6_PUBLIC
        and ip.is_global
        and not any(ip in n for n in _IPV6_SPECIAL)
    )


def _embedded(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address really leads to, or None."""
    if ip.scope_id is not None:
        return None
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.sixtofour if ip in _SIX_TO_FOUR else None


def is_loopback_url(url: str) -> bool:
    """Tell whether an address can only lead to this machine, by a number or by ``localhost``."""
    try:
        return is_loopback(_split(url).hostname or "")
    except UnsafeAddressError:
        return False


def _split(url: str) -> SplitResult:
    """Take an address apart.

    Raises:
        UnsafeAddressError: It cannot be read, or two readers may read it differently.
    """
    if _BREAKS.search(url):
        raise UnsafeAddressError("it holds characters that no address has")
    try:
        parts = urlsplit(url)
        _ = parts.port  # read for its check
    except ValueError:
        raise UnsafeAddressError("it cannot be read") from None
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise UnsafeAddressError("it is not https")
    if "@" in parts.netloc:
        raise UnsafeAddressError("it carries a user name")
    return parts


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    port = parts.port if parts.port is not None else _DEFAULT_PORTS[parts.scheme]
    return parts.scheme, parts.hostname or "", port
