"""The first half of the road: request → model → parameters → quote. Nothing here spends or sends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ima_skills.advice import Adviser, say_alternatives
from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.choosing import Named, choose, read_name
from ima_skills.domain.media_facts import MediaFacts, PlacedInput
from ima_skills.domain.problem import Change, Problem
from ima_skills.domain.request import Parameters, Quote, Request
from ima_skills.domain.task_type import TaskType, Text
from ima_skills.errors import ImaError, InvalidRequestError, PointsError, RegistryError, UsageError
from ima_skills.file_rules import FileRules
from ima_skills.fixing import Fix, resolve_priced, say_nearest
from ima_skills.inputs import InputFile, read_inputs
from ima_skills.leaf_files import check_files
from ima_skills.modality import Modality
from ima_skills.parameters import Offer, refused
from ima_skills.payload import create_payload
from ima_skills.plugin_set import PluginSet
from ima_skills.preferring import Pick
from ima_skills.preferring import named as named_pick
from ima_skills.pricing import canonical, quote
from ima_skills.quirks import QuirkChain, chain_for
from ima_skills.references import measure
from ima_skills.registry import Registry
from ima_skills.schemas import SchemaStore
from ima_skills.sendable import unsendable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ima_skills.domain.product import ProductLeaf

_SUBSCRIPTION = Text(
    en="This model is reserved for subscribers; without a subscription the service refuses, and charges nothing.",
    zh="该模型仅对订阅用户开放；未订阅时服务会拒绝，不扣积分。",
)


@frozen
class Prepared:
    """A request that could be created: resolved, checked and priced; nothing has been spent.

    Attributes:
        request: The wish, as the quirks read it.
        named: The model it means.
        offer: The leaf, completed by quirks.
        chain: The quirks of the model.
        modality: How inputs and results are shaped.
        inputs: Checked input files.
        parameters: What will be sent.
        quote: What it will cost.
        catalogue: The product list it was priced on.
        changes: Everything that differs from the wish so far.
        notices: What people should know before they pay.
        fix: What the user allows when something is impossible.
        facts: What the inputs hold, where the model's quirks had them measured.
        pick: Who chose the model.
    """

    request: Request
    named: Named
    offer: Offer
    chain: QuirkChain
    modality: Modality
    inputs: tuple[InputFile, ...]
    parameters: Parameters
    quote: Quote
    catalogue: Catalogue = field(repr=False)
    changes: tuple[Change, ...] = ()
    notices: tuple[Text, ...] = ()
    fix: Fix | None = None
    facts: tuple[MediaFacts | None, ...] = ()
    pick: Pick = field(factory=Pick)

    @property
    def leaf(self) -> ProductLeaf:
        """The leaf to book."""
        return self.offer.leaf

    def payload(self, placed: tuple[PlacedInput, ...] | None = None) -> dict[str, Any]:
        """Return the body of the create.

        Args:
            placed: The uploaded inputs; before an upload, local files stand in by name.
        """
        shown = placed if placed is not None else self._stand_ins()
        task_type = self.leaf.task_type
        places = self.chain.placed(task_type, shown) if shown else None
        if places is None:
            places = self.modality.placed(task_type, tuple(item.url for item in shown))
        return create_payload(self.leaf, self.request.prompt, self.parameters.values, self.quote, places)

    def _stand_ins(self) -> tuple[PlacedInput, ...]:
        facts = self.facts or (None,) * len(self.inputs)
        names = [item.source if item.is_remote else f"upload:{item.label}" for item in self.inputs]
        return tuple(PlacedInput(name, known) for name, known in zip(names, facts, strict=True))


@frozen
class Wish:
    """A request that passed every check that needs no network."""

    request: Request
    named: Named
    chain: QuirkChain
    modality: Modality
    inputs: tuple[InputFile, ...]
    fix: Fix | None
    facts: tuple[MediaFacts | None, ...] = ()
    pick: Pick = field(factory=Pick)


@frozen
class Preparer:
    """Resolves, checks and prices requests.

    Attributes:
        registry: What we know of models and task types.
        plugins: Modalities, quirks and opinions.
        schemas: Request schemas.
    """

    registry: Registry
    plugins: PluginSet
    schemas: SchemaStore
    files: FileRules = field(factory=FileRules)

    def task_type(self, name: str) -> TaskType:
        """Return a task type.

        Raises:
            UsageError: There is none of that name; the nearest is given.
        """
        found = self.registry.task_types.get(name)
        if found is None:
            raise unknown_task_type(name, tuple(self.registry.task_types))
        return found

    def modality(self, task_type: TaskType) -> Modality:
        """Return the modality of a task type.

        Raises:
            RegistryError: No active plugin declares it.
        """
        found = self.plugins.modalities.get(task_type.modality)
        if found is None or task_type.name not in found.task_types:
            raise RegistryError(
                f"no active plugin does {task_type.name} (modality {task_type.modality})",
                code="missing-modality",
                hint="Run: ima-skills plugins list",
            )
        return found

    def check(self, request: Request, fix: Fix | None = None, promised: Collection[str] = ()) -> Wish:
        """Return the request as far as it can be checked without the product list.

        Args:
            request: The wish.
            fix: Where impossible values may move to; None refuses them.
            promised: Inputs that are still to be made: names only, priced and never sent.

        Raises:
            InvalidRequestError: With every problem of the wish and its input files.
            UnknownModelError: The model is retired or does other task types.
        """
        kind = self.task_type(request.task_type)
        modality = self.modality(kind)
        document = _document(request)
        strange = unsendable(document)
        if strange:
            raise _invalid(list(strange))
        problems = list(self.schemas.problems(f"request/{kind.name}", document))
        files, wrong = read_inputs(request.inputs, kind.inputs, self.files, promised)
        problems += wrong
        if problems:
            raise _invalid(problems)
        named = read_name(self.registry, request)
        chain = chain_for(named.entry, self.plugins.quirks, request.language)
        try:
            read = chain.on_request(evolve(request, version_id=named.version_id))
        except InvalidRequestError as error:
            raise self._advised(
                error, request, self._captured(kind.name), _family(named, kind.name)
            ) from None
        facts = _measured(chain, kind.name, files)
        exact = evolve(named, version_id=read.version_id)
        return Wish(read, exact, chain, modality, files, fix, facts, named_pick(request))

    def snapshot(self, task_type: str) -> Catalogue:
        """Return the dated product list: advice and estimates need no live one."""
        return read_catalogue(task_type, self.registry.snapshot.groups(task_type))

    def _captured(self, task_type: str) -> Catalogue:
        """Return what the service is known to have listed: nothing else is worth suggesting."""
        groups = self.registry.snapshot.groups(task_type, declared=False)
        return read_catalogue(task_type, groups)

    def build(self, wish: Wish | Prepared, catalogue: Catalogue) -> Prepared:
        """Return the request, resolved and priced on a product list.

        Args:
            wish: What :meth:`check` returned, or an earlier result to do again.
            catalogue: The product list of its task type.

        Raises:
            UnknownModelError: The list has no such model.
            InvalidRequestError: The model cannot do it; ``details["advice"]`` says who can.
        """
        choice = choose(self.registry, catalogue, wish.named)
        chain = (
            wish.chain
            if wish.named.entry
            else chain_for(choice.entry, self.plugins.quirks, wish.request.language)
        )
        offer = Offer(chain.on_leaf(choice.leaf), self.task_type(wish.request.task_type), choice.entry)
        try:
            self._must_be_welcome(wish.request, offer, wish.inputs)
            priced = resolve_priced(offer, wish.request.params, wish.request.n, wish.fix)
        except InvalidRequestError as error:
            raise self._advised(error, wish.request, catalogue, offer.leaf.model_id) from None
        parameters = chain.on_parameters(priced.parameters, offer.leaf)
        price = quote(offer.leaf, parameters.values, wish.request.n)
        return Prepared(
            request=wish.request,
            named=wish.named,
            offer=offer,
            chain=chain,
            modality=wish.modality,
            inputs=wish.inputs,
            parameters=evolve(parameters, values=canonical(price.rule, parameters.values)),
            quote=price,
            catalogue=catalogue,
            changes=(*wish.request.changes, *parameters.changes),
            notices=self._notices(wish.request, offer),
            fix=wish.fix,
            facts=wish.facts,
            pick=wish.pick,
        )

    def _must_be_welcome(self, request: Request, offer: Offer, inputs: tuple[InputFile, ...]) -> None:
        problems = [
            *self.plugins.opinions(request, offer.entry, offer.leaf),
            *check_files(inputs, offer.leaf),
        ]
        if problems:
            raise refused(offer.leaf.name, problems)

    def _advised(
        self, error: InvalidRequestError, request: Request, catalogue: Catalogue, model_id: str
    ) -> InvalidRequestError:
        adviser = Adviser(self.registry, self.plugins.quirks)
        advice = adviser.on_refusal(request, catalogue, model_id, error.problems)
        error.details["advice"] = advice.as_dict(request.language)
        near = error.details.get("nearest")
        hint = say_nearest(near["params"], near["points"], request.language) if near else error.hint
        error.hint = " ".join(filter(None, (hint, advice.sentence(request.language))))
        return error

    def after_refusal(self, error: ImaError, prepared: Prepared) -> ImaError:
        """Return a final refusal of the service together with what would go instead."""
        adviser = Adviser(self.registry, self.plugins.quirks)
        found = adviser.instead_of(prepared.request, prepared.catalogue, prepared.leaf, error)
        if found:
            language = prepared.request.language
            error.details["alternatives"] = [alternative.as_dict() for alternative in found]
            error.hint = f"{error.hint} {say_alternatives(found, language)}".strip()
        return error

    @contextmanager
    def thrifty(self, prepared: Prepared) -> Iterator[None]:
        """Tell whoever is refused by a cap of ours what does the same, or the like, for as many points as are left.

        Args:
            prepared: What was to be made.
        """
        try:
            yield
        except PointsError as error:
            room = error.details.get("left", error.details.get("cap"))
            if isinstance(room, int) and "alternatives" not in self.after_refusal(error, prepared).details:
                nothing = Text(
                    f"Nothing on the list does it for {room} points or less.",
                    f"列表中没有不超过 {room} 积分的选择。",
                )
                error.hint = f"{error.hint} {nothing.say(prepared.request.language)}"
            raise

    def _notices(self, request: Request, offer: Offer) -> tuple[Text, ...]:
        """Return what people should know before they pay."""
        entry = offer.entry
        limits = (entry.limits,) if entry and entry.limits else ()
        gate = (_SUBSCRIPTION,) if entry and entry.subscription else ()
        adviser = Adviser(self.registry, self.plugins.quirks)
        return (*gate, *limits, *adviser.on_wish(request, offer.leaf.model_id))


def unknown_task_type(name: str, known: tuple[str, ...]) -> UsageError:
    """Return the error for a task type that does not exist."""
    from ima_skills.nearest import choice_facts, choices

    return UsageError(
        f"no task type is called {name!r}",
        code="unknown-task-type",
        hint=choices(name, known),
        details=choice_facts(name, known),
    )


def _measured(
    chain: QuirkChain, task_type: str, files: tuple[InputFile, ...]
) -> tuple[MediaFacts | None, ...]:
    """Measure inputs where a quirk asks for it, and refuse what it finds wrong; nothing has travelled."""
    if not chain.measures or not files:
        return ()
    facts, damaged = measure(files)
    problems = (*damaged, *chain.input_problems(task_type, facts))
    if problems:
        raise _invalid(list(problems))
    return facts


def _family(named: Named, task_type: str) -> str:
    task = named.entry.task_types.get(task_type) if named.entry else None
    return task.model_id if task else named.text


def _document(request: Request) -> dict[str, Any]:
    return {
        "task_type": request.task_type,
        "model": request.model,
        "version_id": request.version_id,
        "prompt": request.prompt,
        "inputs": list(request.inputs),
        "params": dict(request.params),
        "n": request.n,
        "language": request.language,
    }


def _invalid(problems: list[Problem]) -> InvalidRequestError:
    # One sentence per place: an empty prompt breaks more than one rule.
    unique = tuple({problem.pointer: problem for problem in reversed(problems)}.values())[::-1]
    listed = "; ".join(f"{problem.pointer.lstrip('/') or 'request'}: {problem.message}" for problem in unique)
    close = [str(problem.nearest) for problem in unique if problem.nearest is not None]
    hint = (
        f"Nearest that works: {', '.join(close)}." if close else "Nothing was sent; correct it and try again."
    )
    return InvalidRequestError(listed, problems=unique, hint=hint)
