"""Addresses and files: where things are on the sandbox's own hosts, and what other addresses are fit as inputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, quote, unquote, urlsplit

from ima_skills.sandbox.knowledge import IN_PROCESS_URL

if TYPE_CHECKING:
    from pathlib import Path

PUT_PREFIX = "/oss/"
CDN_PREFIX = "/cdn/"
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_TYPES = {
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif", "webp": "image/webp",
    "bmp": "image/bmp", "tiff": "image/tiff", "mp4": "video/mp4", "mov": "video/quicktime",
    "avi": "video/x-msvideo", "mkv": "video/x-matroska", "webm": "video/webm", "flv": "video/x-flv",
    "mp3": "audio/mpeg", "wav": "audio/wav", "ogg": "audio/ogg", "m4a": "audio/mp4", "aac": "audio/aac",
    "flac": "audio/flac",
}  # fmt: skip


class Site:
    """The sandbox's hosts and the files behind them.

    Args:
        base_url: Where the sandbox is reached now; may change when a server gets its port.
        root: Folder of the CDN's files.
    """

    def __init__(self, base_url: str, root: Path) -> None:
        self.base_url = base_url.rstrip("/")
        self._root = root

    def cdn_url(self, name: str) -> str:
        """Return the public address of an object."""
        return f"{self.base_url}{CDN_PREFIX}{quote(name)}"

    def put_url(self, name: str, query: str) -> str:
        """Return the upload address of an object with its signed query."""
        return f"{self.base_url}{PUT_PREFIX}{quote(name)}?{query}"

    def file(self, name: str) -> Path | None:
        """Return where an object's bytes are or would be; None for a name that no object can have."""
        return self._root / name if _NAME.fullmatch(name) else None

    def object_of(self, url: str) -> str | None:
        """Return the object that one of our own addresses means; None for a foreign address."""
        parts = _split(url)
        if parts is None or parts.scheme not in {"http", "https"} or not parts.path.startswith(CDN_PREFIX):
            return None
        own = {urlsplit(self.base_url).netloc, urlsplit(IN_PROCESS_URL).netloc}
        # A state folder outlives its server's port: any loopback address of ours stays valid.
        if parts.netloc not in own and not is_loopback(parts.hostname or ""):
            return None
        return unquote(parts.path.removeprefix(CDN_PREFIX))

    def local(self, url: str) -> Path | None:
        """Return the file behind one of our own addresses, None when it is foreign or has no file."""
        name = self.object_of(url)
        path = self.file(name) if name is not None else None
        return path if path is not None and path.is_file() else None

    def why_unfit(self, url: str) -> str | None:
        """Return why an address cannot be an input, None when it can.

        The service takes public https addresses only; the sandbox's own CDN counts as one.
        """
        if self.object_of(url) is not None:
            return None if self.local(url) is not None else "input file not found"
        parts = _split(url)
        if parts is None or parts.scheme != "https" or not parts.hostname:
            return "input must be a public https URL"
        return None if _is_public(parts.hostname) else "input host is not public"


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        # Not an address at all, for instance a bracket without its partner.
        return None


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's loopback."""
    import ipaddress

    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def content_type_of(name: str) -> str:
    """Return the content type that the storage gives to a file name."""
    return _TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def _is_public(host: str) -> bool:
    import ipaddress

    try:
        return ipaddress.ip_address(host.strip("[]")).is_global
    except ValueError:
        local = (".local", ".localdomain", ".home.arpa", ".internal", ".localhost")
        return "." in host.strip(".") and not host.rstrip(".").endswith(local)
