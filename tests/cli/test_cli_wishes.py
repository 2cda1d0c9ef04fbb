"""How the words of a command line become a request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.wishes import Wish, read_params, read_prompt, read_text
from ima_skills.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

    Ima = Callable[..., Any]


@pytest.mark.parametrize(
    ("model", "task_type"),
    [
        (None, "text_to_image"),
        ("suno", "text_to_music"),
        ("Wan 2.6", "text_to_video"),
        ("seed-tts-2.0", "text_to_speech"),
        ("seedream-4.5", "text_to_image"),
        ("nobody knows", "text_to_image"),
    ],
)
def test_the_task_type_follows_from_the_model(registry: Registry, model: str | None, task_type: str) -> None:
    """Without inputs, what the model does from text alone is meant; else a picture from text."""
    assert Wish(prompt="x", model=model).request(registry, "en").task_type == task_type


def test_inputs_need_a_task_type(registry: Registry) -> None:
    """A picture can be a first frame, a reference or something to restyle: nobody guesses."""
    with pytest.raises(UsageError, match="--task-type is missing") as caught:
        Wish(prompt="x", inputs=("a.png",)).request(registry, "en")
    assert caught.value.name == "no-task-type"
    assert "first_last_frame_to_video" in caught.value.hint
    assert "text_to_image" not in caught.value.hint


def test_prompt_from_a_file_and_from_stdin(tmp_path: Path, quick_sandbox: None, ima: Ima) -> None:
    """A byte-order mark and the last line's end are no part of a prompt."""
    path = tmp_path / "prompt.txt"
    path.write_bytes("\ufeff风筝\n飞起来\n".encode())
    assert read_prompt(None, str(path)) == "风筝\n飞起来"
    ran = ima("create", "--prompt-file", "-", "--dry-run", "--json", stdin="a kite\n")
    assert ran.document["payload"]["parameters"][0]["parameters"]["prompt"] == "a kite"


@pytest.mark.parametrize(
    ("prompt", "file", "code"),
    [("x", "y", "prompt-twice"), (None, None, "no-prompt"), (None, "/nowhere/p", "unreadable-file")],
)
def test_wrong_prompts(prompt: str | None, file: str | None, code: str) -> None:
    """None, two, or one that cannot be read."""
    with pytest.raises(UsageError) as caught:
        read_prompt(prompt, file)
    assert caught.value.name == code


def test_a_prompt_file_must_be_text(tmp_path: Path) -> None:
    """Bytes that are no UTF-8, and files far too large, are refused by their option's name."""
    path = tmp_path / "prompt"
    path.write_bytes(b"\xff\xfe\xff")
    with pytest.raises(UsageError, match="--prompt-file: the text is not UTF-8"):
        read_prompt(None, str(path))
    path.write_bytes(b"a" * (4 << 20) + b"b")
    with pytest.raises(UsageError, match="more than 4 MiB"):
        read_prompt(None, str(path))


def test_a_file_in_utf_16_is_no_text(tmp_path: Path) -> None:
    """Without a mark at its beginning it reads as text full of NUL, which nobody wants to pay for."""
    path = tmp_path / "wide.txt"
    path.write_bytes("a lamp".encode("utf-16-le"))
    with pytest.raises(UsageError, match="not UTF-8") as caught:
        read_text(str(path), "--prompt-file")
    assert caught.value.name == "unreadable-file"


def test_broken_encodings_are_refused() -> None:
    """Half a surrogate pair from a broken command line never travels."""
    with pytest.raises(UsageError, match="not text in the terminal's encoding"):
        read_prompt("a \udcff", None)


def test_parameters_from_everywhere(tmp_path: Path) -> None:
    """Words, a JSON object and the shortcut make one set; equal values may be said twice."""
    path = tmp_path / "params.json"
    path.write_text(json.dumps({"duration": 10, "sound": True}), encoding="utf-8")
    found = read_params(("resolution=720p", "duration=10", "style=a=b"), f"@{path}", "2k")
    assert found == {"duration": 10, "sound": True, "resolution": "720p", "style": "a=b", "size": "2k"}


@pytest.mark.parametrize(
    ("words", "document", "size", "code"),
    [
        (("size=4k",), None, "2k", "param-twice"),
        (("duration=5",), '{"duration": 10}', None, "param-twice"),
        (("duration",), None, None, "bad-param"),
        (("=5",), None, None, "bad-param"),
        ((), "{", None, "bad-param"),
        ((), "[1]", None, "bad-param"),
        ((), "@/nowhere/x", None, "unreadable-file"),
    ],
)
def test_wrong_parameters(words: tuple[str, ...], document: str | None, size: str | None, code: str) -> None:
    """Each mistake has its code, and no value is quoted."""
    with pytest.raises(UsageError) as caught:
        read_params(words, document, size)
    assert caught.value.name == code


def test_standard_input_is_read_once(registry: Registry) -> None:
    """Prompt and parameters cannot both come from it."""
    with pytest.raises(UsageError, match="not both"):
        Wish(prompt_file="-", params_json="-").request(registry, "en")


def test_parameters_from_stdin(quick_sandbox: None, ima: Ima) -> None:
    """A JSON object on standard input keeps its types."""
    wish = ("create", "waves", "-t", "text_to_video", "--params-json", "-", "--dry-run", "--json")
    ran = ima(*wish, stdin='{"duration": 10, "resolution": "720P"}')
    assert ran.document["payload"]["parameters"][0]["parameters"]["duration"] == 10
