"""The guard: which addresses may be fetched, by their form and by what their names resolve to."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ima_skills.network_guard import NetworkGuard, UnsafeAddressError, check_host, is_loopback_url, is_public

OWN = "http://127.0.0.1:40123"


def _guard(*addresses: str, own: Sequence[str] = ()) -> NetworkGuard:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return NetworkGuard(own, resolve)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/x.png?sign=a%20b", "https://cdn.example.com:443/x", "https://cdn.example.com:8443/x",
        "https://cdn.example.com:80/x", "HTTPS://CDN.Example.COM/x", "https://8.8.8.8/x", "https://[2606:4700::1111]/x",
        "https://bücher.example/x", "https://a_b.example/x", "https://1a.example/x", "https://xn--bcher-kva.example/",
        "https://local.example/", "https://mylocal/".replace("mylocal", "notlocal.co"), "https://localhost.example.com/",
    ],
)  # fmt: skip
def test_public_addresses_pass(url: str) -> None:
    """https to a public host on a port of the web is fetched."""
    _guard().check(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://cdn.example.com/x", "not https"), ("ftp://cdn.example.com/x", "not https"), ("file:///etc/passwd", "not https"),
        ("", "not https"), ("https://", "not https"), ("//cdn.example.com/x", "not https"), ("gopher://a.example:70/_x", "not https"),
        ("https://user@cdn.example.com/", "user name"), ("https://user:pw@cdn.example.com/", "user name"), ("https://@cdn.example.com/", "user name"),
        ("https://127.0.0.1/", "not public"), ("https://10.1.2.3/", "not public"), ("https://172.16.0.1/", "not public"),
        ("https://192.168.1.1/", "not public"), ("https://169.254.169.254/latest/meta-data/", "not public"), ("https://100.64.0.1/", "not public"),
        ("https://0.0.0.0/", "not public"), ("https://255.255.255.255/", "not public"), ("https://224.0.0.1/", "not public"),
        ("https://192.0.2.1/", "not public"), ("https://198.18.0.1/", "not public"), ("https://240.0.0.1/", "not public"),
        ("https://[::1]/", "not public"), ("https://[::]/", "not public"), ("https://[fe80::1]/", "not public"), ("https://[fd00:ec2::254]/", "not public"),
        ("https://[::ffff:127.0.0.1]/", "not public"), ("https://[::ffff:7f00:1]/", "not public"), ("https://[2002:7f00:1::]/", "not public"),
        ("https://[64:ff9b::7f00:1]/", "not public"), ("https://[64:ff9b::169.254.169.254]/", "not public"), ("https://[64:ff9b:1::1]/", "not public"),
        ("https://[::127.0.0.1]/", "not public"), ("https://[2001:db8::1]/", "not public"), ("https://[2001::1]/", "not public"),
        ("https://[ff02::1]/", "not public"), ("https://[fe80::1%25eth0]/", "n"),
        ("https://2130706433/", "unusual form"), ("https://0x7f000001/", "unusual form"), ("https://0x7f.1/", "unusual form"),
        ("https://127.1/", "unusual form"), ("https://0177.0.0.1/", "unusual form"), ("https://127.0.0.0x1/", "unusual form"),
        ("https://017700000001/", "unusual form"), ("https://1.2.3.4.5/", "unusual form"), ("https://8.8.8.08/", "unusual form"),
        ("https://a.example.0x/", "unusual form"), ("https://256.1.1.1/", "unusual form"),
        ("https://\uff11\uff12\uff17.0.0.1/", "n"), ("https://\u2460\u2461\u2466.0.0.1/", "n"),
        ("https://cdn.example.com./", "no host name"), ("https://127.0.0.1./", "no host name"), ("https://a..example/", "no host name"),
        ("https://.example/", "no host name"), ("https://-a.example/", "no host name"), ("https://a-.example/", "no host name"),
        ("https://a*b.example/", "no host name"), ("https://" + "a" * 64 + ".example/", "no host name"), ("https://" + "a." * 130 + "example/", "no host name"),
        ("https://localhost/", "this network"), ("https://a.localhost/", "this network"), ("https://printer.local/", "this network"),
        ("https://a.LOCALDOMAIN/", "this network"), ("https://nas.home.arpa/", "this network"), ("https://home.arpa/", "this network"),
        ("https://metadata.google.internal/", "this network"), ("https://intranet/", "this network"),
        ("https://a.example:22/", "port"), ("https://a.example:6379/", "port"), ("https://a.example:0/", "port"), ("https://a.example:99999/", "read"),
        ("https://a.example:port/", "read"), ("https://[/", "read"), ("https://a.example\\@127.0.0.1/", "characters"), ("https://a.example/\nx", "characters"),
        ("https://a.exa mple/", "characters"), ("https://a\t.example/", "characters"), ("https://\x00a.example/", "characters"),
    ],
    ids=str,
)  # fmt: skip
def test_other_addresses_do_not(url: str, why: str) -> None:
    """What may lead into this machine or its network, or is read differently by others, is refused."""
    with pytest.raises(UnsafeAddressError, match=why) as caught:
        _guard().check(url)
    assert (caught.value.exit_code, caught.value.retryable, caught.value.name) == (5, False, "unsafe-address")
    assert "169.254" not in str(caught.value.as_dict())
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        (f"{OWN}/cdn/x.png", True), ("http://127.0.0.1:40124/x", False), ("https://127.0.0.1:40123/x", False),
        ("http://localhost:40123/x", False), ("http://127.0.0.2:40123/x", False), ("http://127.1:40123/x", False),
        ("http://u@127.0.0.1:40123/x", False), ("http://127.0.0.1/x", False), ("http://[::1]:40123/x", False),
    ],
)  # fmt: skip
def test_own_origin(url: str, fine: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only the exact scheme, host and port of the sandbox lead to this machine."""
    guard = _guard(own=[OWN])
    assert guard.is_own(url) is fine
    if fine:
        guard.check(url)
    else:
        with pytest.raises(UnsafeAddressError):
            guard.check(url)


