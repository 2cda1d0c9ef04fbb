"""The road: request → model → parameters → quote → create → poll → media.

The engine owns nothing global. Everything it needs is handed to it, so that two engines in one
process never meet.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.choosing import Named, choose, read_name
from ima_skills.clock import Clock
from ima_skills.domain.event import Created, Quoted, Uploaded
from ima_skills.domain.problem import Change
from ima_skills.domain.request import Parameters, Quote, Request
from ima_skills.domain.task import Result, Task
from ima_skills.errors import InvalidRequestError, RegistryError, UsageError
from ima_skills.fixing import Fix, resolve_priced
from ima_skills.inputs import InputFile, read_inputs
from ima_skills.modality import CreateInputs, Modality
from ima_skills.parameters import Offer, refused
from ima_skills.payload import create_payload
from ima_skills.plugin_set import PluginSet
from ima_skills.polling import Cadence, wait_for_task
from ima_skills.pricing import canonical, quote
from ima_skills.quirks import QuirkChain, chain_for
from ima_skills.registry import Registry
from ima_skills.schemas import SchemaStore
from ima_skills.service import Service
from ima_skills.submitting import submit
from ima_skills.uploading import Uploader

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.domain.event import Event
    from ima_skills.domain.problem import Problem
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.task_type import TaskType


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
        changes: Everything that differs from the wish so far.
        fix: What the user allows when something is impossible.
    """

    request: Request
    named: Named
    offer: Offer
    chain: QuirkChain
    modality: Modality
    inputs: tuple[InputFile, ...]
    parameters: Parameters
    quote: Quote
    changes: tuple[Change, ...] = ()
    fix: Fix | None = None

    @property
    def leaf(self) -> ProductLeaf:
        """The leaf to book."""
        return self.offer.leaf

    def payload(self, urls: tuple[str, ...] | None = None) -> dict[str, Any]:
        """Return the body of the create.

        Args:
            urls: Addresses of the inputs; before an upload, local files stand in by name.
        """
        shown = tuple(i.source if i.is_remote else f"upload:{i.label}" for i in self.inputs)
        placed: CreateInputs = self.modality.inputs(self.leaf.task_type, shown if urls is None else urls)
        return create_payload(self.leaf, self.request.prompt, self.parameters.values, self.quote, placed)


