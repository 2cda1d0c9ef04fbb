"""The registry: entries, task types, defaults and error rows from TOML files."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.errors import RegistryError
from ima_skills.registry import load_registry, load_registry_from, name_key
from ima_skills.snapshot import Snapshot, localise

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ima_skills.registry import Registry

MODEL = 'id = "sketch"\nname = "Sketch"\nmodality = "image"\nstatus = "production"\n'


@pytest.fixture
def root(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a registry root: path to text."""

    def write(**files: str) -> Path:
        folder = tmp_path / "root"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            path = folder / name.replace("__", "/").replace("_toml", ".toml").replace("_json", ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return folder

    return write


def _refused(folder: Path, match: str) -> RegistryError:
    with pytest.raises(RegistryError, match=match) as caught:
        load_registry((folder,))
    assert caught.value.exit_code == 6
    return caught.value


def test_the_real_registry(registry: Registry) -> None:
    """The first-party registry holds every task type, a default for each, and the error table."""
    assert len(registry.task_types) == 8
    assert registry.defaults.keys() == registry.task_types.keys()
    assert len(registry.models) > 30
    assert registry.sources.keys() == registry.models.keys()
    assert registry.errors[0].code == "credential-rejected"


@pytest.mark.parametrize(
    ("name", "model", "version"),
    [
        ("wan", "wan-2.6", None), ("  WAN 2.6 ", "wan-2.6", None), ("可灵", "kling-o1", None),
        ("Pixverse V4", "pixverse", "Pixverse V4"), ("PIXVERSE5.5", "pixverse", "Pixverse V5.5"),
        ("doubao-seedream-4-5-251128", "seedream-4.5", "doubao-seedream-4-5-251128"),
    ],
)  # fmt: skip
def test_find(registry: Registry, name: str, model: str, version: str | None) -> None:
    """Ids, names, aliases and versions are found without regard to case and spaces."""
    match = registry.find(name)
    assert match is not None
    assert (match.entry.id, match.version_id) == (model, version)


def test_what_is_not_found(registry: Registry) -> None:
    """Nothing goes by an empty or a strange name."""
    assert registry.find("") is None
    assert registry.find("wan2") is None
    assert registry.by_model_id("wan2.6-t2v", "text_to_music") is None


def test_by_model_id(registry: Registry) -> None:
    """A family id leads to its entry, in one task type or in any."""
    entry = registry.by_model_id("wan2.6-i2v", "image_to_video")
    assert entry is not None
    assert entry.id == "wan-2.6"
    assert registry.by_model_id("sonic") is registry.models["suno"]


def test_name_key() -> None:
    """Names compare without case and without any white space."""
    assert name_key(" Kling\u3000O1 ") == name_key("KLINGO1") == "klingo1"


def test_a_further_root_adds_models(root: Callable[..., Path]) -> None:
    """A plugin's root brings models, task types, defaults and error rows of its own."""
    folder = root(
        image__sketch_toml=MODEL,
        errors_toml='[[error]]\ncode = "odd"\nexit_code = 1\nretry = "never"\nservice_codes = [77]\n'
        'meaning = { en = "a", zh = "b" }\nadvice = { en = "c", zh = "d" }\n',
    )
    found = load_registry((folder,))
    assert found.models["sketch"].name == "Sketch"
    assert found.sources["sketch"].endswith("image/sketch.toml")
    assert found.errors[-1].service_codes == (77,)


@pytest.mark.parametrize(
    ("files", "match"),
    [
        ({"image__bad_toml": "id = "}, r"bad\.toml: Invalid value \(at end of document"),
        ({"image__bad_toml": MODEL + "colour = 1"}, r"bad\.toml: : unknown field: colour"),
        ({"image__bad_toml": MODEL.replace('"image"', "5")}, r"bad\.toml: /modality: expected str, got int"),
        ({"image__bad_toml": MODEL + 'quirks = "one"'}, r"bad\.toml: /quirks: expected list, got str"),
        ({"image__bad_toml": 'id = "x"'}, "required field missing: name"),
        ({"image__bad_toml": MODEL.replace("production", "great")}, "/status: great not in"),
        ({"image__wan_toml": MODEL.replace("sketch", "wan-2.6")}, r"model 'wan-2.6' is already defined in .*wan-2\.6\.toml"),
        ({"task_types_toml": "task_types = 5"}, "task_types has the wrong shape"),
        ({"task_types_toml": "[task_types]\nx = 5"}, "expected a table of fields, got int"),
        ({"task_types_toml": "[task_types.text_to_image]\n"}, "task_types 'text_to_image' is already defined by another"),
        ({"defaults_toml": "[defaults]\nx = 'y'"}, "expected a table of fields, got str"),
        ({"errors_toml": "[error]\ncode = 1"}, "error has the wrong shape"),
        ({"errors_toml": "error = [5]"}, "expected a table of fields, got int"),
        ({"errors_toml": '[[error]]\ncode = "a"\nexit_code = 1\nretry = "perhaps"\nmeaning = {en="",zh=""}\nadvice = {en="",zh=""}'},
         "/retry: perhaps not in"),
    ],
)  # fmt: skip
def test_broken_files_are_named(root: Callable[..., Path], files: dict[str, str], match: str) -> None:
    """Each mistake names its file, its place and what was expected."""
    assert (
        "registry check" in _refused(root(**files), match).hint
        or "already defined" in match
        or "wan" in match
    )


def test_files_that_are_no_text(root: Callable[..., Path]) -> None:
    """Bytes that are no UTF-8 are a broken file, not a crash."""
    folder = root(image__sketch_toml=MODEL)
    (folder / "image" / "sketch.toml").write_bytes(b"\xff\xfe\x00")
    _refused(folder, r"sketch\.toml: not in UTF-8: byte 1")


def test_a_root_that_is_no_folder(tmp_path: Path) -> None:
    """A root that does not exist is a registry error."""
    _refused(tmp_path / "nowhere", f"{re.escape(str(tmp_path))}.*a registry root must be a folder")


def test_other_folders_and_files_are_left_alone(root: Callable[..., Path]) -> None:
    """Only TOML files in folders are models; the catalogue holds none."""
    folder = root(
        README_md="hello", image__notes_txt="x", image__sketch_toml=MODEL, catalogue__x_toml="broken ="
    )
    assert set(load_registry_from((folder,)).models) == {"sketch"}


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "Expecting property name"),
        ("[]", "a snapshot holds groups"),
        ('{"groups": 5}', "a snapshot holds groups"),
    ],
)
def test_broken_snapshots(root: Callable[..., Path], text: str, match: str) -> None:
    """A snapshot that cannot be read names its file."""
    folder = root(**{"catalogue__2030-01__text_to_image_json": text})
    with pytest.raises(RegistryError, match=match):
        Snapshot((folder,)).groups("text_to_image")


