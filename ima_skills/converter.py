"""The one converter at the edges: plain data in, frozen domain values out, nothing coerced.

Registry files are ours, so an unknown field there is a mistake and refused. The service may add
fields whenever it likes, so those are collected by the catalogue and kept in ``extra``.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, get_origin

import cattrs
from attrs import has

from ima_skills.domain.problem import Problem, pointer_to

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# Kinds of values as Python or we call them, in Chinese.
_KINDS_ZH = {
    "str": "文字",
    "int": "整数",
    "float": "数字",
    "bool": "true 或 false",
    "list": "列表",
    "dict": "对象",
    "a table of fields": "由字段组成的对象",
    "NoneType": "空值",
}
# One step of a cattrs path: an attribute, an index, or a key as Python writes it.
_STEP = re.compile(r"""\.(\w+)|\[(\d+|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\]""")


class StructureError(ValueError):
    """Data does not have the shape of its class.

    Args:
        problems: Every fault, each with a JSON Pointer.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(f"{p.pointer}: {p.message}" for p in problems))
        self.problems = problems


class _WrongKindError(TypeError):
    """A value is of another kind than its place takes.

    Args:
        due: What the place takes.
        value: What is there.
    """

    def __init__(self, due: str, value: Any) -> None:
        found = type(value).__name__
        super().__init__(f"expected {due}, got {found}")
        self.message_zh = f"应为{_KINDS_ZH.get(due, due)}，实为{_KINDS_ZH.get(found, found)}"


def strict_converter(*, detailed: bool = True) -> cattrs.Converter:
    """Return a converter that refuses unknown fields and never turns one type into another.

    Args:
        detailed: Collect every fault with its place; without it the first fault ends the work, which
            is twice as fast and right where faults are rare and can be asked for a second time.
    """
    converter = cattrs.Converter(forbid_extra_keys=True, detailed_validation=detailed)
    for kind, accepts in ((str, (str,)), (int, (int,)), (float, (int, float)), (bool, (bool,))):
        converter.register_structure_hook(kind, _exactly(kind, accepts))
    converter.register_structure_hook_func(lambda cls: cls is Any, lambda value, _: value)
    # JSON and TOML have text keys only, so an open mapping needs no walk.
    converter.register_structure_hook_func(lambda cls: cls == Mapping[str, Any], _exactly(dict, (dict,)))
    _take_lists_only(converter)
    _take_tables_only(converter)
    return converter


def structure(converter: cattrs.Converter, data: Any, cls: type[T]) -> T:
    """Turn plain data into ``cls``.

    Raises:
        StructureError: With every fault and its place.
    """
    try:
        return converter.structure(data, cls)
    except (
        cattrs.BaseValidationError, cattrs.ForbiddenExtraKeysError, KeyError, TypeError, ValueError,
    ) as error:  # fmt: skip
        raise StructureError(_problems(error)) from error


def structure_list(data: tuple[Any, ...], cls: type[T]) -> tuple[T, ...]:
    """Turn some plain rows into values of ``cls``, quickly while nothing is wrong with them.

    Raises:
        StructureError: With every fault and its place.
    """
    rows, kind = data, tuple[cls, ...]  # type: ignore[valid-type]  # the class is known at run time only
    try:
        quick: tuple[T, ...] = strict_converter(detailed=False).structure(rows, kind)
    except Exception:  # noqa: BLE001 - whatever it was, the thorough converter says it with its place
        return structure(strict_converter(), rows, kind)
    return quick


def _take_lists_only(converter: cattrs.Converter) -> None:
    """Refuse what is no list where a tuple is due: cattrs would take a word apart into its letters."""
    usual = converter.get_structure_hook(tuple[Any, ...], cache_result=False)

    def check(value: Any, kind: Any) -> Any:
        if isinstance(value, list | tuple):
            return usual(value, kind)
        raise _WrongKindError("list", value)

    converter.register_structure_hook_func(_is_tuple, check)


def _take_tables_only(converter: cattrs.Converter) -> None:
    """Say in words that something is no table: cattrs would ask it for its keys."""

    def hook_for(cls: Any) -> Callable[[Any, Any], Any]:
        usual = converter.gen_structure_attrs_fromdict(cls)

        def check(value: Any, kind: Any) -> Any:
            if isinstance(value, dict):
                return usual(value, kind)
            raise _WrongKindError("a table of fields", value)

        return check

    converter.register_structure_hook_factory(has, hook_for)


def _is_tuple(cls: Any) -> bool:
    origin: Any = get_origin(cls)
    return origin is tuple


def _exactly(kind: type, accepts: tuple[type, ...]) -> Callable[[Any, Any], Any]:
    def check(value: Any, _: Any) -> Any:
        # The very type, for bool is a subclass of int: True must not pass as 1.
        if type(value) in accepts:
            return value
        raise _WrongKindError(kind.__name__, value)

    return check


def _problems(error: Exception) -> tuple[Problem, ...]:
    if not isinstance(error, cattrs.BaseValidationError):
        return (Problem("", _say(error, None), rule="type", message_zh=_say_zh(error, None)),)
    lines = cattrs.transform_error(error, path="$", format_exception=_say)
    chinese = cattrs.transform_error(error, path="$", format_exception=_say_zh)
    return tuple(_problem(*both) for both in zip(lines, chinese, strict=True))


def _say(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"required field missing: {error.args[0]}"
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return f"unknown field: {', '.join(sorted(error.extra_fields))}"
    return str(error) or type(error).__name__


def _say_zh(error: BaseException, _: type | None) -> str:
    if isinstance(error, KeyError):
        return f"缺少字段 {error.args[0]}"
    if isinstance(error, cattrs.ForbiddenExtraKeysError):
        return f"没有这样的字段：{'、'.join(sorted(error.extra_fields))}"
    return str(getattr(error, "message_zh", ""))


def _problem(line: str, line_zh: str) -> Problem:
    message, _, path = line.rpartition(" @ $")
    message_zh = line_zh.rpartition(" @ $")[0]
    steps = (name or str(ast.literal_eval(key)) for name, key in _STEP.findall(path))
    return Problem(pointer_to(*steps), message, rule="structure", message_zh=message_zh)
