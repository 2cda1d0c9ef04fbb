"""Compliance checks of input files, which some models ask for before a create."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.sandbox.envelope import RefusalError
from ima_skills.sandbox.ground import Ground
from ima_skills.sandbox.site import content_type_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ima_skills.sandbox.scenario import Fault

# The service's documents: these families take no input that has not passed the check.
_CHECKED_MODELS = {"ima-pro", "ima-pro-fast"}
_NAME_MAX = 64
_PASSED = "Active"


@frozen
class Assets:
    """The compliance desk.

    Attributes:
        ground: Memory, addresses, time.
    """

    ground: Ground

    def verify(self, payload: Mapping[str, Any], fault: Fault | None) -> dict[str, Any]:
        """Check one asset and return the data of a verify call.

        Raises:
            RefusalError: 400, the body names no usable address.
        """
        url, name = payload.get("url"), payload.get("name") or ""
        if not isinstance(url, str) or not url:
            raise RefusalError(400, "url is required")
        if not isinstance(name, str) or len(name) > _NAME_MAX:
            raise RefusalError(400, f"name must have at most {_NAME_MAX} characters")
        status, error = self._verdict(url, fault)
        key = self._key(url)
        with self.ground.database.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO assets VALUES (?, ?)", (key, status))
        return {"result": self._document(url, name, status, error)}

    def check(self, model_id: str, inputs: Sequence[str]) -> None:
        """Check that every input of a create has passed, where the model asks for it.

        Raises:
            RefusalError: 400, one has not.
        """
        if model_id not in _CHECKED_MODELS:
            return
        for url in inputs:
            rows = self.ground.database.rows("SELECT status FROM assets WHERE key = ?", (self._key(url),))
            if not rows or rows[0]["status"] != _PASSED:
                raise RefusalError(400, "asset has not passed the compliance check")

    def _verdict(self, url: str, fault: Fault | None) -> tuple[str, dict[str, str]]:
        if fault is not None:
            code = "" if fault.verdict == "processing" else str(fault.code or "AssetRejected")
            text = "" if fault.verdict == "processing" else "the asset is not allowed"
            return fault.verdict, {"code": code, "message": fault.message or text}
        reason = self.ground.site.why_unfit(url)
        if reason is not None:
            return "failed", {"code": "InvalidUrl", "message": reason}
        return _PASSED, {"code": "", "message": ""}

    def _document(self, url: str, name: str, status: str, error: Mapping[str, str]) -> dict[str, Any]:
        now = round(self.ground.clock.now() * 1000)
        return {
            "id": f"asset-{hashlib.sha256(self._key(url).encode()).hexdigest()[:16]}",
            "status": status,
            "name": name,
            "url": url,
            "asset_type": content_type_of(url.partition("?")[0]).partition("/")[0],
            "error": dict(error),
            "group_id": "sandbox",
            "project_name": "default",
            "create_time": now,
            "update_time": now,
        }

    def _key(self, url: str) -> str:
        # A file of our own keeps its verdict when the server's port changes.
        return self.ground.site.object_of(url) or url