@frozen
class Engine:
    """Brings a request down the road.

    Attributes:
        service: The service's calls.
        registry: What we know of models and task types.
        plugins: Modalities, quirks and decisions.
        schemas: Request schemas.
        clock: Time.
        rng: Jitter and nonces.
        degrade: Whether reflection may make a request smaller to get it accepted.
    """

    service: Service
    registry: Registry
    plugins: PluginSet
    schemas: SchemaStore
    clock: Clock
    rng: Random
    degrade: bool = field(default=True)

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

    async def catalogue(self, task_type: str) -> Catalogue:
        """Return the live product list of a task type."""
        self.task_type(task_type)
        return read_catalogue(task_type, await self.service.product_list(task_type))

    async def prepare(self, request: Request, fix: Fix | None = None) -> Prepared:
        """Resolve, check and price a request; sends nothing that costs.

        Args:
            request: The wish.
            fix: Where impossible values may move to, reported; None refuses them.

        Raises:
            InvalidRequestError: With every problem found.
            UnknownModelError: No such model.
            ImaError: The product list cannot be had.
        """
        checked = self._check_wish(request, fix)
        return self._build(checked, await self.catalogue(request.task_type))

    async def refresh(self, prepared: Prepared) -> Prepared:
        """Prepare the same request again from a freshly read product list."""
        return self._build(prepared, await self.catalogue(prepared.request.task_type))

    async def create(self, prepared: Prepared, tell: Callable[[Event], None]) -> tuple[str, Prepared]:
        """Upload inputs and create the task; this is where points are spent.

        Args:
            prepared: What :meth:`prepare` returned.
            tell: Receives every event.

        Returns:
            The task id, and what was really created, with all changes.

        Raises:
            OutcomeUnknownError: A create left and no verdict came back; never sent again here.
            ImaError: The service refused for good.
        """
        estimate = self.cadence(prepared.request.task_type, prepared.leaf, prepared).estimate
        tell(_quoted(prepared, estimate))
        total = len(prepared.inputs)
        uploader = Uploader(self.service, self.clock, self.rng)
        urls = await uploader.addresses(prepared.inputs, lambda index: tell(Uploaded(index, total)))
        accepted, final, number = await submit(self, prepared, urls, tell)
        tell(Created(accepted.task_id, number))
        return accepted.task_id, final

    async def wait(
        self, task_id: str, cadence: Cadence, tell: Callable[[Event], None], *, fresh: bool = False
    ) -> Task:
        """Wait until a task ends.

        Args:
            task_id: The task.
            cadence: How often and how long.
            tell: Receives progress.
            fresh: Whether it was created just now, so that a first look would be wasted.
        """
        pace = cadence.at_speed(self.service.sandbox_speed or 1.0)
        return await wait_for_task(
            self.service, task_id, pace, clock=self.clock, rng=self.rng, tell=tell,
            first_pause_s=pace.poll_s if fresh else 0.0,
        )  # fmt: skip

    async def run(self, request: Request, tell: Callable[[Event], None]) -> Result:
        """Bring one request to its result."""
        prepared = await self.prepare(request)
        task_id, final = await self.create(prepared, tell)
        started = self.clock.monotonic()
        task = await self.wait(task_id, self.cadence(request.task_type, final.leaf, final), tell, fresh=True)
        return self.result(final, task, self.clock.monotonic() - started)

    def result(self, prepared: Prepared, task: Task, elapsed_s: float) -> Result:
        """Return what a finished create has to show; a failed one too."""
        return Result(
            task_id=task.id,
            task_type=prepared.leaf.task_type,
            status=task.status,
            medias=tuple(prepared.modality.media(media) for media in task.medias),
            model_id=prepared.leaf.model_id,
            model_name=prepared.leaf.name,
            version_id=prepared.leaf.id,
            credit=prepared.quote.total,
            params=prepared.parameters.values,
            changes=prepared.changes,
            elapsed_s=elapsed_s,
            sandbox=self.service.sandbox_speed is not None,
        )

    def cadence(
        self, task_type: str, leaf: ProductLeaf | None = None, prepared: Prepared | None = None
    ) -> Cadence:
        """Return how to wait for a task type, a leaf or a prepared request."""
        kind = self.task_type(task_type)
        entry = prepared.offer.entry if prepared else None
        task = entry.task_types.get(task_type) if entry else None
        known = (leaf.estimate if leaf else None) or (task.estimate if task else None)
        poll_s = entry.progress.poll_s if entry and entry.progress else kind.poll_s
        return Cadence(poll_s, kind.deadline_s, known or kind.estimate)

    def _check_wish(self, request: Request, fix: Fix | None) -> _Wish:
        kind = self.task_type(request.task_type)
        modality = self.modality(kind)
        problems = list(self.schemas.problems(f"request/{kind.name}", _document(request)))
        files, wrong = read_inputs(request.inputs, kind.inputs)
        problems += wrong
        if problems:
            raise _invalid(problems)
        named = read_name(self.registry, request)
        chain = chain_for(named.entry, self.plugins.quirks)
        read = chain.on_request(evolve(request, version_id=named.version_id))
        return _Wish(read, evolve(named, version_id=read.version_id), chain, modality, files, fix)

    def _build(self, wish: _Wish | Prepared, catalogue: Catalogue) -> Prepared:
        kind = self.task_type(wish.request.task_type)
        choice = choose(self.registry, catalogue, wish.named)
        chain = wish.chain if wish.named.entry else chain_for(choice.entry, self.plugins.quirks)
        offer = Offer(chain.on_leaf(choice.leaf), kind, choice.entry)
        problems = [p for _, found in self._opinions(wish.request, offer) for p in found]
        if problems:
            raise refused(choice.leaf.name, problems)
        resolved = resolve_priced(offer, wish.request.params, wish.request.n, wish.fix).parameters
        parameters = chain.on_parameters(resolved, offer.leaf)
        price = quote(offer.leaf, parameters.values, wish.request.n)
        final = evolve(parameters, values=canonical(price.rule, parameters.values))
        return Prepared(
            wish.request,
            wish.named,
            offer,
            chain,
            wish.modality,
            wish.inputs,
            final,
            price,
            (*wish.request.changes, *final.changes),
            wish.fix,
        )

    def _opinions(self, request: Request, offer: Offer) -> list[tuple[str, tuple[Problem, ...]]]:
        answers = self.plugins.ask_each(
            "ima_check_request", request=request, entry=offer.entry, leaf=offer.leaf
        )
        return [(name, tuple(answer or ())) for name, answer in answers]


@frozen
class _Wish:
    """A request that passed every check that needs no network."""

    request: Request
    named: Named
    chain: QuirkChain
    modality: Modality
    inputs: tuple[InputFile, ...]
    fix: Fix | None


def unknown_task_type(name: str, known: tuple[str, ...]) -> UsageError:
    """Return the error for a task type that does not exist."""
    from ima_skills.nearest import nearest

    close = nearest(name, known)
    meant = f"Did you mean {close}? " if close else ""
    return UsageError(
        f"no task type is called {name!r}",
        code="unknown-task-type",
        hint=f"{meant}There are: {', '.join(known)}.",
    )


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


def _quoted(prepared: Prepared, estimate: tuple[float, float]) -> Quoted:
    leaf = prepared.leaf
    return Quoted(leaf.task_type, leaf.name, leaf.id, prepared.quote, estimate, prepared.changes)
