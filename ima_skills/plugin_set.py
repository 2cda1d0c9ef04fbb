"""Build a plugin set: first party, then third parties; a broken plugin costs only itself."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from attrs import define, evolve, field, frozen
from pluggy import PluginManager

from ima_skills import hookspecs
from ima_skills.domain.problem import Problem
from ima_skills.domain.recommendation import Recommendation
from ima_skills.domain.reflection import GiveUp, Refetch, Retry, Wait
from ima_skills.domain.task import Media
from ima_skills.entry_points import OWN_DISTRIBUTION, Candidate, third_party_candidates
from ima_skills.errors import ImaError
from ima_skills.lending import own_copy
from ima_skills.modality import Modality
from ima_skills.plugin_faults import Fence, is_own_refusal, kind_of, told
from ima_skills.plugin_terms import register, why_refused
from ima_skills.quirks import Quirk
from ima_skills.renderers import assigned
from ima_skills.root_claims import usable_registries, usable_schemas
from ima_skills.stopwatch import IMPORT, Stopwatch
from ima_skills.trust import Trust, read_trust
from ima_skills.well_formed import readable, refusal, strange

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

    from ima_skills.batch import Executor
    from ima_skills.domain.event import Event
    from ima_skills.domain.model_entry import ModelEntry
    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.reflection import Attempt, Decision, Refusal
    from ima_skills.domain.request import Request
    from ima_skills.renderers import Render

# Registered first, so that pluggy asks third parties before them.
FIRST_PARTY: Mapping[str, str] = {
    "reflection": "ima_skills.reflection",
    "image": "ima_skills_image",
    "video": "ima_skills_video",
    "music": "ima_skills_music",
    "tts": "ima_skills_tts",
    "knowledge": "ima_skills_knowledge",
}

State = Literal["active", "disabled", "failed"]


@frozen
class PluginInfo:
    """One plugin as ``plugins list`` shows it.

    Attributes:
        name: Its name.
        origin: The distribution it comes from; ``ima-skills`` for the first party.
        version: Version of that distribution.
        state: ``active``, ``disabled`` or ``failed``.
        hooks: The hooks it implements.
        fault: Why it failed or may not take part, or what it did wrong while active.
        notice: What it should change before the next major version: deprecated hooks and arguments.
    """

    name: str
    origin: str
    version: str
    state: State
    hooks: tuple[str, ...] = ()
    fault: str = ""
    notice: str = ""


@define
class PluginSet:
    """The plugins of one engine; nothing here is shared between engines.

    Attributes:
        manager: The pluggy manager; use the methods below, which contain faults.
        infos: Every plugin that was seen, whatever became of it.
        modalities: Name to modality.
        quirks: Name to quirk.
        owners: Name of a modality to the plugin that brought it.
        stopwatch: How long their hooks took.
        on_fault: Told the plugin and its fault when one does something wrong while it takes part.
    """

    manager: PluginManager
    infos: dict[str, PluginInfo] = field(factory=dict)
    modalities: dict[str, Modality] = field(factory=dict)
    quirks: dict[str, Quirk] = field(factory=dict)
    owners: dict[str, str] = field(factory=dict)
    stopwatch: Stopwatch = field(factory=Stopwatch)
    on_fault: Callable[[str, str], None] | None = None

    def registry_roots(self) -> tuple[Traversable, ...]:
        """Return the registry roots that plugins bring; one that cannot be read costs only its plugin."""
        return tuple(root for _, root in self.owned_registry_roots())

    def owned_registry_roots(self) -> tuple[tuple[str, Traversable], ...]:
        """Return the registry roots that plugins bring, each with its plugin; a platform that is taken is named."""
        return usable_registries(self._declared("ima_registry_roots"), self.blame)

    def schema_roots(self) -> tuple[Traversable, ...]:
        """Return the schema roots that plugins bring; one that is no folder costs only its plugin.

        A schema whose name is taken is named with its owner, and the owner's is used.
        """
        return usable_schemas(self._declared("ima_schema_roots"), self.blame)

    def renderers(self) -> dict[str, Render]:
        """Return the sandbox renderers that plugins bring, by task type; each task type has one.

        A task type of the first party keeps ours. One that is taken is named with its owner; a renderer that
        breaks later fails its media and is noted.
        """
        kept = {
            task_type: owner
            for label, owner in self.owners.items()
            if self.infos[owner].origin == OWN_DISTRIBUTION
            for task_type in self.modalities[label].task_types
        }
        return assigned(self._declared("ima_sandbox_renderers", deadly=False), kept, self.blame)

    def ask_each(self, hook: str, **arguments: Any) -> Iterator[tuple[str, Any]]:
        """Call a hook plugin by plugin, last registered first; yield name and answer; one that raises is noted and skipped."""
        for name in reversed(self._active()):
            with Fence() as fence:
                answer = self._call_one(hook, name, arguments)
            if fence.error is None:
                yield name, answer
            else:
                self.blame(name, f"{hook}: {told(fence.error)}")

    def admit(self, name: str, plugin: object) -> None:
        """Let an object of the running program take part beside the plugins that are installed."""
        self.manager.register(plugin, name=name)
        self.infos[name] = PluginInfo(name, OWN_DISTRIBUTION, _own_version(), "active")

    def tell(self, event: Event) -> None:
        """Tell every observer; whatever an observer raises is noted and goes no further."""
        for name in reversed(self._active()):
            with Fence() as fence:
                # Events hold what goes on being used; our own watchers are known to change none of it.
                own = self.infos[name].origin == OWN_DISTRIBUTION
                self._call_one("ima_observe", name, {"event": event if own else deepcopy(event)})
            if fence.error is not None:
                self.blame(name, f"ima_observe: {told(fence.error)}")

    def shaped(self, modality: Modality, media: Media) -> Media:
        """Return a media as its modality wants people to see it; as it came, when the plugin fails at it."""
        with Fence() as fence:
            shown = modality.media(media)
        if fence.error is None and not (wrong := strange(shown, (Media,))):
            return shown
        fault = told(fence.error) if fence.error is not None else f"returned a {wrong}"
        if modality.name in self.owners:
            self.blame(self.owners[modality.name], f"modality {modality.name}: {fault}")
        return media

    def opinions(self, request: Request, entry: ModelEntry | None, leaf: ProductLeaf) -> list[Problem]:
        """Return what the plugins find wrong with a request; an answer that is none costs only its plugin.

        Raises:
            ImaError: A plugin refuses the request outright.
        """
        found: list[Problem] = []
        arguments = {"request": request, "entry": entry, "leaf": leaf}
        for name in reversed(self._active()):
            with Fence() as fence:
                answer = tuple(self._call_one("ima_check_request", name, arguments) or ())
            if fence.error is not None:
                self._must_go_on(name, fence.error)
                continue
            found += (readable(name, problem) for problem in answer if issubclass(type(problem), Problem))
            if wrong := next(filter(None, (strange(problem, (Problem,)) for problem in answer)), ""):
                self.blame(name, f"ima_check_request: returned a {wrong}")
        return found

    def _must_go_on(self, name: str, error: BaseException) -> None:
        """Note what a check let out, unless it is how a plugin refuses; our own code's errors in a plugin are not."""
        if isinstance(error, ImaError) and is_own_refusal(error):
            raise refusal(name, error)
        self.blame(name, f"ima_check_request: {told(error)}")

    def first_answer(
        self,
        hook: str,
        fits: tuple[type, ...] | Callable[[Any], bool],
        wanted: str,
        amiss: Callable[[Any], str] = lambda _: "",
        **arguments: Any,
    ) -> Any:
        """Return the first answer that fits, or None; an answer of another kind costs only its plugin.

        Args:
            hook: The hook that is asked.
            fits: The classes of an answer, or what tells one.
            wanted: What an answer is called, for the fault of one that is none.
            amiss: Tells what else is wrong with an answer; empty when nothing is.
            arguments: As the hook takes them.
        """
        for name, given in self.ask_each(hook, **arguments):
            if given is None:
                continue
            # What is looked at is what is used: a mapping may be the plugin's own, and change.
            answer = own_copy(given)
            if not (wrong := strange(answer, fits, amiss)):
                return answer
            self.blame(name, f"{hook}: returned a {wrong}" + ("" if " " in wrong else f", not {wanted}"))
        return None

    def decide(self, refusal: Refusal, attempt: Attempt) -> Decision | None:
        """Return the first plugin's decision on a refused create, or None when nobody decides."""
        decision: Decision | None = self.first_answer(
            "ima_reflect",
            (Retry, Refetch, Wait, GiveUp),
            "a decision",
            refusal=refusal,
            attempt=attempt,
        )
        return decision

    def recommendation(self, request: Request, models: tuple[ModelEntry, ...]) -> Recommendation | None:
        """Return the first plugin's recommendation for a wish, or None when nobody has one."""
        recommended: Recommendation | None = self.first_answer(
            "ima_recommend",
            (Recommendation,),
            "a recommendation",
            request=request,
            models=models,
        )
        return recommended

    def batch_executor(self, concurrency: int) -> Executor | None:
        """Return the first plugin's executor for a batch, or None when nobody brings one."""
        executor: Executor | None = self.first_answer(
            "ima_batch_executor",
            lambda answer: callable(getattr(answer, "run", None)),
            "an executor",
            concurrency=concurrency,
        )
        return executor

    def blame(self, name: str, fault: str) -> None:
        """Note a fault of an active plugin, and tell it once."""
        is_news = self.infos[name].fault != fault
        self.infos[name] = evolve(self.infos[name], fault=fault)
        if is_news and self.on_fault is not None:
            self.on_fault(name, fault)

    def collect(self) -> None:
        """Ask every plugin for its declarations; names are unique, and clashes name both plugins."""
        modalities = self._claim("ima_modalities", self.modalities, Modality)
        quirks = self._claim("ima_quirks", self.quirks, Quirk)
        # A plugin that failed on the second question takes its answer to the first one with it.
        active = set(self._active())
        for label in [label for label, owner in modalities.items() if owner not in active]:
            del self.modalities[label], modalities[label]
        for label in [label for label, owner in quirks.items() if owner not in active]:
            del self.quirks[label]
        self.owners.update(modalities)

    def _active(self) -> list[str]:
        return [name for name, info in self.infos.items() if info.state == "active"]

    def _call_one(self, hook: str, name: str, arguments: Mapping[str, Any]) -> Any:
        others = [plugin for other, plugin in self.manager.list_name_plugin() if plugin and other != name]
        caller = self.manager.subset_hook_caller(hook, others)
        own = {word: own_copy(value) for word, value in arguments.items()}
        with self.stopwatch.measure(name, hook):
            answer = caller(**own)
        if caller.spec is not None and caller.spec.opts.get("firstresult"):
            return answer
        return answer[0] if answer else None

    def _declared(self, hook: str, *, deadly: bool = True) -> Iterator[tuple[str, Any]]:
        for name in self._active():
            with Fence() as fence:
                items = list(self._call_one(hook, name, {}) or ())
            if fence.error is not None:
                (self._fail if deadly else self.blame)(name, f"{hook}: {told(fence.error)}")
                continue
            yield from ((name, item) for item in items)

    def _claim(self, hook: str, table: dict[str, Any], kind: type) -> dict[str, str]:
        owners: dict[str, str] = {}
        for plugin, item in self._declared(hook):
            if not issubclass(type(item), kind):
                self.blame(plugin, f"{hook}: returned a {kind_of(item)}, not a {kind.__name__}")
            elif wrong := strange(item, (kind,)):
                self.blame(plugin, f"{hook}: returned a {wrong}")
            elif not (label := item.name):
                self.blame(plugin, f"{hook}: returned a {kind.__name__} without a name")
            elif label in owners:
                self.blame(plugin, f"{hook}: {label!r} already belongs to {owners[label]!r}, which keeps it")
            else:
                owners[label] = plugin
                table[label] = item
        return owners

    def _fail(self, name: str, fault: str) -> None:
        self.manager.unregister(name=name)
        self.infos[name] = evolve(self.infos[name], state="failed", fault=fault)


