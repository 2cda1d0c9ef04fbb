"""Registry files: sound, free of clashes with the first party, and complete."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ima_skills.certify.bench import Probe
from ima_skills.certify.checks import Check, absent
from ima_skills.domain.problem import pointer_to
from ima_skills.errors import ImaError
from ima_skills.registry import name_key, read_toml
from ima_skills.schemas import open_schemas, schema_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.certify.bench import Bench

AREA, WORDS = "registry", "words"
_ROOTS, _SCHEMAS = "ima_registry_roots", "ima_schema_roots"
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def registry_probes(_bench: Bench) -> Iterator[Probe]:
    """Yield the probes of a plugin's data."""
    yield Probe("registry:files", AREA, _files, hook=_ROOTS, patience=4)
    yield Probe("registry:names", AREA, _names, hook=_ROOTS)
    yield Probe("registry:schemas", AREA, _schemas, hook=_SCHEMAS)
    yield Probe("words:texts", WORDS, _texts, hook=_ROOTS)
    yield Probe("words:messages", WORDS, _messages, hook=_ROOTS, patience=2)


def _files(bench: Bench) -> Iterator[Check]:
    """Yield the faults of ``registry check`` that lie in the plugin's files, and the files without any."""
    roots = bench.roots(_ROOTS)
    if not bench.declared(_ROOTS):
        yield absent(AREA, "registry files")
    folders = [check for hook in (_ROOTS, _SCHEMAS) for check in _folders(bench, hook)]
    yield from folders
    if not roots and not any(check.code for check in folders):
        yield from _takes_part(bench)
    for root in roots:
        files = sorted([*root.rglob("*.toml"), *root.rglob("catalogue/**/*.json")])
        faults = [
            row for row in bench.check_registry(bench.plugins, root)["faults"] if _is_in(row["file"], root)
        ]
        for row in faults:
            name = f"{_short(row['file'], root)}: {row['rule']}"
            words = {
                "message": row["message"],
                "message_zh": row["message_zh"],
                "nearest": _shown(row["nearest"]),
            }
            yield Check(
                AREA, name, f"registry-{_kind(row['rule'])}", row["file"], row["pointer"] or "/", words
            )
        bad = {row["file"] for row in faults}
        for file in files:
            if str(file) not in bad:
                yield Check(AREA, f"{_short(str(file), root)} is sound")
        yield from _joins(bench, root, bool(faults) or any(check.code for check in folders))


def _folders(bench: Bench, hook: str) -> Iterator[Check]:
    """Yield whether the folders that a hook declares are there, and hold what it is asked for."""
    declared = bench.declared(hook)
    if declared is None:
        return
    file = str(bench.module.__file__)
    yield Check(AREA, f"{hook} declares a folder", "" if declared else "root-none", file, hook)
    for root in declared:
        code = "root-missing"
        if isinstance(root, Traversable) and root.is_dir():
            code = "" if _is_filled(root, hook) else "root-empty"
        yield Check(AREA, f"{hook}: {root} is there", code, file, hook, {"what": str(root)})


def _is_filled(root: Traversable, hook: str) -> bool:
    if hook == _SCHEMAS:
        return any(schema_names(root))
    return any(
        _is_filled(entry, hook) if entry.is_dir() else entry.name.endswith((".toml", ".json"))
        for entry in root.iterdir()
    )


def _takes_part(bench: Bench) -> Iterator[Check]:
    """Yield whether all that a plugin without registry files declares is taken."""
    bench.plugins.registry_roots()
    fault = bench.plugins.infos[bench.name].fault
    code = "registry-left-out" if fault else ""
    yield Check(AREA, "what it declares is taken", code, str(bench.module.__file__), "", {"fault": fault})


def _joins(bench: Bench, root: Path, is_faulty: bool) -> Iterator[Check]:  # noqa: FBT001 - said by its name
    """Yield whether a root can be loaded, and what else the plugin declares is taken.

    Files with faults that keep their root from being loaded have been told; one cause is told once.
    """
    fault, name = bench.plugins.infos[bench.name].fault, f"{root.name} joins the first party's"
    if is_faulty and fault.startswith(f"{_ROOTS}: "):
        yield absent(AREA, name)
        return
    yield Check(
        AREA,
        name,
        "registry-left-out" if fault else "",
        str(root),
        "",
        {"fault": fault},
    )


def _kind(rule: str) -> str:
    """Return the kind of a fault of ``registry check``, as far as it has a sentence of its own here."""
    known = {"twice": "clash", "ambiguous": "overlap", "unpriced": "unpriced", "evidence": "evidence",
             "missing-quirk": "missing-quirk", "text-missing": "text-missing"}  # fmt: skip
    return known.get(rule, "fault")


def _names(bench: Bench) -> Iterator[Check]:
    """Yield one check for each name of each model: it leads to that model and to no other."""
    for model in _documents(bench):
        file, entry = model
        for pointer, name in _said(entry):
            found = bench.first_party.find(name)
            other = found.entry.name if found else ""
            code = "registry-clash" if other else ""
            words = {
                "message": f"{name!r} already means {other}",
                "message_zh": f"{name!r} 已指 {other}",
                "nearest": "",
            }
            yield Check(AREA, f"{entry.get('id')}: {name!r} is free", code, str(file), pointer, words)
    # As the registry finds them: the first model that has a name; asked once, for a model may have thousands.
    owners: dict[str, str] = {}
    for holder in bench.registry.models.values():
        for name in holder.names():
            owners.setdefault(name_key(name), holder.id)
    for known in bench.models():
        for name in known.names():
            code = "" if owners[name_key(name)] == known.id else "registry-lost"
            yield Check(AREA, f"{known.id}: {name!r} finds it", code, known.id, name)


