"""What a hook's answer says, beyond its kind: models and task types that exist, and an executor that executes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.certify.checks import Check
from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.route import Route
from ima_skills.plugin_faults import is_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.batch import Line
    from ima_skills.certify.bench import Bench

AREA = "hooks"
_LINES = 3


def content_checks(bench: Bench, name: str, answers: list[Any], file: str) -> Iterator[Check]:
    """Yield the checks of what answers of the right kind say.

    Args:
        bench: The plugin.
        name: The hook.
        answers: What it answered to all questions.
        file: The module.
    """
    said = [answer for answer in answers if isinstance(answer, Recommendation | Route)]
    if said:
        what = ", ".join(dict.fromkeys(word for answer in said for word in _nowhere(bench, answer)))
        code = "hook-names-nothing" if what else ""
        yield Check(AREA, f"{name} names what exists", code, file, name, {"what": what})
    executor = next((answer for answer in answers if answer is not None), None)
    if name == "ima_batch_executor" and executor is not None:
        fault = _executed(executor)
        yield Check(AREA, f"{name} executes", "hook-executor" if fault else "", file, name, {"fault": fault})


def _nowhere(bench: Bench, answer: Recommendation | Route) -> Iterator[str]:
    """Yield the models and task types of an answer that nobody knows."""
    registry = bench.registry
    if isinstance(answer, Recommendation):
        if not _is_model(bench, answer.model):
            yield repr(answer.model)
        return
    if answer.task_type is not None and answer.task_type not in registry.task_types:
        yield repr(answer.task_type)
    if answer.model_id is not None and not _is_model(bench, answer.model_id):
        yield repr(answer.model_id)


def _is_model(bench: Bench, name: Any) -> bool:
    registry = bench.registry
    return isinstance(name, str) and bool(registry.find(name) or registry.by_model_id(name))


def _executed(executor: Any) -> str:
    """Return what is wrong with how an executor does some lines; empty when each was handed to the work."""
    import asyncio

    from ima_skills.batch import Line as Row
    from ima_skills.certify.samples import PROMPT, USUAL
    from ima_skills.domain.request import Request

    rows = [Row(number, str(number), Request(USUAL, PROMPT)) for number in range(1, _LINES + 1)]
    done: list[str] = []

    async def work(line: Line) -> None:
        await asyncio.sleep(0)
        done.append(line.id)

    async def all_of_them() -> None:
        await executor.run(rows, work)

    try:
        asyncio.run(all_of_them())
    except BaseException as error:
        if is_ctrl_c(error):
            raise
        return f"{type(error).__name__}: {error}"
    return "" if sorted(done) == sorted(row.id for row in rows) else f"{len(done)} / {len(rows)}"