def load_plugins(
    *,
    disable: Iterable[str] = (),
    third_party: bool = True,
    environ: Mapping[str, str] | None = None,
    find: Callable[[], Iterable[Candidate]] = third_party_candidates,
    trust: Trust | None = None,
) -> PluginSet:
    """Build a plugin set.

    Args:
        disable: Names of plugins to leave out, besides those that ``trust`` denies.
        third_party: Whether installed third parties may join; ``trust`` may forbid it as well.
        environ: The environment; the process's own by default.
        find: Where third parties are found; tests give their own.
        trust: Who may join; by default what the environment and ``ima_config.toml`` say.

    Raises:
        UsageError: What they say cannot be understood.
    """
    rules = read_trust(environ) if trust is None else trust
    named = set(disable)
    rules = evolve(rules, deny=rules.deny | named)
    plugins = PluginSet(PluginManager(hookspecs.PROJECT))
    plugins.manager.add_hookspecs(hookspecs)
    for name, module in FIRST_PARTY.items():
        _join(plugins, Candidate(name, OWN_DISTRIBUTION, _own_version(), module), rules)
    looked = third_party and rules.third_party
    others = tuple(find()) if looked else ()
    known = (*FIRST_PARTY, *(name for c in others for name in (c.name, c.origin)))
    rules.must_mean(known, named=named if looked else ())
    if others:
        for candidate in others:
            if candidate.name not in plugins.infos:
                _join(plugins, candidate, rules)
            elif candidate.origin != OWN_DISTRIBUTION:
                _refuse_name(plugins, candidate)
    plugins.collect()
    return plugins


