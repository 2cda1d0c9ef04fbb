"""Every price of the catalogue, against a table transcribed by hand from the capture's price list.

The table is written the way the list reads: a first attribute id, the combinations in the order of
the list, the points. It shares no code with whatever wrote the catalogue.
"""

from __future__ import annotations

from typing import Any

import pytest

Leaves = dict[tuple[str, str], dict[str, Any]]
Price = tuple[dict[str, Any], int, int]

T2I, I2I = "text_to_image", "image_to_image"
T2V, I2V = "text_to_video", "image_to_video"
FLF, REF = "first_last_frame_to_video", "reference_image_to_video"
MUSIC, SPEECH = "text_to_music", "text_to_speech"

SIZE = ("size",)
LENGTH = ("duration", "resolution")
SOUND = ("duration", "generate_audio", "resolution")

SEEDANCE_2 = "5/480p 5/720p 10/480p 10/720p 15/480p 15/720p"
SEEDANCE_15 = (
    "4/T/480p 4/T/720p 4/F/480p 4/F/720p 8/T/480p 8/T/720p 8/F/480p 8/F/720p"
    " 12/T/480p 12/T/720p 12/F/480p 12/F/720p"
)
SEEDANCE_15_POINTS = "16 30 8 15 32 60 16 30 48 90 24 45"
WAN = "5/720P 5/1080P 10/720P 10/1080P 15/720P 15/1080P"
HAILUO_02 = "6/512P 6/768P 6/1080P 10/512P 10/768P 10/1080P"
VIDU_Q2 = "5/540p 5/720p 5/1080p 10/540p 10/720p 10/1080p"
VIDU_Q2_PRO = "4/540p 4/720p 4/1080p 8/540p 8/720p 8/1080p"
KLING_O1 = "'5'/std '5'/pro '10'/std '10'/pro"
KLING_26 = "'5'/on '5'/off '10'/on '10'/off"
SORA = "'4'/720p '8'/720p '12'/720p"
VEO_T2V = (
    "4/T/720p 4/F/720p 4/T/1080p 4/F/1080p 6/T/720p 6/F/720p 6/T/1080p 6/F/1080p"
    " 8/T/720p 8/F/720p 8/T/1080p 8/F/1080p"
)
VEO_I2V = (
    "4/T/1080p 4/F/1080p 4/T/720p 4/F/720p 6/T/1080p 6/F/1080p 6/T/720p 6/F/720p"
    " 8/T/1080p 8/F/1080p 8/T/720p 8/F/720p"
)
VEO_PAIR = (
    "4/T/720p 4/T/1080p 4/F/720p 4/F/1080p 6/T/720p 6/T/1080p 6/F/720p 6/F/1080p"
    " 8/T/720p 8/T/1080p 8/F/720p 8/F/1080p"
)
PIXVERSE = "5/540p 5/720p 5/1080p 8/540p 8/720p 8/1080p"
PIXVERSE_SCRAMBLED = "5/540p 8/540p 5/720p 8/720p 5/1080p 8/1080p"
PIXVERSE_POINTS = "12 15 30 20 24 48"
MODE, SWITCH = ("duration", "mode"), ("duration", "sound")

