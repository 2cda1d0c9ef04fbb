"""Helpers for the tests of a plugin. Opt-in: nothing of ima-skills imports this, and it discovers no plugins.

Fixtures for pytest are in :mod:`ima_skills.testing.fixtures`; a project enables them in its ``conftest.py``
with ``pytest_plugins = ["ima_skills.testing.fixtures"]``.
"""

from __future__ import annotations

from ima_skills.clock import FakeClock
from ima_skills.testing.desk import Desk, Receipt
from ima_skills.testing.joining import known, plugin_set
from ima_skills.testing.media import picture_facts, sound_facts, video_facts
from ima_skills.testing.quirk_checks import QuirkFault, order_faults, quirk_faults
from ima_skills.testing.serving import make, sandbox
from ima_skills.testing.wishes import wishes

__all__ = [
    "Desk",
    "FakeClock",
    "QuirkFault",
    "Receipt",
    "known",
    "make",
    "order_faults",
    "picture_facts",
    "plugin_set",
    "quirk_faults",
    "sandbox",
    "sound_facts",
    "video_facts",
    "wishes",
]