def _documents(bench: Bench) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    modalities = bench.plugins.modalities
    for root in bench.roots(_ROOTS):
        for file in sorted(root.glob("*/*.toml")):
            if file.parent.name in modalities:
                try:
                    document = read_toml(file)
                except ImaError:
                    continue  # _files says so
                if "id" in document:  # else its schema says so, and it is no model yet
                    yield file, document


def _said(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from ((pointer_to(key), str(document[key])) for key in ("id", "name") if key in document)
    for language, words in _table(document, "aliases").items():
        for index, word in enumerate(words if isinstance(words, list) else ()):
            yield pointer_to("aliases", language, index), str(word)


def _schemas(bench: Bench) -> Iterator[Check]:
    declared = [name for modality in bench.plugins.modalities.values() for name in modality.task_types]
    own = [
        name
        for name in dict.fromkeys((*declared, *bench.registry.task_types))
        if name not in bench.first_party.task_types
    ]
    if not own:
        yield absent(AREA, "task types")
    known = {name for root in bench.roots(_SCHEMAS) for name in schema_names(root)}
    for name in own:
        schema = f"request/{name}"
        yield Check(
            AREA,
            f"{name} has a schema",
            "" if schema in known else "no-schema",
            f"{schema}.schema.json",
            name,
        )
        listed = name in bench.registry.task_types
        yield Check(AREA, f"{name} is described", "" if listed else "no-task-type", "task_types.toml", name)
        if schema in known:
            yield from _schema_works(bench, name)


def _schema_works(bench: Bench, name: str) -> Iterator[Check]:
    store = open_schemas(bench.plugins.schema_roots())
    for what, document, good in (
        ("takes a wish", {"task_type": name, "prompt": "a quiet bay"}, True),
        ("refuses a number for a prompt", {"task_type": name, "prompt": 5}, False),
    ):
        try:
            fine = (not store.problems(f"request/{name}", document)) is good
        except ImaError:
            fine = False
        yield Check(
            AREA,
            f"request/{name} {what}",
            "" if fine else "schema-strange",
            f"request/{name}.schema.json",
            name,
            {"what": what},
        )


def _texts(bench: Bench) -> Iterator[Check]:
    """Yield one check per text that people read: there in both languages."""
    texts = [*_model_texts(bench), *_other_texts(bench)]
    if not texts:
        yield absent(WORDS, "texts")
    for file, place, english, chinese in texts:
        missing = [name for name, text in (("en", english), ("zh", chinese)) if not text]
        code = "words-missing" if missing else ""
        yield Check(WORDS, f"{place} in both languages", code, file, place, {"missing": ", ".join(missing)})


def _model_texts(bench: Bench) -> Iterator[tuple[str, str, str, str]]:
    for file, document in _documents(bench):
        name = str(document.get("id"))
        for key in ("aliases", "use_cases"):
            words = _table(document, key)
            yield str(file), f"{name}/{key}", _joined(words.get("en")), _joined(words.get("zh"))
        for index, rule in enumerate(document.get("rules", ())):
            why = _table(rule, "why") if isinstance(rule, dict) else {}
            yield str(file), f"{name}/rules/{index}/why", _joined(why.get("en")), _chinese(why.get("zh"))


def _other_texts(bench: Bench) -> Iterator[tuple[str, str, str, str]]:
    first = bench.join(ima_quirks=lambda: ()).quirks
    for name, quirk in bench.plugins.quirks.items():
        if name not in first:
            yield str(bench.module.__file__), f"{name}/summary", quirk.summary.en, _chinese(quirk.summary.zh)
    for name in bench.task_types():
        label = bench.registry.task_types[name].label
        yield "task_types.toml", f"{name}/label", label.en, label.zh


def _messages(bench: Bench) -> Iterator[Check]:
    """Yield whether messages to people are there in both languages, and can be spoken on every platform."""
    from ima_skills.messages.manner import open_manner, platforms

    some = False
    for root in bench.roots(_ROOTS):
        there = {file.stem for file in root.glob("messages/*.toml")}
        some = some or bool(there)
        for language in ("en", "zh") if there & {"en", "zh"} else ():
            code = "" if language in there else "words-missing"
            yield Check(
                WORDS,
                f"messages in {language}",
                code,
                str(root / "messages"),
                f"{language}.toml",
                {"missing": language},
            )
    own = {file.stem for root in bench.roots(_ROOTS) for file in root.glob("platforms/*.toml")}
    task_types = bench.task_types() or ("text_to_image",)
    for platform in platforms(bench.plugins) if some or own or bench.task_types() else ():
        for language in ("en", "zh"):
            for task_type in task_types:
                fault = _speaks(bench, open_manner, language, platform, task_type)
                name = f"{task_type} on {platform} in {language}"
                yield Check(
                    WORDS, name, "words-unspoken" if fault else "", platform, language, {"fault": fault}
                )
    if not some and not own:
        yield absent(WORDS, "messages")


def _speaks(bench: Bench, open_manner: Any, language: str, platform: str, task_type: str) -> str:
    from ima_skills.errors import UsageError
    from ima_skills.messages.scribe import Scribe

    try:
        scribe = Scribe(open_manner(bench.registry, bench.plugins, language, platform))
        said = (*scribe.acknowledge(task_type), *scribe.end(UsageError("sample")))
    except (ImaError, KeyError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "" if said and (said[0].text or "").strip() else "nothing is said"


def _joined(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _chinese(value: Any) -> str:
    text = str(value or "")
    return text if _CHINESE.search(text) else ""


def _table(document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def _is_in(file: str, root: Path) -> bool:
    return Path(file).resolve().is_relative_to(root.resolve())


def _short(file: str, root: Path) -> str:
    path = Path(file)
    return str(path.relative_to(root)) if path.is_relative_to(root) else path.name


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
