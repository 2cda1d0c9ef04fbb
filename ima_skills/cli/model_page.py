"""Everything that is known of one model: the registry's entry and the leaves of the product list."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from attrs import frozen

from ima_skills.cli.listing import NEW
from ima_skills.declared.quirks import declared_quirks
from ima_skills.domain.model_entry import ModelEntry
from ima_skills.domain.product import ProductLeaf
from ima_skills.errors import UnknownModelError
from ima_skills.offered import MARK
from ima_skills.pricing import price_span
from ima_skills.quirks import QuirkChain
from ima_skills.registry import Registry, name_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ima_skills.catalogue import Catalogue
    from ima_skills.domain.product import FormField, Option
    from ima_skills.domain.task_type import Text
    from ima_skills.quirks import Quirk

Document = dict[str, Any]
# The service's names of controls to ours; an unknown one keeps its own.
_CONTROLS = {"tags": "choice", "toggle": "switch", "textarea": "text", "": "value"}


@frozen
class Found:
    """A model that goes by a name.

    Attributes:
        entry: The registry's entry; None for a model that only the list knows.
        leaves: Its leaves, in the order of the lists.
        registry: For the task types of the leaves.
    """

    entry: ModelEntry | None
    leaves: tuple[ProductLeaf, ...]
    registry: Registry


def find_model(registry: Registry, pages: Sequence[Catalogue], name: str) -> Found:
    """Return the model that goes by a name: registry id, display name, alias, family or version id.

    Args:
        registry: The registry.
        pages: Product lists to look in.
        name: The name; ``name@version`` shows one version.

    Raises:
        UnknownModelError: There is none; close names are given.
    """
    plain, _, version = name.partition("@")
    match = registry.find(name) or registry.find(plain)
    entry = match.entry if match else registry.by_model_id(plain)
    listed = [leaf for page in pages for leaf in page.leaves]
    if entry is not None:
        families = {task.model_id for task in entry.task_types.values()}
        leaves = [leaf for leaf in listed if leaf.model_id in families]
    else:
        wanted = name_key(plain)
        leaves = [leaf for leaf in listed if wanted in map(name_key, (leaf.model_id, leaf.id, leaf.name))]
        entry = registry.by_model_id(leaves[0].model_id) if leaves else None
    if entry is None and not leaves:
        raise _unknown(registry, listed, name)
    exact = name_key(version or (match.version_id if match else "") or "")
    kept = [leaf for leaf in leaves if exact in map(name_key, (leaf.id, leaf.name))] if exact else leaves
    return Found(entry, tuple(kept or leaves), registry)


def model_document(found: Found, quirks: Mapping[str, Quirk]) -> Document:
    """Return the document of ``models show``, without the fields that say where the list comes from.

    Args:
        found: The model.
        quirks: The quirks that plugins supply; they complete the leaves as a create would.
    """
    entry = found.entry
    if entry is None:
        leaf = found.leaves[0]
        entry = ModelEntry(id="", name=leaf.name, modality="", status="production")
    declared = declared_quirks(entry)
    named = tuple(quirks[name] for name in entry.quirks if name in quirks)
    chain = QuirkChain((*declared, *named), entry.quirk_options)
    return {
        "id": entry.id or None,
        "name": entry.name,
        "status": entry.status if found.entry else NEW,
        "modality": entry.modality or None,
        "tier": entry.tier,
        "successor": entry.successor,
        "aliases": _both(entry.aliases.en, entry.aliases.zh),
        "use_cases": _both(entry.use_cases.en, entry.use_cases.zh),
        "fallbacks": list(entry.fallbacks),
        "subscription": entry.subscription,
        "limits": _text(entry.limits),
        "facts": dict(entry.facts),
        "native_params": list(entry.native_params),
        "quirks": [
            *(_quirk(quirk.name, quirk) for quirk in declared),
            *(_quirk(name, quirks.get(name)) for name in entry.quirks),
        ],
        "evidence": [
            {"fact": item.fact, "source": item.source, "date": item.date, "note": item.note}
            for item in entry.evidence
        ],
        "versions": [_version(found, chain.on_leaf(leaf)) for leaf in found.leaves],
    }


def _version(found: Found, leaf: ProductLeaf) -> Document:
    kind = found.registry.task_types.get(leaf.task_type)
    task = found.entry.task_types.get(leaf.task_type) if found.entry else None
    estimate = leaf.estimate or (task.estimate if task else None) or (kind.estimate if kind else None)
    low, high = price_span(leaf) or (None, None)
    return {
        "task_type": leaf.task_type,
        "model_id": leaf.model_id,
        "version_id": leaf.id,
        "name": leaf.name,
        "declared": bool(leaf.extra.get(MARK)),
        "points_from": low,
        "points_to": high,
        "estimate_s": list(estimate) if estimate else None,
        "inputs": _inputs(kind.inputs) if kind else None,
        "parameters": [parameter for item in leaf.form for parameter in _parameters(item)],
        "credit_rules": [
            {
                "attribute_id": rule.attribute_id,
                "points": rule.points,
                "attributes": dict(rule.attributes),
                "is_default": rule.is_default,
            }
            for rule in leaf.rules
        ],
    }


def _inputs(rule: Any) -> Document:
    return {
        "minimum": rule.minimum,
        "maximum": rule.maximum,
        "roles": list(rule.roles),
        "kinds": list(rule.kinds),
    }


def _parameters(item: FormField) -> list[Document]:
    """Return the controls that people set: a virtual field shows its own instead of the back end's."""
    if item.virtual is None:
        control = _CONTROLS.get(item.type, item.type)
        return [
            _parameter(item.name, control, item.label, item.value, item.options)
            | {"minimum": item.minimum, "maximum": item.maximum, "sends": item.name}
        ]
    return [
        _parameter(ui.name, "choice", ui.label, ui.value, ui.options)
        | {"minimum": None, "maximum": None, "sends": item.virtual.target}
        for ui in item.virtual.ui_fields
    ]


def _parameter(name: str, control: str, label: str, default: Any, options: Iterable[Option]) -> Document:
    choices = [
        {
            "value": option.value,
            "label": option.label,
            "not_with": {other: list(values) for other, values in option.disabled.items()},
        }
        for option in options
    ]
    return {"name": name, "type": control, "label": label, "default": default, "choices": choices}


def _quirk(name: str, quirk: Quirk | None) -> Document:
    return {"name": name, "active": quirk is not None, "summary": _text(quirk.summary) if quirk else None}


def _text(text: Text | None) -> Document | None:
    return {"en": text.en, "zh": text.zh} if text else None


def _both(en: tuple[str, ...], zh: tuple[str, ...]) -> Document:
    return {"en": list(en), "zh": list(zh)}


def _unknown(registry: Registry, listed: Sequence[ProductLeaf], name: str) -> UnknownModelError:
    names = {name_key(known): entry.name for entry in registry.models.values() for known in entry.names()}
    names |= {name_key(leaf.name): leaf.name for leaf in listed}
    close = difflib.get_close_matches(name_key(name), list(names), n=4, cutoff=0.6)
    meant = list(dict.fromkeys(names[key] for key in close))[:3]
    return UnknownModelError(
        f"no model is called {name!r}",
        hint=f"Did you mean {' or '.join(meant)}?" if meant else "Run: ima-skills models list",
        details={"name": name, "nearest": meant},
    )
