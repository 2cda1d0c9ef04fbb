"""The road: request → model → parameters → quote → create → poll → media.

The engine owns nothing global. Everything it needs is handed to it, so that two engines in one
process never meet.
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from attrs import Factory, evolve, field, frozen

from ima_skills.booking import CountedLooks, admit, afforded, noted, settled
from ima_skills.catalogue import Catalogue, read_catalogue
from ima_skills.clock import Clock
from ima_skills.delivering import Sender
from ima_skills.domain.event import Created, Quoted, Reattached, Uploaded
from ima_skills.domain.media_facts import PlacedInput
from ima_skills.domain.task import Result, Task
from ima_skills.domain.task_type import Text
from ima_skills.errors import FaultError, InvalidRequestError, UsageError
from ima_skills.file_rules import FileRules
from ima_skills.plugin_set import PluginSet
from ima_skills.polling import Cadence, LookLimit, wait_for_task
from ima_skills.preferring import Chooser, Pick
from ima_skills.preparing import Prepared, Preparer
from ima_skills.recording import Attached, Journal, Record, Terms
from ima_skills.references import make_covers, verify_all
from ima_skills.registry import Registry
from ima_skills.remembering import as_made
from ima_skills.schemas import SchemaStore
from ima_skills.service import Service
from ima_skills.shelf import Shelf
from ima_skills.submitting import submit
from ima_skills.telling import told_of
from ima_skills.unrecorded import NoJournal, NoRecord
from ima_skills.uploading import Uploader, UploadMemory, distrusted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from ima_skills.domain.event import Event
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Request
    from ima_skills.domain.task_type import TaskType
    from ima_skills.fixing import Fix
    from ima_skills.recording import Made

_SAVED = Text(
    en="{} was taken because it is your saved model; name another one to use that.",
    zh="这里用的是你保存的常用模型 {}；如需改用别的模型，请直接指定。",
)


@frozen
class Begun:
    """A task that is under way.

    Attributes:
        task_id: The task.
        prepared: What was really created, with all changes.
        attached: Whether it was created before, so that nothing was spent now.
    """

    task_id: str
    prepared: Prepared
    attached: bool = False


@frozen
class Engine:
    """Brings a request down the road.

    Attributes:
        service: The service's calls.
        sender: Carries creates.
        registry: What we know of models and task types.
        plugins: Modalities, quirks and decisions.
        schemas: Request schemas.
        clock: Time.
        rng: Jitter and nonces.
        degrade: Whether reflection may make a request smaller to get it accepted.
        memory: What was uploaded and verified before.
        journal: What was sent before.
        shelf: Product lists that were fetched a moment ago.
        files: Where inputs may come from.
        looks: Keeps many waits from asking all at once.
        chooser: Chooses the model of a wish that names none.
    """

    service: Service
    sender: Sender
    registry: Registry
    plugins: PluginSet
    schemas: SchemaStore
    clock: Clock
    rng: Random
    degrade: bool = field(default=True)
    memory: UploadMemory = field(factory=UploadMemory)
    journal: Journal = field(factory=NoJournal)
    shelf: Shelf = field(default=Factory(lambda self: Shelf(self.clock), takes_self=True))
    files: FileRules = field(factory=FileRules)
    looks: LookLimit = field(factory=LookLimit)
    chooser: Chooser = field(
        default=Factory(lambda self: Chooser(self.registry, self.plugins), takes_self=True)
    )

    @property
    def preparer(self) -> Preparer:
        """The first half of the road, which needs no network of its own."""
        return Preparer(self.registry, self.plugins, self.schemas, self.files)

    def task_type(self, name: str) -> TaskType:
        """Return a task type; see :meth:`Preparer.task_type`."""
        return self.preparer.task_type(name)

    async def catalogue(self, task_type: str, *, fresh: bool = False) -> Catalogue:
        """Return the live product list of a task type.

        Args:
            task_type: The category.
            fresh: Whether one that was fetched a moment ago is no good.
        """
        self.task_type(task_type)

        async def fetch() -> Catalogue:
            return read_catalogue(task_type, await self.service.product_list(task_type))

        return await self.shelf.page(task_type, fetch, fresh=fresh)

    async def prepare(
        self, request: Request, fix: Fix | None = None, promised: Collection[str] = ()
    ) -> Prepared:
        """Resolve, check and price a request; sends nothing that costs.

        A wish without a model gets the one that its user has saved, else the recommended one, else the default.

        Args:
            request: The wish.
            fix: Where impossible values may move to, reported; None refuses them.
            promised: Inputs that are still to be made: names only, priced and never sent.

        Raises:
            InvalidRequestError: With every problem found.
            UnknownModelError: No such model.
            ImaError: The product list cannot be had.
        """
        choosing = self.chooser.begin(request)
        first = choosing.pick()
        with _owning_up(first, request.language):
            checked = self.preparer.check(first.applied(request), fix, promised)
        catalogue = await self.catalogue(request.task_type)
        pick = choosing.pick(catalogue)
        with _owning_up(pick, request.language):
            if pick.model != first.model:
                checked = self.preparer.check(pick.applied(request), fix, promised)
            return self.preparer.build(evolve(checked, pick=pick), catalogue)

    async def refresh(self, prepared: Prepared) -> Prepared:
        """Prepare the same request again from a freshly read product list."""
        return self.preparer.build(prepared, await self.catalogue(prepared.request.task_type, fresh=True))

    async def create(
        self, prepared: Prepared, tell: Callable[[Event], None], max_points: int | None = None
    ) -> tuple[str, Prepared]:
        """Return the task id of :meth:`begin`, and what was really created."""
        begun = await self.begin(prepared, tell, max_points)
        return begun.task_id, begun.prepared

    async def begin(
        self,
        prepared: Prepared,
        tell: Callable[[Event], None],
        max_points: int | None = None,
        terms: Terms | None = None,
    ) -> Begun:
        """Upload inputs and create the task; this is where points are spent.

        Args:
            prepared: What :meth:`prepare` returned.
            tell: Receives every event.
            max_points: Most points that may be spent; reflection stays below it as well.
            terms: How to treat it; the journal attaches to the same wish and never sends one twice.

        Raises:
            OutcomeUnknownError: A create left and no verdict came back; never sent again here.
            PointsError: The quote is above a cap; nothing was sent.
            FaultError: The journal cannot be written; nothing was sent.
            ImaError: The service refused for good.
        """
        _must_be_there(prepared)
        terms = terms or Terms()
        with self.preparer.thrifty(prepared):
            terms = await afforded(self, prepared, terms, max_points)
            # What the journal does not let through never begins, so nobody is told that it does.
            record = await admit(self, prepared, terms, tell)
        if isinstance(record, Attached):
            return self._attached(record.task_id, prepared, terms, tell)
        with settled(record):
            self._announce(prepared, tell)
            book = record or NoRecord()
            if book.place is not None:
                self.sender.get_ready()  # while inputs are on their way
            placed = await self._place(prepared, tell, book)
            if prepared.chain.verifies and placed:
                await verify_all(self.service, placed, self.memory.passed)
            with distrusted(self.memory, book, [item.url for item in placed]):
                accepted, final, number = await submit(self, prepared, placed, tell, record)
        if final is not prepared:
            told = told_of(final, keep_texts=terms.keep_prompt)
            noted(accepted.task_id, tell, book.amended, told)
        tell(Created(accepted.task_id, number, final.quote.total))
        return Begun(accepted.task_id, final)

    def _attached(
        self, task_id: str, prepared: Prepared, terms: Terms, tell: Callable[[Event], None]
    ) -> Begun:
        """Come back to a task that an earlier run has created: told is what was made then."""
        made: Made | None = None
        with suppress(FaultError):  # the wish is the next best that is known
            made = self.journal.made(task_id)
        known = as_made(prepared, made) if made else prepared
        self._announce(known, tell, chosen=known.leaf.id == prepared.leaf.id)
        tell(Reattached(task_id))
        if made and terms.folder and terms.folder != made.folder:
            noted(task_id, tell, self.journal.placed, task_id, terms.folder)
        return Begun(task_id, known, attached=True)

    def _announce(self, prepared: Prepared, tell: Callable[[Event], None], *, chosen: bool = True) -> None:
        """Tell the model, where it is the one that was chosen now, and the price, right before anything is sent."""
        estimate = self.cadence(prepared.request.task_type, prepared.leaf, prepared).estimate
        if chosen:
            tell(prepared.pick.told(prepared.leaf, prepared.request.language))
        tell(_quoted(prepared, estimate))

    async def _place(
        self, prepared: Prepared, tell: Callable[[Event], None], record: Record
    ) -> tuple[PlacedInput, ...]:
        """Upload inputs, and a cover for every clip that a quirk had measured."""
        import tempfile

        total = len(prepared.inputs)
        if not total:
            return ()
        facts = prepared.facts or (None,) * total
        with tempfile.TemporaryDirectory(prefix="ima-skills-") as folder:
            covers = make_covers(prepared.inputs, facts, Path(folder))
            account = self.journal.seal(self.service.settings.key().reveal())
            uploader = Uploader(self.service, self.clock, self.rng, self.memory, record, account)
            urls = await uploader.addresses(
                (*prepared.inputs, *covers.values()),
                lambda index: tell(Uploaded(index, total)) if index < total else None,
            )
        cover_urls = dict(zip(covers, urls[total:], strict=True))
        return tuple(
            PlacedInput(url, known, cover_urls.get(index))
            for index, (url, known) in enumerate(zip(urls[:total], facts, strict=True))
        )

    async def look(self, task_id: str, tell: Callable[[Event], None]) -> Task:
        """Look at a task once; errors as :meth:`Service.detail`."""
        return await CountedLooks(self.looks, self.journal, tell).look(self.service, task_id)

    async def wait(  # noqa: PLR0913 - one keyword per fact that places the looks
        self,
        task_id: str,
        cadence: Cadence,
        tell: Callable[[Event], None],
        *,
        fresh: bool = False,
        age_s: float | None = None,
        whole: bool = False,
    ) -> Task:
        """Wait until a task ends.

        Args:
            task_id: The task.
            cadence: How often and how long.
            tell: Receives progress.
            fresh: Whether it was created just now; the same as an age of 0.
            age_s: Seconds since it was created; None when nobody knows.
            whole: Whether to wait for the other outputs of a task that has failed as well.
        """
        return await wait_for_task(
            self.service, task_id, cadence, clock=self.clock, rng=self.rng, tell=tell,
            age_s=0.0 if fresh else age_s, limit=CountedLooks(self.looks, self.journal, tell),
            whole=whole,
        )  # fmt: skip

    def result(self, prepared: Prepared, task: Task, elapsed_s: float) -> Result:
        """Return what a finished create has to show; a failed one too."""
        return Result(
            task_id=task.id,
            task_type=prepared.leaf.task_type,
            status=task.status,
            medias=tuple(self.plugins.shaped(prepared.modality, media) for media in task.medias),
            model_id=prepared.leaf.model_id,
            model_name=prepared.leaf.name,
            version_id=prepared.leaf.id,
            credit=prepared.quote.total,
            params=prepared.parameters.values,
            changes=prepared.changes,
            elapsed_s=elapsed_s,
            sandbox=self.service.sandbox_speed is not None,
            choice=prepared.pick.told(prepared.leaf, prepared.request.language),
        )

    def cadence(
        self, task_type: str, leaf: ProductLeaf | None = None, prepared: Prepared | None = None
    ) -> Cadence:
        """Return how to wait for a task type, a leaf or a prepared request."""
        entry = prepared.offer.entry if prepared else None
        version = (leaf.model_id, leaf.id) if leaf else None
        return self._cadence(task_type, entry, leaf, version)

    def cadence_of(self, task_type: str, version: tuple[str, str] | None) -> Cadence:
        """Return how to wait for a task that was created earlier; nothing is fetched.

        Args:
            task_type: What it makes.
            version: Family id and version id of its model; None when nobody knows.
        """
        if version is None:
            return self.cadence(task_type)
        # The dated copy of the list will do: estimates hardly change, and a look costs as much as a list.
        listed = self.preparer.snapshot(task_type).leaves
        leaf = next((leaf for leaf in listed if (leaf.model_id, leaf.id) == version), None)
        return self._cadence(task_type, self.registry.by_model_id(version[0], task_type), leaf, version)

    def _cadence(
        self,
        task_type: str,
        entry: ModelEntry | None,
        leaf: ProductLeaf | None,
        version: tuple[str, str] | None,
    ) -> Cadence:
        kind = self.task_type(task_type)
        task = entry.task_types.get(task_type) if entry else None
        known = (leaf.estimate if leaf else None) or (task.estimate if task else None)
        poll_s = entry.progress.poll_s if entry and entry.progress else kind.poll_s
        took = self._durations(task_type, version)
        return Cadence(poll_s, kind.deadline_s, known or kind.estimate, took)

    def _durations(self, task_type: str, version: tuple[str, str] | None) -> tuple[float, ...]:
        """Return how long tasks of a version took; a sandbox's time and a broken journal teach nothing."""
        if version is None or self.service.sandbox_speed is not None:
            return ()
        try:
            return tuple(self.journal.history(*version, task_type))
        except FaultError:
            return ()  # only a hint is missing; where the journal has to be written, it says what is wrong


@contextmanager
def _owning_up(pick: Pick, language: str) -> Iterator[None]:
    """Say in a refusal that the model was the saved one: nobody has named it, and none takes its place."""
    try:
        yield
    except InvalidRequestError as error:
        if pick.source == "saved" and pick.saved is not None and "advice" in error.details:
            error.details["saved_model"] = pick.saved.model_name
            error.hint = f"{_SAVED.say(language).format(pick.saved.model_name)} {error.hint}".strip()
        raise


def _quoted(prepared: Prepared, estimate: tuple[float, float]) -> Quoted:
    leaf = prepared.leaf
    return Quoted(leaf.task_type, leaf.name, leaf.id, prepared.quote, estimate, prepared.changes)


def _must_be_there(prepared: Prepared) -> None:
    if any(item.is_promised for item in prepared.inputs):
        raise UsageError(
            "an input of this job is still to be made", code="input-promised", hint="Nothing was sent."
        )
