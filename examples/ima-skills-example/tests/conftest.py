"""Fixtures of ima-skills for plugins."""

import pytest

pytest_plugins = ["ima_skills.testing.fixtures"]


@pytest.fixture(scope="session")
def ima_modules() -> tuple[str, ...]:
    """Take part with this plugin, whatever else is installed."""
    return ("ima_skills_example",)
