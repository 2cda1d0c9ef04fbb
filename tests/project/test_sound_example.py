"""The example of a whole modality, installed with pip as a stranger would, from every door; the core never names it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import wave
from array import array
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen

import ima_skills
from ima_skills.plugin_set import load_plugins
from ima_skills.registry import load_registry
from ima_skills.schemas import open_schemas

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., "Ran"]

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "ima-skills-sound"
# The package that is under test, be it a checkout or an installed wheel.
CORE = Path(ima_skills.__file__).parents[1]
PIP = ("install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")


@frozen
class Ran:
    """What a process said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the example with pip into a folder of its own."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "pip", *PIP, "--target", str(folder), str(EXAMPLE)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    return folder


@pytest.fixture
def environ(site: Path, tmp_path: Path) -> dict[str, str]:
    """Return an environment in which the example is installed, with a state folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("IMA_", "PYTHON"))}
    path = os.pathsep.join(str(folder) for folder in (site, CORE, CORE / "plugins"))
    own = {"PYTHONPATH": path, "IMA_HOME": str(tmp_path / "home"), "LANG": "C.UTF-8"}
    return {**kept, **own, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.fixture
def run(environ: dict[str, str], tmp_path: Path) -> Run:
    """Return a function that runs Python there, ``ima-skills`` unless told otherwise."""

    def of(*words: str, program: tuple[str, ...] = ("-m", "ima_skills"), cwd: Path = tmp_path) -> Ran:
        command = [sys.executable, *program, *words]
        ran = subprocess.run(
            command, check=False, capture_output=True, text=True, env=environ, cwd=cwd, encoding="utf-8"
        )
        return Ran(ran.returncode, ran.stdout, ran.stderr)

    return of


def _heard(path: str) -> tuple[float, int, float]:
    """Return length in seconds, rate, and loudness (root mean square, 1 is full scale) of a WAV file."""
    samples = array("h")
    with wave.open(path) as file:
        rate, frames = file.getframerate(), file.getnframes()
        samples.frombytes(file.readframes(frames))
    return frames / rate, rate, (sum(value * value for value in samples) / len(samples)) ** 0.5 / 32768


def _conforms(name: str, document: dict[str, Any]) -> None:
    assert open_schemas().problems(f"output/{name}", document) == ()


def test_the_command_line(run: Run, tmp_path: Path) -> None:
    """``create`` makes a sound effect on the sandbox at its price, and the file can be heard."""
    words = (
        "create",
        "rain",
        "-t",
        "text_to_sound",
        "--sandbox",
        "--download",
        str(tmp_path / "out"),
        "--json",
    )
    document = run(*words).document
    _conforms("result", document)
    assert (document["model_name"], document["credit"], document["sandbox"]) == ("Foley One", 2, True)
    seconds, rate, loudness = _heard(document["medias"][0]["path"])
    assert (seconds, rate) == (5.0, 22050)
    assert loudness > 0.02


def test_the_command_of_its_own(run: Run, tmp_path: Path) -> None:
    """``sound`` is create with options of its own, listed in help; mistakes end as ours do."""
    words = ("sound", "rain on a tin roof", "--sandbox", "--download", str(tmp_path / "out"), "--json")
    document = run(*words, "--seconds", "10", "--quality", "hq", "--loop").document
    _conforms("result", document)
    assert (document["credit"], document["params"]["crossfade_ms"]) == (6, 1000)
    assert _heard(document["medias"][0]["path"])[:2] == (10.0, 44100)
    assert "sound  From ima-skills-sound 0.1.0." in run("--help").out
    refused = run(*words, "--seconds", "8")
    assert (refused.code, refused.document["problems"][0]["nearest"]) == (2, 10)
    assert "根据 PROMPT（提示词）生成音效" in run("--language", "zh", "sound", "--help").out


LIBRARY = """
import asyncio, json, sys
from ima_skills import Request
from ima_skills.offline import sandbox_client

async def main():
    async with sandbox_client(sys.argv[1] + "/state", speed=600) as ima:
        request = Request("text_to_sound", "a bell", params={"duration": 10})
        result = await ima.create(request, download=sys.argv[1] + "/out")
        print(json.dumps([result.credit, result.medias[0].duration_s, result.files[0].path]))

