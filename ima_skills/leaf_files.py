"""What input files a product leaf takes, as its ``files`` entry on the product list states it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ima_skills.domain.problem import Problem
from ima_skills.media_kinds import by_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.inputs import InputFile


def check_files(inputs: Sequence[InputFile], leaf: ProductLeaf) -> list[Problem]:
    """Return what is wrong with inputs for a leaf: too few, too many, formats it does not take.

    Args:
        inputs: Recognised inputs.
        leaf: The leaf; one without a ``files`` entry takes whatever its task type takes.
    """
    problems = list(_count(len(inputs), leaf))
    accepted = _accepted(leaf)
    for index, item in enumerate(inputs):
        if accepted and item.kind is not None and item.kind.format not in accepted:
            message = f"{leaf.name} does not take {item.kind.format} files; it takes {', '.join(accepted)}"
            message_zh = f"{leaf.name} 不接受 {item.kind.format} 文件，可接受：{'、'.join(accepted)}"
            problems.append(
                Problem(
                    f"/inputs/{index}",
                    message,
                    item.kind.format,
                    "file-format",
                    tuple(accepted),
                    message_zh=message_zh,
                )
            )
    return problems


def _count(number: int, leaf: ProductLeaf) -> list[Problem]:
    least, most = leaf.files.get("minLimit"), leaf.files.get("maxLimit")
    if isinstance(most, int) and number > most:
        return [
            Problem(
                "/inputs", f"{leaf.name} takes at most {most}, has {number}", number, "maxItems", nearest=most
            )
        ]
    if isinstance(least, int) and number < least:
        return [
            Problem(
                "/inputs",
                f"{leaf.name} needs at least {least}, has {number}",
                number,
                "minItems",
                nearest=least,
            )
        ]
    return []


def _accepted(leaf: ProductLeaf) -> list[str]:
    """Return the formats of entries such as ``image/jpg,png``; each once, in our spelling."""
    found: dict[str, None] = {}
    for entry in leaf.files.get("acceptType") or ():
        for extension in str(entry).rpartition("/")[2].split(","):
            kind = by_name(f".{extension.strip()}")
            if kind is not None:
                found[kind.format] = None
    return list(found)
