"""Documents as people read them: the same facts as the JSON, in lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.cli.layout import pairs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ima_skills.cli.output import Output

_INDENT = 2
_KIB = 1024
_WHOLE_FROM_S = 10


def result_lines(document: Mapping[str, Any], output: Output, flags: str = "") -> Iterator[str]:
    """Yield the block that tells a result: model, points, time, parameters, changes, files.

    Args:
        document: A result or a task.
        output: Language.
        flags: Options that lead a later command to the same service.
    """
    yield _title(document)
    rows = [(output.say("label.task"), document["task_id"])]
    if document["status"] != "success":
        rows.append((output.say("label.status"), output.say(f"status.{document['status']}")))
    if document["credit"] is not None:
        rows.append((output.say("label.points"), str(document["credit"])))
    if document["elapsed_s"]:
        rows.append((output.say("label.time"), output.say("note.seconds", seconds=document["elapsed_s"])))
    rows.append((output.say("label.parameters"), setting(document["params"])))
    yield from pairs([*rows, *_changes(document["changes"], output), *_places(document, output)], _INDENT)
    if document["status"] == "processing":
        yield output.say("note.running", task_id=document["task_id"], flags=flags)
    if document["sandbox"]:
        yield output.say("note.sandbox")


def quote_lines(document: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield the block that tells a dry run."""
    quote = document["quote"]
    low, high = document["estimate_s"]
    inner = document["payload"]["parameters"][0]["parameters"]
    hidden = {"prompt", "input_images", "cast"}
    yield _title(document)
    rows = [
        (output.say("label.points"), f"{quote['points_per_output']} × {quote['n']} = {quote['total']}"),
        (output.say("label.rule"), setting(quote["rule"])),
        (output.say("label.estimate"), output.say("note.seconds-span", low=plain(low), high=plain(high))),
        (output.say("label.parameters"), setting({k: v for k, v in inner.items() if k not in hidden})),
    ]
    for name in ("cheaper", "better"):
        others = document["neighbours"][name]
        rows.append((output.say(f"label.{name}"), ", ".join(map(_neighbour, others))))
    yield from pairs([*rows, *_changes(document["changes"], output)], _INDENT)
    yield from document["notices"]
    yield output.say("note.dry-run")


def _neighbour(other: Mapping[str, Any]) -> str:
    """Return another model with its price, and the settings in which it is not the same."""
    facts = "; ".join(filter(None, (str(other["points"]), setting(other["differs"]))))
    return f"{other['name']} ({facts})"


def setting(values: Mapping[str, Any]) -> str:
    """Return parameters on one line; one that is empty or not set is left out."""
    return ", ".join(f"{name} {shown(value)}" for name, value in values.items() if value not in ("", None))


def shown(value: Any) -> str:
    """Return a value as people write it."""
    import json

    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else json.dumps(value, ensure_ascii=False)


def term(group: str, word: str, output: Output) -> str:
    """Return a word of our documents as people call it; one that we do not know stays as it is.

    Args:
        group: What kind of word: ``control``, ``kind``, ``media``, ``status``, ``tier`` or ``source``.
        word: The word.
        output: Language.
    """
    try:
        return output.say(f"terms.{group}-{word}")
    except KeyError:
        return word


def fault_line(error: Mapping[str, Any], output: Output) -> str:
    """Return an error of a document on one line: what happened, and what to do."""
    from ima_skills.cli.error_speech import speak
    from ima_skills.cli.problem_texts import place_of, say_problem

    said = speak(error, output.language)
    problems = (
        error.get("problems") or () if output.language == "zh" else ()
    )  # English messages hold them already
    places = "；".join(f"{place_of(one)} {say_problem(one, output.language)}" for one in problems)
    happened = f"{said.message}{places}".rstrip("。.")
    return " ".join(filter(None, (f"{happened}{'。' if output.language == 'zh' else '.'}", said.advice)))


def plain(seconds: float) -> str:
    """Return seconds without more figures than they are worth."""
    return f"{seconds:.0f}" if seconds >= _WHOLE_FROM_S else f"{seconds:.1f}"


def size(count: int) -> str:
    """Return a number of bytes in the unit that suits it."""
    if count < _KIB:
        return f"{count} B"
    return f"{count / _KIB:.0f} KiB" if count < _KIB * _KIB else f"{count / _KIB / _KIB:.1f} MiB"


def error_lines(document: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield an error: what happened, every problem with its place, and what to do next."""
    from ima_skills.cli.error_speech import speak
    from ima_skills.cli.problem_texts import place_of, say_problem

    language, problems = output.language, document["problems"]
    said = speak(document, language)
    yield f"{output.say('label.error')} ({document['code']}): {said.message}"
    if said.below:
        yield f"  {said.below}"
    if len(problems) > 1 or (problems and language == "zh"):
        yield from (
            f"  - {place_of(problem, language)}: {say_problem(problem, language)}" for problem in problems
        )
    if document["task_id"]:
        yield f"  {output.say('label.task')}: {document['task_id']}"
    if said.advice:
        yield f"{output.say('label.hint')}: {said.advice}"
    if said.advice_below:
        yield f"  {said.advice_below}"


def source_line(document: Mapping[str, Any], output: Output) -> str:
    """Return the line that says where a product list comes from."""
    if document["source"] == "snapshot":
        return output.say("models.snapshot", date=document["captured"])
    return output.say("note.sandbox-list" if document["sandbox"] else "models.live")


def _title(document: Mapping[str, Any]) -> str:
    name, version = document["model_name"], document["version_id"]
    model = f"{name} ({version})" if name and version and version != name else name
    return " · ".join(part for part in (model, document["task_type"]) if part) or document["task_id"]


def changed(change: Mapping[str, Any], output: Output) -> str:
    """Return a change on one line: what was asked for, what is applied, why."""
    wish, applied = change["requested"], change["applied"]
    before = output.say("label.no-wish") if wish is None else shown(wish)
    after = output.say("label.nothing") if applied is None else shown(applied)
    why = (output.language == "zh" and change.get("reason_zh")) or change["reason"]
    return output.say("label.change", param=change["param"], before=before, after=after, why=why)


def _changes(changes: Sequence[Mapping[str, Any]], output: Output) -> list[tuple[str, str]]:
    return [(output.say("label.changes"), changed(change, output)) for change in changes]


def _places(document: Mapping[str, Any], output: Output) -> list[tuple[str, str]]:
    rows = []
    for media in document["medias"]:
        facts = _facts(media, output)
        if media["path"]:
            kept = f" ({output.say('kept.' + media['kept'])})" if media["kept"] else ""
            rows.append((output.say("label.file"), f"{media['path']}{facts}{kept}"))
        elif media["url"]:
            rows.append((output.say("label.address"), f"{media['url']}{facts}"))
        elif media["error"]:
            rows.append((output.say("status.failed"), media["error"]))
    return rows


def _facts(media: Mapping[str, Any], output: Output) -> str:
    facts = []
    if media["width"] and media["height"]:
        facts.append(f"{media['width']}×{media['height']}")
    if media["duration_s"]:
        facts.append(output.say("note.seconds", seconds=media["duration_s"]))
    if media["bytes"]:
        facts.append(size(media["bytes"]))
    return f" ({', '.join(facts)})" if facts else ""