asyncio.run(main())
"""


def test_the_library(run: Run, tmp_path: Path) -> None:
    """The plugin that is installed takes part in a client without being named."""
    ran = run(str(tmp_path), program=("-c", LIBRARY))
    assert ran.code == 0, ran.err
    credit, duration, path = json.loads(ran.out)
    assert (credit, duration) == (3, 10.0)
    assert _heard(path)[0] == 10.0


def test_a_wish_in_words(run: Run) -> None:
    """``route`` understands a wish for a sound, and what it says can be run."""
    document = run("route", "给我来个下雨的音效，5秒", "--json").document
    _conforms("route", document)
    assert (document["media"], document["task_type"], document["params"]) == (
        ["sound"],
        "text_to_sound",
        {"duration": 5},
    )
    request = document["request"]
    params = json.dumps(request["params"])
    made = run(
        "create",
        request["prompt"],
        "-t",
        request["task_type"],
        "--params-json",
        params,
        "--sandbox",
        "--json",
    )
    assert (made.code, made.document["status"]) == (0, "success")
    asked = run("route", "做个音频", "--json").document["clarify"]
    assert "音效" in asked["options"]


def test_messages_for_a_chat(run: Run) -> None:
    """An agent is given words for a sound effect, in the language of the chat, from start to end."""
    words = (
        "create",
        "钟声",
        "-t",
        "text_to_sound",
        "--sandbox",
        "--emit",
        "openclaw",
        "--message-language",
        "zh",
    )
    lines = [json.loads(line) for line in run(*words).out.splitlines()]
    for line in lines:
        _conforms("action", line)
    assert lines[0]["text"] == "好的，马上为你制作音效 🎧"
    assert "Foley One" in lines[1]["args"]["message"]
    assert any("音效生成好了" in line.get("args", {}).get("message", "") for line in lines)
    assert lines[-1]["document"]["status"] == "success"


def test_a_plan_with_a_sound(run: Run, tmp_path: Path) -> None:
    """A plan prices a picture and a sound together, and running it makes both."""
    plan = run("plan", "a film about rain", "--targets", "image,sound", "--sandbox", "--json").document
    _conforms("plan", plan)
    assert [(step["media"], step["task_type"]) for step in plan["steps"]] == [
        ("image", "text_to_image"),
        ("sound", "text_to_sound"),
    ]
    words = ("--confirm", plan["plan_hash"], "--download", str(tmp_path / "out"), "--sandbox", "--json")
    made = run("run", plan["plan_id"], *words)
    assert made.code == 0, made.err
    (sound,) = (tmp_path / "out").glob("**/*.wav")
    assert _heard(str(sound))[0] == 5.0


def test_lists(run: Run) -> None:
    """The model is listed with its prices, the plugin with its origin and all that it brings, without a fault."""
    models = run("models", "list", "-t", "text_to_sound", "--offline", "--json").document
    _conforms("models", models)
    assert [row["name"] for row in models["models"]] == ["Foley One"]
    plugins = run("plugins", "list", "--json").document
    _conforms("plugins", plugins)
    row = next(row for row in plugins["plugins"] if row["name"] == "sound")
    assert (row["origin"], row["version"], row["state"], row["fault"]) == (
        "ima-skills-sound",
        "0.1.0",
        "active",
        None,
    )
    assert (row["modalities"], row["quirks"], row["commands"]) == (["sound"], ["seamless-loop"], ["sound"])
    assert "ima_sandbox_renderers" in row["hooks"]
    assert run("registry", "check", "--json").code == 0


def test_a_served_sandbox_renders_it_too(
    run: Run, environ: dict[str, str], tmp_path: Path, serve_process: Any
) -> None:
    """``sandbox serve`` where the plugin is installed makes its sounds for any client."""
    told = serve_process(tmp_path / "served", "--speed", "600", env=environ)
    words = (
        "create",
        "wind",
        "-t",
        "text_to_sound",
        "--base-url",
        told["base_url"],
        "--upload-base-url",
        told["base_url"],
    )
    made = run(*words, "--api-key", told["api_key"], "--yes", "--download", str(tmp_path / "out"), "--json")
    assert made.code == 0, made.err
    assert _heard(made.document["medias"][0]["path"])[0] == 5.0


def test_agents_over_mcp(environ: dict[str, str], tmp_path: Path) -> None:
    """An agent generates a sound over MCP with the same server that makes pictures."""
    from mcp import Client, StdioServerParameters

    words = ["-m", "ima_skills", "mcp", "--sandbox", "--sandbox-speed", "600"]
    server = StdioServerParameters(command=sys.executable, args=words, env=environ, cwd=str(tmp_path))

    async def go() -> dict[str, Any]:
        async with Client(server) as client:
            wish = {"task_type": "text_to_sound", "prompt": "thunder", "client_token": "t"}
            begun = await client.call_tool("generate", wish)
            assert begun.structured_content, begun.content
            waited = await client.call_tool("wait", {"task_id": begun.structured_content["task_id"]})
            assert waited.structured_content, waited.content
            return dict(waited.structured_content)

    view = asyncio.run(go())
    assert _heard(view["artifacts"][0]["path"])[0] == 5.0


def test_a_page_that_plays_it(run: Run, tmp_path: Path) -> None:
    """The gallery of what was made plays the sound, with its model and length."""
    words = ("-t", "text_to_sound", "--sandbox", "--download", str(tmp_path / "out"))
    assert run("create", "a campfire", *words).code == 0
    made = run("gallery", "--sandbox", "--out", str(tmp_path / "page"), "--json")
    assert made.code == 0, made.err
    page = (tmp_path / "page" / "index.html").read_text(encoding="utf-8")
    (item,) = json.loads(page.partition('id="data">')[2].partition("</script>")[0])["items"]
    assert (item["kind"], item["shape"], item["model"], item["duration"]) == (
        "sound",
        "audio",
        "Foley One",
        5.0,
    )
    assert _heard(str(tmp_path / "page" / item["media"]))[0] == 5.0


def test_its_own_tests_pass(run: Run, tmp_path: Path) -> None:
    """The tests that it brings pass where it is installed."""
    words = ("-q", "-p", "no:cacheprovider", "--rootdir", str(EXAMPLE), "-c", str(EXAMPLE / "pyproject.toml"))
    ran = run(*words, str(EXAMPLE / "tests"), program=("-B", "-m", "pytest"))
    assert ran.code == 0, ran.out
    assert " passed" in ran.out


@pytest.mark.checkout
def test_it_is_certified(run: Run) -> None:
    """The scorecard finds nothing to say."""
    ran = run("plugin", "certify", str(EXAMPLE))
    assert (ran.code, "100 %" in ran.out) == (0, True), ran.out


def test_nothing_in_the_core_names_it() -> None:
    """Without the plugin there is no such task type, model or word, in code or in data."""
    registry = load_registry(load_plugins(third_party=False).registry_roots())
    assert "text_to_sound" not in registry.task_types
    assert registry.find("foley one") is None
    files = [*(CORE / "ima_skills").rglob("*.py"), *(CORE / "ima_skills" / "_data").rglob("*.*")]
    named = [
        str(file) for file in files if "text_to_sound" in file.read_text(encoding="utf-8", errors="ignore")
    ]
    assert named == []
