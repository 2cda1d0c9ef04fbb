"""One model as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ima_skills.cli.layout import pairs, span
from ima_skills.cli.paging import more_line
from ima_skills.cli.wording import plain, setting, shown, source_line, term

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ima_skills.cli.output import Output

_INDENT = 2
_DEEPER = 4


def model_lines(document: Mapping[str, Any], output: Output) -> Iterator[str]:
    """Yield everything that is known of a model: itself, then each version with parameters and prices."""
    identity = f" ({document['id']})" if document["id"] else ""
    yield f"{document['name']}{identity} · {term('status', document['status'], output)}"
    yield from pairs(_about(document, output), _INDENT)
    for version in document["versions"]:
        yield ""
        yield from _version_lines(version, output)
    if more := more_line(document, output):
        yield from ("", *more)
    if document["evidence"]:
        yield ""
        yield output.say("models.evidence")
        yield from pairs([_evidence(item, output) for item in document["evidence"]], _INDENT)
    yield ""
    yield source_line(document, output)


def _about(document: Mapping[str, Any], output: Output) -> list[tuple[str, str]]:
    spoken = output.language
    limits = document["limits"]
    needs = output.say("models.subscription-yes") if document["subscription"] else ""
    names = [*document["aliases"]["en"], *document["aliases"]["zh"]]
    quirks = [
        f"{quirk['name']}: {quirk['summary'][spoken]}" if quirk["summary"] else f"{quirk['name']} (!)"
        for quirk in document["quirks"]
    ]
    return [
        (output.say("models.successor"), document["successor"] or ""),
        (output.say("models.aliases"), ", ".join(names)),
        (output.say("models.tier"), term("tier", document["tier"] or "", output)),
        (output.say("models.use-cases"), ", ".join(document["use_cases"][spoken])),
        (output.say("models.fallbacks"), ", ".join(document["fallbacks"])),
        (output.say("models.subscription"), needs),
        (output.say("models.limits"), limits[spoken] if limits else ""),
        *((output.say("models.quirks"), line) for line in quirks),
    ]


def _version_lines(version: Mapping[str, Any], output: Output) -> Iterator[str]:
    points = span(version["points_from"], version["points_to"])
    mark = f" · {output.say('registry.declared')}" if version["declared"] else ""
    yield f"{version['task_type']} · {version['name']} ({version['version_id']}){mark}"
    rows = [(output.say("label.points"), points)]
    if version["estimate_s"]:
        low, high = version["estimate_s"]
        rows.append(
            (output.say("label.estimate"), output.say("note.seconds-span", low=plain(low), high=plain(high)))
        )
    inputs = version["inputs"]
    if inputs and inputs["maximum"]:
        kinds = ", ".join(term("kind", kind, output) for kind in inputs["kinds"])
        low, high = inputs["minimum"], inputs["maximum"]
        rows.append(
            (output.say("models.inputs"), output.say("models.inputs-span", low=low, high=high, kinds=kinds))
        )
    yield from pairs(rows, _INDENT)
    if version["parameters"]:
        yield f"{' ' * _INDENT}{output.say('label.parameters')}"
        yield from pairs([(p["name"], _parameter(p, output)) for p in version["parameters"]], _DEEPER)
    yield f"{' ' * _INDENT}{output.say('models.rules')}"
    for rule in version["credit_rules"]:
        condition = setting(rule["attributes"]) or output.say("models.rule-default")
        yield f"{' ' * _DEEPER}{output.say('models.rule', points=rule['points'], condition=condition)}"


def _parameter(parameter: Mapping[str, Any], output: Output) -> str:
    parts = [_range(parameter, output)]
    if parameter["default"] not in (None, ""):
        parts.append(f"{output.say('models.default')} {shown(parameter['default'])}")
    for choice in parameter["choices"]:
        for other, values in choice["not_with"].items():
            barred = ", ".join(map(shown, values))
            value = shown(choice["value"])
            parts.append(output.say("models.not-with", value=value, other=other, values=barred))
    return "; ".join(part for part in parts if part)


def _range(parameter: Mapping[str, Any], output: Output) -> str:
    choices = " | ".join(shown(choice["value"]) for choice in parameter["choices"])
    if choices:
        return choices
    control, low, high = (
        term("control", parameter["type"], output),
        parameter["minimum"],
        parameter["maximum"],
    )
    if parameter["type"] == "text" and low is None and high is not None:
        return f"{control}, {output.say('terms.most-characters', high=shown(high))}"
    bounds = f" {shown(low) if low is not None else ''}..{shown(high) if high is not None else ''}"
    return f"{control}{bounds if (low, high) != (None, None) else ''}"


def _evidence(item: Mapping[str, str], output: Output) -> tuple[str, str]:
    note = f": {item['note']}" if item["note"] else ""
    return item["fact"], f"{term('source', item['source'], output)} {item['date']}{note}"
