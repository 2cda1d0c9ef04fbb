"""What hooks are asked: usual wishes, and every kind of rare one that is legal all the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen

from ima_skills.certify.samples import PROMPT, arguments, leaves_of, open_routing
from ima_skills.certify.trial_events import events
from ima_skills.domain.request import Request
from ima_skills.testing.wishes import wishes

if TYPE_CHECKING:
    from ima_skills.certify.bench import Bench
    from ima_skills.domain.product import ProductLeaf

LONG = "10,000 letters"
# Kind of prompt to a prompt. What people and programs write, and nobody thinks of.
PROMPTS: Mapping[str, str] = MappingProxyType({
    "one letter": "x",
    LONG: ("a quiet bay at dusk, " * 500)[:10_000],
    "emoji": "🐉 👩‍👩‍👧 ☀️ 🏳️‍🌈",
    "right-to-left letters": "خليج هادئ عند الغسق, מפרץ שקט",
    "line breaks": "a quiet bay\nat dusk\r\n\twith boats",
    "quotes": "a \"quiet\" bay 'at' dusk’s “end” `now`",
    "something like JSON": '{"prompt": ["a bay", {"n": 2}], "x": null}',
    "braces and per cent": "{0} {name} %s %(dusk)d 100 % $HOME ${x}",
    "backslashes and brackets": r"C:\new\table [a-z]+(?P<x>.*)* \\ \u0041",
    "Chinese": "黄昏时分，安静的海湾，《水墨》风格。",
    "figures": "20261121",
    "marks alone": "?!...",
    "blanks at both ends": "   a quiet bay   ",
    "letters with marks": "é e\u0301 ñ Åström ﬁ İstanbul straße",
})  # fmt: skip
_WISHES = (
    PROMPT, "a video of a fox, 10 seconds, 16:9", "写一首轻快的歌", "read this aloud: good evening", "画一张猫的图，然后做成视频",
    "how much is a picture?", "image", "three pictures of a fox, 2k, as before", "make it better",
)  # fmt: skip
_ADDRESS = "https://example.org/{}.png"
_MOST_INPUTS = 9
_MOST_PARAMS = 40
# Legal values of parameters that are seldom met; the core reads or refuses them itself.
_VALUES: Mapping[str, Any] = MappingProxyType({
    "a number as text": "5", "nothing": None, "a yes": True, "a fraction": 2.5, "a list": ["a", 1], "a table": {"a": 1},
    "an empty text": "", "letters in capitals": "FINE",
})  # fmt: skip


@frozen
class Trial:
    """One question to a hook.

    Attributes:
        given: Its arguments by name.
        label: What is rare about it; empty for a usual one.
    """

    given: Mapping[str, Any] = field(repr=False)
    label: str = ""


def trials(bench: Bench, names: tuple[str, ...]) -> Iterator[Trial]:
    """Yield everything that a hook is asked, the usual question first; nothing when an argument is not known here.

    Args:
        bench: The plugin.
        names: The arguments of the hook.
    """
    usual = arguments(bench, names)
    if usual is None:
        return
    yield Trial(usual)
    more = {
        "request": _requests,
        "refusal": _refusals,
        "event": _events,
        "concurrency": _sizes,
        "text": _texts,
    }
    for name, vary in more.items():
        if name in names:
            yield from vary(bench, usual)


def input_counts(bench: Bench, task_type: str) -> range:
    """Return how many inputs a wish of a task type may have."""
    rules = bench.registry.task_types[task_type].inputs
    return range(rules.minimum, min(rules.maximum, _MOST_INPUTS) + 1)


def addresses(count: int) -> tuple[str, ...]:
    """Return so many addresses of inputs."""
    return tuple(map(_ADDRESS.format, range(count)))


def rare_params(leaf: ProductLeaf) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield parameters of a leaf that are legal and seldom met, each with what is rare about it."""
    for wish in islice(wishes(leaf), _MOST_PARAMS):
        yield ", ".join(f"{name}={value}" for name, value in wish.items()), wish
    names = [form.name for form in leaf.form if form.name != "n"][:2]
    for what, value in _VALUES.items():
        yield f"{what} as a parameter", dict.fromkeys((*names, "no_such_parameter"), value)


