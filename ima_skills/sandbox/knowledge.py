"""What the sandbox needs of a registry, and the options of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen, validators

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.task_type import TaskType
    from ima_skills.snapshot import Snapshot

IN_PROCESS_URL = "http://ima-sandbox.localhost"
# Not a secret: it opens nothing but a sandbox.
LOCAL_KEY = "ima_sandbox"


class Knowledge(Protocol):
    """The part of a registry that the service knows; ``ima_skills.registry.Registry`` has it."""

    @property
    def task_types(self) -> Mapping[str, TaskType]:
        """Name to task type."""
        ...

    @property
    def models(self) -> Mapping[str, ModelEntry]:
        """Registry id to model entry."""
        ...

    @property
    def snapshot(self) -> Snapshot:
        """The product list."""
        ...


@frozen
class Options:
    """The switches of a sandbox.

    Attributes:
        speed: How many seconds of the service pass in one second.
        points: Balance of a new account; a state folder that has an account keeps its own.
        api_key: The one key that is accepted.
        base_url: Where the service is reached; the server replaces it when the port is known.
        subscription: Whether the account may use subscription-only models.
        require_verify: Whether models that ask for compliance checks refuse unverified inputs.
        lenient: Accept any credit rule of the leaf (skip 6010) and the second upload-token form.
        http_errors: Serve business errors with a matching HTTP status instead of 200.
        wait_for_render: Let a detail call wait for a media that is due but not rendered yet.
    """

    speed: float = field(default=1.0, validator=validators.gt(0))
    points: int = field(default=100_000, validator=validators.ge(0))
    api_key: str = field(default=LOCAL_KEY, repr=False)
    base_url: str = IN_PROCESS_URL
    subscription: bool = True
    require_verify: bool = True
    lenient: bool = False
    http_errors: bool = False
    wait_for_render: bool = False
