"""JSON Schemas: find them, check documents against them, and say all that is wrong at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from attrs import define, field, frozen

from ima_skills.domain.problem import Problem, pointer_to
from ima_skills.errors import RegistryError
from ima_skills.nearest import nearest
from ima_skills.resources import data_root

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema.exceptions import ValidationError
    from referencing import Resource

_BASE = "https://ima-skills.invalid/schemas/"
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
_WORDS = re.compile(r"[a-z0-9]+")
# How a schema says that a text must not be blank.
_SOMETHING = r"\S"


@define
class SchemaStore:
    """Schemas of the first party and of plugins, loaded when first asked for.

    Attributes:
        roots: Folders with ``*.schema.json``; earlier roots win.
    """

    roots: tuple[Traversable, ...]
    _cache: dict[str, dict[str, Any]] = field(factory=dict, init=False, repr=False)

    def schema(self, name: str) -> Mapping[str, Any]:
        """Return the schema ``<root>/<name>.schema.json``.

        Args:
            name: For instance ``request/text_to_image``.

        Raises:
            RegistryError: No root has it.
        """
        if name not in self._cache:
            self._cache[name] = self._load(name)
        return self._cache[name]

    def problems(self, name: str, document: Any) -> tuple[Problem, ...]:
        """Check a document against a named schema; an empty tuple means that it is fine."""
        return check(document, self.schema(name), self)

    def _load(self, name: str) -> dict[str, Any]:
        for root in self.roots:
            file = root.joinpath(*f"{name}.schema.json".split("/"))
            if file.is_file():
                return _read_schema(file)
        raise RegistryError(f"no schema is called {name!r}", hint="Is a plugin missing its schema root?")


def _read_schema(file: Traversable) -> dict[str, Any]:
    try:
        schema = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegistryError(f"{file}: {error}", hint="Run: ima-skills registry check") from error
    if not isinstance(schema, dict):
        raise RegistryError(f"{file}: a schema is a JSON object", hint="Run: ima-skills registry check")
    return schema


def schema_names(root: Traversable) -> Iterator[str]:
    """Yield the names of the schemas in a folder, for instance ``request/text_to_image``."""
    for entry in root.iterdir():
        if entry.is_dir():
            yield from (f"{entry.name}/{name}" for name in schema_names(entry))
        elif entry.name.endswith(".schema.json"):
            yield entry.name.removesuffix(".schema.json")


def open_schemas(extra_roots: tuple[Traversable, ...] = ()) -> SchemaStore:
    """Return the first-party schemas and those of any further roots."""
    return SchemaStore((data_root("schemas"), *extra_roots))


def check(document: Any, schema: Mapping[str, Any], store: SchemaStore | None = None) -> tuple[Problem, ...]:
    """Return every fault of ``document``, sorted by place.

    Args:
        document: A JSON value.
        schema: A 2020-12 schema. A property marked ``writeOnly`` (prompts, texts) is never
            quoted in a problem; ``x-disabled`` beside a ``not`` names an unavailable combination.
        store: Where ``$ref`` to our own schemas are found; nothing is ever fetched.

    Raises:
        RegistryError: The schema refers to something that is not ours.
    """
    from jsonschema import Draft202012Validator
    from referencing import Registry
    from referencing.exceptions import NoSuchResource, Unresolvable

    def retrieve(uri: str) -> Resource[Any]:
        if store is None or not uri.startswith(_BASE):
            raise NoSuchResource(uri)
        return _resource(store.schema(_name(uri)))

    registry: Registry[Any] = Registry(retrieve=retrieve)  # type: ignore[call-arg]  # its stub knows wrapped functions only
    # What is fetched during validation is forgotten at once, and fetched again for every reference.
    known = {} if store is None else _with_references(schema, store)
    registry = registry.with_resources((uri, _resource(other)) for uri, other in known.items()).crawl()
    validator = Draft202012Validator(dict(schema), registry=registry)
    try:
        errors = sorted(validator.iter_errors(document), key=lambda error: error.json_path)
    except Unresolvable as lost:
        raise RegistryError(f"a schema refers to {lost.ref}, which is not ours") from lost
    found: list[Problem] = []
    for error in errors:
        # jsonschema names every missing field in an error of its own; one problem lists them all.
        found += [problem for problem in _problems(error) if problem not in found]
    return tuple(found)


def _resource(schema: Mapping[str, Any]) -> Resource[Any]:
    from referencing import Resource
    from referencing.jsonschema import DRAFT202012

    return Resource.from_contents(dict(schema), default_specification=DRAFT202012)


def _with_references(schema: Mapping[str, Any], store: SchemaStore) -> dict[str, Mapping[str, Any]]:
    """Return a schema and every schema of ours that it refers to, by their addresses."""
    found: dict[str, Mapping[str, Any]] = {}
    waiting = [(str(schema.get("$id", "")), schema)]
    while waiting:
        uri, current = waiting.pop()
        found[uri] = current
        names = {uri for uri in _references(current) if uri not in found and uri.startswith(_BASE)}
        waiting.extend((uri, store.schema(_name(uri))) for uri in names)
    return found


def _name(uri: str) -> str:
    return uri.removeprefix(_BASE).removesuffix(".schema.json")


def _references(node: Any) -> Iterator[str]:
    """Yield the address of every schema that a node refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].partition("#")[0]
        node = list(node.values())
    for item in node if isinstance(node, list) else ():
        yield from _references(item)


