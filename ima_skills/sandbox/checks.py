"""What the service checks before it accepts a create, in the service's order.

1 the body and its required fields, 2 category, 3 prompt, 4 inputs, 5 the leaf, 6 the attribute id,
7 the rule (6009), 8 the attribute id against it (6010), 9 the credit and 10 the cast (6006),
11 the form. Subscription, points and asset checks follow at acceptance.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from ima_skills.domain.task_type import TaskType
from ima_skills.sandbox.credit import check_price, computed_rule, rule_with_id
from ima_skills.sandbox.envelope import RefusalError
from ima_skills.sandbox.form import check_form, effective, outputs

_REQUIRED = ("model_id", "model_name", "model_version", "app", "platform", "category")
_SOURCES = ("src_image", "src_video", "src_audio")

LeafFinder = Callable[[str, str, str], dict[str, Any]]


@frozen
class Order:
    """A create that the service understands and can price.

    Attributes:
        task_type: The category.
        leaf: The leaf it names.
        points: Price of one output.
        n: Number of outputs.
        prompt: The text.
        parameters: What the model works with: form defaults, then what was sent.
        inputs: Addresses of the inputs, in their order.
    """

    task_type: TaskType
    leaf: Mapping[str, Any]
    points: int
    n: int
    prompt: str = field(repr=False)
    parameters: Mapping[str, Any] = field(repr=False)
    inputs: tuple[str, ...] = field(repr=False)


@frozen
class Inspector:
    """The checks of a create.

    Attributes:
        task_types: Name to task type.
        find_leaf: Returns the leaf of (category, model id, version), or refuses.
        why_unfit: Returns why an address cannot be an input, or None.
        native: Returns what the model of (category, leaf) takes beyond its form.
        lenient: Whether any rule of the leaf will do, when the parameters match another.
    """

    task_types: Mapping[str, TaskType]
    find_leaf: LeafFinder
    why_unfit: Callable[[str], str | None]
    native: Callable[[str, Mapping[str, Any]], tuple[str, ...]]
    lenient: bool = False

    def inspect(self, payload: Mapping[str, Any]) -> Order:
        """Check a create body.

        Raises:
            RefusalError: With the code of the first check that fails.
        """
        task_type = self._task_type(payload)
        product, inner = _product(payload)
        if product["category"] != task_type.name:
            raise RefusalError(400, "category does not match task_type")
        prompt = inner.get("prompt")
        if not isinstance(prompt, str) or not prompt.strip():
            raise RefusalError(400, "prompt is required in parameters")
        inputs = self._inputs(payload, inner, task_type)
        leaf = self.find_leaf(task_type.name, product["model_id"], product["model_version"])
        _check_files(leaf, task_type, inputs)
        rule = self._rule(leaf, product, inner)
        check_price(rule, product.get("credit"), inner.get("cast"))
        n = outputs(inner, task_type.n_max)
        check_form(leaf, task_type.name, inner)
        return Order(
            task_type=task_type,
            leaf=leaf,
            points=int(rule["points"]),
            n=n,
            prompt=prompt,
            parameters=effective(leaf, inner, self.native(task_type.name, leaf)),
            inputs=inputs,
        )

    def _task_type(self, payload: Mapping[str, Any]) -> TaskType:
        name = payload.get("task_type")
        if not isinstance(name, str) or not name:
            raise RefusalError(400, "missing required field: task_type")
        if name not in self.task_types:
            raise RefusalError(400, "unknown task_type")
        return self.task_types[name]

    def _inputs(
        self, payload: Mapping[str, Any], inner: Mapping[str, Any], task_type: TaskType
    ) -> tuple[str, ...]:
        listed = _addresses(payload.get("src_img_url"), "src_img_url")
        inputs = _addresses(inner.get("input_images"), "input_images")
        if task_type.inputs.maximum == 0:
            # Our choice: a task from text alone has no use for them and ignores them.
            return ()
        if not any(payload.get(name) for name in _SOURCES) and sorted(listed) != sorted(inputs):
            raise RefusalError(400, "src_img_url and input_images must contain the same URLs")
        if not task_type.inputs.minimum <= len(inputs) <= task_type.inputs.maximum:
            raise RefusalError(400, f"wrong number of inputs for {task_type.name}: {len(inputs)}")
        for address in inputs:
            reason = self.why_unfit(address)
            if reason is not None:
                raise RefusalError(400, reason)
        return inputs

    def _rule(
        self, leaf: Mapping[str, Any], product: Mapping[str, Any], inner: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        rules = leaf.get("credit_rules") or ()
        sent = rule_with_id(rules, product.get("attribute_id"))
        if computed_rule(rules, inner, sent) is not sent and not self.lenient:
            raise RefusalError(6010)
        return sent


def _product(payload: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    products = payload.get("parameters")
    if not isinstance(products, list) or len(products) != 1 or not isinstance(products[0], Mapping):
        raise RefusalError(400, "parameters must be a list with one object")
    product: Mapping[str, Any] = products[0]
    for name in _REQUIRED:
        if not isinstance(product.get(name), str) or not product[name]:
            raise RefusalError(400, f"missing required field: {name}")
    inner = product.get("parameters")
    if not isinstance(inner, Mapping):
        raise RefusalError(400, "missing required field: parameters")
    return product, inner


def _addresses(value: Any, name: str) -> tuple[str, ...]:
    listed = [] if value is None else value
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise RefusalError(400, f"{name} must be a list of URLs")
    return tuple(listed)


def _check_files(leaf: Mapping[str, Any], task_type: TaskType, inputs: tuple[str, ...]) -> None:
    files = leaf.get("files") or {}
    low, high = files.get("minLimit") or 0, files.get("maxLimit")
    if task_type.inputs.maximum and (len(inputs) < low or (high is not None and len(inputs) > high)):
        raise RefusalError(400, f"wrong number of inputs for this model: {len(inputs)}")