# task type, leaf, parameters, combinations, first attribute id, points
RANGES: list[tuple[str, str, tuple[str, ...], str, int, str]] = [
    (T2I, "gemini-3.1-flash-image-preview", SIZE, "512px 1K 2K 4K", 4400, "4 6 10 13"),
    (I2I, "gemini-3.1-flash-image-preview", SIZE, "512px 1K 2K 4K", 4404, "4 6 10 13"),
    (T2I, "gemini-3-pro-image-preview", SIZE, "1K 2K 4K", 2399, "10 10 18"),
    (I2I, "gemini-3-pro-image-preview", SIZE, "1K 2K 4K", 2402, "10 10 18"),
    (T2I, "midjourney", ("resolution",), "480p 720p", 4390, "8 10"),
    # from text
    (T2V, "ima-pro-fast", LENGTH, SEEDANCE_2, 4504, "29 65 58 130 87 195"),
    (T2V, "ima-pro", LENGTH, SEEDANCE_2, 4510, "48 105 96 210 144 315"),
    (T2V, "doubao-seedance-1-5-pro-251215", SOUND, SEEDANCE_15, 2083, SEEDANCE_15_POINTS),
    (T2V, "wan2.6-t2v", LENGTH, WAN, 2057, "25 40 50 80 75 120"),
    (T2V, "MiniMax-Hailuo-2.3", LENGTH, "6/768P 6/1080P 10/768P 10/1080P", 2127, "12 24 20 48"),
    (T2V, "MiniMax-Hailuo-02", LENGTH, HAILUO_02, 2131, "12 12 24 20 20 48"),
    (T2V, "viduq2", LENGTH, VIDU_Q2, 2099, "5 15 35 20 30 70"),
    (T2V, "sora-2-pro", LENGTH, SORA, 1977, "120 360 480"),
    (T2V, "kling-video-o1", MODE, KLING_O1, 2313, "48 60 96 120"),
    (T2V, "kling-v2-6", SWITCH, KLING_26, 2329, "80 40 160 80"),
    (T2V, "veo-3.1-generate-preview", SOUND, VEO_T2V, 1994, "140 70 190 120 210 105 260 155 280 140 330 190"),
    (T2V, "Pixverse V5.5", LENGTH, PIXVERSE, 4286, PIXVERSE_POINTS),
    (T2V, "Pixverse V5", LENGTH, PIXVERSE, 4298, PIXVERSE_POINTS),
    (T2V, "Pixverse V4.5", LENGTH, PIXVERSE, 4268, PIXVERSE_POINTS),
    (T2V, "Pixverse V4", LENGTH, PIXVERSE, 4262, PIXVERSE_POINTS),
    (T2V, "Pixverse V3.5", LENGTH, PIXVERSE, 4256, PIXVERSE_POINTS),
    # from a first picture
    (I2V, "ima-pro-fast", LENGTH, SEEDANCE_2, 4650, "25 58 50 115 75 173"),
    (I2V, "ima-pro", LENGTH, SEEDANCE_2, 4644, "42 95 84 190 126 284"),
    (I2V, "doubao-seedance-1-5-pro-251215", SOUND, SEEDANCE_15, 1927, SEEDANCE_15_POINTS),
    (I2V, "wan2.6-i2v", LENGTH, WAN, 1957, "25 40 50 80 75 120"),
    (I2V, "MiniMax-Hailuo-2.3", LENGTH, "10/768P 10/1080P 6/768P 6/1080P", 2178, "20 48 12 24"),
    (I2V, "MiniMax-Hailuo-02", LENGTH, HAILUO_02, 2077, "12 12 24 20 20 40"),
    (I2V, "viduq2-pro", LENGTH, VIDU_Q2_PRO, 2162, "8 13 28 16 26 56"),
    (I2V, "sora-2-pro", LENGTH, SORA, 1945, "160 320 480"),
    (I2V, "kling-video-o1", MODE, KLING_O1, 4334, "48 60 96 120"),
    (I2V, "kling-v2-6", SWITCH, KLING_26, 2333, "80 40 160 80"),
    (I2V, "veo-3.1-generate-preview", SOUND, VEO_I2V, 1980, "190 120 140 70 260 155 210 105 330 190 280 140"),
    (I2V, "Pixverse V5.5", LENGTH, PIXVERSE_SCRAMBLED, 4274, PIXVERSE_POINTS),
    (I2V, "Pixverse V5", LENGTH, PIXVERSE, 4280, PIXVERSE_POINTS),
    (I2V, "Pixverse V4.5", LENGTH, PIXVERSE, 4304, PIXVERSE_POINTS),
    (I2V, "Pixverse V4", LENGTH, PIXVERSE, 4310, PIXVERSE_POINTS),
    (I2V, "Pixverse V3.5", LENGTH, PIXVERSE_SCRAMBLED, 4316, PIXVERSE_POINTS),
    # between two pictures
    (FLF, "ima-pro-fast", LENGTH, SEEDANCE_2, 4468, "29 65 58 130 87 195"),
    (FLF, "ima-pro", LENGTH, SEEDANCE_2, 4474, "48 105 96 210 144 315"),
    (FLF, "doubao-seedance-1-5-pro-251215", SOUND, SEEDANCE_15, 1844, SEEDANCE_15_POINTS),
    (FLF, "MiniMax-Hailuo-02", LENGTH, HAILUO_02, 2257, "12 15 24 20 25 40"),
    (FLF, "viduq2-pro", LENGTH, VIDU_Q2_PRO, 2182, "8 13 28 16 26 56"),
    (FLF, "kling-video-o1", MODE, KLING_O1, 4394, "70 96 140 192"),
    (FLF, "kling-v2-6", SWITCH, KLING_26, 2337, "80 40 160 80"),
    (
        FLF,
        "veo-3.1-generate-preview",
        SOUND,
        VEO_PAIR,
        2342,
        "140 190 70 120 210 260 105 155 280 330 140 190",
    ),
    (FLF, "Pixverse V5.5", LENGTH, PIXVERSE, 4358, PIXVERSE_POINTS),
    (FLF, "Pixverse V5", LENGTH, PIXVERSE, 4382, PIXVERSE_POINTS),
    (FLF, "Pixverse V4.5", LENGTH, PIXVERSE, 4376, PIXVERSE_POINTS),
    (FLF, "Pixverse V4", LENGTH, PIXVERSE, 4364, PIXVERSE_POINTS),
    (FLF, "Pixverse V3.5", LENGTH, PIXVERSE, 4370, PIXVERSE_POINTS),
    # with references
    (REF, "ima-pro-fast", LENGTH, SEEDANCE_2, 4674, "65 138 86 184 107 230"),
    (REF, "ima-pro", LENGTH, SEEDANCE_2, 4668, "82 176 109 234 136 293"),
    (REF, "wan2.6-i2v", LENGTH, WAN, 4628, "25 40 50 80 75 120"),
    (REF, "viduq2", LENGTH, VIDU_Q2, 1903, "10 15 35 20 30 70"),
    (REF, "viduq2-pro", LENGTH, VIDU_Q2_PRO, 4634, "30 40 50 60 70 80"),
    (REF, "kling-video-o1", MODE, KLING_O1, 2325, "48 60 96 120"),
    (
        REF,
        "veo-3.1-generate-preview",
        SOUND,
        VEO_PAIR,
        2373,
        "140 190 70 120 210 260 105 155 280 330 140 190",
    ),
    (REF, "Pixverse V5.5", LENGTH, PIXVERSE, 4344, PIXVERSE_POINTS),
    (REF, "Pixverse V5", LENGTH, PIXVERSE_SCRAMBLED, 4338, PIXVERSE_POINTS),
    (REF, "Pixverse V4.5", LENGTH, PIXVERSE_SCRAMBLED, 4328, PIXVERSE_POINTS),
]

