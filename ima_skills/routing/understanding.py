"""From a wish to a route: the parts put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve, frozen

from ima_skills.domain.route import Inquiry, Route
from ima_skills.media_kinds import by_name
from ima_skills.routing.asking import ask, language_of
from ima_skills.routing.case import Case, Lexicon
from ima_skills.routing.earlier import earlier_inputs
from ima_skills.routing.handover import handed_over
from ima_skills.routing.modelling import Meant, family, kin, meant_model, rivals
from ima_skills.routing.naming import Name, find_names
from ima_skills.routing.phrases import is_last, read_settings, settings_from, shared_params
from ima_skills.routing.preferring import read_budget, read_preference
from ima_skills.routing.prompting import is_bare, make_prompt, said_text
from ima_skills.routing.reading import Reading, Span, read, reread
from ima_skills.routing.roles import PICTURE, REFERENCE, Decision, decide
from ima_skills.routing.steps import Draft, make_steps
from ima_skills.routing.wanting import find_wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.route import Clarify
    from ima_skills.routing.handover import Handover
    from ima_skills.routing.history import Earlier

# How sure an answer is while a question is open, at least while none is, without any target, for a name that is a
# word too, for "the same one" without a picture, for a step fed by another one, and for talk about models only.
_ASKED, _READY, _LOST, _WEAK, _AGAIN, _FED, _TALK = 0.4, 0.5, 0.3, 0.9, 0.8, 0.95, 0.9


@frozen
class Router:
    """Understands wishes; holds nothing of any of them.

    Attributes:
        lexicon: Models, task types and words.
    """

    lexicon: Lexicon

    def route(
        self,
        text: str,
        images: Sequence[str] = (),
        history: Sequence[Earlier] = (),
        language: str | None = None,
    ) -> Route:
        """Return how a wish is understood; see :func:`ima_skills.routing.route`."""
        handed = handed_over(text, self.lexicon.vocabulary)
        if handed is not None:
            found = self._route(handed.wish, images, history, language or language_of(text), spoken=False)
            if found.task_type is not None:
                return self._handed(found, handed)
            if found.inquiry is not None:
                return found
        return self._route(text, images, history, language)

    def _handed(self, found: Route, handed: Handover) -> Route:
        """Return the route of a wish in parts: its prompt and its plain values are those that were handed over."""
        spoken = bool(found.media) and self.lexicon.words(found.media[0]).spoken
        prompt = handed.speech if spoken else handed.prompt
        clarify = None if "ask-subject" in found.notes and prompt.strip() else found.clarify
        notes = (*found.notes, "handed-over")
        chosen = found.model_id or found.budget != "none" or found.preference.action != "none"
        if handed.model and clarify is None and not chosen and found.media:
            name = Name(0, 0, (), None, handed.model, unknown=True)
            others = kin(self.lexicon, name, found.media[0])
            language = language_of(handed.prompt)
            clarify = ask(
                self.lexicon.vocabulary, "unknown_model", language, options=others, model=handed.model
            )
            notes = (*notes, "ask-unknown_model")
        cap = found.max_points if handed.max_points is None else handed.max_points
        return evolve(
            found,
            prompt=prompt,
            params={**found.params, **{n: v for n, v in handed.params.items() if self._fits(n, found.media)}},
            n=found.n if handed.n is None else handed.n,
            max_points=cap,
            clarify=clarify,
            confidence=max(found.confidence, _READY) if clarify is None else min(found.confidence, _ASKED),
            notes=notes,
        )

    def _fits(self, param: str, media: Sequence[str]) -> bool:
        """Whether a parameter can be about what is wanted; one that no phrase sets is the model's own affair."""
        rows = [row for row in self.lexicon.vocabulary.words.setting if param in row.params]
        return not rows or any(not row.media or set(row.media) & set(media) for row in rows)

    def _route(
        self,
        text: str,
        images: Sequence[str],
        history: Sequence[Earlier],
        language: str | None,
        *,
        spoken: bool = True,
    ) -> Route:
        case = self._read(text, tuple(images), language, spoken=spoken)
        case.names, refused = find_names(case.reading, self.lexicon.names, case.reading.text)
        case.unwanted = tuple(dict.fromkeys(entry.id for name in refused for entry in name.entries))
        case.reading = case.reading.knowing([Span(n.start, n.end, ("name:",)) for n in case.names])
        find_wanted(case, self.lexicon)
        self._use_earlier(case, history)
        heads = case.targets.heads
        case.settings = read_settings(case.reading, self.lexicon.vocabulary, case.wanted, heads)
        case.settings.spans += [Span(name.start, name.end) for name in refused]
        if case.inquiry is not None:
            return self._answer(case, case.inquiry)
        if len(case.wanted) > 1:
            return self._several(case)
        return self._single(case) if case.wanted else self._unclear(case)

    def _read(self, text: str, images: tuple[str, ...], language: str | None, *, spoken: bool = True) -> Case:
        vocabulary = self.lexicon.vocabulary
        using = tuple(vocabulary.fold(word) for word in vocabulary.words.cue.get("using", ()))
        reading = read(text, vocabulary, self.lexicon.names.known.keys(), using)
        start = self._spoken_from(reading) if spoken else None
        if start is not None:
            reading = reread(reading, vocabulary, (start, settings_from(reading, vocabulary, start)))
        return Case(reading, language or language_of(text), images)

    def _spoken_from(self, reading: Reading) -> int | None:
        """Return where a text to be spoken begins: behind the colon of a wish to speak, or behind "saying"."""
        words = self.lexicon.vocabulary.words
        spans = (*reading.kind("verb"), *reading.kind("noun"))
        spoken = [span for name, span in spans if words.media[name].spoken]
        for span in spoken:
            colons = [place for place in map(reading.folded.find, ":：", (span.end, span.end)) if place >= 0]
            if colons and min(colons) + 1 < len(reading.folded):
                return min(colons) + 1
        quoting = words.cue.get("quoting", ())
        ends = [s.end for s in spoken if reading.folded[s.start : s.end].split()[-1] in quoting]
        return ends[0] if ends and not reading.quotes and is_last(reading, ends[0]) else None

    def _use_earlier(self, case: Case, history: Sequence[Earlier]) -> None:
        if len(case.wanted) != 1 or case.images:
            return
        words = self.lexicon.words(case.wanted[0])
        case.earlier = earlier_inputs(case.reading, words, history, self.lexicon.vocabulary)
        if case.earlier is not None:
            case.images = case.earlier.sources
            case.notes.append("earlier-result")

    def _decision(self, case: Case, media: str) -> Decision:
        reading = case.reading
        roles = {
            name for name, span in reading.kind("role") if not reading.before(span.start, "cue:negation", 2)
        }
        sure = {name for name, _ in reading.kind("sure") if name in roles}
        known = [by_name(source.partition("?")[0]) for source in case.images]
        kinds = [kind.kind if kind else PICTURE for kind in known]
        shown = len(case.wanted) == 1 and case.shows_picture(self.lexicon.pictures())
        return decide(self.lexicon.words(media), roles, sure, kinds, self.lexicon.registry, shown=shown)

    def _single(self, case: Case) -> Route:
        media = case.wanted[0]
        decision = self._decision(case, media)
        meant = meant_model(case, self.lexicon, media, decision.task_type)
        clarify = self._question(case, media, decision, meant.name)
        sureness = case.sureness * decision.sureness * _doubt(case, meant.name)
        takes = bool(self.lexicon.words(media).roles)
        unused = () if takes or not case.images else ("file-unused",)
        return Route(
            media=(media,),
            task_type=decision.task_type,
            prompt=self._prompt(case, media),
            model_id=meant.model_id,
            model_name=meant.entry.name if meant.entry else None,
            params=case.settings.params.get(media, {}),
            n=case.settings.counts.get(media, 1),
            inputs=case.images if takes else (),
            preference=read_preference(case.reading, meant.name, meant.model_id),
            budget=read_budget(case.reading),
            consistency=case.is_again(),
            clarify=clarify,
            confidence=_rounded(sureness, asked=clarify is not None),
            version_id=meant.version_id,
            notes=(*case.notes, decision.note, *unused),
            max_points=case.settings.max_points,
            unwanted=case.unwanted,
        )

    def _question(self, case: Case, media: str, decision: Decision, name: Name | None) -> Clarify | None:
        """Return the first question that has to be answered, or None."""
        vocabulary = self.lexicon.vocabulary
        named = rivals(case, self.lexicon, media)
        if name is not None and name.unknown:
            return case.ask(vocabulary, "unknown_model", kin(self.lexicon, name, media), name.text)
        if len(named) > 1:
            return case.ask(vocabulary, "model", named)
        if case.earlier is not None and case.earlier.unsure and len(self.lexicon.words(media).roles) > 1:
            return case.ask(vocabulary, "earlier")
        if decision.question:
            return case.ask(vocabulary, decision.question)
        if case.settings.rivals.get(media) and case.reading.has("cue:each"):
            return case.ask(vocabulary, "values", case.settings.rivals[media])
        return None if _is_talk(case) else self._subject(case)

    def _subject(self, case: Case) -> Clarify | None:
        bare = not case.images and is_bare(case.reading, case.names, case.settings.spans)
        return case.ask(self.lexicon.vocabulary, "subject") if bare else None

    def _prompt(self, case: Case, media: str) -> str:
        if self.lexicon.words(media).spoken:
            verb = next((head.end for head in case.targets.heads if not head.noun), None)
            said = said_text(case.reading, verb)
            if said is not None:
                return said
        return make_prompt(case.reading, case.names, case.settings.spans)

    def _several(self, case: Case) -> Route:
        made = {media: self._step(case, media) for media in case.wanted}
        questions = [self._open_step(case, media, *parts) for media, parts in made.items()]
        clarify = next((question for question in questions if question), None) or self._subject(case)
        sureness = min(case.sureness, *(decision.sureness for decision, _ in made.values()))
        drafts = [self._draft(case, media, *parts) for media, parts in made.items()]
        named = next((meant for _, meant in made.values() if meant.name), Meant())
        vocabulary, spans = self.lexicon.vocabulary, case.settings.spans
        return Route(
            media=case.wanted,
            task_type=None,
            prompt=make_prompt(case.reading, case.names, spans),
            inputs=case.images,
            preference=read_preference(case.reading, named.name, named.model_id),
            budget=read_budget(case.reading),
            consistency=case.is_again(),
            steps=()
            if clarify
            else make_steps(case.reading, case.targets, drafts, case.names, spans, vocabulary),
            clarify=clarify,
            confidence=_rounded(sureness, asked=clarify is not None),
            notes=(*case.notes, "several"),
            max_points=case.settings.max_points,
            unwanted=case.unwanted,
        )

    def _step(self, case: Case, media: str) -> tuple[Decision, Meant]:
        role = self._fed_as(case, media)
        decision = self._decision(case, media)
        if role is not None:
            task_type = self.lexicon.words(media).roles[role]
            decision = Decision(task_type, None, _FED, f"step-{role}")
        return decision, meant_model(case, self.lexicon, media, decision.task_type)

    def _fed_as(self, case: Case, media: str) -> str | None:
        """Return what an earlier step's output becomes in a media, where it is an input of it."""
        words = self.lexicon.words(media)
        fed = [role for other, role in words.takes.items() if other in case.wanted and role in words.roles]
        stated = {name for name, _ in case.reading.kind("role")} & set(words.roles)
        if fed and stated == {REFERENCE}:
            return REFERENCE
        return fed[0] if fed else None

    def _open_step(self, case: Case, media: str, decision: Decision, meant: Meant) -> Clarify | None:
        lacks = decision.question or (meant.name and meant.name.unknown)
        return self._question(case, media, decision, meant.name) if lacks else None

    def _draft(self, case: Case, media: str, decision: Decision, meant: Meant) -> Draft:
        takes = decision.task_type in self.lexicon.words(media).roles.values()
        inputs = case.images if takes and self._fed_as(case, media) is None else ()
        return Draft(
            media,
            decision.task_type or "",
            meant.model_id,
            meant.version_id,
            case.settings.params.get(media, {}),
            case.settings.counts.get(media, 1),
            inputs,
        )

    def _answer(self, case: Case, about: str) -> Route:
        """Return what becomes of a question about us: the command that answers it."""
        return Route(
            media=(),
            task_type=None,
            prompt="",
            inputs=case.images,
            clarify=None,
            confidence=_TALK,
            notes=(*case.notes, "inquiry"),
            inquiry=Inquiry(about, self.lexicon.vocabulary.words.inquiry[about].command),
        )

    def _unclear(self, case: Case) -> Route:
        name = case.first_name()
        entry = next(iter(name.entries), None) if name else None
        media = self.lexicon.media_of(entry) if entry else None
        model_id = family(entry, self.lexicon.words(media)) if entry and media else None
        preference = read_preference(case.reading, name, model_id)
        talk = preference.action != "none" and is_bare(case.reading, case.names, [])
        question = "audio" if case.is_vague() else "target_of_file" if case.images else "target"
        return Route(
            media=(),
            task_type=None,
            prompt=make_prompt(case.reading, case.names, []),
            model_id=model_id,
            model_name=entry.name if entry and model_id else None,
            params=shared_params(case.reading, self.lexicon.vocabulary),
            inputs=case.images,
            preference=preference,
            budget=read_budget(case.reading),
            consistency=case.is_again(),
            clarify=None if talk else case.ask(self.lexicon.vocabulary, question),
            confidence=_TALK if talk else _LOST,
            notes=(*case.notes, "target-missing"),
            max_points=case.settings.max_points,
        )


def _rounded(sureness: float, *, asked: bool) -> float:
    """Return a confidence that says which side of one half a route is on, however many doubts add up."""
    return round(min(sureness, _ASKED) if asked else max(sureness, _READY), 2)


def _doubt(case: Case, name: Name | None) -> float:
    weak = _WEAK if name is not None and name.weak else 1.0
    again = _AGAIN if case.is_again() and not case.images else 1.0
    return weak * again


def _is_talk(case: Case) -> bool:
    """Whether a wish is about the choice of model and nothing else."""
    asks = case.reading.has("cue:making") or any(
        head.noun and case.reading.before(head.start, "cue:measure", 3) for head in case.targets.heads
    )
    return not asks and read_preference(case.reading, case.first_name(), "any").action != "none"
