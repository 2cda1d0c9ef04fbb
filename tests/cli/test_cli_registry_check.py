"""``ima-skills registry check``: every fault at once, each with file, place and words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.registry_check import Survey, survey
from ima_skills.resources import data_root
from ima_skills.scaffold.names import read_names
from ima_skills.scaffold.writing import KINDS, Kind, project_files, write_project
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

MODEL = """
id = "kite-1"
name = "Kite 1"
modality = "image"
status = "production"
tier = "budget"
fallbacks = ["seedream-4.5"]
aliases = { en = ["kites"], zh = ["风筝"] }
use_cases = { en = ["kites"], zh = ["风筝"] }

[task_types.text_to_image]
model_id = "kite"
version_ids = ["kite-v1"]
estimate = [5, 10]

[[evidence]]
fact = "task_types"
source = "inferred"
date = "2026-11-20"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A registry root with one model that is fine."""
    folder = tmp_path / "registry" / "image"
    folder.mkdir(parents=True)
    (folder / "kite-1.toml").write_text(MODEL, encoding="utf-8")
    return folder.parent


@pytest.fixture
def checked_once(monkeypatch: pytest.MonkeyPatch, installed: Survey) -> None:
    """Spare the tests of other roots the check of the installed files."""

    def quick(roots: Any, schemas: Any) -> Survey:
        more = survey(roots[1:], schemas)
        files, found = [*installed.files, *more.files], [*installed.faults, *more.faults]
        return Survey(files, found, installed.count + more.count)

    monkeypatch.setattr("ima_skills.cli.registry_check.survey", quick)


@pytest.fixture(scope="module")
def installed() -> Survey:
    """What the installed files hold, checked once."""
    return survey((data_root("registry"),), open_schemas())


def faults(ima: Ima, path: Path) -> dict[str, str]:
    """Check a path and return pointer to rule of everything that is wrong."""
    document = ima("registry", "check", str(path), "--json").document
    return {fault["pointer"]: fault["rule"] for fault in document["faults"]}


def test_what_is_installed_is_clean(ima: Ima, fits: Fits) -> None:
    """The registry that ships has no fault."""
    ran = ima("registry", "check", "--json")
    assert ran.code == 0, ran.out
    fits("registry_check", ran.document)
    assert ran.document["ok"] is True
    assert ran.document["models"] > 40
    assert "no faults" in ima("registry", "check").out


def test_a_root_beside_the_installed_one(ima: Ima, root: Path) -> None:
    """A folder with one good model adds one model and no fault; naming what is installed adds nothing."""
    before = ima("registry", "check", "--json").document["models"]
    assert ima("registry", "check", str(root), "--json").document["models"] == before + 1
    assert ima("registry", "check", str(data_root("registry")), "--json").document["models"] == before


@pytest.mark.parametrize(
    ("old", "new", "pointer", "rule"),
    [
        ('name = "Kite 1"', 'name = "Wan 2.6"', "/name", "twice"),
        ('en = ["kites"], zh = ["风筝"] }\nuse', 'en = ["W a n"], zh = [] }\nuse', "/aliases/en/0", "twice"),
        ('id = "kite-1"', 'id = "kite-2"', "/id", "file-name"),
        ('modality = "image"', 'modality = "video"', "/modality", "folder"),
        ('modality = "image"', 'modality = "smell"', "/modality", "missing-modality"),
        ('tier = "budget"', 'tier = "free"', "/tier", "enum"),
        ('tier = "budget"', 'tier = "budget"\nquirks = ["nobody"]', "/quirks/0", "missing-quirk"),
        (
            "[[evidence]]",
            "[quirk_options.nobody]\nx = 1\n\n[[evidence]]",
            "/quirk_options/nobody",
            "unused-options",
        ),
        ('["seedream-4.5"]', '["nobody"]', "/fallbacks/0", "missing-model"),
        ('["seedream-4.5"]', '["kling-2.1-master"]', "/fallbacks/0", "retired-model"),
        ('["seedream-4.5"]', '["kite-1"]', "/fallbacks/0", "self"),
        (
            "[task_types.text_to_image]",
            "[task_types.text_to_video]",
            "/task_types/text_to_video",
            "task-type",
        ),
        (
            "[task_types.text_to_image]",
            "[task_types.text_to_smell]",
            "/task_types/text_to_smell",
            "task-type",
        ),
        ('fact = "task_types"', 'fact = "task_types.nowhere"', "/evidence/0/fact", "evidence"),
        ('model_id = "kite"', 'model_id = "wan2.6-t2v"', "/task_types/text_to_image/model_id", "twice"),
        ('status = "production"', 'status = "retired"\nsuccessor = "nobody"', "/successor", "missing-model"),
        ('status = "production"', 'status = "production"\ncolour = "red"', "/colour", "unknown"),
    ],
)
def test_one_fault(  # noqa: PLR0913, PLR0917 - fixtures and a case
    old: str, new: str, pointer: str, rule: str, ima: Ima, root: Path, checked_once: None
) -> None:
    """Each mistake is found at its place, by its rule, and the exit code is 6."""
    (root / "image" / "kite-1.toml").write_text(MODEL.replace(old, new), encoding="utf-8")
    ran = ima("registry", "check", str(root), "--json")
    assert ran.code == 6
    found = {(fault["pointer"], fault["rule"]) for fault in ran.document["faults"]}
    assert (pointer, rule) in found
    assert all(fault["file"].endswith("kite-1.toml") for fault in ran.document["faults"])


def test_all_faults_at_once(ima: Ima, fits: Fits, root: Path, checked_once: None) -> None:
    """Unreadable files do not hide the faults of others."""
    (root / "image" / "broken.toml").write_text('id = "x\n', encoding="utf-8")
    (root / "image" / "strange.toml").write_bytes(b"\xff\xfe")
    (root / "image" / "kite-1.toml").write_text(MODEL.replace('"budget"', "5"), encoding="utf-8")
    ran = ima("registry", "check", str(root), "--json")
    fits("registry_check", ran.document)
    found = {(Path(fault["file"]).name, fault["rule"]) for fault in ran.document["faults"]}
    assert {("broken.toml", "unreadable"), ("strange.toml", "unreadable"), ("kite-1.toml", "enum")} <= found
    text = ima("registry", "check", str(root)).out
    assert f"{root}/image/kite-1.toml: /tier: must be one of" in text


def test_an_id_twice(ima: Ima, root: Path, checked_once: None) -> None:
    """Two files with one id are both named."""
    shutil.copy(str(data_root("registry")) + "/image/seedream-4.5.toml", root / "image" / "seedream-4.5.toml")
    document = ima("registry", "check", str(root), "--json").document
    twice = [fault for fault in document["faults"] if (fault["pointer"], fault["rule"]) == ("/id", "twice")]
    assert "already the id of" in twice[0]["message"]
    assert {Path(fault["file"]).name for fault in twice} == {"seedream-4.5.toml"}


def test_tables_and_lists(ima: Ima, root: Path, checked_once: None) -> None:
    """Defaults that lead nowhere, task types nobody does, and leaves without a model file."""
    defaults = '[defaults.text_to_image]\nmodel = "wan-2.6"\n[[evidence]]\nfact = "defaults.text_to_image"\nsource = "inferred"\ndate = "2026-11-20"\n'
    (root / "defaults.toml").write_text(defaults, encoding="utf-8")
    assert faults(ima, root) == {"/defaults/text_to_image/model": "task-type"}
    (root / "defaults.toml").unlink()
    folder = root / "catalogue" / "2026-11"
    folder.mkdir(parents=True)
    source = json.loads(
        data_root("registry").joinpath("catalogue/2026-04/text_to_speech.json").read_text("utf-8")
    )
    source["groups"][0]["children"][0]["id"] = "nobody-v1"
    (folder / "text_to_speech.json").write_text(json.dumps(source), encoding="utf-8")
    assert faults(ima, root) == {"/groups/0/children/0": "unknown-leaf"}


def test_one_file(ima: Ima, tmp_path: Path, checked_once: None) -> None:
    """A lone model file is checked as if it were in its folder."""
    path = tmp_path / "image" / "kite-1.toml"
    path.parent.mkdir()
    path.write_text(MODEL, encoding="utf-8")
    assert ima("registry", "check", str(path)).code == 0
    path.write_text(MODEL.replace('"budget"', '"free"'), encoding="utf-8")
    assert faults(ima, path) == {"/tier": "enum"}


def test_a_disabled_plugin_leaves_its_quirks_missing(ima: Ima) -> None:
    """What a model needs and nobody supplies is a fault, before it costs points."""
    ran = ima("registry", "check", "--disable-plugin", "music", "--json")
    assert ran.code == 6
    assert {"missing-quirk", "missing-modality"} <= {fault["rule"] for fault in ran.document["faults"]}


def test_a_path_that_is_not_there(ima: Ima) -> None:
    """It is a mistake in the command, not in the registry."""
    assert ima("registry", "check", "/nowhere/at/all", "--json").code == 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"": "required"}),
        (MODEL.replace('"2026-11-20"', "2026-11-20"), {"/evidence/0/date": "type"}),
        (
            MODEL + "[task_types.text_to_image.wait]\nseconds = nan\n",
            {"/task_types/text_to_image/wait/seconds": "not-finite"},
        ),
        ("\ufeff" + MODEL, {}),
        (MODEL.replace("kites", "ki\u200btes", 1), {"/aliases/en/0": "odd-letter"}),
        (MODEL.replace("Kite 1", "\u202eKite 1"), {"/name": "odd-letter"}),
        (MODEL.replace('["kites"]', '["a\\nb", "👩\u200d👧", "☀️"]', 1), {"/aliases/en/0": "odd-letter"}),
        (MODEL.replace("kites", "ＳｅｅＤｒｅａｍ 4.5", 1), {"/aliases/en/0": "twice"}),
        (MODEL.replace("kites", "  ", 1), {"/aliases/en/0": "unsayable"}),
        (MODEL.replace("kites", "kites@v1", 1), {"/aliases/en/0": "unsayable"}),
        (MODEL + "x = " + "[" * 2000 + "]" * 2000, {"": "unreadable"}),
        (MODEL.replace('modality = "image"\n', ""), {"": "required"}),
        (
            MODEL.replace('modality = "image"', 'modality = "smell"'),
            {"/modality": "missing-modality"},
        ),
    ],
    ids=[
        "empty",
        "date",
        "nan",
        "mark",
        "no width",
        "bidi",
        "line break",
        "full width",
        "blank",
        "at",
        "deep",
        "no modality",
        "unknown modality",
    ],
)
@pytest.mark.usefixtures("checked_once")
def test_one_cause_is_one_fault(ima: Ima, root: Path, text: str, expected: dict[str, str]) -> None:
    """What follows from a fault is not told beside it, and what is no fault is not told at all."""
    (root / "image" / "kite-1.toml").write_text(text, encoding="utf-8")
    found = faults(ima, root)
    assert {place: found.get(place) for place in expected} == expected
    assert {rule for place, rule in found.items() if place not in expected} <= {"unknown", "folder"}


@pytest.mark.usefixtures("checked_once")
def test_words_for_what_is_odd(ima: Ima, root: Path) -> None:
    """A date without quotes says to quote it; bounds that are no numbers are refused, and nothing is compared to them."""
    file = root / "image" / "kite-1.toml"
    offer = (
        "[[task_types.text_to_image.offers]]\nform.strokes = { minimum = nan, maximum = 9, value = 5 }\n"
        "prices = [{ attribute_id = 990101, points = 2 }]\n"
    )
    file.write_text(MODEL.replace('"2026-11-20"', "2026-11-20") + offer, encoding="utf-8")
    said = ima("registry", "check", str(root)).out
    assert "must be string, not a date of TOML: write it in quotes" in said
    assert "form/strokes/minimum: nan is no number" in said
    assert "outside the bounds" not in said


@pytest.mark.usefixtures("checked_once")
def test_a_platform_that_is_taken(ima: Ima, root: Path) -> None:
    """Of two platforms of one name the first is used, so the second would never be heard."""
    file = data_root("registry").joinpath("platforms", "discord.toml")
    (root / "platforms").mkdir()
    (root / "platforms" / "discord.toml").write_bytes(file.read_bytes())
    document = ima("registry", "check", str(root), "--json").document
    assert [(fault["rule"], fault["value"], fault["file"]) for fault in document["faults"]] == [
        ("twice", "discord", str(root / "platforms" / "discord.toml"))
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("checked_once")
def test_a_new_project_has_no_faults(ima: Ima, fits: Fits, tmp_path: Path, kind: Kind) -> None:
    """As it was written and not installed: what only its code knows is told, and is no fault."""
    folder = tmp_path / "project"
    names = read_names("muddle")
    write_project(folder, project_files(names, kind))
    ran = ima("registry", "check", str(folder / names.module / "registry"), "--json")
    fits("registry_check", ran.document)
    assert (ran.code, ran.document["faults"]) == (0, [])
    unseen = {row["value"] for row in ran.document["unseen"]}
    assert unseen == {"quirk": {"muddle-strokes"}, "modality": {"muddle", "text_to_muddle"}}.get(kind, set())
    assert {row["plugin"] for row in ran.document["unseen"]} <= {"muddle"}


@pytest.mark.usefixtures("checked_once")
def test_outside_of_a_project_a_missing_quirk_is_a_fault(ima: Ima, root: Path) -> None:
    """Data without code beside it has nobody else to ask; a line of what was not looked for names the command that does."""
    file = root / "image" / "kite-1.toml"
    file.write_text(
        MODEL.replace('tier = "budget"', 'tier = "budget"\nquirks = ["nobody"]'), encoding="utf-8"
    )
    assert faults(ima, root) == {"/quirks/0": "missing-quirk"}
    (root.parent / "pyproject.toml").write_text(
        '[project.entry-points."ima_skills.plugins"]\nkite = "ima_skills_kite"\n', encoding="utf-8"
    )
    said = ima("registry", "check", str(root))
    assert said.code == 0
    assert "nobody was not looked for" in said.out
    assert "plugin certify" in said.out
