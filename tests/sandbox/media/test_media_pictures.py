"""Pictures: exact size, format, determinism, and derivation from inputs."""

import math
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

import ima_skills
from ima_skills.sandbox.media import RenderError, RenderJob, render
from ima_skills.sandbox.media.probe import probe_picture

MakeJob = Callable[..., RenderJob]

# The package that is under test, be it a checkout or an installed wheel.
ENV = {**os.environ, "PYTHONPATH": str(Path(ima_skills.__file__).parents[1])}


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the mean difference of two pictures per channel, in steps of 255."""
    return sum(ImageStat.Stat(ImageChops.difference(one, other)).mean) / 3


def likeness(one: Image.Image, other: Image.Image) -> float:
    """Return the correlation of two pictures' shapes, 1.0 for the same drawing in any colours."""
    values = [list(picture.convert("L").resize((24, 24)).tobytes()) for picture in (one, other)]
    means = [sum(value) / len(value) for value in values]
    a, b = ([v - mean for v in value] for value, mean in zip(values, means, strict=True))
    power = math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / power


@pytest.mark.parametrize(
    ("wish", "extension", "decoder"),
    [(None, "jpg", "jpeg"), ("png", "png", "png"), ("WEBP", "webp", "webp"), ("jpeg", "jpg", "jpeg")],
)
def test_size_and_format(
    make_job: MakeJob, tmp_path: Path, wish: str | None, extension: str, decoder: str
) -> None:
    """A picture decodes to exactly the resolved size, in the format that was asked for."""
    job = make_job("text_to_image", size="333x250", output_format=wish)
    rendered = render(job, tmp_path, "shot")
    assert rendered.path == tmp_path / f"shot.{extension}"
    assert (rendered.format, rendered.width, rendered.height) == (extension, 333, 250)
    facts = probe_picture(rendered.path)
    assert (facts.width, facts.height, facts.format) == (333, 250, decoder)
    assert [path.name for path in tmp_path.iterdir()] == [rendered.path.name]


def test_widescreen_is_drawn_in_full(make_job: MakeJob, tmp_path: Path) -> None:
    """SeeDream's 16:9 has 2560 x 1440 pixels and something to see in every corner."""
    rendered = render(make_job("text_to_image", "a sea at sunset", size="2560x1440"), tmp_path, "wide")
    with Image.open(rendered.path) as picture:
        assert picture.size == (2560, 1440)
        assert len(picture.resize((40, 24)).getcolors(960) or ()) > 200


@pytest.mark.parametrize("extension", ["jpg", "png", "webp"])
def test_same_job_same_bytes(make_job: MakeJob, tmp_path: Path, extension: str) -> None:
    """A job rendered twice gives the same file, byte for byte."""
    job = make_job("text_to_image", "city at night", size="200x120", output_format=extension)
    one, two = render(job, tmp_path / "a", "x"), render(job, tmp_path / "b", "x")
    assert one.path.read_bytes() == two.path.read_bytes()


