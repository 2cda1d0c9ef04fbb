"""Write the pages of docs/ that follow from schemas, error tables and source: ``make reference``."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SCHEMAS = ROOT / "schemas"
# The order in which a reader wants them; a schema that is missing here comes after these.
ORDER = (
    "model",
    "task_types",
    "defaults",
    "errors",
    "advice",
    "vocabulary",
    "messages",
    "failures",
    "platform",
)
HEADS = {
    "registry-reference.md": """# Registry reference

Every field of every data file, written from the schemas in [`schemas/`](../schemas/README.md) by `make reference`. How the files
work together, with a whole model in forty lines: [the registry](../registry/README.md). `<name>` stands for a key of
your choice, `[]` for an item of a list. Fields that are not here are refused.
""",
    "output-reference.md": """# Output reference

Every field of every document that commands print with `--json`, written from the schemas in `schemas/output/` by `make reference`.
Which command prints which document: [JSON](cli.md#json). `<name>` stands for any key, `[]` for an item of a list.
""",
}
# What each floor of the plan is for, from the ground up.
FLOORS = (
    "what is talked about: frozen values",
    "the ground: data files, settings, rules for files and addresses",
    "the contract with plugins",
    "pure thought: from a wish to a price and a payload",
    "the edge of the network",
    "the road: each station, and the engine that walks it",
    "what embedders hold",
    "the road walked many times",
    "the other side",
    "both sides in one process",
    "tools and doors built on all that",
    "the command line",
)
# What reflection does about a refusal, by the word in the error table.
AND_WE = {
    "never": "",
    "complete": "fill in missing parameters, once",
    "reselect": "choose the matching price, once",
    "degrade": "try one step smaller, reported; `--no-degrade` forbids it",
    "refetch": "read the product list again, once",
    "wait": "wait and send it once more",
}


def pages() -> dict[Path, str]:
    """Return every generated page with its text."""
    return {
        DOCS / "registry-reference.md": "".join(_schema_page("registry-reference.md", "")),
        DOCS / "output-reference.md": "".join(_schema_page("output-reference.md", "output/")),
        DOCS / "errors.md": errors_page((DOCS / "errors.md").read_text(encoding="utf-8")),
        DOCS / "design.md": design_page((DOCS / "design.md").read_text(encoding="utf-8")),
    }


def design_page(text: str) -> str:
    """Return docs/design.md with its table of floors written anew from the plan that a test holds.

    Args:
        text: The page as it is.

    Raises:
        ValueError: The plan has a floor of which nothing is said here.
    """
    tree = ast.parse((ROOT / "tests" / "core" / "test_architecture.py").read_text(encoding="utf-8"))
    (plan,) = (
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and getattr(node.targets[0], "id", "") == "PLAN"
        and isinstance(node.value, ast.Constant)
    )
    floors = [" ".join(f"`{name}`" for name in floor.split()) for floor in str(plan).strip().split("\n\n")]
    rows = (f"| {purpose} | {modules} |" for purpose, modules in zip(FLOORS, floors, strict=True))
    return _with_table(text, r"## The layers\n", ("| floor | modules |", "|---|---|", *rows))


def errors_page(text: str) -> str:
    """Return docs/errors.md with its tables written anew; the prose around them stays.

    Args:
        text: The page as it is.

    Raises:
        LookupError: The page has no section for an exit code.
    """
    for exit_code, rows in _own_rows().items():
        head = ("| code | what happened | what to do |", "|---|---|---|")
        text = _with_table(text, rf"### Exit code {exit_code}: .*\n", (*head, *rows))
    head = (
        "| code | of the service | exit | what happened | what to do | and we |",
        "|---|---|---|---|---|---|",
    )
    return _with_table(text, r"## What the service says\n", (*head, *_service_rows()))


def _with_table(text: str, heading: str, lines: tuple[str, ...]) -> str:
    found = re.search(rf"^{heading}(?:(?!^#|^\|).*\n)*", text, re.MULTILINE)
    if found is None:
        raise LookupError(f"the page has no heading {heading!r}")
    rest = re.sub(r"^(?:\|.*\n)*", "", text[found.end() :], count=1)
    return text[: found.end()] + "\n".join(lines) + "\n" + rest


def _own_rows() -> dict[int, list[str]]:
    from ima_skills.cli.error_texts import ERROR_TEXTS, explain
    from ima_skills.cli.sentences import merged
    from tools.codes_found import exit_codes

    where, rows = exit_codes(), dict[int, list[str]]()
    for code in sorted({*ERROR_TEXTS, *merged("ERROR_TEXTS")}):
        meaning, advice = explain(code, "en")
        rows.setdefault(where[code], []).append(f"| `{code}` | {meaning} | {advice} |")
    return dict(sorted(rows.items()))


def _service_rows() -> Iterator[str]:
    from ima_skills.registry import load_registry

    for row in load_registry().errors:
        if row.service_codes or row.markers:
            codes = ", ".join(map(str, row.service_codes)) or "by its words"
            yield (
                f"| `{row.code}` | {codes} | {row.exit_code} | {row.meaning.en} | {row.advice.en} | {AND_WE[row.retry]} |"
            )


def _schema_page(page: str, folder: str) -> Iterator[str]:
    from tools.schema_tables import Page, prose, table, takes

    links = _links(page)
    yield HEADS[page]
    for name, document in _documents(folder).items():
        where, short = Page(name, links), name.removeprefix(folder)
        yield _section(f"## {short}", prose(document), table(document, where))
        for label, shape in document.get("$defs", {}).items():
            kind = takes(shape, where)
            text = " ".join(filter(None, (prose(shape), "" if kind == "table" else f"Takes {kind}.")))
            yield _section(f"### {short}: {label}", text, table(shape, where))


def _section(heading: str, text: str, lines: Iterator[str]) -> str:
    return "\n".join(("", heading, "", *([text, ""] if text else []), *lines)).rstrip("\n") + "\n"


def _documents(folder: str) -> dict[str, dict[str, Any]]:
    found = {
        folder + file.name.removesuffix(".schema.json"): json.loads(file.read_text(encoding="utf-8"))
        for file in sorted((SCHEMAS / folder).glob("*.schema.json"))
    }
    rank = {name: number for number, name in enumerate(ORDER)}
    # Shapes that others use come last.
    return dict(
        sorted(found.items(), key=lambda item: (item[0].endswith("common"), rank.get(item[0], len(rank))))
    )


def _links(page: str) -> dict[str, str]:
    """Return where each schema and each of its shapes stands, as seen from a page."""
    links = {}
    for other, folder in (("registry-reference.md", ""), ("output-reference.md", "output/")):
        start = "" if other == page else other
        for name, document in _documents(folder).items():
            short = name.removeprefix(folder)
            links[f"{name}#"] = f"{start}#{short}"
            for label in document.get("$defs", {}):
                links[f"{name}#/$defs/{label}"] = f"{start}#{short}-{label}"
    return links


def main() -> int:
    """Write every page that differs, and name it."""
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
