"""``plugin new`` ends with a command that works as it stands."""

from __future__ import annotations

import importlib.util
import shlex
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that hides modules from whoever looks whether they are installed."""
    real = importlib.util.find_spec

    def hide(*names: str) -> None:
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda name, *more: None if name in names else real(name, *more)
        )

    return hide


def test_with_everything_installed_nothing_is_installed(ima: Ima, fits: Fits, tmp_path: Path) -> None:
    """The tests, then the certificate; a folder with a space is quoted."""
    place = tmp_path / "my plugins"
    ran = ima("plugin", "new", "paper-kite", "--out", str(place), "--json")
    fits("plugin_new", ran.document)
    folder = shlex.quote(ran.document["folder"])
    assert ran.document["next"] == f"cd {folder} && python -m pytest && ima-skills plugin certify ."


@pytest.mark.parametrize(
    ("hidden", "install"),
    [
        (("pytest",), "python -m pip install pytest"),
        (("PIL", "av"), "python -m pip install 'ima-skills[sandbox]'"),
        (("pytest", "av"), "python -m pip install pytest 'ima-skills[sandbox]'"),
    ],
)
def test_what_is_missing_is_installed_first(
    hidden: tuple[str, ...], install: str, lacking: Callable[..., None], ima: Ima
) -> None:
    """A wheel alone has no pytest: the next step names the install, once for each package, in both languages."""
    lacking(*hidden)
    ran = ima("plugin", "new", "paper-kite")
    assert ran.code == 0, ran.err
    last = ran.out.splitlines()[-1]
    assert (
        last
        == f"Next: cd ima-skills-paper-kite && {install} && python -m pytest && ima-skills plugin certify ."
    )
    other = ima("plugin", "new", "paper-boat", "--language", "zh").out.splitlines()[-1]
    assert other.startswith("下一步：cd ")
    assert install in other
