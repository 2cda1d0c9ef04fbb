"""The service's check of inner parameters against a leaf's form: options, combinations, bounds, outputs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ima_skills.sandbox.credit import plain
from ima_skills.sandbox.envelope import RefusalError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

# Billing, inputs and text travel among the parameters but are none.
_NOT_PARAMETERS = {"prompt", "cast", "input_images", "n", "default"}
_PIXELS = re.compile(r"(\d{1,5})\s*[xX×]\s*(\d{1,5})")
# The service's documents: Pixverse needs its engine version, and only these make reference videos.
_PIXVERSE = "pixverse"
_FUSION_MODELS = {"V4.5", "V5", "V5.5", "V5.6"}
_FUSION = "The Fusion feature is supported in model v4.5, v5, v5.5 and v5.6 only"
_FUSION_TASK = "reference_image_to_video"


def effective(
    leaf: Mapping[str, Any], inner: Mapping[str, Any], native: Collection[str] = ()
) -> dict[str, Any]:
    """Return the parameters that the model works with: form defaults, then what was sent.

    Args:
        leaf: The leaf.
        inner: Inner parameters as sent; those that the model does not know are ignored.
        native: Parameters that the model takes though its form does not list them.
    """
    values = {item["field"]: _default(item) for item in _items(leaf)}
    priced = {name for rule in leaf.get("credit_rules") or () for name in rule.get("attributes") or ()}
    known = {*values, *priced, *native} - _NOT_PARAMETERS
    values.update({name: value for name, value in inner.items() if value is not None})
    return {name: value for name, value in values.items() if value is not None and name in known}


def outputs(inner: Mapping[str, Any], most: int) -> int:
    """Return the number of outputs; documents' samples send it as a string.

    Raises:
        RefusalError: 400, it is not a number from 1 to ``most``.
    """
    value = inner.get("n")
    if value is None:
        return 1
    text = plain(value)
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise RefusalError(400, f"Invalid value for n: must be 1 to {most}")
    return int(text)


def check_form(leaf: Mapping[str, Any], task_type: str, inner: Mapping[str, Any]) -> None:
    """Check the parameters that the leaf's form knows; unknown ones are ignored, as the service does.

    Raises:
        RefusalError: 400 or 400017, a value is not offered, not available with another, or out of bounds.
    """
    _check_engine(leaf, task_type, inner)
    for item in _items(leaf):
        value = inner.get(item["field"])
        if value is not None:
            _check_value(item, value)
    values = effective(leaf, inner)
    for item in _items(leaf):
        _check_combination(item, values)


def _items(leaf: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [item for item in leaf.get("form_config") or () if item.get("field")]


def _default(item: Mapping[str, Any]) -> Any:
    if not item.get("is_ui_virtual"):
        return item.get("value")
    chosen = {ui.get("field") or ui.get("id"): ui.get("value") for ui in item.get("ui_params") or ()}
    for row in _rows(item):
        if all(chosen.get(name) == value for name, value in row["source_values"].items()):
            return row["target_value"]
    return item.get("value")


def _rows(item: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list((item.get("value_mapping") or {}).get("mapping_rules") or ())


def _check_engine(leaf: Mapping[str, Any], task_type: str, inner: Mapping[str, Any]) -> None:
    if leaf.get("model_id") != _PIXVERSE:
        return
    sent = plain(inner.get("model") or "")
    if task_type == _FUSION_TASK and sent and sent not in _FUSION_MODELS:
        raise RefusalError(400, _FUSION)
    version = re.search(r"V\d+(?:\.\d+)?", plain(leaf.get("name")))
    if sent != (version[0] if version else ""):
        raise RefusalError(400017)


def _check_value(item: Mapping[str, Any], value: Any) -> None:
    kind = item.get("type")
    if kind == "toggle":
        valid = plain(value) in {"TRUE", "FALSE"}
    elif kind == "textarea":
        valid = isinstance(value, str) and _within(item, len(value))
    else:
        valid = _offered(item, value)
    if not valid:
        raise RefusalError(400, f"Invalid value for {item['field']}")


def _offered(item: Mapping[str, Any], value: Any) -> bool:
    choices = list(_choices(item))
    if not choices:
        return not isinstance(value, int | float) or _within(item, value)
    if plain(value) in {plain(choice) for choice in choices}:
        return True
    _check_pixels(choices, value)
    return False


def _choices(item: Mapping[str, Any]) -> Iterator[Any]:
    yield from (option.get("value") for option in item.get("options") or ())
    yield from (row["target_value"] for row in _rows(item))


def _check_pixels(choices: list[Any], value: Any) -> None:
    sizes = [size for size in map(_pixels, choices) if size]
    sent = _pixels(value)
    if sizes and sent is not None and sent < min(sizes):
        raise RefusalError(400, f"image size must be larger: pixels should be at least {min(sizes)} pixels")


def _pixels(value: Any) -> int | None:
    match = _PIXELS.fullmatch(str(value).strip())
    return int(match[1]) * int(match[2]) if match else None


def _within(item: Mapping[str, Any], measure: float) -> bool:
    bounds = item.get("config") or {}
    low, high = bounds.get("minimum"), bounds.get("maximum")
    return (low is None or measure >= low) and (high is None or measure <= high)


def _check_combination(item: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    name = item["field"]
    for option in item.get("options") or ():
        if name not in values or plain(option.get("value")) != plain(values[name]):
            continue
        for other, forbidden in (option.get("disabled") or {}).items():
            if other in values and plain(values[other]) in {plain(value) for value in forbidden}:
                raise RefusalError(
                    400, f"Invalid parameter: {name}={values[name]} with {other}={values[other]}"
                )
