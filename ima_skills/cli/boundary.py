"""Where every error of the command line ends: as a message, in the caller's format, and an exit code."""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from ima_skills.cli.documents import error_document
from ima_skills.cli.output import AnswerLostError, Output, ReaderGoneError, silence
from ima_skills.cli.wording import error_lines
from ima_skills.errors import FaultError, ImaError, UsageError

if TYPE_CHECKING:
    from ima_skills.cli.groups import Tone

INTERRUPTED = 130
TERMINATED = 143
_TOO_MANY = "there are more words than this command takes"
_IN_QUOTES = "; put a prompt in quotes"
# Arguments that are a text in somebody's own words.
_TEXTS = {"prompt", "text", "wish"}


class InterruptedByUserError(ImaError):
    """Somebody pressed Ctrl-C; what runs at the service runs on."""

    code = "interrupted"
    exit_code = INTERRUPTED
    can_retry = True


class TerminatedError(InterruptedByUserError):
    """The process was told to end (SIGTERM); what runs at the service runs on."""

    exit_code = TERMINATED


def report(error: BaseException, tone: Tone) -> int:
    """Tell an error to whoever called, and return the exit code.

    Args:
        error: Whatever a command raised.
        tone: Language and format.
    """
    if isinstance(error, ReaderGoneError):
        silence()
        return 0
    output = Output(tone.language, as_json=tone.as_json)
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        # Somebody is looking around: no error to read about, and no success to a script that forgot a word.
        output.aside(error.format_message())
        return error.exit_code
    told = translate(error, output)
    _log(told, error)
    document = error_document(told)
    if isinstance(told, AnswerLostError):
        silence()
        output.aside("\n".join(error_lines(document, output)))
        return told.exit_code
    from ima_skills.settings import switch

    try:
        if isinstance(told, FaultError) and switch("IMA_DEBUG", doubt=False):
            output.aside(_traceback(error))
        output.failure(document, error_lines(document, output))
    except ReaderGoneError:
        silence()
    except AnswerLostError:
        silence()
        output.aside("\n".join(error_lines(document, output)))
    return told.exit_code


def _log(told: ImaError, error: BaseException) -> None:
    """Write an error down, unless click could not read the command line: then nothing was begun."""
    if not isinstance(error, click.UsageError):
        from ima_skills.cli.log_keeping import log_end

        log_end(told, error)


def translate(error: BaseException, output: Output) -> ImaError:
    """Return the error of ours that an exception means."""
    if isinstance(error, ImaError):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC and error.filename is None:
        return AnswerLostError(
            f"the answer could not be written to stdout: {error.strerror}"
        )  # click's own echo
    if isinstance(error, click.Abort):
        return InterruptedByUserError(output.say("end.interrupted"))
    if isinstance(error, click.ClickException):
        return _usage(error)
    return internal(error)


def internal(error: BaseException, task_id: str | None = None) -> ImaError:
    """Return the error that tells of an unexpected one; its own words may hold a prompt, so they stay out."""
    kept = f" The task is not lost: ima-skills tasks wait {task_id}" if task_id else ""
    return FaultError(
        f"something went wrong inside ima-skills: {type(error).__name__}",
        hint="Try it with IMA_SKILLS_NO_THIRD_PARTY=1, look at ima-skills doctor, and set IMA_DEBUG=1"
        f" to see where it happened.{kept}",
        task_id=task_id,
    )


def _usage(error: click.ClickException) -> UsageError:
    """Return what is wrong with a command line; a value of the environment is blamed on its variable."""
    variable = _variable(error)
    if variable is None or not isinstance(error, click.BadParameter):
        return UsageError(_sentence(error), hint=_usage_hint(error))
    error.param_hint = f"the environment variable {variable}"
    return UsageError(
        _sentence(error),
        hint=f"Correct or unset {variable}. {_usage_hint(error)}",
        details={"variable": variable},
    )


def _variable(error: click.ClickException) -> str | None:
    """Return the environment variable that a refused value came from."""
    param, context = getattr(error, "param", None), getattr(error, "ctx", None)
    if param is None or context is None or not param.envvar:
        return None
    if context.get_parameter_source(param.name) is not ParameterSource.ENVIRONMENT:
        return None
    names = [param.envvar] if isinstance(param.envvar, str) else param.envvar
    return next((name for name in names if os.environ.get(name)), None)


def _sentence(error: click.ClickException) -> str:
    # Click's name of a type is no word for people.
    message = re.sub(r"(is not a valid (?:integer|float)) range\b", r"\1", error.format_message())
    message = message.strip().rstrip(".")
    if not message.startswith("Got unexpected extra argument"):
        return message
    # Click quotes the words that are too many; in a create they are the prompt.
    params = error.ctx.command.params if isinstance(error, click.UsageError) and error.ctx else ()
    return f"{_TOO_MANY}{_IN_QUOTES if any(param.name in _TEXTS for param in params) else ''}"


def _usage_hint(error: click.ClickException) -> str:
    context = getattr(error, "ctx", None)
    if isinstance(error, click.NoSuchOption) and context is not None:
        takes_text = any(isinstance(param, click.Argument) for param in context.command.params)
        dashes = "; a text that begins with - goes behind --" if takes_text else ""
        return f"Run: {context.command_path} --help{dashes}"
    return f"Run: {context.command_path} --help" if context is not None else "Run: ima-skills --help"


def _traceback(error: BaseException) -> str:
    import traceback

    return "".join(traceback.format_exception(error)).rstrip()
