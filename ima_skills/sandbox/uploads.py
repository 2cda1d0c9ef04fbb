"""Uploads: a signed token, then a PUT to a presigned address that knows its content type and its end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import urlencode

from attrs import field, frozen

from ima_skills.sandbox.call import Answer, Call
from ima_skills.sandbox.envelope import RefusalError, storage_error
from ima_skills.sandbox.ground import Ground
from ima_skills.sandbox.site import PUT_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The service's documents: one application for all clients; the app key is public, not a secret.
_APP_ID = "webAgent"
_APP_KEY = "32jdskjdk320eew"
_SECOND_APP_KEY = "im_claw_open"
_PARAMETERS = (
    "appUid", "appId", "appKey", "cmimToken", "sign", "timestamp", "nonce",
    "fService", "fType", "fSuffix", "fContentType",
)  # fmt: skip
_FILE_TYPES = {"picture", "video", "audio"}
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+")
# The service's documents: an address is good for about a week. The clock window is our choice.
_VALID_S = 7 * 24 * 3600
_CLOCK_WINDOW_S = 900
_ACCESS_ID = "ima-sandbox"


@frozen
class Uploads:
    """The upload host.

    Attributes:
        ground: Memory, addresses, time, switches.
        secret: Signs the presigned addresses.
    """

    ground: Ground
    secret: str = field(repr=False)

    def token(self, call: Call, *, expired: bool = False) -> dict[str, Any]:
        """Return the data of a token call.

        Args:
            call: The call; it carries its key in the query, not in a header.
            expired: Hand out an address that is no longer good.

        Raises:
            RefusalError: 401 for a wrong key or signature, 400 for anything else that is wrong.
        """
        suffix, content_type = self._wanted(call)
        if not re.fullmatch(r"[A-Za-z0-9]{1,8}", suffix):
            raise RefusalError(400, "Invalid parameter: fSuffix")
        if not _CONTENT_TYPE.fullmatch(content_type):
            raise RefusalError(400, "Invalid parameter: fContentType")
        now = self.ground.clock.now()
        name = f"{_APP_ID}/privite/{datetime.fromtimestamp(now, UTC):%Y/%m/%d}/{int(now)}_sandbox_{self.ground.fresh()}.{suffix}"
        expires = int(now) + (-1 if expired else _VALID_S)
        signature = self._signature(name, content_type, str(expires))
        query = urlencode({"Expires": expires, "OSSAccessKeyId": _ACCESS_ID, "Signature": signature})
        return {
            "ful": self.ground.site.put_url(name, query),
            "fdl": self.ground.site.cdn_url(name),
            "ful_expire": expires,
            "fdl_expire": expires,
            "fdl_key": name,
        }

    async def put(self, call: Call) -> Answer:
        """Take the bytes of an upload; a refused one is read to its end so that the client sees why."""
        name = call.path.removeprefix(PUT_PREFIX)
        path = self.ground.site.file(name)
        refusal = self._refusal(call, name)
        if path is None or refusal is not None:
            await call.drain()
            return refusal or storage_error(400, "InvalidObjectName", "The object name is not valid.")
        digest = hashlib.md5(usedforsecurity=False)
        with _arriving(path, self.ground.staging) as file:
            async for chunk in call.body:
                file.write(chunk)
                digest.update(chunk)
        return Answer(200, {"content-length": "0", "etag": f'"{digest.hexdigest().upper()}"'})

    def _wanted(self, call: Call) -> tuple[str, str]:
        query = call.query
        if self.ground.options.lenient and "suffix" in query and "sign" not in query:
            known = call.headers.get("app-key") == _SECOND_APP_KEY
            if not known or call.headers.get("ima-token") != self.ground.options.api_key:
                raise RefusalError(401)
            return query["suffix"], query.get("content_type", "")
        for name in _PARAMETERS:
            if not query.get(name):
                raise RefusalError(400, f"missing parameter: {name}")
        if {query["appUid"], query["cmimToken"]} != {self.ground.options.api_key}:
            raise RefusalError(401)
        self._check_signature(query)
        if query["fService"] != "privite" or query["fType"] not in _FILE_TYPES:
            raise RefusalError(400, "Invalid parameter: fService or fType")
        return query["fSuffix"], query["fContentType"]

    def _check_signature(self, query: Mapping[str, str]) -> None:
        text = "|".join((_APP_ID, _APP_KEY, query["timestamp"], query["nonce"]))
        # The service's own scheme is a plain SHA-1; there is nothing to choose here.
        expected = hashlib.sha1(text.encode()).hexdigest().upper()  # noqa: S324 - the service's scheme
        known = (query["appId"], query["appKey"]) == (_APP_ID, _APP_KEY)
        if not known or not hmac.compare_digest(query["sign"].encode(), expected.encode()):
            raise RefusalError(401, "invalid sign")
        stamp = query["timestamp"]
        if not stamp.isdecimal() or abs(self.ground.clock.now() - int(stamp)) > _CLOCK_WINDOW_S:
            raise RefusalError(400, "timestamp expired")

    def _signature(self, name: str, content_type: str, expires: str) -> str:
        # The form of the storage's presigned addresses: the content type is part of what is signed.
        text = f"PUT\n\n{content_type}\n{expires}\n/{name}"
        return base64.b64encode(hmac.digest(self.secret.encode(), text.encode(), "sha1")).decode()

    def _refusal(self, call: Call, name: str) -> Answer | None:
        expires = call.query.get("Expires", "")
        if "authorization" in call.headers:
            return storage_error(400, "InvalidArgument", "Only one way of authentication may be used.")
        if not expires.isdecimal():
            return storage_error(403, "AccessDenied", "The address is not signed.")
        expected = self._signature(name, call.headers.get("content-type", ""), expires)
        if not hmac.compare_digest(call.query.get("Signature", "").encode(), expected.encode()):
            return storage_error(403, "SignatureDoesNotMatch", "The signature does not match the request.")
        if int(expires) < self.ground.clock.now():
            return storage_error(403, "AccessDenied", "Request has expired.")
        return None


@contextmanager
def _arriving(path: Path, staging: Path) -> Iterator[BinaryIO]:
    """Give a file to write; it takes its place when the block ends well and vanishes when it does not."""
    with tempfile.NamedTemporaryFile(dir=staging, prefix="put-", delete=False) as file:
        staged = Path(file.name)
        try:
            yield cast("BinaryIO", file)
        except BaseException:
            staged.unlink()
            raise
    path.parent.mkdir(parents=True, exist_ok=True)
    staged.replace(path)
