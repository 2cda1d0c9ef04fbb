"""Task types: what the service can be asked to do, and how long to wait for it."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen


@frozen
class Text:
    """A sentence or label in both languages of the product."""

    en: str
    zh: str

    def say(self, language: str) -> str:
        """Return the text in ``language`` (``"zh"``, otherwise English)."""
        return self.zh if language == "zh" else self.en


@frozen
class InputRule:
    """Which input files a task type takes.

    Attributes:
        minimum: Fewest inputs.
        maximum: Most inputs; 0 means that the task type takes none.
        roles: What each input is, in order, where that matters (first frame, last frame).
        kinds: Accepted upload kinds: ``picture``, ``video``, ``audio``.
    """

    minimum: int = 0
    maximum: int = 0
    roles: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@frozen
class TaskType:
    """One category of the service's product list.

    Attributes:
        name: The category, for instance ``text_to_video``.
        modality: Name of the modality that a plugin declares.
        media_kind: ``image``, ``video`` or ``audio``: what comes back.
        label: Category name for people.
        inputs: Which input files it takes.
        prompt_max: Longest prompt in characters that we send.
        n_max: Most outputs of one request.
        poll_s: Seconds between two looks at a task.
        deadline_s: Seconds after which waiting ends; the task may go on.
        progress_s: Seconds between two progress lines.
        estimate: Seconds a task takes (low, high) when neither leaf nor entry says better.
        ignored_params: Parameter name to the reason why it is never sent.
    """

    name: str
    modality: str
    media_kind: str
    label: Text
    inputs: InputRule
    prompt_max: int
    n_max: int
    poll_s: float
    deadline_s: float
    progress_s: float
    estimate: tuple[float, float]
    ignored_params: Mapping[str, Text] = field(factory=dict)
