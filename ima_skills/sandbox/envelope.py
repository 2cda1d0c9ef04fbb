"""How the service wraps what it says: JSON envelopes, and the other bodies that come from proxies and storage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ima_skills.sandbox.call import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping

# The service's documents; the texts of 6009 and 6010 are parsed by clients. 404 is our choice.
TEXTS: Mapping[int, str] = {
    400: "Invalid parameter",
    401: "unauthorized",
    404: "task not found",
    429: "Too many requests",
    500: "Internal server error",
    503: "Model temporarily unavailable",
    4008: "Insufficient points",
    4014: "This model requires a subscription",
    6006: "credit mismatch",
    6009: "No exact rule match found for parameters",
    6010: "Attribute ID does not match the calculated rule",
    400017: "err_code=400017 err_msg=Invalid value for model",
}
_STATUS: Mapping[int, int] = {401: 401, 404: 404, 429: 429, 500: 500, 503: 503, 4008: 402, 4014: 403}
SUCCESS = 0


class RefusalError(Exception):
    """The service says no; ends the handling of one call.

    Args:
        code: Business code of the envelope.
        message: Its text; the documented one when left out.
    """

    def __init__(self, code: int, message: str | None = None) -> None:
        self.code = code
        self.message = TEXTS.get(code, "error") if message is None else message
        super().__init__(f"{code}: {self.message}")


def json_answer(document: Any, status: int = 200) -> Answer:
    """Return a JSON response."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return typed_answer(body, "application/json; charset=utf-8", status)


def typed_answer(body: bytes, content_type: str, status: int) -> Answer:
    """Return a response of some content type."""
    return Answer(status, {"content-type": content_type, "content-length": str(len(body))}, body)


def succeeded(data: Any, code: int = SUCCESS) -> Answer:
    """Return the envelope of a success."""
    return json_answer({"code": code, "message": "success", "data": data})


def without_data(code: int = SUCCESS) -> Answer:
    """Return a success that lacks its data, as broken back ends send it."""
    return json_answer({"code": code, "message": "success"})


def refused(code: int | str, message: str, status: int = 200) -> Answer:
    """Return the envelope of a business error; it comes as HTTP 200 unless told otherwise."""
    return json_answer({"code": code, "message": message, "data": None}, status)


def http_status(code: int) -> int:
    """Return the HTTP status that goes with a business code when errors are served as HTTP errors."""
    return _STATUS.get(code, 400)


def storage_error(status: int, code: str, message: str) -> Answer:
    """Return an error in the XML of the object storage."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f"<Error>\n  <Code>{code}</Code>\n  <Message>{message}</Message>\n</Error>\n"
    )
    return typed_answer(body.encode(), "application/xml", status)


def outage(status: int, body: str) -> Answer:
    """Return an error that carries no business code: ``html``, ``json``, ``xml`` or ``empty``."""
    if body == "html":
        page = f"<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
        return typed_answer(page.encode(), "text/html", status)
    if body == "xml":
        return storage_error(status, "InternalError", "We encountered an internal error. Please try again.")
    if body == "json":
        return json_answer({"message": f"upstream answered {status}"}, status)
    return Answer(status, {"content-length": "0"})
