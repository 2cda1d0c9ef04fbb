"""``ima_skills.testing``: what plugin authors test with, and the samples of its page."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from ima_skills import Change, Parameters, PluginError, ProductLeaf, Quirk, Request, Text
from ima_skills.errors import InvalidRequestError, MediaError
from ima_skills.quirk_tools import with_params
from ima_skills.testing import (
    Desk,
    known,
    order_faults,
    picture_facts,
    plugin_set,
    quirk_faults,
    sound_facts,
    video_facts,
    wishes,
)

THIRD_PARTY = Path(__file__).parents[1] / "third_party"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "testing.md"
TOLD = (Change("size", "1K", "2K", "it has to be"),)
WISH = Request("text_to_image", "a kite", params={"size": "1K"})


def quirk(name: str = "sample", **stations: Any) -> Quirk:
    return Quirk(name, Text("x", "例"), **stations)


def said(request: Request, **params: Any) -> Request:
    return evolve(request, params={**request.params, **params})


def test_a_plugin_set_holds_what_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed takes no part unless it is named; settings of the machine are not looked at."""
    for name in ("good", "raising"):
        monkeypatch.syspath_prepend(str(THIRD_PARTY / name))
    monkeypatch.setenv("IMA_SKILLS_NO_THIRD_PARTY", "1")
    plugins = plugin_set("ima_good")
    assert {info.name for info in plugins.infos.values() if info.origin != "ima-skills"} == {"ima_good"}
    assert "pencil" in plugins.quirks
    assert known(plugins).models["sketch-one"].name == "Sketch One"


