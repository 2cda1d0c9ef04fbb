"""The only module that prints: documents and texts to stdout, everything on the way to stderr."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.texts import say
from ima_skills.errors import FaultError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ReaderGoneError(Exception):
    """Whoever read our output has closed it; nothing is left to say."""


class AnswerLostError(FaultError):
    """The answer could not be written; what it tells of was done all the same."""

    code = "output-unwritable"


class Output:
    """How one command speaks.

    Args:
        language: ``en`` or ``zh``.
        as_json: Whether stdout carries exactly one JSON document.
    """

    def __init__(self, language: str = "en", *, as_json: bool = False) -> None:
        self.language = language
        self.as_json = as_json

    def say(self, key: str, **values: Any) -> str:
        """Return a text of the table in the caller's language."""
        return say(self.language, key, **values)

    def document(self, document: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Print the answer of a command: the document with ``--json``, else the lines.

        Raises:
            ReaderGoneError: Nobody reads any more.
        """
        if self.as_json:
            self.json(document)
        else:
            self.text("\n".join(lines))

    def json(self, document: Mapping[str, Any] | list[Any], *, indent: int | None = 2) -> None:
        """Print a JSON document to stdout; on one line when ``indent`` is None."""
        self.text(_encoded(document, indent, sys.stdout.encoding))

    def text(self, text: str) -> None:
        """Print text to stdout as it is, with a newline."""
        try:
            click.echo(_printable(text, sys.stdout.encoding))
        except BrokenPipeError:
            raise ReaderGoneError from None
        except OSError as error:
            raise AnswerLostError(
                f"the answer could not be written to stdout: {error.strerror or type(error).__name__}",
                hint="What the command did is done: look at ima-skills tasks list.",
            ) from error

    def failure(self, document: Mapping[str, Any], lines: Iterable[str]) -> None:
        """Print an error: the document to stdout with ``--json``, else the lines to stderr."""
        if self.as_json:
            self.json(document)
        else:
            self.aside("\n".join(lines))

    def note(self, key: str, **values: Any) -> None:
        """Print a text of the table to stderr."""
        self.aside(self.say(key, **values))

    def asks(self) -> bool:
        """Tell whether a person can be asked: both ends of the dialogue are a terminal."""
        return sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, key: str, **values: Any) -> bool:
        """Ask a question on stderr and return whether the answer is yes; Ctrl-C ends the command."""
        import signal

        # The event loop's own handler would let Ctrl-C wait for the answer.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return click.confirm(_printable(self.say(key, **values), sys.stderr.encoding), err=True)
        finally:
            signal.signal(signal.SIGINT, before)

    def aside(self, text: str) -> None:
        """Print text to stderr as it is, with a newline."""
        # Without a reader, or with a full disk behind stderr, a paid job must not end because of it.
        with suppress(OSError):
            click.echo(_printable(text, sys.stderr.encoding), err=True)


def silence() -> None:
    """Point stdout at nothing, so that closing a broken pipe or a full file at exit says nothing either."""
    import os

    with suppress(OSError, ValueError):  # a stream that a test put there has no number
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _encoded(document: Mapping[str, Any] | list[Any], indent: int | None, encoding: str | None) -> str:
    text = json.dumps(document, ensure_ascii=False, indent=indent, default=str)
    # A terminal that cannot show Chinese still gets valid JSON.
    return text if _fits(text, encoding) else json.dumps(document, indent=indent, default=str)


def _printable(text: str, encoding: str | None) -> str:
    if _fits(text, encoding):
        return text
    known = encoding or "ascii"
    return text.encode(known, "backslashreplace").decode(known)


def _fits(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True