def test_an_own_origin_elsewhere_is_none() -> None:
    """A configured host that is not this machine is judged like any other."""
    guard = _guard(own=["https://10.0.0.1", "https://api.imastudio.com"])
    assert not guard.is_own("https://10.0.0.1/x")
    with pytest.raises(UnsafeAddressError, match="not public"):
        guard.check("https://10.0.0.1/x")


@pytest.mark.parametrize(
    ("came_from", "fine"), [("https://a.example/", False), (f"{OWN}/cdn/x", True), (None, True)]
)
def test_downgrades(came_from: str | None, fine: bool) -> None:  # noqa: FBT001 - a column of the table
    """A redirect never leads from https to an open line, not even to the own origin."""
    guard = _guard(own=[OWN])
    if fine:
        guard.check(f"{OWN}/cdn/y", came_from)
    else:
        with pytest.raises(UnsafeAddressError, match="open line"):
            guard.check(f"{OWN}/cdn/y", came_from)


def test_doubles_in_this_process() -> None:
    """Without a network only the form counts: https, or this machine; never a user name or a downgrade."""
    guard = NetworkGuard(in_process=True)
    for url in ("https://cdn.example/x", "http://ima-sandbox.localhost/cdn/x", "http://127.0.0.1:9/x"):
        guard.check(url)
    for url in ("http://cdn.example/x", "https://u:p@cdn.example/x", "file:///x"):
        with pytest.raises(UnsafeAddressError):
            guard.check(url)
    with pytest.raises(UnsafeAddressError, match="open line"):
        guard.check("http://127.0.0.1:9/x", "https://cdn.example/x")


def _addresses(guard: NetworkGuard, host: str, port: int = 443) -> Any:
    return asyncio.run(guard.addresses(host, port))


def test_all_addresses_must_be_public() -> None:
    """One private address among public ones is enough to refuse the name."""
    assert _addresses(_guard("8.8.8.8", "2606:4700::1111"), "a.example") == ("8.8.8.8", "2606:4700::1111")
    for bad in (
        "127.0.0.1",
        "10.0.0.1",
        "::1",
        "fe80::1%eth0",
        "169.254.169.254",
        "::ffff:10.0.0.1",
        "junk",
        "198.18.0.7",
    ):
        for found in ([bad], ["8.8.8.8", bad], [bad, "8.8.8.8"]):
            with pytest.raises(UnsafeAddressError, match="leads to an address that is not public"):
                _addresses(_guard(*found), "a.example")
    with pytest.raises(OSError, match="no address"):
        _addresses(_guard(), "a.example")


