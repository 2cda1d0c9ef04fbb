"""``ima-skills doctor``: finds what is wrong, and never shows a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.sandbox.service import SandboxService

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

KEY = "ima_secret_key_of_nobody"


def states(ran: Any) -> dict[str, str]:
    """Return check to state."""
    return {check["name"]: check["state"] for check in ran.document["checks"]}


def test_a_healthy_installation(ima: Ima, fits: Fits, quick_sandbox: None) -> None:
    """Nothing failed; a key that is not set is only a note; nothing was asked outside."""
    ran = ima("doctor", "--json")
    assert ran.code == 0, ran.out
    fits("doctor", ran.document)
    found = states(ran)
    assert found["key"] == "warning"
    assert found["registry"] == found["plugins"] == found["sandbox"] == found["state-folder"] == "ok"
    assert "service" not in found
    text = ima("doctor", "--language", "zh").out
    assert "所需功能一切正常。" in text


def test_the_key_is_never_shown(ima: Ima, quick_sandbox: None) -> None:
    """It is set or not; that is all."""
    ran = ima("doctor", "--json", env={"IMA_API_KEY": KEY})
    assert states(ran)["key"] == "ok"
    assert KEY not in ran.out + ran.err


def test_what_is_broken_is_found(
    ima: Ima, fits: Fits, quick_sandbox: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state folder that is a file, a bad address, a check that breaks: each costs only itself."""
    (tmp_path / "file").write_text("in the way")
    env = {"IMA_HOME": str(tmp_path / "file"), "IMA_BASE_URL": "http://example.org"}
    monkeypatch.setattr("ima_skills.cli.examination._versions", lambda: 1 // 0)
    ran = ima("doctor", "--json", env=env)
    assert ran.code == 6
    fits("doctor", ran.document)
    found = states(ran)
    assert {name for name, state in found.items() if state == "failed"} == {
        "versions",
        "base-url",
        "state-folder",
    }
    assert found["sandbox"] == "ok"
    assert "FAILED" in ima("doctor", env=env).out


def test_logs_are_found(ima: Ima, quick_sandbox: None, tmp_path: Path) -> None:
    """Where they are; a folder that cannot be is a note, because nothing needs a log; IMA_NO_WRITE=1 makes none."""
    home = tmp_path / "home"
    told = {"IMA_HOME": str(home), "IMA_NO_WRITE": "1"}
    quiet = states(ima("doctor", "--json", env=told))
    assert (quiet["logs"], quiet["state-folder"], home.exists()) == ("ok", "ok", False)
    checks = ima("doctor", "--json", env={"IMA_HOME": str(home)}).document["checks"]
    assert f"{home / 'logs'}, level info" in [check["detail"] for check in checks if check["name"] == "logs"]
    assert (home / "logs").stat().st_mode & 0o077 == 0
    (home / "logs").rmdir()
    (home / "logs").write_text("in the way")
    ran = ima("doctor", "--json", env={"IMA_HOME": str(home)})
    assert (ran.code, states(ran)["logs"]) == (0, "warning")


def test_online_asks_the_service(
    served: Callable[..., SandboxService], ima: Ima, quick_sandbox: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only on request, and a refusal is a finding."""
    served()
    monkeypatch.delenv("IMA_SANDBOX")
    assert states(ima("doctor", "--online", "--json"))["service"] == "ok"
    ran = ima("doctor", "--online", "--json", env={"IMA_API_KEY": KEY})
    assert (ran.code, states(ran)["service"]) == (6, "failed")
    assert KEY not in ran.out


def test_without_renderers(ima: Ima, monkeypatch: pytest.MonkeyPatch) -> None:
    """The core alone is a healthy installation; what is missing is named with its cure."""
    monkeypatch.setattr("ima_skills.cli.examination.find_spec", lambda _: None)
    ran = ima("doctor", "--json")
    assert ran.code == 0
    found = {check["name"]: check for check in ran.document["checks"]}
    for name in ("extras", "cjk-font", "sandbox"):
        assert found[name]["state"] == "warning"
        assert found[name]["hint"] == "pip install 'ima-skills[sandbox]'"


def test_a_courier_is_tried(ima: Ima, quick_sandbox: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no second process can be started it is said, with what that means; nothing is broken by it."""
    assert states(ima("doctor", "--json"))["courier"] == "ok"
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    ran = ima("doctor", "--json")
    found = next(check for check in ran.document["checks"] if check["name"] == "courier")
    assert (ran.code, found["state"], "do not kill" in found["hint"]) == (0, "warning", True)
    assert "无法启动第二个进程" in ima("doctor", "--language", "zh").out


def test_every_finding_exists_in_chinese(ima: Ima, quick_sandbox: None) -> None:
    """Sentences are said in the caller's language; facts (versions, paths, names) are the same in both."""
    checks = ima("doctor", "--json").document["checks"]
    hints = [(check["hint"], check["hint_zh"]) for check in checks if check["hint"]]
    assert hints
    assert all(said != chinese for said, chinese in hints)
    text = ima("doctor", "--language", "zh").out
    assert all(chinese in text for _, chinese in hints)
    assert not any(said in text for said, _ in hints)
