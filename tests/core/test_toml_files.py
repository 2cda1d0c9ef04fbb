"""TOML files of others: what an editor or an accident may do to them is said in words, and nothing waits or breaks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ima_skills.errors import RegistryError
from ima_skills.registry import read_toml
from ima_skills.toml_files import LARGEST_BYTES, TomlError, not_finite, toml_document


def test_a_byte_order_mark_is_no_statement(tmp_path: Path) -> None:
    """What an editor of Windows writes first is passed over, and so are its line ends."""
    file = tmp_path / "kite.toml"
    file.write_bytes(b'\xef\xbb\xbfid = "kite"\r\nname = "\xe9\xa3\x8e"\r\n')
    assert toml_document(file) == {"id": "kite", "name": "风"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ('id = "kite"'.encode("utf-16"), "UTF-8: byte 1 is 0xff"),
        (b'id = "kit\xe9"', "UTF-8: byte 10 is 0xe9"),
        (b"x = " + b"[" * 3000 + b"]" * 3000, "nested more than 50 deep"),
        (b"x = " + b"[" * 60 + b"]" * 60, "nested more than 50 deep"),
        (b"[" + b".".join([b"a"] * 60) + b"]", "nested more than 50 deep"),
        (b"x = " + b"9" * 5000, "4300 digits"),
        (b"# x\n" * (LARGEST_BYTES // 4 + 1), "larger than 1 MB"),
        (b"[[oops", "Expected"),
    ],
    ids=["utf-16", "latin-1", "very deep", "deep", "deep tables", "digits", "large", "syntax"],
)
def test_what_cannot_be_read_says_why(data: bytes, words: str, tmp_path: Path) -> None:
    """Each has a reason of its own, also as the error of a registry file."""
    file = tmp_path / "kite.toml"
    file.write_bytes(data)
    with pytest.raises(TomlError, match=words):
        toml_document(file)
    with pytest.raises(RegistryError, match=words):
        read_toml(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Nobody writes into it, so to open it would be to wait for ever; a folder is no file either."""
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "folder.toml").mkdir()
    for name in ("pipe.toml", "folder.toml"):
        with pytest.raises(TomlError, match="no file"):
            toml_document(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        toml_document(tmp_path / "nowhere.toml")


def test_numbers_that_cannot_be_compared_have_a_place() -> None:
    """nan and inf are found wherever they stand; words and usual numbers are not."""
    document = {"a": [{"b/c": float("nan")}, 1.5], "d": float("-inf"), "e": "nan", "f": True}
    assert sorted((place, str(value)) for place, value in not_finite(document)) == [
        ("/a/0/b~1c", "nan"),
        ("/d", "-inf"),
    ]
