"""docs/settings.md has a row for every variable and every key of ima_config.toml, and for nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest

from ima_skills.cli import main
from ima_skills.journal.caps import Caps, read_caps
from ima_skills.settings import BASE_URL, UPLOAD_BASE_URL
from ima_skills.trust import read_trust
from tools.settings_found import config_keys, variables

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.checkout
PAGE = (Path(__file__).resolve().parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")


def _rows(heading: str) -> dict[str, str]:
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([\w.]+)` \| (.*) \|$", section, re.MULTILINE))


def _options(command: click.Command) -> Iterator[click.Option]:
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _options(child)
    yield from (parameter for parameter in command.params if isinstance(parameter, click.Option))


def test_every_variable_has_a_row() -> None:
    """What the source reads and what the page names are the same."""
    assert len(variables()) > 15
    assert set(_rows("Variables")) == variables()


def test_every_key_of_the_file_has_a_row() -> None:
    """What the file may hold and what the page names are the same."""
    assert set(_rows("The file")) == config_keys() != set()


def test_the_option_that_wins_is_named() -> None:
    """Where an option takes its value from a variable, the variable's row names the option."""
    rows = _rows("Variables")
    bound = {(str(option.envvar), option) for option in _options(main) if option.envvar}
    assert {name for name, _ in bound} >= {"IMA_MAX_POINTS", "IMA_SANDBOX"}
    for name, option in bound:
        assert any(f"`{text}`" in rows[name] for text in option.opts), (name, option.opts)


def test_the_stated_defaults_are_the_real_ones(tmp_path: Path) -> None:
    """The addresses and the limit in the tables are those of the source."""
    assert f"`{BASE_URL}`" in _rows("Variables")["IMA_BASE_URL"]
    assert f"`{UPLOAD_BASE_URL}`" in _rows("Variables")["IMA_UPLOAD_BASE_URL"]
    assert f"`{Caps().ask_above}`" in _rows("The file")["caps.ask_above"]


def test_the_example_is_a_valid_file(tmp_path: Path) -> None:
    """The sample file is read as it says."""
    (sample,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    (tmp_path / "ima_config.toml").write_text(sample, encoding="utf-8")
    assert read_caps(tmp_path, {}).per_day == 500
    assert read_trust({}, tmp_path).allow == frozenset({"my-plugin"})