@frozen
class _Fault:
    """A jsonschema error, reduced to what a problem needs."""

    pointer: str
    rule: str
    limit: Any
    instance: Any
    schema: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Length of a text, list or object; 0 for anything else."""
        return len(self.instance) if isinstance(self.instance, str | list | dict) else 0


def _fault(error: ValidationError) -> _Fault:
    schema: Any = error.schema
    return _Fault(
        pointer=pointer_to(*error.absolute_path),
        rule=str(error.validator),
        limit=error.validator_value,
        instance=error.instance,
        schema=schema if isinstance(schema, dict) else {},
    )


def _problems(error: ValidationError) -> Iterator[Problem]:
    fault = _fault(error)
    if fault.rule == "additionalProperties":
        yield from _unknown(fault)
    elif fault.rule == "required":
        missing = [name for name in fault.limit if name not in fault.instance]
        message = f"missing: {', '.join(missing)}"
        yield Problem(fault.pointer, message, rule="required", related=tuple(missing))
    elif fault.rule == "not" and "x-disabled" in fault.schema:
        yield _disabled(fault)
    else:
        yield _plain(fault)


def _unknown(fault: _Fault) -> Iterator[Problem]:
    known = tuple(fault.schema.get("properties", {}))
    patterns = fault.schema.get("patternProperties", {})
    for name in fault.instance:
        if name not in known and not any(re.search(pattern, name) for pattern in patterns):
            pointer = fault.pointer + pointer_to(name)
            yield Problem(
                pointer, f"{name!r} is not known here", None, "unknown", known, nearest(name, known)
            )


def _disabled(fault: _Fault) -> Problem:
    rule = fault.schema["x-disabled"]
    value = fault.instance.get(rule["field"])
    pointer = fault.pointer + pointer_to(rule["field"])
    others = ", ".join(f"{name} {fault.instance.get(name)}" for name in rule["others"])
    allowed = tuple(rule["allowed"])
    return Problem(
        pointer,
        f"{value} is not available together with {others}",
        value,
        "disabled",
        allowed,
        nearest(value, allowed),
        tuple(rule["others"]),
        f"{value} 不能与 {others.replace(', ', '、')} 同时使用",
    )


def _plain(fault: _Fault) -> Problem:
    quotable = not fault.schema.get("writeOnly") and _scalar(fault.instance)
    explain = _EXPLAIN.get(fault.rule, _breaks)
    allowed = _allowed(fault)
    explain_zh = _EXPLAIN_ZH.get(fault.rule) or (None if fault.rule in _EXPLAIN else _breaks_zh)
    return Problem(
        fault.pointer,
        explain(fault),
        fault.instance if quotable else None,
        fault.rule,
        allowed,
        _closest(fault, allowed) if quotable else None,
        message_zh=explain_zh(fault) if explain_zh else "",
    )


def _scalar(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _allowed(fault: _Fault) -> tuple[Any, ...]:
    if fault.rule == "enum":
        return tuple(fault.limit)
    return (fault.limit,) if fault.rule == "const" else ()


def _closest(fault: _Fault, allowed: tuple[Any, ...]) -> Any:
    if fault.rule in ("minimum", "maximum"):
        return fault.limit
    if fault.rule == "type":
        return _as_kind(fault.instance, fault.limit)
    if fault.rule == "pattern":
        return _respelt(str(fault.instance), str(fault.limit))
    return nearest(fault.instance, allowed) if allowed else None


def _as_kind(value: Any, limit: Any) -> Any:
    """Return a value of another type as one of the types that are due, or None where it has no such form."""
    kinds = (limit,) if isinstance(limit, str) else tuple(limit)
    if "string" in kinds:
        return None if value is None else str(value)
    if "array" in kinds:
        return [value]
    words = {"true": True, "false": False} if "boolean" in kinds else {}
    text = str(value).strip().casefold()
    if text in words:
        return words[text]
    return int(text) if {"integer", "number"} & set(kinds) and _WHOLE.fullmatch(text) else None


def _respelt(text: str, pattern: str) -> str | None:
    """Return a name as the pattern wants it: in small letters, with one sign between its words; None if that is no help."""
    words = _WORDS.findall(text.casefold())
    spelt = (sign.join(words) for sign in ("-", "_", "."))
    return next((name for name in spelt if words and re.search(pattern, name)), None)


def _is_blank(fault: _Fault) -> bool:
    limit = 1 if fault.rule == "minLength" else _SOMETHING
    return bool(fault.limit == limit)


def _empty_zh(fault: _Fault) -> str:
    """Say that a text is missing; the prompt by its name, because every wish has one."""
    return "提示词不能为空" if fault.pointer == "/prompt" else "不能为空"


def _must_be_kind_zh(fault: _Fault) -> str:
    kinds = (fault.limit,) if isinstance(fault.limit, str) else fault.limit
    wanted = "或".join(_KINDS_ZH.get(kind, kind) for kind in kinds)
    found = _KINDS_ZH.get(_KINDS.get(type(fault.instance), ""), "其他类型")
    return f"需要{wanted}，而不是{found}"


def _must_be_kind(fault: _Fault) -> str:
    kinds = fault.limit if isinstance(fault.limit, str) else " or ".join(fault.limit)
    # TOML has dates of its own; JSON has none, so no schema asks for one.
    if type(fault.instance).__module__ == "datetime":
        return f"must be {kinds}, not a date of TOML: write it in quotes"
    return f"must be {kinds}, not {_KINDS.get(type(fault.instance), 'something else')}"


def _breaks(fault: _Fault) -> str:
    return f"breaks the rule {fault.rule!r}"


def _breaks_zh(fault: _Fault) -> str:
    return f"不符合规则 {fault.rule}"


_KINDS: Mapping[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
}

_EXPLAIN: Mapping[str, Callable[[_Fault], str]] = {
    "enum": lambda f: f"must be one of {', '.join(map(str, f.limit))}",
    "const": lambda f: f"must be {f.limit}",
    "type": _must_be_kind,
    "minimum": lambda f: f"must be at least {f.limit}",
    "maximum": lambda f: f"must be at most {f.limit}",
    "minLength": lambda f: "must not be empty" if f.limit == 1 else f"needs at least {f.limit} characters",
    "maxLength": lambda f: f"must have at most {f.limit} characters, has {f.size}",
    "minItems": lambda f: f"needs at least {f.limit}, has {f.size}",
    "maxItems": lambda f: f"takes at most {f.limit}, has {f.size}",
    "pattern": lambda f: "must not be blank" if f.limit == _SOMETHING else f"must match {f.limit}",
    "uniqueItems": lambda _: "names something twice",
    "minProperties": lambda f: f"needs at least {f.limit}, has {f.size}",
    "maxProperties": lambda f: f"takes at most {f.limit}, has {f.size}",
    "exclusiveMinimum": lambda f: f"must be more than {f.limit}",
    "exclusiveMaximum": lambda f: f"must be less than {f.limit}",
    "multipleOf": lambda f: f"must be a multiple of {f.limit}",
    "not": lambda f: (
        f"must not have {', '.join(f.limit.get('required', ()))}"
        if isinstance(f.limit, dict) and "required" in f.limit
        else "is not allowed here"
    ),
}

_KINDS_ZH: Mapping[str, str] = {
    "string": "文字",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或 false",
    "array": "列表",
    "object": "对象",
    "null": "空值",
}

# Only what a problem's value, allowed and nearest do not tell; the rest is said by rule.
_EXPLAIN_ZH: Mapping[str, Callable[[_Fault], str]] = {
    "type": _must_be_kind_zh,
    "exclusiveMinimum": lambda f: f"必须大于 {f.limit}",
    "exclusiveMaximum": lambda f: f"必须小于 {f.limit}",
    "minLength": lambda f: _empty_zh(f) if _is_blank(f) else f"至少需要 {f.limit} 个字符",
    "maxLength": lambda f: f"最多 {f.limit} 个字符，现有 {f.size} 个",
    "minItems": lambda f: f"至少需要 {f.limit} 个，现有 {f.size} 个",
    "maxItems": lambda f: f"最多 {f.limit} 个，现有 {f.size} 个",
    "pattern": lambda f: _empty_zh(f) if _is_blank(f) else f"须符合格式 {f.limit}",
    "uniqueItems": lambda _: "有重复的内容",
    "minProperties": lambda f: f"至少需要 {f.limit} 项，现有 {f.size} 项",
    "maxProperties": lambda f: f"最多 {f.limit} 项，现有 {f.size} 项",
    "multipleOf": lambda f: f"必须是 {f.limit} 的倍数",
    "not": lambda f: (
        f"不能有 {'、'.join(f.limit['required'])}"
        if isinstance(f.limit, dict) and "required" in f.limit
        else "此处不允许"
    ),
}
