"""What is told of a plugin's exception: kind, place, and only such words as stand in the code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from ima_skills.domain.task import Media
from ima_skills.errors import RegistryError
from ima_skills.modality import Modality, same_urls
from ima_skills.plugin_faults import kind_at, told
from ima_skills.plugin_set import PluginInfo, load_plugins
from ima_skills.root_claims import usable_registries

PROMPT = "canary zebra seventeen"
SIGNED = "https://cdn.example.org/a.png?signature=canarysigned"
KEY = "ima_canarykey0123456789abcdef"
HERE = r"test_plugin_faults.py:"
KEPT = {"folds": 3}


def caught(raising: Callable[[], object]) -> BaseException:
    """Return what a function raises."""
    try:
        raising()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises
        return error
    raise AssertionError("it raises")


def _literal() -> None:
    raise ValueError("no such fold")


def _exits() -> None:
    raise SystemExit(3)


def _two() -> None:
    raise ValueError("fold", 3)


def _hard_coded() -> None:
    raise ValueError("see https://example.org/?token=abc")


@pytest.mark.parametrize(
    ("raising", "end"),
    [
        (_literal, ": no such fold"),
        (_exits, ": 3"),
        (_two, ": fold, 3"),
        (_hard_coded, ": see (address)"),
        (lambda: KEPT["creases"], ": creases"),
    ],
)
def test_words_of_the_code_are_told(raising: Callable[[], object], end: str) -> None:
    """What the author wrote helps, and was there before any wish."""
    text = told(caught(raising))
    assert HERE in text
    assert text.endswith(end)


class LoudError(Exception):
    """Says more than it was given."""

    def __str__(self) -> str:
        return PROMPT


def _f_string() -> None:
    raise ValueError(f"cannot fold {PROMPT}")


def _handed_on() -> None:
    raise ValueError(PROMPT)


def _loud() -> None:
    raise LoudError


def _second() -> None:
    raise ValueError("no such fold", PROMPT)


def _large() -> None:
    raise ValueError(13_800_130_000)


def _fault_of_ours() -> None:
    raise RegistryError(f"cannot read {PROMPT}")


def _no_module() -> None:
    raise ModuleNotFoundError(name=PROMPT)


def _misnamed() -> None:
    raise type(PROMPT, (Exception,), {})


def _compiled() -> None:
    compile(f"'{PROMPT}", PROMPT, "exec")


def _run_under_its_name() -> None:
    exec(compile("raise ValueError(1)", PROMPT, "exec"))  # noqa: S102 - what a careless template engine does


def _run_with_its_words() -> None:
    exec(f"raise ValueError({PROMPT!r})")  # noqa: S102 - likewise


def _run_with_names() -> None:
    names = {"__name__": PROMPT, "__file__": PROMPT}
    exec(compile("raise ValueError", "somewhere.py", "exec"), names)  # noqa: S102 - likewise


def _imports_it() -> None:
    exec("import canary")  # noqa: S102 - likewise


def _named_after_it() -> None:
    raise type("canary", (ValueError,), {})


class BrittleError(Exception):
    """Breaks whoever looks at what it was given."""

    @property
    def args(self) -> tuple[object, ...]:  # type: ignore[override]  # on purpose
        """Raise what few handlers catch."""
        raise GeneratorExit(PROMPT)


def _brittle() -> None:
    raise BrittleError


def _too_long() -> None:
    raise SyntaxError("canary", (f"{PROMPT * 20}.py", 1, 1, PROMPT))


@pytest.mark.parametrize(
    "raising",
    [
        _run_under_its_name,
        _run_with_its_words,
        _run_with_names,
        _imports_it,
        _named_after_it,
        _brittle,
        _too_long,
        _f_string,
        _handed_on,
        _loud,
        _second,
        _large,
        _fault_of_ours,
        _no_module,
        _misnamed,
        _compiled,
        lambda: int(PROMPT),
        lambda: KEPT[PROMPT],
        lambda: KEPT[SIGNED],
        lambda: KEPT[KEY],
        lambda: getattr(KEPT, PROMPT),
        lambda: f"{PROMPT} \N{SNOWMAN}".encode("ascii"),
        lambda: list(PROMPT).index(SIGNED),
    ],
)
def test_words_of_others_are_not(raising: Callable[[], object]) -> None:
    """Whatever was put into an exception, its kind and its place are all that is told."""
    text = told(caught(raising))
    for word in (*PROMPT.split(), "canary", "0130", "signature"):
        assert word not in text
    assert len(text.splitlines()) == 1


@pytest.mark.parametrize(
    ("raising", "start"),
    [
        (_run_under_its_name, "ValueError at "),
        (_run_with_names, "ValueError at "),
        (_named_after_it, "ValueError at "),
        (_brittle, "BrittleError at "),
        (_loud, "LoudError at "),
    ],
)
def test_kind_and_place_are_those_of_modules(raising: Callable[[], object], start: str) -> None:
    """A class that no module has goes by its base, and code that no file has by the line that ran it."""
    assert kind_at(caught(raising)).startswith(f"{start}")
    assert HERE in kind_at(caught(raising))


def test_the_kind_of_a_failed_import_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A class of a module that is gone again, because it did not load, keeps its name."""
    text = "class LicenceError(Exception):\n    pass\nraise LicenceError\n"
    (tmp_path / "ima_unlicensed.py").write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert kind_at(caught(lambda: import_module("ima_unlicensed"))).startswith("LicenceError at ")


