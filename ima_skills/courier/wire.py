"""What this process and its courier say to each other: one JSON document a line."""

from __future__ import annotations

import json
from typing import Any

from attrs import asdict

from ima_skills.delivering import Delivery, Order
from ima_skills.errors import FaultError
from ima_skills.recording import Place
from ima_skills.transport import Answer

READY = b'{"ready": true}\n'


def order_line(number: int, order: Order, place: Place) -> bytes:
    """Return the line that hands a create over.

    Args:
        number: By which the courier answers.
        order: The create.
        place: Where its entry in the journal is.
    """
    return _line({"number": number, "order": asdict(order), "place": asdict(place)})


def read_order(line: bytes) -> tuple[int, Order, Place]:
    """Return what :func:`order_line` wrote."""
    said = json.loads(line)
    pid, started, boot = said["place"].pop("owner")
    return said["number"], Order(**said["order"]), Place(**said["place"], owner=(pid, started, boot))


def reply_line(number: int, end: Delivery | FaultError) -> bytes:
    """Return the line that says what became of a create.

    Args:
        number: That of the order.
        end: The delivery, or why it was not sent.
    """
    if isinstance(end, FaultError):
        fault = {"message": end.message, "code": end.name, "hint": end.hint}
        return _line({"number": number, "fault": fault})
    return _line({"number": number, "delivery": asdict(end)})


def read_reply(line: bytes) -> tuple[int, Delivery | FaultError]:
    """Return what :func:`reply_line` wrote."""
    said = json.loads(line)
    if "fault" in said:
        fault = said["fault"]
        return said["number"], FaultError(fault["message"], code=fault["code"], hint=fault["hint"])
    answer = said["delivery"].pop("answer")
    return said["number"], Delivery(answer and Answer(**answer), **said["delivery"])


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode() + b"\n"
