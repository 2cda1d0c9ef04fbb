"""``plugin certify``: a bad plugin's scorecard names each of its faults; a good one has none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ima_skills.certify.checks import AREAS, Check
from ima_skills.certify.scorecard import Scorecard
from ima_skills.certify.subject import Subject, find_subject
from ima_skills.cli.sentences import merged
from ima_skills.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
BAD = ROOT / "tests" / "third_party_bad" / "ima-skills-bad"
EXAMPLE = ROOT / "examples" / "ima-skills-example"

# Every fault that was built in: area, code, and a word of its place or of what is said about it.
FAULTS = [
    ("project", "no-description", "description"),
    ("project", "no-dependency", "dependencies"),
    ("project", "missing-file", "README.md"),
    ("import", "import-network", "192.0.2.1"),
    ("import", "import-writes", "bad.txt"),
    ("import", "import-process", "true"),
    ("import", "import-slow", "250 ms"),
    ("import", "import-heavy", "sqlite3"),
    ("import", "import-prints-key", "API key"),
    ("import", "import-changes", "environment"),
    ("import", "import-depends", "IMA_API_KEY"),
    ("hooks", "hook-unknown", "ima_obsrve"),
    ("hooks", "hook-unmarked", "ima_schema_roots"),
    ("hooks", "hook-prints", "ima_quirks"),
    ("hooks", "dies", "ima_check_request"),
    ("hooks", "hook-raises", "ima_reflect"),
    ("hooks", "hook-returns", "ima_recommend"),
    ("hooks", "hook-async", "ima_route"),
    ("hooks", "hook-signature", "ima_batch_executor"),
    ("hooks", "hangs", "ima_observe"),
    ("registry", "registry-clash", "seedream"),
    ("registry", "registry-overlap", "990902, 990903"),
    ("registry", "registry-unpriced", "finest"),
    ("registry", "registry-evidence", "task_typos"),
    ("registry", "registry-missing-quirk", "bad-nowhere"),
    ("registry", "no-schema", "text_to_smell"),
    ("words", "words-missing", "bad-1/aliases"),
    ("words", "words-missing", "bad-1/rules/0/why"),
    ("words", "words-missing", "bad-moody/summary"),
    ("words", "words-missing", "zh.toml"),
    ("quirks", "quirk-mutates", "bad-mutating"),
    ("quirks", "quirk-not-idempotent", "bad-growing"),
    ("quirks", "quirk-answers-differ", "bad-moody"),
    ("quirks", "quirk-silent-change", "bad-growing"),
    ("quirks", "quirk-order-matters", "bad-left"),
    ("prices", "price-refused", "word"),
    ("examples", "example-fails", "text_to_smell"),
]


def certified(home: Path, *words: str) -> tuple[int, dict[str, Any], str]:
    environ = {**os.environ, "IMA_HOME": str(home), "IMA_API_KEY": "ima_of_the_caller", "LANG": "C.UTF-8"}
    ran = subprocess.run(
        [sys.executable, "-m", "ima_skills", "plugin", "certify", *words, "--json"],
        capture_output=True, text=True, encoding="utf-8", env=environ, check=False, timeout=120,
    )  # fmt: skip
    assert "ima_of_the_caller" not in ran.stdout + ran.stderr
    return ran.returncode, json.loads(ran.stdout), ran.stderr


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, Any], str]:
    return certified(tmp_path_factory.mktemp("bad"), str(BAD), "--timeout", "2")


@pytest.mark.parametrize(("area", "code", "word"), FAULTS, ids=[f"{code}-{word}" for _, code, word in FAULTS])
def test_the_scorecard_names_each_fault(
    area: str, code: str, word: str, bad: tuple[int, dict[str, Any], str]
) -> None:
    """Each fault is found in its area, with its place, the reason and a next step."""
    found = [row for row in bad[1]["checks"] if (row["area"], row["code"]) == (area, code)]
    assert any(word in f"{row['place']} {row['file']} {row['why']}" for row in found), found
    assert all(row["state"] == "failed" and row["why"] and row["next"] for row in found)


def test_nothing_is_blamed_that_was_not_built_in(bad: tuple[int, dict[str, Any], str]) -> None:
    """Faults follow from those of the list; the core survived all of them; the score says it is not fine."""
    code, document, _ = bad
    # What cannot be otherwise: a name taken leads elsewhere, and a second price of one choice never holds.
    consequences = {"registry-lost", "registry-fault"}
    assert {row["code"] for row in document["checks"] if row["code"]} <= {
        c for _, c, _ in FAULTS
    } | consequences
    assert document["areas"]["containment"]["failed"] == 0
    assert document["areas"]["containment"]["passed"] >= 45
    assert code == 1
    assert 0 < document["score"] < 100


def test_the_document_fits_its_schema(
    bad: tuple[int, dict[str, Any], str], fits: Callable[[str, Any], None]
) -> None:
    """The scorecard is what schemas/output/plugin_certify says, and its sums are right."""
    document = bad[1]
    fits("plugin_certify", document)
    for state in ("passed", "failed", "not_applicable"):
        assert document[state] == sum(area[state] for area in document["areas"].values())
    assert document["failed"] == sum(row["state"] == "failed" for row in document["checks"])


def test_people_are_told_each_cause_once(bad: tuple[int, dict[str, Any], str]) -> None:
    """On stderr a cause that spoils many checks is one line, and the rest is counted."""
    lines = bad[2].strip().splitlines()
    assert len([line for line in lines if line.startswith("[prices]")]) <= 3
    assert "same cause" in lines[-1]


@pytest.mark.checkout
def test_a_good_plugin_has_everything(tmp_path: Path) -> None:
    """The example of this repository gets 100 %, in Chinese as well."""
    code, document, told = certified(tmp_path, str(EXAMPLE), "--language", "zh")
    assert [row for row in document["checks"] if row["state"] == "failed"] == []
    assert (code, document["score"], told) == (0, 100, "")
    assert document["passed"] > 100


def test_every_code_has_its_sentences() -> None:
    """Each code that a check can have is said in both languages, with a next step."""
    page = (ROOT / "docs" / "certify.md").read_text(encoding="utf-8")
    assert [area for area in AREAS if f"| {area} |" not in page] == []
    texts = merged("TEXTS")
    codes = {key.split(".")[1] for key in texts if re.fullmatch(r"plugin\.[a-z0-9-]+\.next", key)}
    assert {code for _, code, _ in FAULTS} <= codes
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in Path(find_subject.__code__.co_filename).parent.glob("*.py")
    )
    rules = {"mutates", "answers-differ", "not-idempotent", "silent-change"}
    for code in codes - {f"quirk-{rule}" for rule in rules}:
        stem, _, rest = code.partition("-")
        composed = f'f"{stem}-{{' in source and f'"{rest}"' in source
        assert f'"{code}"' in source or composed or code.startswith("registry-"), code


@pytest.mark.parametrize("target", ["nowhere-to-be-found", "."])
def test_what_is_no_plugin_is_refused(target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without an entry point and an unknown name are named, before anything runs."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as caught:
        find_subject(target)
    assert caught.value.name == "no-plugin"


def test_only_a_plugin_without_faults_has_100() -> None:
    """One fault among thousands is not rounded away."""
    subject = Subject("x", "x", "x", "1")
    good = tuple(Check("hooks", str(number)) for number in range(5000))
    assert Scorecard(subject, good).score == 100
    assert Scorecard(subject, (*good, Check("hooks", "y", "hangs"))).score == 99.9


def one_file(folder: Path, text: str) -> str:
    """Write a plugin that is one module, and return its folder."""
    folder.mkdir()
    (folder / "ima_skills_odd.py").write_text(text, encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        '[project]\nname = "ima-skills-odd"\nversion = "1"\n'
        '[project.entry-points."ima_skills.plugins"]\nodd = "ima_skills_odd"\n',
        encoding="utf-8",
    )
    return str(folder)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("while True:\n    pass\n", "import-stops"),
        ("import os\nos._exit(0)\n", "import-stops"),
        ("raise SystemExit('no licence')\n", "import-fails"),
    ],
    ids=["hangs", "exits", "raises"],
)
def test_a_module_that_does_not_load_is_told(text: str, code: str, tmp_path: Path) -> None:
    """Whatever it does, the command ends in time, names it, and calls the rest not applicable."""
    ended, document, _ = certified(tmp_path, one_file(tmp_path / "odd", text), "--timeout", "1")
    assert ended == 1
    assert code in [row["code"] for row in document["checks"]]
    assert document["areas"]["hooks"] == {"passed": 0, "failed": 0, "not_applicable": 1}


BUSY = """
ima_api = "999"
import os, socket
from contextlib import suppress
from ima_skills import Quirk, Text, hookimpl

