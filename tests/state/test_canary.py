"""The canary: key, prompt and signed addresses turn up nowhere but at the service."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

KEY = "ima_canary_key_7f3a9c"
PROMPT = "canary-prompt-of-a-very-private-wish"
SCENARIO = """
[[fault]]
on = "create"
kind = "refuse"
code = 500
message = "internal error for {prompt}"
calls = [1]

[[fault]]
on = "create"
kind = "drop"
when = "after"
calls = [3]

[[fault]]
on = "detail"
kind = "http"
status = 502
body = "html"
calls = [1]

[[fault]]
on = "put"
kind = "http"
status = 403
body = "xml"
calls = [1]
"""


@pytest.fixture
def served(tmp_path: Path, serve_process: Callable[..., dict[str, Any]]) -> dict[str, str]:
    """Serve a sandbox with trouble, and return the environment of its clients."""
    scenario = tmp_path / "scenario.toml"
    scenario.write_text(SCENARIO)
    words = ("--speed", "600", "--scenario", str(scenario), "--api-key", KEY)
    return {
        **os.environ,
        "IMA_HOME": str(tmp_path / "home"),
        "IMA_BASE_URL": serve_process(tmp_path / "service", *words)["base_url"],
        "IMA_API_KEY": KEY,
        "IMA_DEBUG": "1",
        "IMA_LOG_LEVEL": "debug",
        "IMA_SKILLS_NO_THIRD_PARTY": "1",
    }


def run(env: dict[str, str], *words: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "ima_skills", *words], env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def left_behind(folder: Path) -> Iterator[tuple[Path, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def test_nothing_leaks(served: dict[str, str], tmp_path: Path) -> None:
    """Good runs, refusals, drops, broken uploads, dry runs, lists, tracebacks: no canary in any of them."""
    picture = tmp_path / "in.png"
    Image.new("RGB", (400, 300), "teal").save(picture)
    out = str(tmp_path / "out")
    prompt_file = tmp_path / "prompt.txt"
    prompt_file.write_text(PROMPT)
    create = ("create", "--prompt-file", str(prompt_file))
    said: list[tuple[int, str]] = [
        run(served, *create, "-t", "text_to_video", "-p", "resolution=1080P", "--no-wait"),
        run(served, *create, "-t", "image_to_image", "-i", str(picture), "--download", out, "--json"),
        run(served, *create, "-t", "text_to_speech", "--download", out, "--json"),
        run(served, *create, "-t", "text_to_speech", "--download", out),
        run(served, *create, "-p", "aspect_ratio=7:3", "--json"),
        run(served, *create, "-m", "no such model"),
        run({**served, "IMA_BASE_URL": "http://127.0.0.1:9"}, *create, "--json"),
        run({**served, "IMA_API_KEY": f"{KEY}x"}, *create, "--json"),
        run(served, "tasks", "list", "--all", "--json"),
        run(served, "spend", "--json"),
        run(served, "doctor", "--json"),
    ]
    codes = [code for code, _ in said]
    assert {0, 2, 3, 5} <= set(codes), codes
    for code, text in said:
        assert KEY not in text, (code, text)
        assert PROMPT not in text, (code, text)
        assert "sign=" not in text
        assert "Traceback" not in text
    for path, content in left_behind(tmp_path / "home"):
        assert KEY.encode() not in content, path
        assert PROMPT.encode() not in content, path
        assert b"getuploadtoken" not in content, path
    logs = [content for path, content in left_behind(tmp_path / "home" / "logs") if path.suffix == ".log"]
    # Not only no signed address: none at all, and no name of an input or of a saved file.
    told = b"".join(logs).decode()
    for word in ("Quoted", "Created", "Uploaded", "Reflected", "Downloaded", "ERROR", "exit 5"):
        assert word in told, word
    for secret in ("://", picture.name, "prompt.txt", str(tmp_path)):
        assert secret not in told, secret


def test_the_prompt_is_kept_only_on_demand(served: dict[str, str], tmp_path: Path) -> None:
    """--keep-prompts writes it down, and still not the key."""
    words = ("create", PROMPT, "-t", "text_to_speech", "--keep-prompts", "--no-wait")
    run(served, *words)
    run(served, *words, "--new")
    contents: list[Any] = [content for _, content in left_behind(tmp_path / "home")]
    assert any(PROMPT.encode() in content for content in contents)
    assert not any(KEY.encode() in content for content in contents)


def test_files_are_for_nobody_else(served: dict[str, str], tmp_path: Path) -> None:
    """Journals and logs are readable by their owner only."""
    run(served, "create", "x", "-t", "text_to_speech", "--no-wait")
    run(served, "create", "x", "-t", "text_to_speech", "--no-wait")
    found = [path for path, _ in left_behind(tmp_path / "home") if path.suffix in {".db", ".log"}]
    assert {path.suffix for path in found} == {".db", ".log"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in found)
    assert (tmp_path / "home" / "logs").stat().st_mode & 0o077 == 0
