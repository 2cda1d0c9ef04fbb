"""A call before it is handled: which endpoint it means, what it is about, what will go wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.sandbox.call import Call, TooLargeError
from ima_skills.sandbox.faults import Subject
from ima_skills.sandbox.scenario import Fault
from ima_skills.sandbox.site import CDN_PREFIX, PUT_PREFIX

_ENDPOINTS: Mapping[tuple[str, str], str] = {
    ("GET", "/open/v1/product/list"): "list",
    ("POST", "/open/v1/tasks/create"): "create",
    ("POST", "/open/v1/tasks/detail"): "detail",
    ("POST", "/open/v1/assets/verify"): "verify",
    ("GET", "/api/rest/oss/getuploadtoken"): "token",
}
_NAMES = ("model_id", "model_version", "model_name")


@frozen
class Visit:
    """One call with what is known about it.

    Attributes:
        endpoint: ``list``, ``create``, ``detail``, ``verify``, ``token``, ``put`` or ``cdn``.
        call: The call.
        payload: Its JSON object; None when it has none.
        faults: The faults of the scenario that strike it.
    """

    endpoint: str
    call: Call
    payload: Mapping[str, Any] | None = field(repr=False)
    faults: tuple[Fault, ...]

    def fault(self, kind: str) -> Fault | None:
        """Return the first fault of a kind that strikes this call."""
        return next((fault for fault in self.faults if fault.kind == kind), None)


def endpoint_of(call: Call) -> str | None:
    """Return the endpoint that a call means; None for a path or method that the service does not have."""
    if call.method == "PUT" and call.path.startswith(PUT_PREFIX):
        return "put"
    if call.method in {"GET", "HEAD"} and call.path.startswith(CDN_PREFIX):
        return "cdn"
    return _ENDPOINTS.get((call.method, call.path))


async def json_object(call: Call) -> Mapping[str, Any] | None:
    """Return the JSON object of a body, None when it is anything else or too large."""
    try:
        document = json.loads(await call.read())
    except (ValueError, TooLargeError):
        # Both are the client's fault and get the service's own words for it.
        return None
    return document if isinstance(document, dict) else None


def ordered(payload: Mapping[str, Any]) -> Subject:
    """Return what a create is about, as far as its body can be read."""
    products = payload.get("parameters")
    product = products[0] if isinstance(products, list) and products else None
    names = [product.get(name) for name in _NAMES] if isinstance(product, dict) else []
    category = payload.get("task_type")
    return Subject(
        category if isinstance(category, str) else None,
        frozenset(name for name in names if isinstance(name, str)),
    )
