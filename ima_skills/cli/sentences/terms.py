"""Words of our documents that people read in listings: kinds of controls, inputs and media, states, tiers."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "terms.control-choice": ("choice", "选项"),
    "terms.control-switch": ("switch", "开关"),
    "terms.control-text": ("text", "文字"),
    "terms.control-value": ("value", "数值"),
    "terms.most-characters": ("up to {high} characters", "最多 {high} 个字符"),
    "terms.kind-picture": ("picture", "图片"),
    "terms.kind-video": ("video", "视频"),
    "terms.kind-audio": ("audio", "音频"),
    "terms.media-image": ("image", "图片"),
    "terms.media-video": ("video", "视频"),
    "terms.media-music": ("music", "音乐"),
    "terms.media-speech": ("speech", "语音"),
    "terms.status-production": ("production", "可用"),
    "terms.status-announced": ("announced", "已公布，尚未提供"),
    "terms.status-retired": ("retired", "已下线"),
    "terms.status-new": ("new", "新上线"),
    "terms.tier-budget": ("budget", "省积分"),
    "terms.tier-standard": ("standard", "标准"),
    "terms.tier-premium": ("premium", "高品质"),
    "terms.tier-artistic": ("artistic", "艺术风格"),
    "terms.source-capture": ("capture", "通信记录"),
    "terms.source-document": ("document", "文档"),
    "terms.source-inferred": ("inferred", "推断"),
    "terms.source-observed": ("observed", "实测"),
})  # fmt: skip