# One price whatever the settings.
SINGLE = {
    (T2I, "doubao-seedream-4-5-251128"): (2341, 5),
    (I2I, "doubao-seedream-4-5-251128"): (1611, 5),
    (I2I, "midjourney"): (2464, 8),
    (MUSIC, "sonic"): (2370, 25),
    (MUSIC, "GenBGM"): (4399, 30),
    (MUSIC, "GenSong"): (4398, 30),
    (SPEECH, "seed-tts-1.1"): (521, 5),
    (SPEECH, "seed-tts-2.0"): (4419, 2),
}

# What a request without any parameter costs.
DEFAULTS = {
    (T2I, "gemini-3.1-flash-image-preview"): (4401, 6),
    (I2I, "gemini-3.1-flash-image-preview"): (4405, 6),
    (T2I, "gemini-3-pro-image-preview"): (2399, 10),
    (T2I, "midjourney"): (4390, 8),
    (T2V, "ima-pro-fast"): (4505, 65),
    (T2V, "ima-pro"): (4511, 105),
    (T2V, "doubao-seedance-1-5-pro-251215"): (2084, 30),
    (T2V, "wan2.6-t2v"): (2058, 40),
    (T2V, "MiniMax-Hailuo-2.3"): (2127, 12),
    (T2V, "MiniMax-Hailuo-02"): (2132, 12),
    (T2V, "viduq2"): (2100, 15),
    (T2V, "sora-2-pro"): (1977, 120),
    (T2V, "kling-video-o1"): (2313, 48),
    (T2V, "kling-v2-6"): (2330, 40),
    (T2V, "veo-3.1-generate-preview"): (1995, 70),
    (T2V, "Pixverse V5.5"): (4286, 12),
    (I2V, "ima-pro"): (4645, 95),
    (I2V, "wan2.6-i2v"): (1958, 40),
    (I2V, "MiniMax-Hailuo-2.3"): (2180, 12),
    (I2V, "MiniMax-Hailuo-02"): (2078, 12),
    (I2V, "viduq2-pro"): (2163, 13),
    (I2V, "sora-2-pro"): (1945, 160),
    (I2V, "kling-video-o1"): (4334, 48),
    (I2V, "kling-v2-6"): (2334, 40),
    (I2V, "veo-3.1-generate-preview"): (1983, 70),
    (I2V, "Pixverse V5.5"): (4274, 12),
    (FLF, "MiniMax-Hailuo-02"): (2258, 15),
    (FLF, "kling-video-o1"): (4394, 70),
    (FLF, "kling-v2-6"): (2338, 40),
    (FLF, "veo-3.1-generate-preview"): (2344, 70),
    (REF, "ima-pro-fast"): (4675, 138),
    (REF, "wan2.6-i2v"): (4629, 40),
    (REF, "viduq2"): (1904, 15),
    (REF, "viduq2-pro"): (4635, 40),
    (REF, "kling-video-o1"): (2325, 48),
    (REF, "veo-3.1-generate-preview"): (2384, 190),
}


