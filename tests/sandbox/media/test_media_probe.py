"""The measuring tools tell the truth, also about damaged files."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from ima_skills.sandbox.media import RenderJob, render
from ima_skills.sandbox.media.probe import probe_audio, probe_picture, probe_video, video_frame

MakeJob = Callable[..., RenderJob]


def test_half_a_video_is_found_out(make_job: MakeJob, tmp_path: Path) -> None:
    """A cut MP4 still announces its full length; the decoded frames show that it is cut."""
    path = render(make_job("text_to_video", size="160x120", seconds=2), tmp_path, "whole").path
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    try:
        frames = probe_video(cut).frames
    except av.FFmpegError:
        frames = 0
    assert probe_video(path).frames == 48
    assert frames < 48


def test_wrong_kinds_are_refused(make_job: MakeJob, tmp_path: Path) -> None:
    """Sound is no video, a silent video has no sound, and junk is neither."""
    song = render(make_job("text_to_music", seconds=0.5), tmp_path, "song").path
    film = render(make_job("text_to_video", size="64x64", seconds=0.2), tmp_path, "film").path
    junk = tmp_path / "junk"
    junk.write_bytes(b"junk" * 100)
    with pytest.raises(ValueError, match=r"song\.mp3 has no picture track"):
        probe_video(song)
    with pytest.raises(ValueError, match=r"film\.mp4 has no sound track"):
        probe_audio(film)
    with pytest.raises(av.FFmpegError):
        probe_video(junk)
    with pytest.raises(OSError, match="cannot identify image file"):
        probe_picture(junk)


def test_frames_by_number(make_job: MakeJob, tmp_path: Path) -> None:
    """Frames are counted from either end, and one that does not exist is an error."""
    path = render(make_job("text_to_video", size="64x64", seconds=0.25), tmp_path, "film").path
    assert video_frame(path, 5).tobytes() == video_frame(path, -1).tobytes()
    for number in (6, -7):
        with pytest.raises(IndexError, match="has no frame"):
            video_frame(path, number)
