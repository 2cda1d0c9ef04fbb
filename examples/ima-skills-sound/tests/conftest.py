"""What the tests share: the fixtures of ima_skills.testing, and which module is under test."""

from __future__ import annotations

import pytest

pytest_plugins = ["ima_skills.testing.fixtures"]


@pytest.fixture(scope="session")
def ima_modules() -> tuple[str, ...]:
    """Name the module under test."""
    return ("ima_skills_sound",)
