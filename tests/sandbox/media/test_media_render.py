"""The door to the renderers: light to import, clear when an extra is missing, atomic."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

import ima_skills
from ima_skills.sandbox.media import Rendered, RenderError, RenderJob, render

MakeJob = Callable[..., RenderJob]

# The package that is under test, be it a checkout or an installed wheel.
ENV = {**os.environ, "PYTHONPATH": str(Path(ima_skills.__file__).parents[1])}


def run(program: str) -> str:
    """Run a program in a fresh interpreter and return what it prints."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=ENV).stdout.strip()


def test_importing_costs_nothing() -> None:
    """Importing the package loads neither Pillow nor FFmpeg nor the speech loader."""
    program = (
        "import sys, ima_skills.sandbox.media\n"
        "print([name for name in ('PIL', 'av', 'espeakng_loader', 'httpx', 'asyncio') if name in sys.modules])"
    )
    assert run(program) == "[]"


@pytest.mark.parametrize(
    ("kind", "missing"), [("image", "PIL"), ("video", "av"), ("music", "av"), ("speech", "av")]
)
def test_a_missing_extra_is_named(tmp_path: Path, kind: str, missing: str) -> None:
    """Without Pillow or PyAV the error says what is missing and how to install it."""
    program = (
        f"import sys\nsys.modules[{missing!r}] = None\nfrom pathlib import Path\n"
        "from ima_skills.sandbox.media import RenderError, RenderJob, render\n"
        f"job = RenderJob('text_to_image', {kind!r}, 'x', 'm', {{}}, 0, (), None)\n"
        f"try:\n    render(job, Path({str(tmp_path)!r}), 'x')\nexcept RenderError as error:\n    print(error)"
    )
    wanted = f"Rendering needs {missing}, which is not installed: pip install 'ima-skills[sandbox]'"
    assert run(program) == wanted


def test_a_kind_without_renderer_fails_as_a_media(make_job: MakeJob, tmp_path: Path) -> None:
    """A kind that nobody renders is named, with the hook by which a plugin would; it is no fault of the sandbox."""
    job = evolve(make_job("text_to_image"), kind="hologram")
    with pytest.raises(
        RenderError, match="no renderer for 'hologram'; a plugin brings one with ima_sandbox_ren"
    ):
        render(job, tmp_path, "x")


def test_files_appear_complete_and_replace_old_ones(make_job: MakeJob, tmp_path: Path) -> None:
    """A render makes its folder, replaces an older file of that name and leaves nothing else behind."""
    folder = tmp_path / "new" / "deep"
    job = make_job("text_to_image", size="64x64")
    first = render(job, folder, "x")
    assert isinstance(first, Rendered)
    first.path.write_bytes(b"old")
    assert render(job, folder, "x").path.stat().st_size > 100
    assert [path.name for path in folder.iterdir()] == ["x.jpg"]


def test_a_failed_render_leaves_nothing(make_job: MakeJob, tmp_path: Path) -> None:
    """When a job cannot be rendered, an older file of the same name stays as it was."""
    (tmp_path / "x.jpg").write_bytes(b"old")
    with pytest.raises(RenderError):
        render(make_job("text_to_image", size="9999x9999"), tmp_path, "x")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"x.jpg": b"old"}
