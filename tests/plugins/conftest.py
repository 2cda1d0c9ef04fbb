"""Fake installed distributions for the tests of plugins."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).parents[1] / "third_party"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that puts distributions of ``tests/third_party`` on the path, last one first."""
    before = set(sys.modules)

    def put(*names: str) -> None:
        for name in names:
            monkeypatch.syspath_prepend(str(FOLDER / name))

    yield put
    for name in set(sys.modules) - before:
        if name.startswith("ima_") and not name.startswith("ima_skills"):
            del sys.modules[name]
