"""What only reads: of which service, with which switches, and without a place to write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]
    Served = Callable[..., SandboxService]


@pytest.fixture
def base(served: Served, ima: Ima, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a served sandbox, which has made one picture; the environment no longer names it."""
    served()
    assert ima("create", "a kite", "--json").code == 0
    import os

    address = os.environ["IMA_BASE_URL"]
    monkeypatch.delenv("IMA_BASE_URL")
    return address


def told(ima: Ima, *more: str) -> tuple[int, int, int]:
    """Return how many jobs are listed, the points that were spent, and the outputs of the gallery."""
    return (
        len(ima("tasks", "list", "--all", "--json", *more).document["tasks"]),
        ima("spend", "--json", *more).document["points"],
        ima("gallery", "--json", "--out", "page", *more).document["total"],
    )


def test_a_served_sandbox_is_heeded(base: str, ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """The option or the variable names it; play money is never among the real points."""
    assert told(ima) == (0, 0, 0)
    assert told(ima, "--base-url", base) == (1, 5, 1)
    assert ima("spend", "--base-url", base, "--json").document["sandbox"]
    monkeypatch.setenv("IMA_BASE_URL", base)
    assert told(ima) == (1, 5, 1)
    ran = ima("spend", "--base-url", base, "--sandbox", "--json")
    assert (ran.code, ran.document["code"]) == (2, "conflicting-options")


def test_nothing_is_written_where_the_switch_says_so(served: Served, ima: Ima, own_home: Path) -> None:
    """In any of its usual words; what is neither yes nor no is refused before anything is sent."""
    service = served()
    full = service.balance()
    ran = ima("create", "a kite", "--json", env={"IMA_NO_WRITE": "maybe"})
    assert (ran.code, ran.document["code"], service.balance()) == (2, "bad-switch", full)
    assert ima("create", "a kite", "--json", env={"IMA_NO_WRITE": "true"}).code == 0
    assert not (own_home / "state").exists()


def test_an_empty_folder_is_no_folder(served: Served, ima: Ima) -> None:
    """A shell variable that is not set would put the files where somebody happens to be."""
    service = served()
    full = service.balance()
    for words in (("create", "a kite", "--download", ""), ("tasks", "collect", "--download", "")):
        ran = ima(*words, "--json")
        assert (ran.code, "the name is empty" in ran.document["message"]) == (2, True)
    assert service.balance() == full
    assert list(Path.cwd().iterdir()) == []


def test_the_older_scripts_are_advised_in_their_own_words(ima: Ima) -> None:
    """Their door has no --params-json, in either language."""
    words = (
        "drop-in",
        "ima_create",
        "--task-type",
        "text_to_image",
        "--prompt",
        "x",
        "--extra-params",
        "[1]",
    )
    for more in ((), ("--language", "zh")):
        ran = ima(*more, *words)
        assert "--extra-params '{" in ran.err
        assert "--params-json" not in ran.err
