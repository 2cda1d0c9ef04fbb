"""An agent that has read nothing but the gateway's page makes each media type at the first try."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ima_skills.packs.contents import pack_files, skills_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ima_skills.registry import Registry

    Ima = Callable[..., Any]

SKILLS = skills_of(pack_files())
PAGE = SKILLS["ima-skills"]["SKILL.md"].decode()
# What the page's table of task types says, and how many pictures it asks for.
TYPES = dict(re.findall(r"^\| [^|]+ \| `(\w+)` \| ([^|]+) \|$", PAGE, re.MULTILINE))
QUICK = ("image", "speech")


def templates(page: str) -> list[str]:
    """Return the command lines that a page shows, as an agent would copy them."""
    return [line.strip() for line in page.splitlines() if re.match(r" {4,}ima-skills ", line)]


def the(*words: str) -> str:
    """Return the one template of the page with all of these words."""
    found = [line for line in templates(PAGE) if all(word in line.split() for word in words)]
    assert len(found) == 1, (words, found)
    return found[0]


def argv(template: str, **values: str) -> list[str]:
    """Return a template with its placeholders filled in."""
    words = shlex.split(template)
    assert words[0] == "ima-skills"
    return [values.get(word, word) for word in words[1:]]


def pictures_for(said: str) -> int:
    """Return how many pictures an agent would give after reading the table."""
    number = re.search(r"\d", said)
    return int(number[0]) if number and not said.startswith("none") else 0


def test_the_table_names_every_task_type(registry: Registry) -> None:
    """What the page tells about inputs is what the registry checks."""
    assert set(TYPES) == set(registry.task_types)
    for name, said in TYPES.items():
        inputs = registry.task_types[name].inputs
        assert inputs.minimum <= pictures_for(said) <= inputs.maximum, name


def test_every_type_at_the_first_try(  # noqa: PLR0913, PLR0917 - the fixtures
    ima: Ima,
    quick_sandbox: None,
    picture: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    registry: Registry,
) -> None:
    """Price, agreement, create, wait, show: every command succeeds, and a file is there."""
    monkeypatch.chdir(tmp_path)
    for task_type, said in TYPES.items():
        given = {"PROMPT": "a kite over dunes", "TYPE": task_type}
        inputs = ["--input", str(picture)] * pictures_for(said)
        priced = ima(*argv(the("--dry-run"), **given), *inputs)
        assert priced.code == 0, (task_type, priced.out)
        points = priced.document["quote"]["total"]
        agreed = ["--max-points", str(points)] if points > 50 else []
        kind = registry.task_types[task_type].media_kind
        at_once = kind == "image" or task_type == "text_to_speech"
        made = _made(ima, at_once, given, [*inputs, *agreed])
        assert made["credit"] == points, task_type
        path = Path(made["medias"][0]["path"])
        assert path.is_absolute()
        assert path.is_file(), task_type
        assert tmp_path / "ima-out" in path.parents
        assert made["medias"][0]["url"]


def _made(ima: Ima, at_once: bool, given: dict[str, str], more: list[str]) -> dict[str, Any]:  # noqa: FBT001 - a column
    if at_once:
        ran = ima(*argv(the("create", "--download"), **given), *more)
        assert ran.code == 0, ran.out
        return dict(ran.document)
    begun = ima(*argv(the("create", "--no-wait"), **given), *more)
    assert begun.code == 0, begun.out
    given = {**given, "TASK_ID": begun.document["task_id"]}
    waited = ima(*argv(the("wait", "--brief"), **given))
    assert (waited.code, waited.out.count("\n")) == (0, 1), waited.out
    shown = ima(*argv(the("show", "tasks"), **given))
    assert shown.code == 0, shown.out
    return dict(shown.document)


def test_what_is_meant(ima: Ima, picture: Path) -> None:
    """The page's way to understand a wish answers where the page says: a request, or a question."""
    clear = ima(*argv(the("route"), WORDS="用可灵做一段10秒的海浪视频")).document
    assert (clear["request"]["task_type"], clear["clarify"]) == ("text_to_video", None)
    assert clear["request"]["params"]["duration"] == 10
    two = ["--image", str(picture), "--image", str(picture)]
    unclear = ima(*argv(the("route"), WORDS="make a video of these"), *two).document
    assert unclear["request"] is None
    assert unclear["clarify"]["question"]


def test_no_progress_in_an_agent_host(ima: Ima, quick_sandbox: None) -> None:
    """OpenClaw keeps the last words of a command; they are the answer, not how far it had been."""
    words = (
        "create",
        "waves",
        "--task-type",
        "text_to_video",
        "--param",
        "duration=5",
        "--sandbox-speed",
        "100",
    )
    heard = ima(*words, "--yes", env={"OPENCLAW_SHELL": "exec"})
    said = ima(*words, "--yes", "--new")
    assert (heard.code, said.code) == (0, 0)
    assert "%" in said.err
    assert "%" not in heard.err
    assert "task_" in heard.err


def test_looking_things_up(ima: Ima, quick_sandbox: None) -> None:
    """The other templates of the page work too, with an output that hosts show in full."""
    for template in templates(PAGE)[-3:]:
        ran = ima(*argv(template, TYPE="text_to_video", NAME="Kling O1"))
        assert ran.code == 0, (template, ran.out)
        assert len(ran.out.encode()) <= 10_000, template
        json.loads(ran.out)


@pytest.mark.parametrize("name", [name for name in SKILLS if name != "ima-skills"])
def test_the_other_pages(  # noqa: PLR0913, PLR0917 - the fixtures
    ima: Ima,
    quick_sandbox: None,
    picture: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    """Every command that a focused skill shows runs as it is printed, with a task id where it has TASK_ID."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photo.png").write_bytes(picture.read_bytes())
    task_id = ""
    for template in templates(SKILLS[name]["SKILL.md"].decode()):
        ran = ima(*argv(template, TASK_ID=task_id))
        assert ran.code == 0, (template, ran.out)
        if "--no-wait" in template:
            task_id = ran.document["task_id"]


def test_shown_parameters_exist(ima: Ima, quick_sandbox: None) -> None:
    """A --param or --size that the pages mention is taken by the default model of its task type."""
    kinds = {"ima-picture": "text_to_image", "ima-film": "text_to_video", "ima-sound": "text_to_speech"}
    for name, task_type in kinds.items():
        page = SKILLS[name]["SKILL.md"].decode()
        tables = "\n".join(line for line in page.splitlines() if line.startswith("|"))
        for word, value in re.findall(r"`(--param|--size) ([^` ]+)`", tables):
            ran = ima("create", "hello there", "--task-type", task_type, word, value, "--dry-run", "--json")
            assert ran.code == 0, (name, word, value, ran.out)