def _requests(bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    request: Request = usual["request"]
    for label, wish in rare_wishes(bench, request, usual.get("leaf")):
        yield Trial({**usual, "request": wish}, label)
    if "entry" in usual:
        yield Trial({**usual, "entry": None}, "a model that only the live list knows")
        yield from _elsewhere(bench, usual)
    if "models" in usual:
        yield from _recommending(bench, usual)


def rare_wishes(bench: Bench, request: Request, leaf: ProductLeaf | None) -> Iterator[tuple[str, Request]]:
    """Yield wishes that are legal and seldom met, each with what is rare about it.

    Args:
        bench: The plugin.
        request: A usual wish.
        leaf: What it leads to, where that is known; its parameters are varied, too.
    """
    row = bench.registry.task_types[request.task_type]
    yield from _rare_requests(request, row.prompt_max, row.n_max)
    for count in input_counts(bench, request.task_type):
        yield f"inputs: {count}", evolve(request, inputs=addresses(count))
    yield "a file whose name is rare", evolve(request, inputs=("./海 湾 (1).JPG",))
    for label, params in rare_params(leaf) if leaf is not None else ():
        yield label, evolve(request, params=params)


def _rare_requests(usual: Request, longest: int, most_n: int) -> Iterator[tuple[str, Request]]:
    """Yield wishes with a rare prompt, number of outputs or language, each with what is rare about it."""
    for label, text in PROMPTS.items():
        if text[:longest].strip():
            yield label, evolve(usual, prompt=text[:longest])
    for n in range(2, most_n + 1):
        yield f"n = {n}", evolve(usual, n=n)
    yield "in Chinese", evolve(usual, language="zh")


def _elsewhere(bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    """Yield wishes for models of others, one of each task type, and for each model of the plugin."""
    met: set[str] = set()
    own = [(entry, task_type) for entry in bench.models() for task_type in entry.task_types]
    others = [(entry, kind) for entry in bench.first_party.models.values() for kind in entry.task_types]
    for entry, task_type in (*own, *others):
        if (entry, task_type) not in own and task_type in met:
            continue
        for leaf in leaves_of(bench.registry, entry, task_type)[:1]:
            met.add(task_type)
            wish = Request(task_type, PROMPT, model=entry.id, n=1)
            yield Trial({**usual, "request": wish, "entry": entry, "leaf": leaf}, f"{entry.id} {task_type}")


def _recommending(bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    for task_type in bench.registry.task_types:
        able = tuple(model for model in bench.registry.models.values() if task_type in model.task_types)
        for models in (able, able[:1]) if able else ():
            wish = Request(task_type, PROMPT)
            yield Trial({**usual, "request": wish, "models": models}, f"{len(models)} models of {task_type}")


def _refusals(bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    refusal, attempt = usual["refusal"], usual["attempt"]
    for row in bench.registry.errors:
        code = row.service_codes[0] if row.service_codes else None
        verdict = evolve(refusal, code=row.code, service_code=code, retry=row.retry, message="")
        yield Trial({**usual, "refusal": verdict}, f"a refusal {row.code}")
    yield Trial(
        {**usual, "refusal": evolve(refusal, service_code=None, message="忙", retry_after_s=3.5)}, "no code"
    )
    for number in (2, 3):
        yield Trial({**usual, "attempt": evolve(attempt, number=number, refetched=True)}, f"create {number}")
    for label, values in rare_params(attempt.leaf):
        yield Trial({**usual, "attempt": evolve(attempt, values=values)}, label)


def _events(_bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    for label, event in events():
        yield Trial({**usual, "event": event}, label)


def _sizes(_bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    for size in (1, 3, 64):
        yield Trial({**usual, "concurrency": size}, f"{size} at once")


def _texts(bench: Bench, usual: Mapping[str, Any]) -> Iterator[Trial]:
    understand = open_routing(bench)
    labelled = {**PROMPTS, **{wish: wish for wish in _WISHES}}
    for label, text in labelled.items():
        yield Trial({**usual, "text": text, "route": understand(text)}, label)
