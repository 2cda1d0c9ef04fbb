"""Advice of the ima-knowledge-ai skill, where it is installed: which model for which kind of job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.hookspecs import hookimpl

if TYPE_CHECKING:
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.recommendation import Recommendation
    from ima_skills.domain.request import Request


@hookimpl
def ima_recommend(request: Request, models: tuple[ModelEntry, ...]) -> Recommendation | None:
    """Recommend what the skill's reference files name for the task type of a wish."""
    from ima_skills_knowledge.shelf import find_folder

    folder = find_folder()
    if folder is None:
        return None
    from ima_skills_knowledge.advice import recommend

    return recommend(folder, request.task_type, models)
