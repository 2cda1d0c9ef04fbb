"""``registry check`` explains: each planted fault with file, place, value, rule and nearest right thing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.cli.registry import check_document
from ima_skills.cli.registry_check import Survey, survey
from ima_skills.plugin_set import PluginSet
from ima_skills.resources import data_root
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    Ima = Callable[..., Any]
    Fits = Callable[[str, Any], None]

MODEL = """id = "kite-1"
name = "Kite 1"
modality = "image"
status = "production"
tier = "budget"
native_params = ["wind"]
fallbacks = ["seedream-4.5"]
aliases = { en = ["kites"], zh = ["风筝"] }
[facts]
n_max = 4
[task_types.text_to_image]
model_id = "kite"
version_ids = ["kite-v1", "kite-v2"]
estimate = [5, 10]
[[task_types.text_to_image.offers]]
form = { size = ["1K", "2K"], style = ["line", "wash"], sound = false, strokes = { minimum = 1, maximum = 9, value = 5 } }
prices = [
  { attribute_id = 990101, points = 2, attributes = { size = "1K" } },
  { attribute_id = 990102, points = 3, attributes = { size = "2K" } },
]
[[rules]]
rename = { names = ["look"], to = "style" }
why = { en = "it is called style", zh = "该参数名为 style" }
[[rules]]
map = { param = "style", values = { ink = "wash", "墨" = "wash" } }
why = { en = "ink is wash", zh = "墨即水墨" }
[[rules]]
derive = { param = "model", sources = ["leaf.id"], pattern = 'v(\\d)', template = "v{1}" }
when = { versions = ["kite-v1"] }
why = { en = "asked for inside as well", zh = "内部也需要" }
[[rules]]
default = { param = "wind", value = "calm" }
when = { params = { style = ["wash"] } }
why = { en = "wash needs calm", zh = "水墨需要无风" }
[[rules]]
constrain = { params = ["strokes"], minimum = 1, maximum = 9 }
why = { en = "one to nine", zh = "一到九" }
[[evidence]]
fact = "task_types"
source = "inferred"
date = "2026-11-20"
"""
OFFER = "/task_types/text_to_image/offers/0"
PRICE = "{ attribute_id = 990102, points = 3, attributes = { size = "
ALIAS = 'zh = ["风筝"] }'
# What is written instead of what; the place, the rule, the value and the nearest right thing that are found.
PLANTED: dict[str, tuple[str, str, str, str, Any, Any]] = {
    "a misspelt key": ("tier =", "teir =", "/teir", "unknown", None, "tier"),
    "a misspelt action": ("rename =", "renam =", "/rules/0/renam", "unknown", None, "rename"),
    "a value off a list": ('"budget"', '"budgte"', "/tier", "enum", "budgte", "budget"),
    "a text for a number": ("n_max = 4", 'n_max = "4"', "/facts/n_max", "type", "4", 4),
    "a text for a list": ('names = ["look"]', 'names = "look"', "/rules/0/rename/names", "type", "look", ["look"]),
    "a number below its bound": ("points = 2", "points = 0", f"{OFFER}/prices/0/points", "minimum", 0, 1),
    "a badly spelt id": ('id = "kite-1"', 'id = "Kite 1"', "/id", "pattern", "Kite 1", "kite-1"),
    "a bad date": ("2026-11-20", "20.11.2026", "/evidence/0/date", "pattern", "20.11.2026", None),
    "a reason in one language": (', zh = "该参数名为 style"', "", "/rules/0/why", "required", None, "zh"),
    "aliases in one language": (f", {ALIAS}", " }", "/aliases", "required", None, "zh"),
    "no price": ("points = 2, ", "", f"{OFFER}/prices/0", "required", None, "points"),
    "a name of another model": ('["kites"]', '["see dream"]', "/aliases/en/0", "twice", "see dream", "see dream (Kite 1)"),
    "a file of another name": ('id = "kite-1"', 'id = "kite-2"', "/id", "file-name", "kite-2", "kite-2.toml"),
    "a quirk nobody has": ("[facts]", 'quirks = ["tts-nativ"]\n[facts]', "/quirks/0", "missing-quirk", "tts-nativ", "tts-native"),
    "options nobody reads": ("[facts]", "[quirk_options.ink]\na = 1\n[facts]", "/quirk_options/ink", "unused-options", "ink", None),
    "a modality nobody has": ('"image"', '"imag"', "/modality", "missing-modality", "imag", "image"),
    "a task type nobody has": ("text_to_image]\nmodel", "text_to_imag]\nmodel", "/task_types/text_to_imag", "task-type", "text_to_imag", "text_to_image"),
    "a fallback nobody knows": ('"seedream-4.5"]', '"seedream-4.6"]', "/fallbacks/0", "missing-model", "seedream-4.6", "seedream-4.5"),
    "itself as fallback": ('"seedream-4.5"]', '"kite-1"]', "/fallbacks/0", "self", "kite-1", None),
    "evidence for nothing": ('"task_types"', '"task_typs"', "/evidence/0/fact", "evidence", "task_typs", "task_types"),
    "no action": ('rename = { names = ["look"], to = "style" }\n', "", "/rules/0", "actions", None, None),
    "two actions": ('to = "style" }', 'to = "style" }\nrequire = { params = ["size"] }', "/rules/0", "actions", "rename and require", "rename"),
    "renamed to nothing": ('to = "style"', 'to = "stile"', "/rules/0/rename/to", "unknown-param", "stile", "style"),
    "renaming a parameter": ('["look"]', '["size"]', "/rules/0/rename/names/0", "shadows", "size", "style"),
    "renaming in a circle": ('["look"], to = "style" }', '["look"], to = "wind" }\nwhy = { en = "a", zh = "b" }\n[[rules]]\nrename = { names = ["wind"], to = "look" }', "/rules/0/rename/to", "cycle", "wind", "look"),
    "a meaning the form lacks": ('ink = "wash"', 'ink = "wesh"', "/rules/1/map/values/ink", "not-offered", "wesh", "wash"),
    "a meaning with a meaning": ('ink = "wash"', 'ink = "墨"', "/rules/1/map/values/ink", "cycle", "墨", "wash"),
    "a map for nothing": ('map = { param = "style"', 'map = { param = "styel"', "/rules/1/map/param", "unknown-param", "styel", "style"),
    "a broken pattern": ("'v(\\d)'", "'v(\\d'", "/rules/2/derive/pattern", "pattern", "v(\\d", None),
    "a slow pattern": ("'v(\\d)'", "'(v+)+'", "/rules/2/derive/pattern", "pattern", "(v+)+", None),
    "a pattern that never fits": ("'v(\\d)'", "'x(\\d)'", "/rules/2/derive/pattern", "never", "x(\\d)", "kite-v1"),
    "a group that is not there": ('"v{1}"', '"v{2}"', "/rules/2/derive/template", "template", "{2}", "{1}"),
    "a version nobody has": ('["kite-v1"] }\nwhy', '["kite-v3"] }\nwhy', "/rules/2/when/versions/0", "never", "kite-v3", "kite-v2"),
    "a version too early": ('when = { params = { style = ["wash"] } }', 'when = { versions = ["kite-v1"] }', "/rules/3/when/versions", "never", "kite-v1", None),
    "a condition that never holds": ('style = ["wash"]', 'style = ["wish"]', "/rules/3/when/params/style/0", "never", "wish", "wash"),
    "a condition on nothing": ('{ style = ["wash"]', '{ styl = ["wash"]', "/rules/3/when/params/styl", "unknown-param", "styl", "style"),
    "a default off the form": ('"wind", value = "calm"', '"size", value = "3K"', "/rules/3/default/value", "not-offered", "3K", "2K"),
    "bounds upside down": ("minimum = 1, maximum = 9 }\nwhy", "minimum = 9, maximum = 1 }\nwhy", "/rules/4/constrain/minimum", "bounds", 9, 1),
    "nothing to constrain": (", minimum = 1, maximum = 9 }\nwhy", " }\nwhy", "/rules/4/constrain", "either", None, None),
    "an offer of no version": ("form = {", 'version = "kite-v3"\nform = {', f"{OFFER}/version", "version", "kite-v3", "kite-v2"),
    "a form upside down": ("minimum = 1, maximum = 9, value = 5", "minimum = 9, maximum = 1", f"{OFFER}/form/strokes/minimum", "bounds", 9, 1),
    "a default out of bounds": ("value = 5", "value = 12", f"{OFFER}/form/strokes/value", "outside", 12, 9),
    "a price of nothing": (f'{PRICE}"2K"', PRICE.replace("size", "sise") + '"2K"', f"{OFFER}/prices/1/attributes/sise", "unknown-param", "sise", "size"),
    "a price off the form": (f'{PRICE}"2K"', f'{PRICE}"3K"', f"{OFFER}/prices/1/attributes/size", "not-offered", "3K", "2K"),
    "one attribute id twice": ("990102", "990101", f"{OFFER}/prices/1/attribute_id", "twice", 990101, 990102),
    "a captured attribute id": ("990102", "4468", f"{OFFER}/prices/1/attribute_id", "twice", 4468, 990102),
    "a choice without price": (f'{PRICE}"2K"', f'{PRICE}"2K", style = "wash"', f"{OFFER}/prices", "unpriced", {"size": "2K", "style": "line"}, {"size": "2K", "style": "wash"}),
    "a choice with two prices": (f'{PRICE}"2K"', f'{PRICE}"1K"', f"{OFFER}/prices", "ambiguous", {"size": "1K"}, 990101),
    "a price nobody pays": (f'{PRICE}"2K"', f'{PRICE}"1K"', f"{OFFER}/prices/1", "never", 990102, None),
}  # fmt: skip


@pytest.fixture(scope="module")
def installed() -> Survey:
    """What the installed files hold, checked once."""
    return survey((data_root("registry"),), open_schemas())


@pytest.fixture
def checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: Survey, plugins: PluginSet
) -> Callable[[str], dict[str, Any]]:
    """Return a function that checks a registry with one more model file."""

    def quick(roots: Any, schemas: Any) -> Survey:
        more = survey(roots[1:], schemas)
        files, found = [*installed.files, *more.files], [*installed.faults, *more.faults]
        return Survey(files, found, installed.count + more.count)

    monkeypatch.setattr("ima_skills.cli.registry_check.survey", quick)
    folder = tmp_path / "registry" / "image"
    folder.mkdir(parents=True)

    def check(text: str) -> dict[str, Any]:
        (folder / "kite-1.toml").write_text(text, encoding="utf-8")
        return check_document(plugins, folder.parent)

    return check


def test_a_good_file_has_no_fault(checked: Callable[[str], dict[str, Any]]) -> None:
    """The file that the faults are planted in is fine, so each fault is the planted one."""
    assert checked(MODEL)["faults"] == []


@pytest.mark.parametrize("name", PLANTED)
def test_each_fault_is_explained(name: str, checked: Callable[[str], dict[str, Any]], fits: Fits) -> None:
    """Found at its place, by its rule, with the value that stands there and the nearest right thing, in both languages."""
    old, new, pointer, rule, value, nearest = PLANTED[name]
    assert MODEL.count(old) >= 1
    document = checked(MODEL.replace(old, new, 1))
    fits("registry_check", document)
    faults = {(fault["pointer"], fault["rule"]): fault for fault in document["faults"]}
    assert (pointer, rule) in faults, list(faults)
    found = faults[pointer, rule]
    assert (found["value"], found["nearest"]) == (value, nearest)
    assert found["file"].endswith("image/kite-1.toml")
    assert re.search("[\u4e00-\u9fff]", found["message_zh"]), found["message_zh"]
    assert not re.search("[\u4e00-\u9fff]", found["message"].replace("墨", "")), found["message"]


def test_there_are_many_kinds() -> None:
    """The promise is 25 kinds of faults; a kind is a rule at a kind of place."""
    kinds = {(re.sub(r"\d+", "#", pointer), rule) for _, _, pointer, rule, _, _ in PLANTED.values()}
    assert len(kinds) >= 40


def test_all_at_once_over_all_files(checked: Callable[[str], dict[str, Any]], tmp_path: Path) -> None:
    """Faults of one file hide neither each other nor those of the next file."""
    other = (
        MODEL.replace("kite", "swan").replace("Kite", "Swan").replace("9901", "9902").replace("风筝", "天鹅")
    )
    folder = tmp_path / "registry" / "image"
    (folder / "swan-1.toml").write_text(other.replace('"budget"', '"free"'), encoding="utf-8")
    broken = (
        MODEL.replace('"budget"', '"budgte"')
        .replace('to = "style"', 'to = "stile"')
        .replace("990102", "990101")
    )
    found = {(Path(fault["file"]).name, fault["rule"]) for fault in checked(broken)["faults"]}
    assert {
        ("kite-1.toml", "enum"),
        ("kite-1.toml", "unknown-param"),
        ("kite-1.toml", "twice"),
        ("swan-1.toml", "enum"),
    } <= found


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            ": /tier: must be one of budget, standard, premium, artistic (found budgte; rule enum; nearest: budget)",
        ),
        (
            "zh",
            "：/tier：只能是：budget、standard、premium、artistic（当前为 budgte；规则 enum；最接近的正确写法：budget）",
        ),
    ],
)
def test_lines_for_people(
    language: str, said: str, ima: Ima, checked: Callable[[str], dict[str, Any]], tmp_path: Path
) -> None:
    """One line has it all, in the language that was asked for."""
    checked(MODEL.replace('"budget"', '"budgte"'))
    ran = ima("registry", "check", str(tmp_path / "registry"), "--language", language)
    assert ran.code == 6
    assert f"{tmp_path}/registry/image/kite-1.toml{said}" in ran.out


def test_a_captured_version_needs_no_offer(checked: Callable[[str], dict[str, Any]]) -> None:
    """An offer that a captured list would always win over is dead text."""
    seedream = data_root("registry").joinpath("image/seedream-4.5.toml").read_text(encoding="utf-8")
    offer = "[[task_types.text_to_image.offers]]\nprices = [{ attribute_id = 990101, points = 1 }]\n"
    text = seedream.replace("[task_types.image_to_image]", f"{offer}[task_types.image_to_image]")
    rules = {(fault["pointer"], fault["rule"]) for fault in checked(text)["faults"]}
    assert (OFFER, "captured") in rules


def test_documents_are_json(checked: Callable[[str], dict[str, Any]]) -> None:
    """Whatever stands in a file can be told."""
    document = checked(MODEL.replace('"budget"', "2026-11-20"))
    assert json.loads(json.dumps(document))["faults"][0]["pointer"] == "/tier"