def test_same_bytes_in_another_process(make_job: MakeJob, tmp_path: Path) -> None:
    """Nothing of the process, such as its hash seed, gets into a picture."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom ima_skills.sandbox.media import RenderJob, render\n"
        "job = RenderJob('text_to_image', 'image', 'forest', 'SeeDream 4.5', {'size': '160x120', 'b': 1}, 0, (), None)\n"
        "render(job, Path(sys.argv[1]), 'x')\n"
    )
    env = {**ENV, "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", program, str(tmp_path / "a")], check=True, env=env)
    here = render(make_job("text_to_image", "forest", b=1, size="160x120"), tmp_path / "b", "x")
    assert (tmp_path / "a" / "x.jpg").read_bytes() == here.path.read_bytes()


@pytest.mark.parametrize(
    "prompt", ["mountains", "a lake", "old town", "forest", "flowers", "silk in the wind"]
)
def test_further_media_look_different(make_job: MakeJob, tmp_path: Path, prompt: str) -> None:
    """The second picture of a task is visibly another one, in every kind of scene."""
    pictures = []
    for index in (0, 1):
        path = render(
            make_job("text_to_image", prompt, size="160x120", index=index), tmp_path, f"{index}"
        ).path
        pictures.append(Image.open(path).convert("RGB"))
    assert difference(*pictures) > 3


def test_addresses_do_not_change_the_picture(make_job: MakeJob, tmp_path: Path) -> None:
    """Where the sandbox happens to listen and what a picture costs is not part of its content."""
    first = make_job("text_to_image", size="96x96", input_images=["http://127.0.0.1:1/a"], cast={"points": 1})
    other = make_job("text_to_image", size="96x96", input_images=["http://127.0.0.1:2/b"], cast={"points": 9})
    files = [render(job, tmp_path, name).path for name, job in (("a", first), ("b", other))]
    assert files[0].read_bytes() == files[1].read_bytes()


@pytest.mark.parametrize("prompt", ["oil", "ink drawing", "vintage film", "anime"])
def test_image_to_image_derives_from_its_input(
    make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path, prompt: str
) -> None:
    """The result has the shapes of the input but other colours, whatever the style."""
    job = make_job("image_to_image", prompt, photos[:1], size="1K")
    rendered = render(job, tmp_path, "styled")
    assert (rendered.width, rendered.height) == (1368, 768)
    styled, source = Image.open(rendered.path).convert("RGB"), Image.open(photos[0])
    fitted = ImageOps.fit(source, styled.size)
    assert likeness(styled, fitted) > 0.75
    assert difference(styled, fitted) > 12


def test_other_inputs_are_insets(make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path) -> None:
    """A second input shows up small in the corner of the result."""
    job = make_job("image_to_image", "oil", photos, size="640x360")
    picture = Image.open(render(job, tmp_path, "two").path).convert("RGB")
    inset = picture.crop((20, 20, 40, 40)).resize((1, 1)).getpixel((0, 0))
    assert isinstance(inset, tuple)
    assert max(abs(a - b) for a, b in zip(inset, (0x20, 0x80, 0x40), strict=True)) < 14


def test_transparent_and_rotated_inputs(make_job: MakeJob, tmp_path: Path) -> None:
    """Transparency becomes white, and a photo's orientation tag is obeyed."""
    clear = tmp_path / "clear.png"
    Image.new("RGBA", (60, 60), (0, 0, 0, 0)).save(clear)
    picture = Image.open(
        render(make_job("image_to_image", inputs=(clear,), size="120x120"), tmp_path, "c").path
    )
    assert ImageStat.Stat(picture.convert("L")).mean[0] > 120
    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (80, 40)).save(turned, exif=exif)
    rendered = render(make_job("image_to_image", inputs=(turned,)), tmp_path, "t")
    assert (rendered.width, rendered.height) == (728, 1448)


def test_damaged_inputs_are_named(make_job: MakeJob, photos: tuple[Path, Path], tmp_path: Path) -> None:
    """Half a picture and a file of noise give one sentence with the file's name, and no output."""
    half, junk = tmp_path / "half.png", tmp_path / "junk.bin"
    half.write_bytes(photos[0].read_bytes()[:120])
    junk.write_bytes(bytes(range(256)) * 8)
    folder = tmp_path / "out"
    with pytest.raises(RenderError, match=r"half\.png is a damaged picture"):
        render(make_job("image_to_image", inputs=(half,)), folder, "x")
    with pytest.raises(RenderError, match=r"junk\.bin cannot be decoded"):
        render(make_job("image_to_image", inputs=(junk,)), folder, "x")
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux tells the peak in /proc")
def test_the_largest_picture_fits_into_memory(tmp_path: Path) -> None:
    """4096 x 4096 stays below 300 MB of memory."""
    program = (
        "import sys\nfrom pathlib import Path\nfrom ima_skills.sandbox.media import RenderJob, render\n"
        "job = RenderJob('text_to_image', 'image', 'a sea', 'm', {'size': '4k'}, 0, (), None)\n"
        "made = render(job, Path(sys.argv[1]), 'x')\n"
        # Not ru_maxrss: a child inherits its parent's peak there, and a test runner may be large.
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(made.width, made.height, status['VmHWM'].split()[0])\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=ENV)
    width, height, kilobytes = map(int, done.stdout.split())
    assert (width, height) == (4096, 4096)
    assert kilobytes < 300_000