@hookimpl
def ima_observe(event):
    with suppress(OSError):
        socket.getaddrinfo("example.org", 443)
    with suppress(OSError):
        open(os.path.expanduser("~/busy.txt"), "a")
    with suppress(OSError):
        os.system("true")
    print("the key is " + os.environ["IMA_API_KEY"])

def _noting(request, options):
    with suppress(OSError):
        os.mkdir("noted")
    return request

@hookimpl
def ima_quirks():
    return (Quirk("busy", Text("Takes notes.", "做记录。"), request=_noting),)
"""


def test_what_hooks_and_quirks_do_beside_is_told(tmp_path: Path) -> None:
    """Network, files, processes and the key: at work as at import; none of it happens."""
    _, document, _ = certified(tmp_path, one_file(tmp_path / "busy", BUSY))
    told = {(row["area"], row["code"], row["place"]) for row in document["checks"] if row["code"]}
    deeds = {
        ("hooks", f"hook-{deed}", "ima_observe") for deed in ("network", "writes", "process", "prints-key")
    }
    assert deeds | {("quirks", "quirk-writes", "busy (request)")} <= told
    assert ("hooks", "hook-version", "ima_api") in told
    assert document["areas"]["import"]["failed"] == 0
    assert not list(tmp_path.rglob("noted"))


def test_a_quirk_that_hangs_is_left_out(tmp_path: Path) -> None:
    """It is named once, and what comes after it is still looked at."""
    text = (
        "import time\nfrom ima_skills import Quirk, Text, hookimpl\n"
        "@hookimpl\ndef ima_quirks():\n"
        "    return (Quirk('odd-sleep', Text('Sleeps.', '睡觉。'), request=lambda *_: time.sleep(60)),)\n"
    )
    _, document, _ = certified(tmp_path, one_file(tmp_path / "odd", text), "--timeout", "0.5")
    hanging = [row["place"] for row in document["checks"] if row["code"] == "hangs"]
    assert len(hanging) == 1
    assert "odd-sleep" in hanging[0]
    assert document["areas"]["containment"]["passed"] >= 5
