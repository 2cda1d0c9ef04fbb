"""``ima-skills sandbox``: serving, balance, forgetting."""

from __future__ import annotations

import json
import signal
import subprocess
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.settings import state_home

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_when_it_is_ready_and_stops_on_a_signal(
    stop: signal.Signals, tmp_path: Path, fits: Fits, serve_process: Callable[..., dict[str, Any]]
) -> None:
    """Exactly one JSON line on stdout, an answering service, and exit code 0 in the end."""
    running: list[subprocess.Popen[str]] = []
    document = serve_process(tmp_path / "s", "--speed", "600", to=running)
    fits("sandbox", document)
    assert (document["speed"], document["sandbox"]) == (600.0, True)
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{document['base_url']}/open/v1/product/list?app=ima&platform=web&category=text_to_speech",
        headers={"Authorization": f"Bearer {document['api_key']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own address
        assert json.load(answer)["code"] == 0
        assert answer.headers["x-ima-sandbox"] == "600"
    (process,) = running
    process.send_signal(stop)
    out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_serve_refuses_other_hosts_unless_told_twice(ima: Ima) -> None:
    """One word is not enough."""
    for words in ((), ("--allow-remote",), ("--confirm-remote",)):
        ran = ima("sandbox", "serve", "--host", "192.0.2.1", "--json", *words)
        assert (ran.code, ran.document["code"]) == (2, "not-loopback")
    ran = ima("sandbox", "serve", "--host", "192.0.2.1", "--allow-remote", "--confirm-remote", "--json")
    assert (ran.code, ran.document["code"]) == (2, "cannot-bind")


def test_serve_refuses_a_wrong_scenario(ima: Ima, tmp_path: Path) -> None:
    """All its faults are named before anything is served."""
    path = tmp_path / "scenario.toml"
    path.write_text('[[fault]]\non = "create"\nkind = "rain"\n', encoding="utf-8")
    ran = ima("sandbox", "serve", "--scenario", str(path), "--json")
    assert (ran.code, ran.document["code"]) == (2, "invalid-scenario")
    assert ran.document["problems"]


def test_balance_and_reset(ima: Ima, fits: Fits, quick_sandbox: None) -> None:
    """Points go down with a job, and forgetting gives a new account."""
    ima("create", "a kite")
    ran = ima("sandbox", "balance", "--json")
    fits("sandbox", ran.document)
    assert ran.document["points"] == 100_000 - 5
    assert "99995" in ima("sandbox", "balance").out
    forgotten = ima("sandbox", "reset", "--json")
    fits("sandbox", forgotten.document)
    assert forgotten.document["reset"] is True
    assert not (state_home() / "ima_sandbox").exists()
    assert ima("sandbox", "reset", "--json").document["reset"] is False
    assert "nothing to forget" in ima("sandbox", "reset").out
    assert ima("sandbox", "balance", "--json").document["points"] == 100_000


def test_reset_deletes_only_what_is_ours(ima: Ima, tmp_path: Path) -> None:
    """A folder that holds no sandbox is left alone."""
    (tmp_path / "precious").write_text("keep me")
    ran = ima("sandbox", "reset", "--state", str(tmp_path), "--json")
    assert (ran.code, ran.document["code"]) == (2, "no-sandbox-state")
    assert (tmp_path / "precious").read_text() == "keep me"


def test_a_state_folder_that_cannot_be(ima: Ima, tmp_path: Path, quick_sandbox: None) -> None:
    """Both doors say which folder, and how to choose another."""
    (tmp_path / "file").write_text("in the way")
    env = {"IMA_HOME": str(tmp_path / "file")}
    for words in (("create", "a kite"), ("sandbox", "balance")):
        ran = ima(*words, "--json", env=env)
        assert (ran.code, ran.document["code"]) == (2, "state-folder")
        assert "IMA_HOME" in ran.document["hint"]


def test_an_empty_state_folder_is_taken(ima: Ima, tmp_path: Path) -> None:
    """A folder that exists and is empty is as good as none."""
    assert ima("sandbox", "balance", "--state", str(tmp_path)).code == 0
    assert (tmp_path / "sandbox.sqlite3").is_file()
