"""What this process and its courier say to each other: one JSON document a line."""

from __future__ import annotations

import json
from typing import Any

from attrs import fields

from ima_skills.delivering import Delivery, Order
from ima_skills.errors import FaultError
from ima_skills.recording import Place
from ima_skills.transport import Answer
from ima_skills.version import VERSION

_KINDS: tuple[Any, ...] = (Order, Delivery, Answer, Place)


def stamp() -> str:
    """Return what both ends must have in common: version, shape of the journal, shape of what crosses the line."""
    from ima_skills.journal.layout import VERSION as JOURNAL

    names = (f"{kind.__name__}.{part.name}" for kind in _KINDS for part in fields(kind))
    return " ".join((VERSION, str(JOURNAL), *names))


def ready_line() -> bytes:
    """Return the line that says that a courier is there, and which."""
    return _line({"ready": stamp()})


def read_ready(line: bytes) -> bool | None:
    """Return whether a line tells of a courier like us; None for a line that tells of none."""
    try:
        said = json.loads(line)
    except ValueError:
        return None
    return said["ready"] == stamp() if isinstance(said, dict) and "ready" in said else None


def order_line(number: int, order: Order, place: Place) -> bytes:
    """Return the line that hands a create over.

    Args:
        number: By which the courier answers.
        order: The create.
        place: Where its entry in the journal is.
    """
    return _line({"number": number, "order": _flat(order), "place": _flat(place)})


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
    answer = None if end.answer is None else _flat(end.answer)
    return _line({"number": number, "delivery": {**_flat(end), "answer": answer}})


def read_reply(line: bytes) -> tuple[int, Delivery | FaultError]:
    """Return what :func:`reply_line` wrote."""
    said = json.loads(line)
    if "fault" in said:
        fault = said["fault"]
        return said["number"], FaultError(fault["message"], code=fault["code"], hint=fault["hint"])
    answer = said["delivery"].pop("answer")
    return said["number"], Delivery(answer and Answer(**answer), **said["delivery"])


def _flat(thing: Any) -> dict[str, Any]:
    """Return the fields of a thing as they are; ``attrs.asdict`` goes as deep as the service's answer does."""
    return {part.name: getattr(thing, part.name) for part in fields(type(thing))}


def _line(document: dict[str, Any]) -> bytes:
    return json.dumps(document, separators=(",", ":"), default=dict).encode() + b"\n"
