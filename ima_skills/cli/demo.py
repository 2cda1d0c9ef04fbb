"""``ima-skills demo``: one of everything, on a sandbox that is thrown away afterwards, and a gallery of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ima_skills.cli.groups import Command
from ima_skills.cli.options import output_options, plugin_options
from ima_skills.cli.places import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ima_skills.cli.output import Output
    from ima_skills.cli.session import PluginChoice


@click.command(
    "demo",
    cls=Command,
    help="Make pictures, videos, music and speech on the sandbox, and a gallery that shows them. Spends nothing.",
)
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    type=Place(file_okay=False, path_type=Path),
    help="Folder of the gallery.",
)
@click.option(
    "--only", multiple=True, metavar="NAME", help="Make only this scene and what it needs; may be repeated."
)
@plugin_options
@output_options
def command(output: Output, plugin_choice: PluginChoice, *, out: Path, only: tuple[str, ...]) -> None:
    """Make the demo; see the help text."""
    from ima_skills.cli.crowd import Crowd
    from ima_skills.cli.demo_studio import must_render, produce, selected
    from ima_skills.cli.running import run
    from ima_skills.downloading import ready_folder
    from ima_skills.gallery.page import Gallery, must_be_ours, write

    must_render()
    scenes = selected(only)
    if not output.as_json:
        output.note("demo.start", count=len(scenes))
    place = out.absolute()  # as the paths of saved files are
    must_be_ours(ready_folder(place))
    show = run(
        lambda: produce(scenes, place, plugin_choice.load(), output),
        Crowd(none="the demo spends sandbox points only, and its sandbox is gone", further="Run it again."),
    )
    index = write(Gallery(show.works, output.language, sandbox=True, is_demo=True), place).index
    document = {
        "out": str(out),
        "index": str(index),
        "points": sum(item["credit"] for item in show.items),
        "elapsed_s": round(show.elapsed_s, 3),
        "sandbox": True,
        "items": list(show.items),
    }
    if show.failure is not None:
        raise show.failure
    output.document(document, _lines(document, output))


def _lines(document: dict[str, Any], output: Output) -> Iterator[str]:
    for item in document["items"]:
        yield output.say(
            "demo.line",
            title=item["title"],
            model=item["model_name"],
            points=item["credit"],
            seconds=item["elapsed_s"],
        )
    count, index = len(document["items"]), document["index"]
    yield output.say("demo.done", count=count, seconds=document["elapsed_s"], index=index)
    yield output.say("note.sandbox")
