"""What the routing tests share: the real vocabulary, a router, and the labelled corpus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.resources import data_root
from ima_skills.routing import open_router
from ima_skills.routing.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.route import Route
    from ima_skills.registry import Registry
    from ima_skills.routing.understanding import Router

CORPUS = Path(__file__).parent / "corpus"


@pytest.fixture(scope="session")
def words() -> Vocabulary:
    """The first-party vocabulary."""
    return load_vocabulary([data_root("registry")])


@pytest.fixture(scope="session")
def router(registry: Registry, words: Vocabulary) -> Router:
    """A router over the real registry."""
    return open_router(registry, words)


@pytest.fixture(scope="session")
def corpus() -> Callable[[str], list[dict[str, Any]]]:
    """Return a function from a part of the corpus (``development``, ``held-out``, ``blind``, ``*``) to its rows."""

    def rows(part: str) -> list[dict[str, Any]]:
        files = sorted(CORPUS.glob(f"{part}-??.jsonl"))
        assert files, part
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    return rows


@pytest.fixture(scope="session")
def understood(router: Router) -> Callable[[dict[str, Any]], Route]:
    """Return a function from a row of the corpus to its route; its pictures are addresses that nobody opens."""

    def run(row: dict[str, Any]) -> Route:
        pictures = [f"https://e.invalid/{number}.png" for number in range(row.get("images", 0))]
        return router.route(row["text"], pictures)

    return run
