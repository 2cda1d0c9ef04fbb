"""Waiting for a task that was created earlier knows its model: the estimate and the history are the model's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from ima_skills.unrecorded import NoJournal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ima_skills.client import ImaClient
    from ima_skills.registry import Registry

VERSION = ("doubao-seedream-4.5", "doubao-seedream-4-5-251128")


class Told(NoJournal):
    """A journal with a history of one version."""

    def __init__(self, *durations: float) -> None:
        self.durations = durations

    def history(self, model_id: str, version_id: str, task_type: str) -> Sequence[float]:
        return self.durations if (model_id, version_id, task_type) == (*VERSION, "text_to_image") else ()


def test_the_estimate_is_the_models_own(mock_client: Callable[..., ImaClient], registry: Registry) -> None:
    """Every model of the list is waited for by its own estimate and pace, as right after its create."""
    client = mock_client(lambda _: httpx.Response(500))
    differ = 0
    for name in registry.task_types:
        usual = client.engine.cadence(name)
        for leaf in client.engine.preparer.snapshot(name).leaves:
            found = client.engine.cadence_of(name, (leaf.model_id, leaf.id))
            assert found.deadline_s == usual.deadline_s
            if leaf.estimate:
                assert found.estimate == leaf.estimate
            differ += found != usual
    assert differ > 20
    assert client.engine.cadence_of("text_to_image", ("gone", "gone")) == client.engine.cadence(
        "text_to_image"
    )
    assert client.engine.cadence_of("text_to_image", None) == client.engine.cadence("text_to_image")


def test_the_history_reaches_the_wait(mock_client: Callable[..., ImaClient]) -> None:
    """The durations of that very version take part, and no others."""
    client = mock_client(lambda _: httpx.Response(500), journal=Told(8.0, 8.2))
    assert client.engine.cadence_of("text_to_image", VERSION).durations == (8.0, 8.2)
    assert client.engine.cadence_of("text_to_image", (VERSION[0], "another")).durations == ()
