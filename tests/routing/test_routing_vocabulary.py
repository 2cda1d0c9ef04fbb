"""Words are data: merged from all roots, checked, and enough to bring a new modality."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ima_skills.cli.registry_check import survey
from ima_skills.cli.registry_words import word_faults
from ima_skills.errors import RegistryError
from ima_skills.registry import load_registry_from
from ima_skills.resources import data_root
from ima_skills.routing import reconsidered, route
from ima_skills.routing.vocabulary import load_vocabulary
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from pathlib import Path

    from ima_skills.plugin_set import PluginSet
    from ima_skills.registry import Registry
    from ima_skills.routing.understanding import Router

SHAPES = """
[media.shape]
order = 15
label = { en = "3D model", zh = "三维模型" }
text = "text_to_shape"
roles = { source = "image_to_shape" }
whatever = "source"
takes = { image = "source" }
nouns = ["3d model", "三维模型"]
verbs = ["sculpt"]

[[setting]]
params = { faces = "{n}" }
patterns = ['{n} (?:faces|polygons)']
media = ["shape"]

[cue]
polite = ["prithee"]
"""


def root(folder: Path, text: str) -> Path:
    (folder / "vocabulary").mkdir(parents=True)
    (folder / "vocabulary" / "words.toml").write_text(text, encoding="utf-8")
    return folder


def test_a_plugin_brings_a_modality(tmp_path: Path, registry: Registry) -> None:
    """A vocabulary file alone teaches a new media: its nouns, verbs, inputs, settings, and its place in a chain."""
    words = load_vocabulary([data_root("registry"), root(tmp_path, SHAPES)])
    plain = route("prithee make a 3D model of a teapot, 500 polygons", registry=registry, vocabulary=words)
    assert (plain.media, plain.task_type, dict(plain.params)) == (("shape",), "text_to_shape", {"faces": 500})
    assert "teapot" in plain.prompt
    assert "prithee" not in plain.prompt
    given = route("把这张图做成三维模型", images=["a.png"], registry=registry, vocabulary=words)
    assert given.task_type == "image_to_shape"
    both = route("画一个茶壶，再做成三维模型", registry=registry, vocabulary=words)
    assert [(step.task_type, [use.role for use in step.uses]) for step in both.steps] == [
        ("text_to_image", []),
        ("image_to_shape", ["source"]),
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[setting]]\nparams = { n = 1 }\npatterns = ['(']\n", "pattern"),
        ('[letters]\n"ab" = "a"\n', "differ in number"),
        ("[media.x]\nsurprise = 1\n", "surprise"),
        ("[cue]\npolite = 3\n", "polite"),
    ],
)
def test_faulty_files(tmp_path: Path, text: str, fault: str) -> None:
    """A fault names the file; asked to, the loader leaves that file out and keeps the rest."""
    folder = root(tmp_path, text)
    with pytest.raises(RegistryError, match=fault) as caught:
        load_vocabulary([folder])
    assert "words.toml" in caught.value.message
    heard: list[str] = []
    words = load_vocabulary([data_root("registry"), folder], on_fault=heard.append)
    assert len(heard) == 1
    assert "image" in words.words.media


def test_words_are_no_models(tmp_path: Path) -> None:
    """The folder of words is not taken for a modality's models."""
    assert load_registry_from((root(tmp_path, SHAPES),)).models == {}


def test_every_name_is_known(router: Router, registry: Registry) -> None:
    """Each name of each model on offer means that model, or one of its family that does what is wanted."""
    wrong = []
    for entry in registry.models.values():
        for name in entry.names() if entry.status == "production" else ():
            known = router.lexicon.names.known[router.lexicon.vocabulary.fold(name).replace(" ", "")]
            if entry not in known.entries:
                wrong.append((entry.id, name, [other.id for other in known.entries]))
    assert wrong == []


def test_words_name_what_there_is(registry: Registry, router: Router) -> None:
    """Task types, media and models that the vocabulary names exist, and every question that can be asked is there."""
    table = router.lexicon.vocabulary.words
    media = set(table.media)
    for row in table.media.values():
        assert {row.text, *row.roles.values()} - {None} <= set(registry.task_types)
        assert {*row.takes, *row.accompanies} <= media
    assert {name for row in table.setting for name in row.media} <= media
    assert {name for row in table.bundle for name in row.media} <= media
    assert {name for brand in table.brand for name in brand.models} <= set(registry.models)
    assert {row.model for row in table.suggestion} <= set(registry.models)
    asked = {
        "target",
        "audio",
        "image_role",
        "other_frame",
        "input",
        "target_of_file",
        "earlier",
        "subject",
        "model",
        "unknown_model",
        "values",
    }
    assert asked == set(table.question)


def test_a_plugin_may_reconsider(plugins: PluginSet, router: Router) -> None:
    """Without a plugin's opinion a route stays as it is."""
    found = router.route("画一只猫")
    assert reconsidered(plugins, "画一只猫", found) is found


def test_registry_check_reads_the_words(tmp_path: Path) -> None:
    """A vocabulary file is checked against its schema and against the registry: patterns, models, task types, media."""
    text = """
[media.shape]
text = "text_to_shape"
surprise = 1
[[brand]]
words = ["acme"]
models = ["acme-1"]
[[setting]]
params = { faces = "{n}" }
patterns = ["("]
media = ["nothing"]
"""
    found = survey((data_root("registry"), root(tmp_path, text)), open_schemas())
    faults = [*found.faults, *word_faults(found, {"seedream-4.5"}, {"text_to_image"})]
    mine = {(fault.pointer, fault.rule) for fault in faults if fault.file.endswith("words.toml")}
    assert {
        ("/brand/0/models", "missing-model"),
        ("/media/shape", "task-type"),
        ("/setting/0/media", "media"),
    } <= mine
    assert any(pointer.startswith("/media/shape") and rule != "task-type" for pointer, rule in mine)


def test_registry_check_reads_the_patterns(tmp_path: Path) -> None:
    """A pattern that is no regular expression is a fault, though the schema cannot see it."""
    folder = root(tmp_path, "[[setting]]\nparams = { n = 1 }\npatterns = ['(']\n")
    found = survey((folder,), open_schemas())
    assert found.faults == []
    assert [fault.rule for fault in word_faults(found, (), ())] == ["words"]