def _join(plugins: PluginSet, candidate: Candidate, trust: Trust) -> None:
    name, origin = candidate.name, candidate.origin
    objection = trust.objection(name, origin, own=origin == OWN_DISTRIBUTION)
    if objection:
        plugins.infos[name] = _info(candidate, "disabled", fault=objection)
        return
    if candidate.fault:
        plugins.infos[name] = _info(candidate, "failed", fault=candidate.fault)
        return
    with Fence() as fence:
        with plugins.stopwatch.measure(name, IMPORT):
            module = import_module(candidate.module)
        notice = register(plugins.manager, module, name)
    if fence.error is not None:
        if plugins.manager.has_plugin(name):
            plugins.manager.unregister(name=name)
        fault = why_refused(fence.error) or told(fence.error)
        plugins.infos[name] = _info(candidate, "failed", fault=fault)
        return
    hooks = tuple(sorted(caller.name for caller in plugins.manager.get_hookcallers(module) or ()))
    plugins.infos[name] = evolve(_info(candidate, "active", hooks=hooks), notice=notice)


def _refuse_name(plugins: PluginSet, candidate: Candidate) -> None:
    taken = f"the name {candidate.name!r} already belongs to {plugins.infos[candidate.name].origin}"
    plugins.infos[f"{candidate.name} ({candidate.origin})"] = _info(candidate, "failed", fault=taken)


def _info(candidate: Candidate, state: State, *, hooks: tuple[str, ...] = (), fault: str = "") -> PluginInfo:
    return PluginInfo(candidate.name, candidate.origin, candidate.version, state, hooks, fault)


def _own_version() -> str:
    from ima_skills.version import VERSION

    return VERSION