@pytest.mark.parametrize("name", ["misspelt", "clashing", "bad_roots", "broken_import"])
def test_a_faulty_plugin_is_an_error(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a test nobody wants to go on without the plugin."""
    monkeypatch.syspath_prepend(str(THIRD_PARTY / name))
    with pytest.raises(PluginError, match=f"ima_{name}"):
        plugin_set(f"ima_{name}")


def mutating(request: Request, _: Any) -> Request:
    request.params["size"] = "2K"  # type: ignore[index] # a fault on purpose
    return request


def refusing(request: Request, _: Any) -> Request:
    raise InvalidRequestError("not this")


@pytest.mark.parametrize(
    ("function", "rules"),
    [
        (lambda request, _: evolve(request, params={"size": "2K"}, changes=TOLD), []),
        (lambda request, _: request, []),
        (refusing, []),
        (mutating, ["mutates", "silent-change"]),
        (lambda request, _: said(request, size=object()), ["answers-differ"]),
        (
            lambda request, _: with_params(request, {"size": f"{request.params['size']}!"}, TOLD),
            ["not-idempotent"],
        ),
        (lambda request, _: said(request, size="2K"), ["silent-change"]),
        (lambda request, _: with_params(request, {}), ["silent-change"]),
        (lambda request, _: evolve(request, prompt="a dragon"), ["silent-change"]),
        (lambda request, _: evolve(request, n=2), ["silent-change"]),
        (lambda request, _: said(request, size="1k"), []),
        (lambda request, _: said(request, detail="fine"), []),
        (lambda request, _: with_params(request, {"resolution": request.params.get("size", "1K")}), []),
    ],
    ids=[
        "told",
        "nothing",
        "refusing",
        "mutating",
        "moody",
        "growing",
        "silent",
        "dropped",
        "reworded",
        "more",
        "respelt",
        "added",
        "renamed",
    ],
)
def test_quirk_faults(function: Callable[..., Any], rules: list[str]) -> None:
    """Each way to break the word has its name; a refusal is an answer."""
    assert [fault.rule for fault in quirk_faults(quirk(request=function), "request", deepcopy(WISH))] == rules


@pytest.mark.parametrize(
    ("values", "rules"), [({"size": "2K"}, ["silent-change"]), ({"size": "1K", "x": 1}, [])]
)
def test_parameters_are_not_changed_in_silence(
    values: dict[str, Any], rules: list[str], leaf: Callable[..., ProductLeaf]
) -> None:
    """What is about to be sent is what was asked for, or there is a record; what is added needs none."""
    sample = quirk(parameters=lambda given, leaf, _: evolve(given, values=values))
    plain = leaf("SeeDream 4.5", "text_to_image")
    given = Parameters({"size": "1K"}, {"size": "1K"})
    assert [fault.rule for fault in quirk_faults(sample, "parameters", given, plain)] == rules


def test_options_are_left_alone_too() -> None:
    """A quirk that writes into what the registry file gave it is found."""

    def greedy(request: Request, options: Any) -> Request:
        options["seen"] = True
        return request

    assert [fault.rule for fault in quirk_faults(quirk(request=greedy), "request", WISH)] == ["mutates"]


def test_a_quirk_that_fails_is_an_error() -> None:
    """A KeyError is no answer, and neither is another type."""
    with pytest.raises(PluginError, match="failed: KeyError"):
        quirk_faults(quirk(request=lambda request, options: options["nowhere"]), "request", WISH)
    with pytest.raises(PluginError, match="returned a str"):
        quirk_faults(quirk(request=lambda *_: "x"), "request", WISH)


def test_stations_that_a_quirk_does_not_serve_have_no_faults(leaf: Callable[..., ProductLeaf]) -> None:
    """Only what is there is judged; the station of parameters gets the leaf."""
    plain = leaf("SeeDream 4.5", "text_to_image")
    sample = quirk(parameters=lambda values, leaf, _: evolve(values, values={"size": leaf.name}))
    assert quirk_faults(sample, "request", WISH) == ()
    assert quirk_faults(sample, "leaf", plain) == ()
    assert quirk_faults(sample, "parameters", Parameters({}), plain) == ()


def test_order_faults() -> None:
    """Two that set one parameter to two values depend on their order; two of different parameters do not."""
    small = quirk("small", request=lambda request, _: said(request, size="1K"))
    large = quirk("large", request=lambda request, _: said(request, size="4K"))
    calm = quirk("calm", request=lambda request, _: said(request, mood="calm"))
    found = order_faults(small, large, "request", WISH)
    assert [(fault.quirk, fault.other, fault.rule) for fault in found] == [
        ("small", "large", "order-matters")
    ]
    assert order_faults(small, calm, "request", WISH) == ()


def test_wishes_cover_a_leaf(leaf: Callable[..., ProductLeaf]) -> None:
    """Every price and every choice is asked for, nothing twice, and no more than is wanted."""
    plain = leaf("wan2.6-t2v")
    found = wishes(plain)
    assert found[0] == {}
    assert all(dict(rule.attributes) in found for rule in plain.rules)
    for field in plain.form:
        assert all({field.name: option.value} in found for option in field.options if field.name != "n")
    assert len({repr(sorted(wish.items())) for wish in found}) == len(found) <= 400
    assert len(wishes(plain, 7)) == 7


def test_a_desk_refuses_what_the_service_refuses(registry: Any, tmp_path: Path) -> None:
    """A create without a price is refused with the service's code, and costs nothing."""
    desk = Desk(registry, tmp_path)
    receipt = desk.create({"task_type": "text_to_image", "parameters": []})
    desk.close()
    assert not receipt.accepted
    assert (receipt.points, bool(receipt.message)) == (0, True)


def test_media_that_are_none_are_refused(tmp_path: Path, picture_bytes: bytes) -> None:
    """Facts come from decoded media only."""
    whole, torn = tmp_path / "whole.png", tmp_path / "torn.png"
    whole.write_bytes(picture_bytes)
    torn.write_bytes(picture_bytes[:40])
    facts = picture_facts(whole)
    assert (facts.width, facts.height, facts.format) == (1, 1, "png")
    for read in (picture_facts, video_facts, sound_facts):
        with pytest.raises(MediaError, match=r"torn\.png cannot be decoded"):
            read(torn)


@pytest.mark.checkout
def test_the_samples_of_the_page_run() -> None:
    """Each sample that shows an output prints exactly that."""
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = [
        (code, text)
        for (kind, code), (after, text) in pairwise(blocks)
        if (kind, after) == ("python", "text")
    ]
    assert len(shown) == 2
    for code, text in shown:
        ran = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", code], capture_output=True, text=True, check=True
        )
        assert ran.stdout == text
