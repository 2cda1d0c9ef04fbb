"""Trust on the command line: lists of plugins, and how long plugins take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]


def test_the_command_line_says_what_is_wrong_with_a_list(ima: Ima, own_home: Path) -> None:
    """One message, exit code 2, no plugin."""
    state = own_home / "state"
    state.mkdir(parents=True, exist_ok=True)
    (state / "ima_config.toml").write_text("[plugins]\nallow = 3\n", encoding="utf-8")
    answer = ima("plugins", "list", "--json")
    assert (answer.code, answer.document["code"]) == (2, "bad-trust")


def test_timing_is_shown(ima: Ima) -> None:
    """``plugins list --timing`` has a row for each plugin and hook, the slowest first."""
    rows = ima("plugins", "list", "--timing", "--json").document["timing"]
    assert ("video", "import") in {(row["plugin"], row["hook"]) for row in rows}
    totals = [row["total_ms"] for row in rows]
    assert totals == sorted(totals, reverse=True)
    assert "timing" not in ima("plugins", "list", "--json").document
    assert "longest ms" in ima("plugins", "list", "--timing").out
