"""Proof by enumeration: reflection ends, never gets dearer, never touches the prompt, for every model.

The policy is pure, so its whole state space can be walked: every leaf, every priced combination,
every error class of the registry in every sequence of three, and values that no rule knows.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from ima_skills import Attempt, GiveUp, ProductLeaf, Quote, Refetch, Refusal, Retry, Wait, load_registry
from ima_skills.catalogue import read_catalogue
from ima_skills.leaf_schema import leaf_schema
from ima_skills.pricing import select_rule
from ima_skills.reflection import MAX_CREATES, ima_reflect
from ima_skills.schemas import check

CLASSES = ("never", "complete", "reselect", "degrade", "refetch", "wait")
RANDOM_WALKS = 20_000


@cache
def leaves() -> tuple[ProductLeaf, ...]:
    known = load_registry()
    return tuple(
        leaf
        for task_type in known.task_types
        for leaf in read_catalogue(task_type, known.snapshot.groups(task_type)).leaves
    )


def defaults(leaf: ProductLeaf) -> dict[str, Any]:
    return {field.name: field.value for field in leaf.form if field.value is not None}


def states(leaf: ProductLeaf) -> Iterator[dict[str, Any]]:
    """Yield the effective parameters of every priced combination, whole and with one value missing."""
    for rule in leaf.rules:
        whole = {**defaults(leaf), **rule.attributes}
        yield whole
        for name in rule.attributes:
            yield {key: value for key, value in whole.items() if key != name}


def walk(leaf: ProductLeaf, values: Mapping[str, Any], errors: tuple[str, ...]) -> int:
    """Play one sequence of refusals through the policy; return the number of creates it sent."""
    rule = select_rule(leaf.rules, values) or leaf.rules[0]
    quote, refetched = Quote(rule, 2), False
    ceiling = quote.total
    for number in range(1, MAX_CREATES + 2):
        error = errors[(number - 1) % len(errors)]
        refusal = Refusal("x", None, error, "no", retry_after_s=0.0)
        decision = ima_reflect(refusal, Attempt(number, leaf, values, quote, refetched))
        if isinstance(decision, GiveUp):
            return number
        assert number < MAX_CREATES, "a fourth create would follow"
        if isinstance(decision, Refetch):
            assert not refetched, "the list is read once more only"
            refetched = True
        elif isinstance(decision, Retry):
            values, quote = stepped(leaf, values, quote, decision)
            assert quote.total <= ceiling, "dearer than quoted"
        else:
            assert isinstance(decision, Wait)
            assert 0 <= decision.seconds <= 60
    raise AssertionError("the walk did not end")


def stepped(
    leaf: ProductLeaf, values: Mapping[str, Any], quote: Quote, retry: Retry
) -> tuple[Mapping[str, Any], Quote]:
    """Check one retry: every difference is reported, it has a price, and the leaf offers it."""
    changed = {n for n in retry.values.keys() | values.keys() if retry.values.get(n) != values.get(n)}
    assert changed == {change.param for change in retry.changes}
    assert changed, "the same create again"
    assert "prompt" not in changed
    assert all(change.reason and change.applied == retry.values[change.param] for change in retry.changes)
    rule = select_rule(leaf.rules, retry.values)
    assert rule is not None
    faults = {problem.pointer for problem in check(dict(retry.values), leaf_schema(leaf))}
    before = {problem.pointer for problem in check(dict(values), leaf_schema(leaf))}
    assert faults <= before, "the retry broke something"
    return retry.values, Quote(rule, quote.n)


@pytest.mark.parametrize("errors", list(itertools.product(CLASSES, repeat=2)), ids="-".join)
def test_every_state_ends(errors: tuple[str, ...]) -> None:
    """Every leaf × combination × sequence of error classes ends within three creates."""
    for leaf in leaves():
        for values in itertools.islice(states(leaf), 12):
            assert 1 <= walk(leaf, values, errors) <= MAX_CREATES


@pytest.mark.parametrize("error", CLASSES)
def test_every_combination_ends(error: str) -> None:
    """With the same error again and again, every combination of every leaf ends."""
    for leaf in leaves():
        for values in states(leaf):
            assert 1 <= walk(leaf, values, (error,)) <= MAX_CREATES


def test_a_long_random_run_ends() -> None:
    """Random leaves, random (also nonsensical) values, random errors: always an end, never dearer."""
    dice = random.Random(20_261_120)  # noqa: S311 - a repeatable run, nothing secret
    nonsense: list[Any] = [None, "", "4K", "7:3", 0, -1, 10**9, 1.5, True, "pro", "2048x2048", [], {}]
    creates = [0, 0, 0, 0]
    for _ in range(RANDOM_WALKS):
        leaf = dice.choice(leaves())
        values = dict(dice.choice(list(states(leaf))))
        for field in leaf.form:
            if dice.random() < 0.2:
                values[field.name] = dice.choice([*(o.value for o in field.options), *nonsense])
        creates[walk(leaf, values, tuple(dice.choices(CLASSES, k=3)))] += 1
    assert sum(creates) == RANDOM_WALKS
    assert min(creates[1:]) > 0, "the run reached every depth"
