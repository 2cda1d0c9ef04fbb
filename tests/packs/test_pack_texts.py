"""What agents read: frontmatter, size, wording and security rules of every skill in the pack."""

from __future__ import annotations

import json
import re
from difflib import SequenceMatcher
from itertools import combinations
from pathlib import Path

import pytest

from ima_skills.cli import COMMANDS
from ima_skills.packs.contents import pack_files, skills_of
from ima_skills.resources import data_root
from ima_skills.version import VERSION

ROOT = Path(__file__).resolve().parents[2]
SOURCE = data_root("pack")
FILES = pack_files()
SKILLS = skills_of(FILES)
TEXTS = {f"{name}/{path}": body.decode() for name, files in SKILLS.items() for path, body in files.items()}
PAGES = {path: text for path, text in TEXTS.items() if path.endswith(".md")}
GATEWAY = "ima-skills"
# Characters that nobody sees; each of them makes a marketplace send a skill to review.
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Phrases that scanners take for an attack, marketplaces for spam, or hosts for something else than is meant.
BANNED = (
    "you are now", "system prompt:", "ignore previous", "ignore all", "curl", "wget", "rm -rf", "chmod", "sudo",
    "python -c", "python3 -c", "npx", "base64", "--api-key", "media:/", "timeoutseconds", "yieldms", "os.environ",
    "expert guidance for", "tips and techniques", "comprehensive guide", "{basedir}",
)  # fmt: skip
KEY_LIKE = re.compile(r"\b(?:ima|sk)[-_][A-Za-z0-9]{12,}|API_KEY\s*[=:]\s*\S{8,}|[A-Za-z0-9+/]{120,}")
SHELL = re.compile(r"[|<>;`]|&&|\$\(|\$\{|^[A-Z_]+=")


def skill(name: str) -> str:
    return SKILLS[name]["SKILL.md"].decode()


def frontmatter(text: str) -> str:
    return text.split("---\n")[1]


def body(text: str) -> str:
    return text.split("---\n", 2)[2]


def commands(text: str) -> list[str]:
    """Return every command line of a page: indented, or quoted in the running text."""
    shown = re.findall(r"^ {4,}(ima-skills .*)$", text, re.MULTILINE)
    return [*shown, *re.findall(r"`(ima-skills [^`]+)`", text)]


@pytest.mark.parametrize("name", SKILLS)
def test_frontmatter(name: str) -> None:
    """Four fields that every validator takes, block YAML, one line that says when to use it."""
    head = frontmatter(skill(name))
    assert re.findall(r"^([A-Za-z-]+):", head, re.MULTILINE) == ["name", "description", "license", "metadata"]
    assert re.search(rf"^name: {name}$", head, re.MULTILINE)
    described = re.search(r"^description: (.+)$", head, re.MULTILINE)
    assert described
    assert len(described[1]) <= 160
    assert "Use when" in described[1]
    assert not set("<>{}[]&*!|#:") & set(described[1])
    assert not set("{}[]") & set(head)
    assert "\t" not in head


def test_all_skills_are_one_program() -> None:
    """One key serves all of them; each names what it needs, and nothing that is not needed."""
    for name in SKILLS:
        head = frontmatter(skill(name))
        for line in ("skillKey: ima", "primaryEnv: IMA_API_KEY", "license: MIT-0", f'version: "{VERSION}"'):
            assert re.search(rf"^\s*{re.escape(line)}$", head, re.MULTILINE), (name, line)
        needs = head.partition("requires:")[2].partition("install:")[0]
        assert re.findall(r"- (\S+)", needs) == ["ima-skills", "IMA_API_KEY"]
        assert "always:" not in head


@pytest.mark.parametrize("name", SKILLS)
def test_shape(name: str) -> None:
    """Long enough to be useful, short enough to be read, with headings and lists."""
    text = body(skill(name))
    assert len(text.splitlines()) < 150
    assert len(text.split()) >= 80
    assert len(re.findall(r"^#+ ", text, re.MULTILINE)) >= 2
    assert len(re.findall(r"^\s*(?:[-*]|\d+\.) ", text, re.MULTILINE)) >= 3
    words = re.findall(r"[a-z]+", text.lower())
    # Marketplaces mark down repetition; a longer text repeats small words more.
    assert len(set(words)) / len(words) > (0.35 if name == GATEWAY else 0.45)


def test_the_gateway_is_small() -> None:
    """What an agent must read before its first call has at most 6,000 bytes."""
    assert len(SKILLS[GATEWAY]["SKILL.md"]) <= 6000


