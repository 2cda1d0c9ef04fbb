"""Versions in a plugin's metadata: the rules of PEP 440, compared with the library that installers use."""

from __future__ import annotations

import pytest

from ima_skills.certify.versions import is_version, python_fault


@pytest.mark.parametrize(
    "text",
    ["1", "0.1.0", "v1.2", "1!2.0", "1.0a1", "1.0.rc2", "1.0-beta", "1.0.post1", "1.0-1", "1.0.dev3", "1.0+local.7",
     "1.0A1", " 1.0 ", "2026.11.21"],
)  # fmt: skip
def test_versions(text: str) -> None:
    """What installers take, we take."""
    assert is_version(text)


@pytest.mark.parametrize(
    "text", ["", "abc", "1.", "1..2", "1.0-", "1.0+", "one", "1.0 beta two", "1,0", "latest"]
)
def test_no_versions(text: str) -> None:
    """What installers refuse, we refuse."""
    assert not is_version(text)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (">=3.11", ""), (">=3.11,<4", ""), (">= 3.11 , < 4", ""), ("~=3.11", ""), ("==3.*", ""), ("==3.11.*", ""),
        ("!=3.12.*", ""), (">=3.11,!=3.11.1", ""), ("<=3.11.7", ""), ("===3.11.7", ""), (">=3.11,", ""),
        (">=3.99", "python-unmet"), ("<3", "python-unmet"), ("~=3.12", "python-unmet"), ("==3.12.*", "python-unmet"),
        ("!=3.11.*", "python-unmet"), ("~=3.11.8", "python-unmet"), (">3.11.7", "python-unmet"), ("==3.11", "python-unmet"),
        ("3.11", "bad-python"), (">=three", "bad-python"), ("~=3", "bad-python"), (">=3.*", "bad-python"), ("=>3.11", "bad-python"),
        (",", "bad-python"), (">=3.11 <4", "bad-python"),
    ],
)  # fmt: skip
def test_the_python_that_is_asked_for(text: str, fault: str) -> None:
    """Conditions that cannot be read, and those that leave out the Python that runs, are told apart."""
    assert python_fault(text, (3, 11, 7)) == fault


def test_we_judge_as_installers_do() -> None:
    """The library that pip uses says the same of every sample, where it is installed."""
    specifiers = pytest.importorskip("packaging.specifiers")
    signs = ("==", "!=", "<=", ">=", "<", ">", "~=")
    texts = [
        f"{sign}{version}"
        for sign in signs
        for version in ("3", "3.11", "3.11.7", "3.12", "3.9.1", "4", "2.7")
    ]
    texts += [f"{sign}{stem}.*" for sign in ("==", "!=") for stem in ("3", "3.11", "3.12", "2")]
    for text in texts:
        try:
            theirs = "" if specifiers.SpecifierSet(text).contains("3.11.7") else "python-unmet"
        except specifiers.InvalidSpecifier:
            theirs = "bad-python"
        assert python_fault(text, (3, 11, 7)) == theirs, text
