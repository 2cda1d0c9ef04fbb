"""Where the command line keeps plans."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ima_skills.workflows.store import PlanStore


def open_store() -> PlanStore:
    """Return the store of plans; nothing is touched yet."""
    from ima_skills.settings import state_home
    from ima_skills.workflows.store import PlanStore, store_folder

    return PlanStore(store_folder(state_home(), os.environ))
