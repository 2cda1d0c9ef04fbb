"""Quirks: named, pure transformations that a registry file asks for, applied in its order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import frozen

from ima_skills.domain.media_facts import MediaFacts, PlacedInput
from ima_skills.domain.problem import Problem
from ima_skills.domain.product import ProductLeaf
from ima_skills.domain.request import Parameters, Request
from ima_skills.domain.task_type import Text
from ima_skills.errors import FaultError, ImaError, PluginError
from ima_skills.modality import CreateInputs
from ima_skills.plugin_faults import Fence, kind_at, kind_of

if TYPE_CHECKING:
    from ima_skills.domain.model_entry import ModelEntry

Options = Mapping[str, Any]
InputCheck = Callable[[str, tuple[MediaFacts | None, ...], Options], tuple[Problem, ...]]
InputPlacement = Callable[[str, tuple[PlacedInput, ...], Options], CreateInputs]
T = TypeVar("T")


@frozen
class Quirk:
    """One model peculiarity, cured at up to three stations of the road.

    Every function gets the options that the registry file holds for this quirk, returns its first
    argument or a changed copy, and records what people should know as a change. It may raise an
    :class:`~ima_skills.errors.ImaError` when the request cannot be right.

    Attributes:
        name: What registry files call it.
        summary: What it cures, for people.
        request: Before a leaf is chosen: reads the wish.
        leaf: Before parameters are resolved: completes the leaf's form.
        parameters: After parameters are resolved: completes the values.
        check_inputs: Task type and measured inputs (None for an address) to problems; having it
            makes the engine measure inputs, and make a cover for every clip.
        place_inputs: Task type and uploaded inputs to their places in a create; replaces the
            modality's own way.
        verify_inputs: Whether the service must be asked for a compliance verdict before a create.
    """

    name: str
    summary: Text
    request: Callable[[Request, Options], Request] | None = None
    leaf: Callable[[ProductLeaf, Options], ProductLeaf] | None = None
    parameters: Callable[[Parameters, ProductLeaf, Options], Parameters] | None = None
    check_inputs: InputCheck | None = None
    place_inputs: InputPlacement | None = None
    verify_inputs: bool = False


@frozen
class QuirkChain:
    """The quirks of one model entry, in order; an empty chain changes nothing."""

    quirks: tuple[Quirk, ...] = ()
    options: Mapping[str, Options] = {}

    def on_request(self, request: Request) -> Request:
        """Return the request as the quirks read it."""
        return self._fold(request, "request")

    def on_leaf(self, leaf: ProductLeaf) -> ProductLeaf:
        """Return the leaf as the quirks complete it."""
        return self._fold(leaf, "leaf")

    def on_parameters(self, parameters: Parameters, leaf: ProductLeaf) -> Parameters:
        """Return the parameters as the quirks complete them."""
        return self._fold(parameters, "parameters", leaf)

    @property
    def measures(self) -> bool:
        """Whether inputs must be measured."""
        return any(quirk.check_inputs for quirk in self.quirks)

    @property
    def verifies(self) -> bool:
        """Whether inputs need a compliance verdict."""
        return any(quirk.verify_inputs for quirk in self.quirks)

    def input_problems(self, task_type: str, facts: tuple[MediaFacts | None, ...]) -> tuple[Problem, ...]:
        """Return what the quirks find wrong with measured inputs."""
        found: list[Problem] = []
        for quirk in self.quirks:
            if quirk.check_inputs is not None:
                options = self.options.get(quirk.name, {})
                answer = _guarded(quirk.name, _as_tuple, quirk.check_inputs, task_type, facts, options)
                for problem in answer:
                    _must_be(quirk.name, problem, Problem)
                found += answer
        return tuple(found)

    def placed(self, task_type: str, inputs: tuple[PlacedInput, ...]) -> CreateInputs | None:
        """Return the places of uploaded inputs as the last quirk with an opinion wants them, or None."""
        for quirk in reversed(self.quirks):
            if quirk.place_inputs is not None:
                options = self.options.get(quirk.name, {})
                answer = _guarded(quirk.name, quirk.place_inputs, task_type, inputs, options)
                _must_be(quirk.name, answer, CreateInputs)
                return answer
        return None

    def _fold(self, value: T, station: str, *context: Any) -> T:
        def step(current: T, quirk: Quirk) -> T:
            function = getattr(quirk, station)
            if function is None:
                return current
            changed: T = _contained(quirk.name, function, current, *context, self.options.get(quirk.name, {}))
            return changed

        return reduce(step, self.quirks, value)


def chain_for(entry: ModelEntry | None, supplied: Mapping[str, Quirk], language: str = "en") -> QuirkChain:
    """Return the quirks of an entry: those that it declares as rules, then those that it names.

    Args:
        entry: The model entry; None for a model that the registry does not know.
        supplied: Quirk name to quirk, as the plugins supply them.
        language: Language of the reasons that declared rules give.

    Raises:
        RegistryError: A declared rule is not sound.
        PluginError: The entry names a quirk that no active plugin supplies. Going on without it
            could cost points for nothing.
    """
    if entry is None:
        return QuirkChain()
    missing = [name for name in entry.quirks if name not in supplied]
    if missing:
        raise PluginError(
            f"{entry.name} needs the quirk {missing[0]!r}, which no active plugin supplies",
            code="missing-quirk",
            hint="Run: ima-skills plugins list",
        )
    named = tuple(supplied[name] for name in entry.quirks)
    return QuirkChain((*_declared(entry, language), *named), entry.quirk_options)


def _declared(entry: ModelEntry, language: str) -> tuple[Quirk, ...]:
    if not entry.rules:
        return ()
    from ima_skills.declared.quirks import declared_quirks

    return declared_quirks(entry, language)


def _contained(name: str, function: Callable[..., T], *arguments: Any) -> T:
    result = _guarded(name, function, *arguments)
    _must_be(name, result, type(arguments[0]))
    return result


def _as_tuple(function: Callable[..., Any], *arguments: Any) -> tuple[Any, ...]:
    return tuple(function(*arguments))


def _must_be(name: str, result: Any, kind: type) -> None:
    if type(result) is not kind:
        raise PluginError(f"the quirk {name!r} returned a {kind_of(result)}", code="quirk-failed")


def _guarded(name: str, function: Callable[..., T], *arguments: Any) -> T:
    with Fence() as fence:
        return function(*arguments)
    error = fence.error
    # A quirk may refuse; what is wrong with files of ours or of others is nothing that it says to the user.
    if isinstance(error, ImaError) and not isinstance(error, FaultError):
        raise error
    failed = "" if error is None else kind_at(error)
    raise PluginError(f"the quirk {name!r} failed: {failed}", code="quirk-failed") from error