def test_newest_snapshot_of_each_root(root: Callable[..., Path]) -> None:
    """Of several dates the newest counts, per task type and root; unknown categories are empty."""
    old, new = (
        json.dumps({"captured": date, "groups": [{"id": date}]}) for date in ("2026-01-01", "2026-05-01")
    )
    folder = root(
        **{
            "catalogue__2026-01__a_json": old,
            "catalogue__2026-05__a_json": new,
            "catalogue__2026-01__b_json": old,
        }
    )
    snapshot = Snapshot((folder,))
    assert snapshot.groups("a") == [{"id": "2026-05-01"}]
    assert snapshot.groups("b") == [{"id": "2026-01-01"}]
    assert (snapshot.captured("a"), snapshot.captured("c"), snapshot.groups("c")) == ("2026-05-01", None, [])


@pytest.mark.parametrize(("language", "said"), [("zh", "图"), ("en", "pic"), ("fr", "pic")])
def test_labels_in_a_language(language: str, said: str) -> None:
    """Labels are answered in one language; anything but Chinese is English."""
    node: Any = {"a": [{"en": "pic", "zh": "图"}, 5], "b": {"en": 1, "zh": 2, "x": 3}}
    assert localise(node, language) == {"a": [said, 5], "b": {"en": 1, "zh": 2, "x": 3}}
