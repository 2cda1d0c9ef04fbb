"""A folder that was made for files of a job that never began does not stay behind."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ima_skills import Request
from ima_skills.downloading import room_for_files
from ima_skills.errors import PointsError, UsageError
from ima_skills.offline import sandbox_client
from ima_skills.recording import Terms

if TYPE_CHECKING:
    from pathlib import Path


def refused(place: Path | str) -> None:
    with pytest.raises(PointsError), room_for_files(place):
        raise PointsError("too dear")


def test_what_was_made_goes_again(tmp_path: Path) -> None:
    """All the levels that were missing, and none of those that were there."""
    (tmp_path / "there").mkdir()
    refused(tmp_path / "there" / "a" / "b" / "c")
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]


def test_what_was_there_stays(tmp_path: Path) -> None:
    """An empty folder of the user's is theirs."""
    (tmp_path / "mine").mkdir()
    refused(tmp_path / "mine")
    assert (tmp_path / "mine").is_dir()


def test_what_is_no_longer_empty_stays(tmp_path: Path) -> None:
    """Somebody else, or we, put something there meanwhile; the levels above it stay with it."""
    file = tmp_path / "a" / "b" / "file"

    def come_between() -> None:
        file.touch()
        raise PointsError("too dear")

    with pytest.raises(PointsError), room_for_files(file.parent):
        come_between()
    assert (tmp_path / "a" / "b" / "file").exists()


def test_a_folder_that_is_used_stays(tmp_path: Path) -> None:
    """When the block ends well the folder is there; no folder needs none."""
    with room_for_files(tmp_path / "a"):
        assert (tmp_path / "a").is_dir()
    assert (tmp_path / "a").is_dir()
    with room_for_files(None):
        pass


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    """Levels that could be made go again when a deeper one cannot."""
    (tmp_path / "file").touch()
    with pytest.raises(UsageError), room_for_files(tmp_path / "file" / "x"):
        pass
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize("way", ["finish", "start"])
def test_a_refused_create_leaves_no_folder(way: str, tmp_path: Path) -> None:
    """A cap, on both ways to create: nothing is sent, and nothing stays."""
    place = tmp_path / "made" / "here"

    async def make() -> None:
        async with sandbox_client(tmp_path / "state") as client:
            prepared = await client.prepare(Request("text_to_image", "a kite"))
            if way == "finish":
                await client.finish(prepared, download=place, max_points=1)
            else:
                await client.start(prepared, max_points=1, terms=Terms(folder=str(place)))

    with pytest.raises(PointsError):
        asyncio.run(make())
    assert not (tmp_path / "made").exists()
