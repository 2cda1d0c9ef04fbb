"""From steps to a plan that is priced, named and saved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from ima_skills.client import ImaClient
from ima_skills.file_rules import user_path
from ima_skills.workflows.digest import Marks
from ima_skills.workflows.graph import must_have_own_names
from ima_skills.workflows.legacy_plan import is_legacy, read_legacy, with_shared_params
from ima_skills.workflows.plan import Plan, PlanStep
from ima_skills.workflows.plan_file import read_document, read_plan
from ima_skills.workflows.pricing import Pricer

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.workflows.store import PlanStore


@frozen
class Draft:
    """The steps of a plan, and where they come from.

    Attributes:
        steps: The steps.
        form_of: The plan that they are a new form of, whose steps do not matter here; None for a new plan.
        earlier: Hashes that the plan had before, with their marks.
        assumed: What had to be assumed.
        max_points: The most points that the wish says it may cost; no part of the plan.
    """

    steps: tuple[PlanStep, ...]
    form_of: Plan | None = None
    earlier: Mapping[str, Marks] = field(factory=dict)
    assumed: tuple[str, ...] = ()
    max_points: int | None = None


@frozen
class Planner:
    """Makes plans.

    Attributes:
        client: Where the product lists are.
        language: Language of labels and messages.
    """

    client: ImaClient
    language: str

    async def draft_from(self, path: Path) -> Draft:
        """Return what a plan file holds: one of ours, written by hand or priced, or one of the older skill.

        Raises:
            UsageError: It cannot be read as a plan, with everything that is wrong with it.
        """
        document = read_document(path)
        if is_legacy(document):
            legacy = read_legacy(document, self.client.registry)
            pricer = Pricer(self.client, self.language)
            return Draft(await with_shared_params(legacy.steps, legacy, pricer), assumed=legacy.assumed)
        file = read_plan(path)
        must_have_own_names(file.steps)
        return Draft(file.steps, file.head, file.history, file.head.assumed if file.head else ())

    async def plan(self, draft: Draft, store: PlanStore, *, fresh: bool = False) -> Plan:
        """Return the priced plan; nothing is written yet.

        Args:
            draft: The steps.
            store: Knows which ids are taken.
            fresh: Whether a plan that was made before is meant once more.

        Raises:
            ImaError: As :meth:`Pricer.priced`.
        """
        wishes = [evolve(step, inputs=tuple(map(_anywhere, step.inputs))) for step in draft.steps]
        steps = await Pricer(self.client, self.language).priced(wishes)
        engine = self.client.engine
        base_url = engine.service.settings.base_url
        now = datetime.fromtimestamp(engine.clock.now()).astimezone()
        before = draft.form_of
        # At another service it is another plan: what was made here must not count there.
        same = before is not None and before.base_url == base_url and not fresh
        return Plan(
            id=before.id if before and same else store.free_id(base_url, steps, fresh=fresh),
            created=now.isoformat(timespec="seconds"),
            base_url=base_url,
            sandbox=engine.service.sandbox_speed is not None,
            language=self.language,
            steps=steps,
            assumed=draft.assumed,
        )


def _anywhere(source: str) -> str:
    """Return an input so that it is found from every folder; an address stays what it is."""
    return source if "://" in source else str(user_path(source))
