"""Whether answers are the same in every process: another hash seed, time zone, language, folder and set of variables."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from ima_skills.certify.asking import ask
from ima_skills.certify.checks import Check, absent
from ima_skills.certify.gist import digest, gist
from ima_skills.certify.hooks import MANY, known_hooks
from ima_skills.certify.process import asked
from ima_skills.certify.quirk_probes import outcomes
from ima_skills.certify.trials import trials

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ima_skills.certify.bench import Bench
    from ima_skills.certify.process import Place

# Two lives that have nothing in common but the plugin.
_LIVES: tuple[Mapping[str, str], ...] = (
    {"PYTHONHASHSEED": "1", "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"},
    {"PYTHONHASHSEED": "4711", "TZ": "Asia/Shanghai", "LANG": "zh_CN.UTF-8", "LC_ALL": "C", "DEBUG": "1", "CI": "1",
     "NO_COLOR": "1", "USER": "somebody-else"},
)  # fmt: skip
_MOST = 40
# For everything together, on a busy machine.
_SECONDS = 30.0


def digests(bench: Bench) -> dict[str, str]:
    """Return hook or quirk to a short text that stands for all its answers.

    Args:
        bench: The plugin.
    """
    found = {}
    for name, hook in bench.hooks().items():
        if name in known_hooks():
            questions = islice(trials(bench, known_hooks()[name]), _MOST)
            found[name] = digest([_answer(hook, question.given, many=name in MANY) for question in questions])
    return found | {name: digest(list(map(gist, values))) for name, values in outcomes(bench, _MOST)}


def _answer(hook: Any, given: Mapping[str, Any], *, many: bool) -> Any:
    told = ask(hook, given, many=many)
    return told.fault or gist(told.answer)


def steady_checks(place: Place, left_out: Collection[str]) -> Iterator[Check]:
    """Yield whether each hook and quirk answers alike in two processes that have nothing else in common.

    Args:
        place: Where the plugin is certified.
        left_out: Hooks that do not work.
    """
    lives = [
        asked(place, seconds=_SECONDS, variables=life, stage="digests", left_out=sorted(left_out), skip=[])
        for life in _LIVES
    ]
    if None in lives:
        words = {"seconds": _SECONDS, "given": ""}
        yield Check(
            "hooks", "answers come back in every process", "hangs", "", "the plugin in another process", words
        )
        return
    first, second = (life["digests"] for life in lives if life is not None)
    if first is None or second is None:
        yield absent("hooks", "answers come back in every process")
        return
    for name, told in first.items():
        is_hook = name in known_hooks()
        area, fault = ("hooks", "hook-unsteady") if is_hook else ("quirks", "quirk-unsteady")
        code = "" if second.get(name) == told else fault
        yield Check(area, f"{name} answers alike in every process", code, place.subject.module, name)