def test_literals_and_bad_names_are_not_resolved() -> None:
    """A number is judged as it stands, and a name of this network is not even looked up."""

    async def never(host: str, port: int) -> Sequence[str]:
        raise AssertionError(host)

    guard = NetworkGuard((), never)
    assert _addresses(guard, "8.8.8.8") == ("8.8.8.8",)
    for host in ("10.0.0.1", "0x7f.1", "localhost", "nas.local", "::1", "[::1]"):
        with pytest.raises(UnsafeAddressError):
            _addresses(guard, host)
    with pytest.raises(UnsafeAddressError, match="port"):
        _addresses(guard, "a.example", 22)


def test_the_systems_resolver_is_the_default() -> None:
    """Without an injected resolver names go to the system, here to a name that is this machine."""
    import socket

    with pytest.raises(UnsafeAddressError):
        _addresses(NetworkGuard(), "nothing.localhost")
    from ima_skills.network_guard import system_resolver

    found = asyncio.run(system_resolver("localhost", 443))
    assert found
    assert set(found) <= {"127.0.0.1", "::1"}
    assert socket.getaddrinfo("127.0.0.1", 443)


V4 = st.ip_addresses(v=4)
V6 = st.ip_addresses(v=6)
SPECIAL = st.sampled_from([
    "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "0.0.0.0/8", "224.0.0.0/4",
    "240.0.0.0/4", "198.18.0.0/15", "192.0.0.0/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "fc00::/7", "fe80::/10",
    "fec0::/10", "ff00::/8", "2001:db8::/32", "2001::/32", "100::/64", "64:ff9b:1::/48", "::/96", "3fff::/20",
]).map(ipaddress.ip_network)  # fmt: skip


@given(V4)
def test_any_ipv4(address: ipaddress.IPv4Address) -> None:
    """Never laxer than the standard library; and the same through every form that embeds it."""
    assert not is_public(str(address)) or address.is_global
    assert not is_public(str(address)) or not address.is_multicast
    number = int(address)
    forms = (f"::ffff:{address}", str(ipaddress.IPv6Address((0x64FF9B << 96) | number)))
    assert all(is_public(form) == is_public(str(address)) for form in forms)
    six = str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80)))
    assert is_public(six) == is_public(str(address))


@given(V6)
def test_any_ipv6(address: ipaddress.IPv6Address) -> None:
    """Never laxer than the standard library, and only in the part of the space that is given out."""
    embeds = address.ipv4_mapped or address.sixtofour or str(address).startswith("64:ff9b::")
    if is_public(str(address)) and not embeds:
        assert address.is_global
        assert int(address) >> 125 == 1


@given(SPECIAL, st.integers(min_value=0))
def test_special_ranges(net: Any, number: int) -> None:
    """No address of a special range is public, however it is chosen."""
    assert not is_public(str(net[number % net.num_addresses]))


@given(V4, st.sampled_from(["int", "hex", "octal", "short", "dot"]))
def test_odd_forms_are_never_names(address: ipaddress.IPv4Address, form: str) -> None:
    """No way to write an IPv4 address other than the usual one passes for a host name."""
    number, parts = int(address), str(address).split(".")
    text = {
        "int": str(number), "hex": hex(number), "octal": ".".join(f"0{int(part):o}" for part in parts),
        "short": f"{parts[0]}.{number & 0xFFFFFF}", "dot": f"{address}.",
    }[form]  # fmt: skip
    with pytest.raises(UnsafeAddressError):
        check_host(text)


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_text(host: str, rest: str) -> None:
    """Whatever is written as an address, the answer is yes or our own refusal."""
    guard = _guard(own=[OWN])
    for url in (host, f"https://{host}/{rest}", f"http://{host}"):
        try:
            guard.check(url, rest)
        except UnsafeAddressError:
            continue
        assert url.lower().startswith("https://") or guard.is_own(url)


def test_this_machine_by_address() -> None:
    """Only numbers and names that can be nothing else count as this machine."""
    assert is_loopback_url("http://127.9.9.9:1/x")
    assert is_loopback_url("http://[::1]/")
    assert not is_loopback_url("https://127.0.0.1.example/")
    assert not is_loopback_url("https://[")
