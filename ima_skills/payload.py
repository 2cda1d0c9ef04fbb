"""The body of a create, exactly as the service expects it.

Source: the service's documents; field order follows their sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ima_skills.domain.product import ProductLeaf
    from ima_skills.domain.request import Quote
    from ima_skills.modality import CreateInputs

APP = "ima"
PLATFORM = "web"


def create_payload(
    leaf: ProductLeaf, prompt: str, values: Mapping[str, Any], quote: Quote, inputs: CreateInputs
) -> dict[str, Any]:
    """Return the body of a create.

    The price stated is that of one output; the service multiplies by ``n`` itself.

    Args:
        leaf: The leaf to book.
        prompt: Goes into the inner parameters; an outer prompt would be ignored.
        values: The resolved parameters, ``n`` included.
        quote: Price and attribute id.
        inputs: Uploaded inputs in their places.
    """
    price = {"points": quote.points_per_output, "attribute_id": quote.attribute_id}
    return {
        "task_type": leaf.task_type,
        "enable_multi_model": False,
        **inputs.top,
        "parameters": [
            {
                "attribute_id": quote.attribute_id,
                "model_id": leaf.model_id,
                "model_name": leaf.name,
                "model_version": leaf.id,
                "app": APP,
                "platform": PLATFORM,
                "category": leaf.task_type,
                "credit": quote.points_per_output,
                "parameters": {**values, "prompt": prompt, **inputs.inner, "n": quote.n, "cast": price},
            }
        ],
    }
