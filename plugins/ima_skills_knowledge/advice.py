"""From the lines of a reference file to a model: only what is stated plainly counts, and nothing is passed on.

A line counts when one of its cells is a task type of the service, as in ``| text_to_video | Wan 2.6 |`` or
``- text_to_video: Wan 2.6``; the first other cell that names a model of the registry is the advice. Lines that
contradict each other are no advice, and so is anything else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.task_type import Text
from ima_skills.registry import name_key
from ima_skills_knowledge.shelf import read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ima_skills.domain.model_entry import ModelEntry

ORIGIN = "ima-knowledge-ai"
REASON = Text(
    en="The knowledge skill installed here recommends it for this kind of job.",
    zh="本机安装的知识技能推荐用它来做这类任务。",
)
_CELL = re.compile(r"\||→|⇒|->|=>|：|:")
_OPTION = re.compile(r"[,，、;；/]|\(|（")
# Emphasis, code, list marks and signs that decorate a name in Markdown.
_DECORATION = " \t*_`#>-•·+✅⭐🌟🏆👉)）]["
_LONGEST_LINE = 2_000


def recommend(folder: Path, task_type: str, models: tuple[ModelEntry, ...]) -> Recommendation | None:
    """Return what the files of a folder recommend for a task type, or None.

    Args:
        folder: Where the reference files are.
        task_type: The category.
        models: The models that may be recommended.
    """
    names = {name_key(name): entry.id for entry in models for name in _names(entry, task_type)}
    for text in read_files(folder):
        found = set(_advice(text.splitlines(), task_type, names))
        if found:
            return Recommendation(found.pop(), REASON, ORIGIN) if len(found) == 1 else None
    return None


def _names(entry: ModelEntry, task_type: str) -> Iterator[str]:
    yield from entry.names()
    yield entry.task_types[task_type].model_id


def _advice(lines: Iterable[str], task_type: str, names: Mapping[str, str]) -> Iterator[str]:
    for line in lines:
        if len(line) > _LONGEST_LINE or task_type not in line:
            continue
        cells = [cell.strip(_DECORATION) for cell in _CELL.split(line)]
        if task_type in cells:
            others = cells[cells.index(task_type) + 1 :]
            model = next((names[key] for key in _keys(others) if key in names), None)
            if model is not None:
                yield model


def _keys(cells: Iterable[str]) -> Iterator[str]:
    for cell in cells:
        for option in _OPTION.split(cell):
            yield name_key(option.strip(_DECORATION))