def test_the_place_is_in_the_plugin() -> None:
    """Where a library fails, the line of the plugin that called it is named; a folder of somebody's never is."""
    text = kind_at(caught(lambda: Path("\0").read_text(encoding="utf-8")))
    assert text.startswith("ValueError at ")
    assert HERE in text
    assert str(Path(__file__).parent.parent.parent) not in text


def test_a_module_that_is_missing_is_named() -> None:
    """An import that the code asks for cannot quote anybody."""

    def imports() -> None:
        import_module("ima_no_such_module")

    assert told(caught(imports)).endswith("No module named 'ima_no_such_module'")


def test_our_own_words_about_files_are_told(tmp_path: Path) -> None:
    """A registry file that is wrong is named with what is wrong in it."""
    (tmp_path / "image").mkdir()
    (tmp_path / "image" / "kite.toml").write_text("id = 5\n", encoding="utf-8")
    faults: list[str] = []
    assert usable_registries([("kite", tmp_path)], lambda _, fault: faults.append(fault)) == ()
    assert "kite.toml" in faults[0]


def test_a_modality_that_fails_at_a_media() -> None:
    """The address of a finished media is signed, and stays out of what is told."""

    def shaped(media: Media) -> Media:
        raise ValueError(media.url)

    plugins = load_plugins(third_party=False, environ={})
    modality = Modality("hologram", (), (), same_urls, shaped, lambda *_: ())
    plugins.infos["odd"] = PluginInfo("odd", "somebody-else", "1", "active")
    plugins.owners["hologram"] = "odd"
    media = Media(url=SIGNED)
    assert plugins.shaped(modality, media) is media
    assert "ValueError at " in plugins.infos["odd"].fault
    assert "canary" not in plugins.infos["odd"].fault


LEAKY = '''
"""Puts all that it is handed, and all that it can find, into its exceptions."""
import os, sys
from ima_skills import hookimpl

KEPT = []

def _all(*more):
    return repr((more, KEPT, sys.argv, os.environ.get("IMA_API_KEY")))

@hookimpl
def ima_quirks():
    raise RuntimeError(_all()) if os.environ.get("ODD_DECLARES") else KeyError("not today")

@hookimpl
def ima_check_request(request, entry, leaf):
    KEPT.append(request.prompt)
    raise ValueError(_all(request.prompt, request.inputs))

@hookimpl
def ima_recommend(request, models):
    raise KeyError(request.prompt)

@hookimpl
def ima_observe(event):
    raise RuntimeError(_all(event))
'''
LEAKY_CHECKS = LEAKY.replace(
    'raise RuntimeError(_all()) if os.environ.get("ODD_DECLARES") else KeyError("not today")', "return ()"
)
LEAKY_AT_IMPORT = LEAKY + "\nraise ImportError(_all())\n"


@pytest.mark.parametrize(
    "text", [LEAKY, LEAKY_CHECKS, LEAKY_AT_IMPORT], ids=["declares", "checks", "imports"]
)
def test_no_canary_in_any_word_of_a_run(text: str, tmp_path: Path) -> None:
    """A paid road with a plugin that leaks at every hook: nothing on stdout, on stderr, in the log or the journal."""
    site = tmp_path / "site"
    info = site / "ima_leaky-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: ima-leaky\nVersion: 1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[ima_skills.plugins]\nleaky = ima_leaky\n", encoding="utf-8")
    (site / "ima_leaky.py").write_text(text, encoding="utf-8")
    home = tmp_path / "home"
    environ = {
        **os.environ, "PYTHONPATH": str(site), "IMA_HOME": str(home), "IMA_API_KEY": KEY, "ODD_DECLARES": "1",
        "LANG": "C.UTF-8", "IMA_LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    told_of = b""
    for words in (
        ["create", PROMPT, "--task-type", "text_to_image", "--sandbox", "--yes", "--download", "out"],
        ["plugins", "list"],
    ):
        ran = subprocess.run(
            [sys.executable, "-m", "ima_skills", *words],
            env=environ, cwd=tmp_path, capture_output=True, check=True, timeout=60,
        )  # fmt: skip
        told_of += ran.stdout + ran.stderr
    logs = b"".join(path.read_bytes() for path in tmp_path.rglob("*.log"))
    assert b"leaky" in told_of
    assert b"ima_leaky.py:" in told_of
    assert b"plugin" in logs or text is not LEAKY_CHECKS
    for canary in (b"zebra", b"canarykey", b"canarysigned"):
        assert canary not in told_of + logs
