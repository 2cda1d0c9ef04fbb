"""Several media in one wish: a step for each, in the order of making, outputs feeding inputs."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
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
    """Return the parts of one media together with those of none, the parts of others left out."""
    if vocabulary.words.media[media].spoken:
        verb = next((h.end for h in targets.heads if media in h.media), None)
        said = said_text(reading, verb)
        if said is not None:
            return said
    parts, ties = _parts(reading, targets)
    owners = [
        {name for head in targets.heads if start <= head.start < end for name in head.media}
        for start, end in parts
    ]
    foreign = [
        part
        for part, owner in zip(parts, owners, strict=True)
        if owner and media not in owner and any(media in other for other in owners)
    ]
    return make_prompt(reading, names, settings, [*foreign, *ties]) or tidy(reading.text)


def _parts(reading: Reading, targets: Targets) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Return the clauses, parted at "and" where both sides tell their own content, and where those stand.

    "A poster of a lighthouse and a song about the sea" has two parts; "a poster and a song about the sea" one.
    """
    found: list[tuple[int, int]] = []
    ties: list[tuple[int, int]] = []
    for start, end in reading.clauses:
        heads = [head for head in targets.heads if start <= head.start < end]
        place = start
        for one, other in pairwise(heads):
            tie = _tie(reading, one.end, other.start)
            told = tie is not None and reading.between(one.end, tie.start, "cue:content")
            if tie is not None and told and reading.between(other.end, end, "cue:content"):
                found.append((place, tie.start))
                ties.append((tie.start, tie.end))
                place = tie.end
        found.append((place, end))
    return found, ties


def _tie(reading: Reading, start: int, end: int) -> Span | None:
    """Return the last "and" between two media words."""
    ties = [cue for cue in reading.of("cue:adding") if start <= cue.start and cue.end <= end]
    return ties[-1] if ties else None
