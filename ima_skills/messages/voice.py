"""The words for one job: which kind of media it makes, and what is said about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.messages.manner import Manner

if TYPE_CHECKING:
    from ima_skills.errors import ImaError
    from ima_skills.messages.failures import Failure

_OTHER = "other"


@frozen
class Voice:
    """Says things about one kind of media.

    Attributes:
        manner: The words.
        task_type: What is made; one that the registry does not know is spoken of neutrally.
    """

    manner: Manner
    task_type: str

    @property
    def media_kind(self) -> str:
        """What comes back: ``image``, ``video``, ``audio``, or what a plugin's task type says."""
        known = self.manner.registry.task_types.get(self.task_type)
        return known.media_kind if known else ""

    @property
    def kind(self) -> str:
        """The table of ``[kinds]`` that speaks of it: the modality's, else the media kind's, else the neutral one."""
        known = self.manner.registry.task_types.get(self.task_type)
        names = (known.modality, known.media_kind) if known else ()
        return next((name for name in names if self.manner.lines.has(f"kinds.{name}.noun")), _OTHER)

    def say(self, *keys: str, **values: Any) -> str:
        """Return a text that may speak of the kind; see :meth:`Lines.say`."""
        return self.manner.lines.say(*keys, **{**self._names(), **values})

    def step(self, name: str, **values: Any) -> str:
        """Return the line that a kind has for a step, else the usual one."""
        return self.say(f"kinds.{self.kind}.{name}", f"steps.{name}", **values)

    def acknowledgement(self) -> str:
        """Return the first reply."""
        return self.say(f"kinds.{self.kind}.acknowledge")

    def note(self) -> str:
        """Return what should be known before the wait; empty when there is nothing."""
        key = f"kinds.{self.kind}.note"
        return self.say(key) if self.manner.lines.words.get(key) != ("",) else ""

    def title(self, error: ImaError, failure: Failure, end: str = "failure") -> str:
        """Return the first line about a failure.

        Args:
            error: What ended the job.
            failure: The row that it belongs to.
            end: What kind of end it is: ``failure``, ``unstarted`` where nothing was sent that was to be paid,
                ``unseen`` where the job may still be fine.
        """
        keys = (f"failures.{error.name}.title", f"failures.{failure.name}.title")
        own = (f"kinds.{self.kind}.failure",) if end == "failure" else ()
        return self.say(*keys, *own, f"steps.{end}")

    def reason(self, error: ImaError, failure: Failure, **facts: Any) -> str:
        """Return why, in plain words: for the code, else for the row, else the error table's own words.

        Args:
            error: What ended the job.
            failure: The row that it belongs to.
            facts: What the texts may name, as far as it is known: points, model, and so on.
        """
        tables = [error.name, failure.name]
        if error.name not in failure.codes and not self.manner.lines.has(f"failures.{error.name}.reason"):
            row = next((row for row in self.manner.registry.errors if row.code == error.name), None)
            if row is not None:  # a plugin's code, which only its error table knows
                language = self.manner.lines.language
                return f"{row.meaning.say(language)} {row.advice.say(language)}"
        keys = [f"failures.{table}.{part}" for table in tables for part in ("named", self.kind, "reason")]
        return self.say(*keys, "failures.failed.reason", **facts)

    def page(self, failure: Failure) -> str:
        """Return the address that helps; empty when there is none."""
        rows = self.manner.registry.errors
        return next((row.link for row in rows if row.code == failure.link_of and row.link), "")

    def _names(self) -> dict[str, str]:
        lines, known = self.manner.lines, self.manner.registry.task_types.get(self.task_type)
        label = known.label.say(lines.language) if known else ""
        prefix = f"kinds.{self.kind}"
        return {
            "noun": lines.say(f"{prefix}.noun", label=label),
            "emoji": lines.say(f"{prefix}.emoji"),
            "label": label,
        }
