"""A final refusal of the service comes with the right link and what would go instead."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ima_skills import CredentialError, ImaError, PointsError, Request
from ima_skills.clock import FakeClock
from ima_skills.offline import sandbox_client
from ima_skills.sandbox.knowledge import Options
from ima_skills.sandbox.scenario import parse_scenario


def refused(tmp_path: Path, request: Request, scenario: str | None = None, **options: Any) -> ImaError:
    async def work() -> None:
        trouble = parse_scenario(scenario) if scenario else None
        switches = Options(**options)
        async with sandbox_client(
            tmp_path / "state", options=switches, scenario=trouble, clock=FakeClock()
        ) as ima:
            await ima.create(request)

    with pytest.raises(ImaError) as caught:
        asyncio.run(work())
    return caught.value


def fault(code: int, message: str) -> str:
    return f'[[fault]]\non = "create"\nkind = "refuse"\ncode = {code}\nmessage = "{message}"\n'


def test_short_of_points(tmp_path: Path) -> None:
    """Cheaper models first, then the same model at its lowest price; the link to buy points."""
    error = refused(tmp_path, Request("text_to_video", "waves", model="wan"), points=10)
    assert isinstance(error, PointsError)
    assert (error.name, error.exit_code) == ("insufficient-points", 4)
    points = [alternative["points"] for alternative in error.details["alternatives"]]
    assert points
    assert all(price < 40 for price in points)
    assert error.details["alternatives"][-1]["params"] == {"duration": 5, "resolution": "720P"}
    assert "imaclaw/subscription" in error.hint


def test_without_a_subscription(tmp_path: Path) -> None:
    """Seedance 2.0 needs one: the fast one first, nothing gated."""
    request = Request("text_to_video", "waves", model="seedance 2.0", params={"duration": 10})
    error = refused(tmp_path, request, subscription=False)
    assert (error.name, error.exit_code) == ("subscription-required", 4)
    models = [alternative["model"] for alternative in error.details["alternatives"]]
    assert models[0] == "seedance-2.0-fast"
    assert "seedance-2.0" not in models


def test_refused_content_names_other_models(tmp_path: Path) -> None:
    """Moderation is final; the registry's fallbacks come first."""
    scenario = fault(400, "blocked by content policy")
    error = refused(tmp_path, Request("text_to_video", "waves", model="sora"), scenario)
    assert error.name == "content-refused"
    assert error.details["alternatives"]


def test_a_rejected_key_is_not_cured_by_a_model(tmp_path: Path) -> None:
    """The link to a new key, no alternatives."""
    error = refused(tmp_path, Request("text_to_image", "waves"), fault(401, "unauthorized"))
    assert isinstance(error, CredentialError)
    assert "apikey" in error.hint
    assert "alternatives" not in error.details