def _value(name: str, text: str) -> Any:
    if name == "generate_audio":
        return text == "T"
    if name == "duration" and not text.startswith("'"):
        return int(text)
    return text.strip("'")


def _expand(names: tuple[str, ...], combos: str, first: int, points: str) -> list[Price]:
    prices = zip(combos.split(), points.split(), strict=True)
    return [
        (
            {name: _value(name, text) for name, text in zip(names, combo.split("/"), strict=True)},
            first + index,
            int(price),
        )
        for index, (combo, price) in enumerate(prices)
    ]


def _prices(leaf: dict[str, Any]) -> list[Price]:
    return [(rule["attributes"], rule["attribute_id"], rule["points"]) for rule in leaf["credit_rules"]]


@pytest.mark.parametrize(
    ("task_type", "id_", "names", "combos", "first", "points"), RANGES, ids=lambda value: str(value)[:24]
)
def test_prices_by_combination(  # noqa: PLR0913, PLR0917 - one argument per column of the table
    task_type: str,
    id_: str,
    names: tuple[str, ...],
    combos: str,
    first: int,
    points: str,
    leaves: Leaves,
) -> None:
    """Each combination has the attribute id, the points and the value types of the price list."""
    found = _prices(leaves[task_type, id_])
    assert repr(found) == repr(_expand(names, combos, first, points))


@pytest.mark.parametrize(("key", "price"), SINGLE.items(), ids=str)
def test_single_prices(key: tuple[str, str], price: tuple[int, int], leaves: Leaves) -> None:
    """A leaf with one price carries the default marker."""
    assert _prices(leaves[key]) == [({"default": "enabled"}, *price)]


def test_the_table_is_complete(leaves: Leaves) -> None:
    """No leaf's prices go unchecked."""
    assert {(task_type, id_) for task_type, id_, *_ in RANGES} | SINGLE.keys() == leaves.keys()


@pytest.mark.parametrize(("key", "price"), DEFAULTS.items(), ids=str)
def test_price_of_the_default_form(key: tuple[str, str], price: tuple[int, int], leaves: Leaves) -> None:
    """The form's own defaults lead to the price that the list marks as default."""
    leaf = leaves[key]
    values = {field["field"]: field["value"] for field in leaf["form_config"]}
    matching = [
        (rule["attribute_id"], rule["points"])
        for rule in leaf["credit_rules"]
        if all(repr(values[name]) == repr(value) for name, value in rule["attributes"].items())
    ]
    assert matching == [price]


def test_the_known_oddities(leaves: Leaves) -> None:
    """Figures that look like slips are the service's own, and stay."""
    hailuo = {
        task_type: leaves[task_type, "MiniMax-Hailuo-02"]["credit_rules"][-1]["points"]
        for task_type in (T2V, I2V)
    }
    assert hailuo == {T2V: 48, I2V: 40}
    scrambled = leaves[I2V, "Pixverse V5.5"]["credit_rules"]
    dearer = {(r["attributes"]["duration"], r["attributes"]["resolution"]): r["points"] for r in scrambled}
    assert dearer[5, "720p"] > dearer[8, "720p"]
