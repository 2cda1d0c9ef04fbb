"""``ima-skills sound "rain on a tin roof" --seconds 5``: ``create`` for sound effects, in fewer words."""

from __future__ import annotations

from ima_skills import Text
from ima_skills.cli.shortcuts import INPUTS, Flag, create_shortcut

command = create_shortcut(
    "sound",
    "text_to_sound",
    Text(
        en="Make a sound effect of PROMPT. Spends points unless --sandbox or --dry-run is given.",
        zh="根据 PROMPT（提示词）生成音效。除非加上 --sandbox 或 --dry-run，否则会消耗积分。",
    ),
    (
        Flag("--seconds", "duration", Text("How long it is.", "时长（秒）。"), metavar="N"),
        Flag(
            "--quality",
            "quality",
            Text("How good it is: draft or studio.", "音质：draft 或 studio。"),
            metavar="NAME",
        ),
        Flag(
            "--loop", "loop", Text("Make its end fit its beginning.", "首尾相接，可循环播放。"), switch=True
        ),
    ),
    without={*INPUTS, "size"},
)
