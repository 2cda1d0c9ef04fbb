"""Quirks of video models that are code; the others are rules in the models' own files."""

from __future__ import annotations

from ima_skills.domain.task_type import Text
from ima_skills.quirks import Quirk
from ima_skills_video.references import check, place

SEEDANCE_REFERENCES = Quirk(
    name="seedance-references",
    summary=Text(
        en="Pictures, clips and sounds as references: limits checked before anything travels, then verified.",
        zh="图片、视频与音频参考素材：上传前检查各项限制，提交前完成合规审核。",
    ),
    check_inputs=check,
    place_inputs=place,
    verify_inputs=True,
)