@pytest.mark.parametrize("path", TEXTS)
def test_nothing_hidden_and_nothing_banned(path: str) -> None:
    """No invisible character, no key-like literal, no phrase that scanners take amiss."""
    text = TEXTS[path]
    assert not HIDDEN.search(text)
    assert not KEY_LIKE.search(text)
    assert not [phrase for phrase in BANNED if phrase in text.lower() and path.endswith((".md", ".json"))]
    assert not re.search(r"\benv\b.{0,80}https?:", text)


@pytest.mark.parametrize("path", PAGES)
def test_commands_are_plain(path: str) -> None:
    """One argv a line: nothing that a shell would have to do, so that no host asks for approval."""
    for command in commands(PAGES[path]):
        assert not SHELL.search(command), command
        assert command.split()[1] in COMMANDS, command


def test_pages_have_commands() -> None:
    """The rule above looks at something."""
    assert sum(len(commands(text)) for text in PAGES.values()) > 25


@pytest.mark.parametrize("name", SKILLS)
def test_references_are_one_level_deep_and_all_named(name: str) -> None:
    """Every file of a skill is named in its SKILL.md with a reason to read it, and every named file exists."""
    text = skill(name)
    named = set(re.findall(r"`((?:references|scripts)/[^`]+)`", text))
    there = {path for path in SKILLS[name] if path.startswith(("references/", "scripts/"))}
    assert named == there
    assert all(path.count("/") <= 1 for path in SKILLS[name])
    for path in there:
        if path.startswith("references/"):
            assert re.search(rf"Read `{re.escape(path)}` when ", text), path


def test_no_network_code_inside() -> None:
    """The pack brings words and launchers; what travels is the installed program's business."""
    modules = re.compile(r"\b(httpx|requests|urllib|aiohttp|socket|http\.client|ftplib|asyncio)\b")
    for path, text in TEXTS.items():
        if path.endswith(".py"):
            assert not modules.search(text), path
            assert "API_KEY" not in text


def print_of(text: str) -> list[str]:
    """Return the structure of a page as marketplaces compare it: kinds of lines, with buckets of their length."""
    marks = []
    for line in [line for line in body(text).splitlines() if line.strip()][:80]:
        kind = re.match(r"\s*(#+|\||\d+\.|[-*]|    )?", line)
        marks.append(f"{(kind[1] if kind else '') or 'p'}{len(line.split()) // 6}")
    return marks


def test_skills_are_no_clones() -> None:
    """Each skill has a structure of its own; marketplaces take a family of templates for spam."""
    for one, other in combinations(SKILLS, 2):
        alike = SequenceMatcher(None, print_of(skill(one)), print_of(skill(other)), autojunk=False).ratio()
        assert alike < 0.6, (one, other, alike)


def test_manifests() -> None:
    """The bundle is an Agent Plugins package of version 1.0.0: a closed list of fields, one server."""
    plugin = json.loads(FILES["plugin.json"])
    assert plugin["$schema"] == "https://agent-plugins.org/schemas/1.0.0/plugin.schema.json"
    known = {"$schema", "name", "version", "description", "author", "homepage", "license", "keywords"}
    assert (set(plugin), plugin["version"], plugin["license"]) == (known, VERSION, "MIT-0")
    server = json.loads(FILES["mcp.json"])["mcpServers"]["ima"]
    assert server == {"type": "stdio", "command": "ima-skills", "args": ["mcp"]}
    assert b"MIT No Attribution" in FILES["LICENSE"]


def test_the_sources_state_this_version() -> None:
    """Building fills the version in; the sources, which people install from a checkout, state it too."""
    for path in ("plugin.json", *(f"skills/{name}/SKILL.md" for name in SKILLS)):
        assert SOURCE.joinpath(path).read_bytes() == FILES[path], path


def test_the_root_skill_is_the_gateway() -> None:
    """SKILL.md at the root is the gateway's text, its links led into the pack."""
    root = (ROOT / "SKILL.md").read_text(encoding="utf-8")
    assert len(root.encode()) <= 6000
    assert re.sub(r"`pack/skills/ima-skills/(references|scripts)/", r"`\1/", root) == skill(GATEWAY)


def test_evals_are_about_the_skill() -> None:
    """The acceptance prompts have the documented form, in both languages."""
    document = json.loads(SKILLS[GATEWAY]["evals/evals.json"])
    assert document["skill_name"] == GATEWAY
    assert [item["id"] for item in document["evals"]] == list(range(1, len(document["evals"]) + 1))
    assert all(item["prompt"] and item["expected_output"] for item in document["evals"])
    assert any(re.search(r"[\u4e00-\u9fff]", item["prompt"]) for item in document["evals"])
