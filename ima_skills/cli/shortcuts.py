"""For plugins: a command of their own that is ``create`` for one task type, with options of its own.

It has every option of ``create``, so prices, caps, consent, journal, downloads, ``--json`` and the sandbox work as
there. A plugin names it in the entry-point group ``ima_skills.commands``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from attrs import frozen

from ima_skills.cli.create import command as create
from ima_skills.cli.groups import Command
from ima_skills.domain.task_type import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

# What a command for one task type has no use for.
_DECIDED = frozenset({"task_type"})
INPUTS = frozenset({"inputs", "input_root"})


@frozen
class Flag:
    """An option of the command that stands for a parameter of the model.

    Attributes:
        flag: How it is written, for instance ``--seconds``.
        param: The parameter, for instance ``duration``.
        help: What it is for.
        metavar: What stands for its value in the help.
        switch: Whether it is on or absent and takes no value.
    """

    flag: str
    param: str
    help: Text
    metavar: str | None = None
    switch: bool = False

    @property
    def name(self) -> str:
        """The argument in which click hands the value over; no option of ``create`` is called so."""
        return f"flag_{self.param}"


def create_shortcut(
    name: str, task_type: str, summary: Text, flags: Sequence[Flag] = (), *, without: Collection[str] = INPUTS
) -> click.Command:
    """Return a command that makes media of one task type.

    Args:
        name: What it is called by.
        task_type: What it makes.
        summary: What it is for; it should say that it spends points.
        flags: Options of its own. Their values are parameters, checked like those of ``--param``.
        without: Options of ``create`` to leave out, by the name of their argument; by default those about inputs.

    Raises:
        ValueError: A flag is an option of ``create``.
    """
    left_out = {*_DECIDED, *without}
    shared = [param for param in create.params if param.name not in left_out]
    blanks = {param.name: () if param.multiple else None for param in create.params if param.name in left_out}
    taken = {option for param in shared for option in param.opts} & {flag.flag for flag in flags}
    if taken:
        raise ValueError(f"{', '.join(sorted(taken))}: create has an option of that name")

    def work(**given: Any) -> Any:
        wished = {flag.param: given.pop(flag.name) for flag in flags}
        own = [f"{param}={_plain(value)}" for param, value in wished.items() if value not in (None, False)]
        given["params"] = (*given["params"], *own)
        return create.callback(**given, **{**blanks, "task_type": task_type})  # type: ignore[misc]  # it has one

    return Command(
        name,
        callback=work,
        params=[*shared[:1], *map(_option, flags), *shared[1:]],
        help=summary.en,
        chinese={summary.en: summary.zh, **{flag.help.en: flag.help.zh for flag in flags}},
    )


def _option(flag: Flag) -> click.Option:
    shape: dict[str, Any] = {"is_flag": True} if flag.switch else {"metavar": flag.metavar}
    return click.Option([flag.flag, flag.name], help=flag.help.en, **shape)


def _plain(value: Any) -> str:
    return "true" if value is True else str(value)
