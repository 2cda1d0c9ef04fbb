"""``--emit``: what a user in a chat is to be told, as JSON lines of ready actions, the moment they are due."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from ima_skills.cli.output import ReaderGoneError
from ima_skills.errors import ImaError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.client import ImaClient
    from ima_skills.domain.event import Event
    from ima_skills.messages.action import Action
    from ima_skills.messages.job import Job
    from ima_skills.messages.scribe import Scribe
    from ima_skills.plugin_set import PluginSet
    from ima_skills.preparing import Prepared
    from ima_skills.registry import Registry


@frozen
class Audience:
    """For whom messages are.

    Attributes:
        language: Of the messages.
        platform: Where they are read.
    """

    language: str
    platform: str


class Crier:
    """Prints the actions of one job; without ``--emit`` it does nothing at all.

    Args:
        output: Prints.
        audience: For whom; None without ``--emit``.
        choice: Which plugins take part.
        task_type: What is asked for, as far as the options tell.
        late: Whether it is about jobs that were created earlier.
    """

    def __init__(
        self,
        output: Output,
        audience: Audience | None,
        choice: PluginChoice,
        task_type: str = "",
        *,
        late: bool = False,
    ) -> None:
        self.output = output
        self.audience = audience
        self.choice = choice
        self.task_type = task_type
        self.late = late
        self._scribe: Scribe | None = None
        self._client: ImaClient | None = None
        self._is_done = False

    @property
    def speaks(self) -> bool:
        """Whether actions are wanted."""
        return self.audience is not None

    @property
    def language(self) -> str:
        """The language in which reasons and tips are asked for."""
        from ima_skills.cli.groups import LANGUAGES

        wanted = self.audience.language if self.audience else self.output.language
        return wanted if wanted in LANGUAGES else self.output.language

    def open(self, client: ImaClient, job: Job | None = None) -> None:
        """Learn the words.

        Args:
            client: Has plugins, registry and clock.
            job: What is known of a job that was created earlier.

        Raises:
            UsageError: There is no such platform or language.
        """
        if self.audience is not None:
            self._scribe = self._read(client.registry, client.plugins, job or self._earlier())
            self._client = client

    def acknowledge(self, task_type: str) -> None:
        """Print the first reply."""
        self._tell(lambda scribe: scribe.acknowledge(task_type))

    def consult(self, client: ImaClient, prepared: Prepared) -> None:
        """Learn what a wish costs here, so that alternatives can be computed."""
        if self._scribe is None:
            return
        from ima_skills.advice import Adviser
        from ima_skills.messages.counsel import Counsel

        adviser = Adviser(client.registry, client.plugins.quirks)
        counsel = Counsel(
            adviser,
            prepared.request,
            prepared.catalogue,
            prepared.leaf,
            prepared.quote.total,
            prepared.changes,
        )
        self._scribe.consult(counsel)

    def hear(self, event: Event) -> None:
        """Print what is due after an event."""
        if self._client is not None:
            now = self._client.engine.clock.monotonic()
            self._tell(lambda scribe: scribe.hear(event, now))

    def part(self) -> Crier:
        """Return somebody who tells the same people about another job."""
        return Crier(self.output, self.audience, self.choice, late=self.late)

    def end(self, error: ImaError) -> None:
        """Print why it ended."""
        self._tell(lambda scribe: (*scribe.acknowledge(self.task_type), *scribe.end(error)))

    def fail(self, error: ImaError) -> None:
        """Print why it ended, and the error's document as the last line."""
        if self.audience is None:
            return
        from ima_skills.cli.documents import error_document

        if self._scribe is None and not self._is_done:
            self._scribe = self._late()
        self.end(error)
        with suppress(ReaderGoneError):  # the error and its exit code are still the news
            self.result(error_document(error))

    def result(self, document: Mapping[str, Any]) -> None:
        """Print the last line: the command's own document, which is for the agent and not for the user."""
        self.output.json({"kind": "result", "document": document}, indent=None)

    def _late(self) -> Scribe | None:
        """Return somebody to tell a failure that came before there was a client; None when even that fails."""
        from ima_skills.cli.session import load_known

        try:
            plugins = self.choice.load()
            return self._read(load_known(plugins), plugins, self._earlier())
        except ImaError:
            return None  # the failure itself is still told: by the last line, stderr and the exit code

    def _earlier(self) -> Job | None:
        """Return what is known of a job that was created earlier; None when there is none."""
        from ima_skills.messages.job import Job

        return Job(self.task_type, is_created=True) if self.late else None

    def _read(self, registry: Registry, plugins: PluginSet, job: Job | None) -> Scribe:
        from ima_skills.messages.manner import open_manner
        from ima_skills.messages.scribe import Scribe

        audience = self.audience or Audience(self.output.language, "plain")
        return Scribe(open_manner(registry, plugins, audience.language, audience.platform), job=job)

    def _tell(self, due: Callable[[Scribe], Iterable[Action]]) -> None:
        """Print actions; whatever goes wrong with that, a paid job goes on and an error stays the news."""
        if self._scribe is None:
            return
        if self._client is not None:
            self._scribe.pace(self._client.engine.service.sandbox_speed)
        try:
            for action in due(self._scribe):
                self.output.json(action.as_dict(), indent=None)
        except ReaderGoneError:
            self._scribe, self._is_done = None, True  # nobody listens any more
        except Exception as error:  # noqa: BLE001 - a fault in words, perhaps a plugin's, is no fault of the job
            self._scribe, self._is_done = None, True
            self.output.note("messages.broken", fault=type(error).__name__)


@contextmanager
def emitting(
    given: Mapping[str, Any], choice: PluginChoice, output: Output, *, late: bool = False
) -> Iterator[Crier]:
    """Yield who tells the user what happens, and have every error told before it goes on.

    Args:
        given: The options of the command.
        choice: Which plugins take part.
        output: Prints.
        late: Whether it is about jobs that were created earlier: they have been replied to and started.

    Raises:
        UsageError: The options contradict each other.
    """
    from ima_skills.cli.boundary import translate

    _must_agree(given, output)
    language = given["message_language"] or output.language
    audience = Audience(language, given["platform"] or "plain") if given["emit"] else None
    crier = Crier(output, audience, choice, given.get("task_type") or "", late=late)
    try:
        yield crier
    except (ReaderGoneError, click.exceptions.Exit):
        raise
    except Exception as error:
        crier.fail(translate(error, output))
        raise


def _must_agree(given: Mapping[str, Any], output: Output) -> None:
    if not given["emit"]:
        alone = [name for name in ("platform", "message_language") if given[name]]
        if alone:
            raise UsageError(
                f"{_option(alone[0])} belongs to --emit",
                code="conflicting-options",
                hint="Add --emit openclaw, or leave it out.",
                details={"option": _option(alone[0]), "needs": "--emit"},
            )
        return
    clashes = [name for name in ("dry_run", "brief") if given.get(name)]
    clash = "--json" if output.as_json else _option(clashes[0]) if clashes else ""
    if clash:
        raise UsageError(
            f"--emit and {clash} both decide what is printed",
            code="conflicting-options",
            hint="Leave one of them out; with --emit the last line holds the document of --json.",
            details={"options": ["--emit", str(clash)]},
        )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"
