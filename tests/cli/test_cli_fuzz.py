"""Any words at all on the command line: an answer or a plain error, an exit code of the table, and never a hang."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ima_skills.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Ima = Callable[..., Any]

# The exit codes are read from the documents, which are in a checkout only.
pytestmark = pytest.mark.checkout
SHARED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
DOCUMENTED = re.compile(r"^\| (\d+) \| ", re.MULTILINE)
CODES = {
    int(code)
    for code in DOCUMENTED.findall(
        (Path(__file__).parents[2] / "docs" / "cli.md")
        .read_text(encoding="utf-8")
        .partition("## Exit codes")[2]
    )
}
# What a line may take at the most; the slowest thing that may happen here is a sandbox's task.
PATIENCE_S = 20.0


class HangsError(BaseException):
    """A line took too long; no Exception, so that nothing on the way takes it for trouble of its own."""


def commands(
    group: click.Group, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Yield every command of the real tree with the words that lead to it."""
    context = click.Context(group)
    yield path, group
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*path, name))
        elif found is not None:
            yield (*path, name), found


TREE = tuple(commands(main))
OPTIONS = sorted(
    {
        option
        for _, command in TREE
        for parameter in command.params
        for option in parameter.opts + parameter.secondary_opts
        if option.startswith("-")
    }
    | {"--help", "-h"}
)
GARBAGE = st.one_of(
    st.text(max_size=12),
    st.sampled_from([
        "", "-", "--", "--=", "-x", "---", "@", "@nope", "@.", "{", "{}", "[]", "null", '{"a": NaN}', "=", "=1", "a=",
        "0", "-1", "999999999999", "1e999", "nan", "-inf", "0x10", "½", "猫" * 40, "\x1b[31m", "\u202e", "a\nb",
        "text_to_image", "image_to_video", "seedream-4.5", "ima@", "@1", "task_x", "job_1", "play_9", "7d", "9999-99-99",
        "2026-02-30", "..", ".", "/", "~", "~no-such-user", "/dev/null", "nope.png", "file://", "http://127.0.0.1:9", "https://[", "data:,x",
        "seed=1", "aspect_ratio=16:9", "n=2", "en", "zh", "x" * 5000,
    ]),
)  # fmt: skip


def values(parameter: click.Parameter) -> st.SearchStrategy[str]:
    """Return words for an option or argument: often what it takes, often not."""
    if isinstance(parameter.type, click.Choice):
        return st.sampled_from(list(map(str, parameter.type.choices))) | GARBAGE
    return GARBAGE


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """Draw a command line: a real command with some of its options, other commands' options, and garbage."""
    path, command = draw(st.sampled_from(TREE))
    words: list[str] = list(path)
    own = [parameter for parameter in command.params if not getattr(parameter, "is_eager", False)]
    for parameter in draw(st.lists(st.sampled_from(own), max_size=5)) if own else ():
        name = draw(st.sampled_from(parameter.opts)) if isinstance(parameter, click.Option) else ""
        takes_value = not getattr(parameter, "is_flag", False)
        value = draw(values(parameter)) if takes_value else ""
        joined = draw(st.booleans()) and name.startswith("--") and takes_value
        words += [f"{name}={value}"] if joined else [word for word in (name, value) if word or not name]
    for _ in range(draw(st.integers(0, 2))):
        words.insert(draw(st.integers(0, len(words))), draw(GARBAGE | st.sampled_from(OPTIONS)))
    return words


@contextmanager
def patience() -> Iterator[None]:
    """Break off what does not end."""

    def hangs(*_: Any) -> None:
        raise HangsError

    before = signal.signal(signal.SIGALRM, hangs)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.fixture
def harmless(quick_sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing leave this machine, last, or serve until somebody stops it; the rest is the real program."""
    slept, real = [0.0], asyncio.sleep

    async def soon(_: object, seconds: float) -> None:
        slept[0] += seconds  # time passes, but nobody waits for it
        await real(0)

    async def served(service: Any, *, on_ready: Callable[[Any], None], **_: Any) -> None:
        on_ready(service)

    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("IMA_SANDBOX")
    monkeypatch.setenv("IMA_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("ima_skills.clock.SystemClock.sleep", soon)
    monkeypatch.setattr("ima_skills.clock.SystemClock.monotonic", lambda _: time.monotonic() + slept[0])
    monkeypatch.setattr("ima_skills.sandbox.server.serve", served)


@SHARED
@given(words=lines())
@example(words=["create", "x", "--sandbox", "-n", "999999999999"])
@example(words=["create", "x", "--sandbox", "--sandbox-speed", "nan"])
@example(words=["tasks", "wait", "x" * 5000, "--brief", "--sandbox"])
@example(words=["spend", "--since", "999999999999d"])
@example(words=["spend", "--since", "9999-12-31"])
@example(words=["create", "-p", "=1", "--params-json", "[" * 100_000])
@example(words=["tasks", "wait", "t1", "--api-key", "x"])
@example(words=["create", "x", "--sandbox", "--download", "~no-such-user"])
@example(words=["demo", "--out", "here", "--only", "picture"])
@example(words=["batch", "run", "/dev/null", "--out", "/dev/null"])
def test_any_line(harmless: None, ima: Ima, words: list[str]) -> None:
    """It ends in time, with a documented code, without a traceback and without a fault of our own."""
    with patience():
        ran = ima(*words)
    assert ran.code in CODES, (words, ran.code, ran.out, ran.err)
    assert "Traceback" not in ran.out + ran.err, words
    assert "something went wrong inside" not in ran.out + ran.err, (words, ran.out, ran.err)


@SHARED
@given(words=lines())
def test_any_line_as_json(
    harmless: None, ima: Ima, fits: Callable[[str, Any], None], words: list[str]
) -> None:
    """With ``--json`` in front, a failure is one document that its schema knows."""
    path = next((p for p, _ in reversed(TREE) if p and tuple(words[: len(p)]) == p), ())
    with patience():
        ran = ima(*words[: len(path)], "--json", *words[len(path) :])
    # Help is text for people, and ``--`` or an option that takes a value may swallow the word.
    if ran.code not in {0, 6} and ran.out.startswith("{"):
        document = json.loads(ran.out)
        fits("error", document)
        assert document["exit_code"] == ran.code
    assert ran.code in CODES, (words, ran.code, ran.out, ran.err)


def test_the_table_is_read() -> None:
    """The codes come from the documents, and every command of the tree is drawn from."""
    assert {0, 1, 2, 3, 4, 5, 6, 7, 130, 143} == CODES
    assert {("create",), ("tasks", "forget"), ("sandbox", "serve")} <= {path for path, _ in TREE}
