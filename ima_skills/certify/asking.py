"""Ask a hook everything that it can be asked, as the core does, and see what it answers and what it does beside."""

from __future__ import annotations

import inspect
import os
import sys
import time
from collections.abc import Iterable
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ima_skills.certify.gist import gist
from ima_skills.certify.importing import HEAVY
from ima_skills.certify.trials import Trial, trials
from ima_skills.certify.witness import Witnessed, witnessed
from ima_skills.domain.problem import Problem
from ima_skills.domain.request import Request
from ima_skills.errors import ImaError
from ima_skills.lending import own_copy
from ima_skills.plugin_faults import is_ctrl_c, is_own_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ima_skills.certify.bench import Bench

# Whoever is slow is told so; there is no need to wait for every rare wish.
_MOST_S = 10.0
# A shorter prompt may stand in any sentence by chance.
_QUOTABLE = 12


@frozen
class Asked:
    """What came of asking a hook once.

    Attributes:
        answer: Its answer, a list when the hook gives many.
        fault: What it raised.
        seconds: How long it took.
        said: What it says to people, as a refusal or in its answer.
    """

    answer: Any
    fault: str
    seconds: float
    said: str = field(default="", repr=False)


@define
class Hearing:
    """What came of asking a hook everything.

    Attributes:
        answers: Its answers, the usual one first.
        fault: What it raised first, and at what.
        strange: The first answer of another kind, and at what.
        changed: Arguments that it changed.
        seconds: The longest that it took.
        differs: Whether it answered the same question in two ways, and which.
        quotes: Where it quoted a prompt or the key to people.
        beside: What was seen beside the answers.
        heavy: Heavy modules that it imported.
    """

    answers: list[Any] = field(factory=list)
    fault: str = ""
    strange: str = ""
    changed: dict[str, None] = field(factory=dict)
    seconds: float = 0.0
    differs: str = ""
    quotes: str = ""
    beside: Witnessed = field(factory=Witnessed)
    heavy: tuple[str, ...] = ()

    def hear(
        self, hook: Callable[..., Any], trial: Trial, strange: Callable[[Any], str], *, many: bool
    ) -> None:
        """Ask one question, twice."""
        shown = f" ({trial.label})" if trial.label else ""
        given = {word: _lent(value) for word, value in trial.given.items()}
        first = ask(hook, given, many=many)
        self.changed |= dict.fromkeys(word for word, value in given.items() if value != trial.given[word])
        again = ask(hook, {word: _lent(value) for word, value in trial.given.items()}, many=many)
        self.answers.append(first.answer)
        # The first question of all may have to import something; any other is slow only when it is slow twice.
        usual = not trial.label
        self.seconds = max(self.seconds, first.seconds if usual else min(first.seconds, again.seconds))
        if first.fault:
            self.fault = self.fault or first.fault + shown
            return
        if kind := strange(first.answer):
            self.strange = self.strange or kind + shown
        if again.fault or gist(first.answer) != gist(again.answer):
            self.differs = self.differs or (trial.label or "the usual wish")
        if _quotes(first.said, trial):
            self.quotes = self.quotes or (trial.label or "the usual wish")


def hear(
    bench: Bench,
    hook: Callable[..., Any],
    names: tuple[str, ...],
    *,
    many: bool,
    strange: Callable[[Any], str],
) -> Hearing | None:
    """Ask a hook everything; None when one of its arguments is not known here.

    Args:
        bench: The plugin.
        hook: The function.
        names: The arguments that the core has for it.
        many: Whether it answers with several things.
        strange: Names what an answer should not hold; empty when all is well.
    """
    questions = list(trials(bench, names))
    found, known, spent = Hearing(), set(sys.modules), 0.0
    with witnessed(bench) as found.beside:
        for trial in questions:
            bench.note(trial.label)
            start = time.perf_counter()
            found.hear(hook, trial, strange, many=many)
            spent += time.perf_counter() - start
            if found.fault or found.strange or spent > _MOST_S:
                break
        fresh = {name.partition(".")[0] for name in set(sys.modules) - known}
    found.heavy = tuple(name for name in HEAVY if name in fresh)
    return found if questions else None


def ask(hook: Callable[..., Any], given: Mapping[str, Any], *, many: bool) -> Asked:
    """Ask a hook as the core does, with no more arguments than it takes."""
    taken = inspect.signature(hook).parameters
    answer, fault, said, start = None, "", "", time.perf_counter()
    try:
        answer = hook(**{name: value for name, value in given.items() if name in taken})
        answer = list(answer) if many and isinstance(answer, Iterable) else answer
    except BaseException as error:
        if is_ctrl_c(error):
            raise
        if isinstance(error, ImaError):
            said = f"{error.message} {error.hint}"
        # To refuse is an answer of the hook that judges a request, and of no other.
        refuses = "leaf" in given and is_own_refusal(error)
        fault = "" if refuses else f"{type(error).__name__}: {error}"
    return Asked(answer, fault, time.perf_counter() - start, said + _sentences(answer))


def _lent(value: Any) -> Any:
    """Return what the core would hand out; a copy to the bottom where that is told from the original."""
    return own_copy(value) if isinstance(value, Request) else deepcopy(value)


def _sentences(answer: Any) -> str:
    items = answer if isinstance(answer, list) else [answer]
    told = [item.message for item in items if isinstance(item, Problem)]
    return " ".join((*told, *(str(getattr(item, "because", "")) for item in items)))


def _quotes(said: str, trial: Trial) -> bool:
    request = trial.given.get("request")
    prompt = request.prompt.strip() if isinstance(request, Request) else ""
    key = os.environ.get("IMA_API_KEY", "")
    return bool((key and key in said) or (len(prompt) >= _QUOTABLE and prompt in said))
