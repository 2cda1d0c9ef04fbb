"""What ``doctor`` looks at in the state folder: settings, saved models, the journal, logs. It changes nothing there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.cli.findings import Finding, Said, fact, of_an_error, sentence
from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice
    from ima_skills.errors import ImaError
    from ima_skills.plugin_set import PluginSet


def usable_plugins(choice: PluginChoice) -> tuple[PluginSet, UsageError | None]:
    """Return the plugins, or where the settings cannot be read the first party and why not.

    Raises:
        UsageError: A name that was given for this very command is wrong.
    """
    from ima_skills.plugin_set import load_plugins
    from ima_skills.trust import Trust

    try:
        return choice.load(), None
    except UsageError as error:
        if error.details.get("name") in choice.disabled:
            raise
        # Who may join is not known, so nobody is let in on a guess.
        trust = Trust(third_party=False)
        return load_plugins(disable=choice.disabled, third_party=False, trust=trust), error


def config(refused: UsageError | None, output: Output) -> Finding:
    """Find whether ``ima_config.toml`` and its companions in the environment can be understood.

    Args:
        refused: What was wrong with the lists of plugins.
        output: For the words of what the command line says itself.
    """
    from ima_skills.cli.bookkeeping import caps, writes_nothing
    from ima_skills.config_file import CONFIG
    from ima_skills.settings import state_home

    # One fault of the file is told by everybody who reads it.
    wrong: dict[str, ImaError] = {} if refused is None else {refused.message: refused}
    for read in (caps, writes_nothing):
        try:
            read()
        except UsageError as error:
            wrong.setdefault(error.message, error)
    wrong |= {error.message: error for error in _variables(output)}
    if wrong:
        details, hints = zip(*map(of_an_error, wrong.values()), strict=True)
        return Finding("config", "failed", _joined(details, "; ", "；"), _joined(hints, " ", " "))
    path = state_home() / CONFIG
    return Finding(
        "config", "ok", fact(str(path)) if path.exists() else sentence("no-config", path=str(path))
    )


def _variables(output: Output) -> Iterator[ImaError]:
    """Yield what is wrong with the variables that stand for options of ``create``: every create would end with it."""
    import click
    from click.core import ParameterSource

    from ima_skills.cli.boundary import translate
    from ima_skills.cli.create import command

    context = click.Context(command, info_name="ima-skills create")
    for param in command.params:
        value = param.value_from_envvar(context)
        if value is None or param.name is None:
            continue
        context.set_parameter_source(param.name, ParameterSource.ENVIRONMENT)
        try:
            param.type_cast_value(context, value)
        except click.BadParameter as error:
            yield translate(error, output)


def _joined(said: tuple[Said, ...], english: str, chinese: str) -> Said:
    return Said(english.join(one.english for one in said), chinese.join(one.chinese for one in said))


def saved_models() -> Finding:
    """Find whether the file of saved models can be understood; nothing is put aside."""
    from ima_skills.clock import SystemClock
    from ima_skills.preferences import FILE, Preferences
    from ima_skills.settings import state_home

    path = state_home() / FILE
    doubtful: list[Path] = []
    Preferences(path, SystemClock(), lambda _: None, writes=False, doubt=doubtful.append).all("")
    if doubtful:
        return Finding(
            "saved-models", "failed", sentence("bad-prefs", path=str(path)), sentence("mend-prefs")
        )
    return Finding("saved-models", "ok", fact(str(path)) if path.is_file() else sentence("no-prefs"))


def journal() -> Finding:
    """Find whether the journals can be read; nothing is put aside."""
    from ima_skills.cli.bookkeeping import journal_files
    from ima_skills.cli.error_facts import CAUSES
    from ima_skills.journal.database import fault_of
    from ima_skills.settings import switch

    if switch("IMA_NO_WRITE", doubt=True):
        return Finding("journal", "ok", sentence("no-write"))
    files = [path for path in journal_files() if path.is_file()]
    if faults := [(path, why) for path in files if (why := fault_of(path))]:
        told = tuple(Said(f"{path}: {why}", f"{path}：{CAUSES.get(why, why)}") for path, why in faults)
        return Finding("journal", "failed", _joined(told, "; ", "；"), sentence("mend-journal"))
    there = fact(", ".join(map(str, files))) if files else sentence("no-journal")
    return Finding("journal", "ok", there)


def sandbox_state() -> Finding:
    """Find whether what the sandbox in this process remembers can be read; nothing is cleared."""
    from ima_skills.cli.error_facts import CAUSES
    from ima_skills.cli.session import sandbox_state as place_of_state
    from ima_skills.sandbox.database import STATE_FILE, fault_of

    path = place_of_state() / STATE_FILE
    if not path.is_file():
        return Finding("sandbox-state", "ok", sentence("no-sandbox-state"))
    if why := fault_of(path):
        told = Said(f"{path}: {why}", f"{path}：{CAUSES.get(why, why)}")
        return Finding("sandbox-state", "failed", told, sentence("mend-sandbox"))
    return Finding("sandbox-state", "ok", fact(str(path)))


def state_folder() -> Finding:
    """Find whether the state folder can be written."""
    from ima_skills.settings import state_home, switch

    folder = state_home()
    if switch("IMA_NO_WRITE", doubt=True):
        return Finding("state-folder", "ok", sentence("no-write"))
    refused = _unwritable(folder, 0o777)
    if refused:
        return Finding("state-folder", "failed", fact(f"{folder}: {refused}"), sentence("writable"))
    return Finding("state-folder", "ok", fact(str(folder)))


def logs() -> Finding:
    """Find whether a log can be kept."""
    from ima_skills.cli.log_keeping import open_log

    log = open_log()
    if log is None:
        return Finding("logs", "ok", sentence("no-write"))
    refused = _unwritable(log.folder, 0o700)
    if refused:
        # Nothing needs a log; the work goes on without.
        return Finding("logs", "warning", fact(f"{log.folder}: {refused}"), sentence("writable"))
    return Finding("logs", "ok", sentence("logs", folder=str(log.folder), level=log.least.name.lower()))


def _unwritable(folder: Path, mode: int) -> str | None:
    """Return why nothing can be written in a folder, which is made with a mode when missing; None if it can."""
    import tempfile

    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__
