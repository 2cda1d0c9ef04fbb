"""Several media in one wish: a step for each, in the order of making, outputs feeding inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from ima_skills.domain.route import Role, Step, Use
from ima_skills.routing.prompting import make_prompt, said_text, tidy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.routing.naming import Name
    from ima_skills.routing.reading import Reading, Span
    from ima_skills.routing.targets import Targets
    from ima_skills.routing.vocabulary import Vocabulary


@frozen
class Draft:
    """One step before it has a prompt and its connections."""

    media: str
    task_type: str
    model_id: str | None
    version_id: str | None
    params: Mapping[str, Any]
    n: int
    inputs: tuple[str, ...] = field(repr=False)


def make_steps(  # noqa: PLR0913, PLR0917 - what a wish consists of
    reading: Reading,
    targets: Targets,
    drafts: Sequence[Draft],
    names: Sequence[Name],
    settings: Sequence[Span],
    vocabulary: Vocabulary,
) -> tuple[Step, ...]:
    """Return the steps of a wish for several media.

    Args:
        reading: The wish.
        targets: Where each media is named.
        drafts: The steps, in the order of making.
        names: Models that are named.
        settings: Phrases that set parameters.
        vocabulary: What a media takes from another one.
    """
    ids = {draft.media: f"{draft.media}-1" for draft in drafts}
    steps = []
    for draft in drafts:
        prompt = _prompt(reading, targets, draft.media, names, settings, vocabulary)
        uses = tuple(
            Use(ids[other], _role(role, draft, vocabulary))
            for other, role in vocabulary.words.media[draft.media].takes.items()
            if other in ids and not (draft.inputs and role != "duration")
        )
        steps.append(
            Step(ids[draft.media], draft.media, draft.task_type, prompt, draft.model_id, draft.params, draft.n,
                 uses, draft.version_id, draft.inputs)
        )  # fmt: skip
    return tuple(steps)


def _role(role: str, draft: Draft, vocabulary: Vocabulary) -> Role:
    """Return what becomes of an output: as the task type takes it, which reference words may have changed."""
    roles = vocabulary.words.media[draft.media].roles
    meant = next((name for name, task_type in roles.items() if task_type == draft.task_type), role)
    return meant if role in roles else role  # type: ignore[return-value]  # roles are data; the schema lists them


def _prompt(  # noqa: PLR0913, PLR0917 - as above
    reading: Reading,
    targets: Targets,
    media: str,
    names: Sequence[Name],
    settings: Sequence[Span],
    vocabulary: Vocabulary,
) -> str:
    """Return the clauses of one media together with those of none, the clauses of others left out."""
    if vocabulary.words.media[media].spoken:
        verb = next((h.end for h in targets.heads if media in h.media), None)
        said = said_text(reading, verb)
        if said is not None:
            return said
    owners = [
        {name for head in targets.heads if start <= head.start < end for name in head.media}
        for start, end in reading.clauses
    ]
    foreign = [
        clause
        for clause, owner in zip(reading.clauses, owners, strict=True)
        if owner and media not in owner and any(media in other for other in owners)
    ]
    return make_prompt(reading, names, settings, foreign) or tidy(reading.text)
